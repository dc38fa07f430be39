"""The listener of each kind of trigger that the host process listens for; HTTP needs none."""

from __future__ import annotations

from collections.abc import Container

from funcapp.host.triggers.base import Listener, Surroundings
from funcapp.model.app import App
from funcapp.model.bindings.blob import BlobTrigger
from funcapp.model.bindings.queue import QueueTrigger
from funcapp.model.bindings.timer import TimerTrigger
from funcapp.model.function import Function

_WITHOUT_STORAGE = ("httpTrigger", "http")


def preload(app: App) -> None:
    """Imports what the app's bindings need, which takes half a second where that is storage; for a thread."""
    types = {binding.type for function in app.enabled.values() for binding in function.bindings}
    if types.difference(_WITHOUT_STORAGE):
        import funcapp.host.bindings.blob
        import funcapp.host.bindings.queue
        import funcapp.host.triggers.blob
        import funcapp.host.triggers.queue
        import funcapp.host.triggers.timer  # noqa: F401


def listeners(app: App, load_errors: Container[str], surroundings: Surroundings) -> list[Listener]:
    """For every function that is enabled and loaded: one each, and one for all blob triggers."""
    found: list[Listener] = []
    blobs: dict[str, BlobTrigger] = {}
    for function in app.enabled.values():
        if function.name in load_errors:
            continue
        if isinstance(function.trigger, BlobTrigger):
            blobs[function.name] = function.trigger
            continue
        listener = _listener(function, surroundings)
        if listener is not None:
            found.append(listener)
    if blobs:
        from funcapp.host.triggers.blob import BlobListener

        found.append(BlobListener(blobs, frozenset(app.names), surroundings))
    return found


def _listener(function: Function, surroundings: Surroundings) -> Listener | None:
    trigger = function.trigger
    if isinstance(trigger, QueueTrigger):
        from funcapp.host.triggers.queue import QueueListener

        return QueueListener(function.name, trigger, surroundings)
    if isinstance(trigger, TimerTrigger):
        from funcapp.host.triggers.timer import TimerListener

        return TimerListener(function.name, trigger, surroundings)
    return None
