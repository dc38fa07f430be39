"""host.json: what of it this worker honours, with the defaults of the Functions host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from funcapp.errors import AppError
from funcapp.model import json_text, timespan

OVERRIDE_PREFIX = "AzureFunctionsJobHost__"
"""`AzureFunctionsJobHost__extensions__http__routePrefix` overrides `extensions.http.routePrefix`."""

_WEEK = 7 * 86_400.0


@dataclass(frozen=True)
class QueueOptions:
    """`extensions.queues`. Durations in seconds."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: float = 0.0
    max_polling_interval: float = 60.0
    message_encoding: str = "base64"

    @property
    def concurrency(self) -> int:
        """Messages of one function that a pod works on at a time."""
        return self.batch_size + self.new_batch_threshold


@dataclass(frozen=True)
class HostOptions:
    """The whole app's options. `function_timeout` is in seconds, None for no limit."""

    function_timeout: float | None = 1800.0
    route_prefix: str = "api"
    queues: QueueOptions = field(default_factory=QueueOptions)
    functions: tuple[str, ...] | None = None


def parse(content: bytes | None, environment: Mapping[str, str], processors: int) -> HostOptions:
    """Reads the file's content (None: there is no file) and the overrides in `environment`.

    `processors` scales the default of `newBatchThreshold`. Raises AppError (HostJsonInvalid).
    """
    document = _document(content)
    for name, value in sorted(environment.items()):
        if name.lower().startswith(OVERRIDE_PREFIX.lower()):
            _override(document, name[len(OVERRIDE_PREFIX) :].split("__"), value)
    reader = _Reader(document)
    if content is not None and str(reader.get("version")) != "2.0":
        raise _invalid("version", reader.get("version"), 'must be "2.0": host.json of version 1 is not read')
    return HostOptions(
        function_timeout=_function_timeout(reader),
        route_prefix=reader.text("extensions.http.routePrefix", "api").strip("/"),
        queues=_queue_options(reader, processors),
        functions=reader.names("functions"),
    )


def _document(content: bytes | None) -> dict[str, Any]:
    if content is None:
        return {}
    try:
        document = json_text.loads(content)
    except json_text.JsonTextError as error:
        raise AppError("HostJsonInvalid", f"host.json: {error}") from None
    if not isinstance(document, dict):
        raise AppError("HostJsonInvalid", 'host.json: must hold a JSON object, at least {"version": "2.0"}')
    return document


def _function_timeout(reader: _Reader) -> float | None:
    path = "functionTimeout"
    if str(reader.get(path)) == "-1":
        return None
    seconds = reader.duration(path, 1800.0, 0.0, None)
    if seconds == 0:
        raise _invalid(path, reader.get(path), "must be longer than zero: use -1 for no limit")
    return seconds


def _queue_options(reader: _Reader, processors: int) -> QueueOptions:
    batch_size = reader.integer("extensions.queues.batchSize", 16, 1, 32)
    encoding = reader.text("extensions.queues.messageEncoding", "base64")
    if encoding.lower() not in ("base64", "none"):
        raise _invalid("extensions.queues.messageEncoding", encoding, "must be base64 or none")
    return QueueOptions(
        batch_size=batch_size,
        new_batch_threshold=reader.integer(
            "extensions.queues.newBatchThreshold", max(1, batch_size // 2) * processors, 0, 10_000
        ),
        max_dequeue_count=reader.integer("extensions.queues.maxDequeueCount", 5, 1, 1_000_000),
        visibility_timeout=reader.duration("extensions.queues.visibilityTimeout", 0.0, 0.0, _WEEK),
        max_polling_interval=reader.duration("extensions.queues.maxPollingInterval", 60.0, 0.1, 86_400.0),
        message_encoding=encoding.lower(),
    )


class _Reader:
    """Typed access by dotted path. Keys ignore case, and numbers may be text, since overrides are."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def get(self, path: str) -> Any:
        value: Any = self._document
        for part in path.split("."):
            if not isinstance(value, dict):
                return None
            value = next((item for key, item in value.items() if key.lower() == part.lower()), None)
        return value

    def text(self, path: str, default: str) -> str:
        value = self.get(path)
        if value is None:
            return default
        if not isinstance(value, str):
            raise _invalid(path, value, "must be text")
        return value

    def integer(self, path: str, default: int, least: int, most: int) -> int:
        value = self.get(path)
        if value is None:
            return default
        try:
            number = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise _invalid(path, value, f"must be a whole number from {least} to {most}")
        return number

    def duration(self, path: str, default: float, least: float, most: float | None) -> float:
        value = self.get(path)
        if value is None:
            return default
        if not isinstance(value, str):
            raise _invalid(path, value, "must be a duration: write it as hh:mm:ss")
        try:
            seconds = timespan.parse(value)
        except ValueError as error:
            raise _invalid(path, value, str(error)) from None
        if seconds < least or (most is not None and seconds > most):
            raise _invalid(path, value, f"must be from {least:g} to {most:g} seconds" if most else "is too short")
        return seconds

    def names(self, path: str) -> tuple[str, ...] | None:
        value = self.get(path)
        if value is None:
            return None
        if isinstance(value, dict):
            value = [item for _, item in sorted(value.items())]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _invalid(path, value, "must be a list of function names")
        return tuple(value)


def _override(document: dict[str, Any], path: list[str], value: str) -> None:
    for depth, part in enumerate(path):
        key = next((key for key in document if key.lower() == part.lower()), part)
        if depth == len(path) - 1:
            document[key] = value
            return
        if isinstance(document.get(key), list):
            document[key] = {str(index): item for index, item in enumerate(document[key])}
        if not isinstance(document.get(key), dict):
            document[key] = {}
        document = document[key]


def _invalid(path: str, value: object, rule: str) -> AppError:
    return AppError("HostJsonInvalid", f"host.json: {path}: {value!r} {rule}")
