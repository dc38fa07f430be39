"""The converter of each kind of binding, by its type."""

from __future__ import annotations

from funcapp.process.bindings.base import Converter
from funcapp.process.bindings.blob import BlobConverter, BlobTriggerConverter
from funcapp.process.bindings.http import HttpConverter, HttpTriggerConverter
from funcapp.process.bindings.queue import QueueConverter, QueueTriggerConverter
from funcapp.process.bindings.timer import TimerTriggerConverter

CONVERTERS: dict[str, Converter] = {
    "blob": BlobConverter(),
    "blobTrigger": BlobTriggerConverter(),
    "http": HttpConverter(),
    "httpTrigger": HttpTriggerConverter(),
    "queue": QueueConverter(),
    "queueTrigger": QueueTriggerConverter(),
    "timerTrigger": TimerTriggerConverter(),
}
