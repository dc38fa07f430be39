"""From host.json's text and the overrides in the environment to `HostOptions`."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from funcapp.errors import AppError
from funcapp.model import json_text
from funcapp.model.host_json.options import (
    BlobOptions,
    HostOptions,
    HstsOptions,
    HttpOptions,
    LoggingOptions,
    QueueOptions,
)
from funcapp.model.host_json.reader import Reader, invalid, override

OVERRIDE_PREFIX = "AzureFunctionsJobHost__"
"""`AzureFunctionsJobHost__extensions__http__routePrefix` overrides `extensions.http.routePrefix`."""

_WEEK = 7 * 86_400.0
_MANY = 1_000_000
_NO_LOG = logging.CRITICAL + 10
_LEVELS = {
    "trace": 5,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": _NO_LOG,
}
# https://www.rfc-editor.org/rfc/rfc9110#name-tokens and #name-field-values
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def parse(content: bytes | None, environment: Mapping[str, str], processors: int) -> HostOptions:
    """Reads the file's content (None: there is no file) and the overrides in `environment`.

    `processors` scales the defaults of `newBatchThreshold` and `maxDegreeOfParallelism`. What is not known is for
    services that this worker does not have, and is left alone. Raises AppError (HostJsonInvalid).
    """
    document = _document(content)
    for name, value in sorted(environment.items()):
        if name.lower().startswith(OVERRIDE_PREFIX.lower()):
            override(document, name[len(OVERRIDE_PREFIX) :].split("__"), value)
    reader = Reader(document)
    if content is not None and str(reader.get("version")) != "2.0":
        raise invalid("version", reader.get("version"), 'must be "2.0": host.json of version 1 is not read')
    reader.truth("concurrency.dynamicConcurrencyEnabled", False)
    reader.truth("concurrency.snapshotPersistenceEnabled", False)
    queues = _queue_options(reader, "extensions.queues", processors)
    return HostOptions(
        function_timeout=_function_timeout(reader),
        functions=reader.names("functions", "must be a list of function names"),
        http=_http_options(reader),
        queues=queues,
        queues_by_function=_queues_by_function(reader, queues, processors),
        blobs=BlobOptions(
            reader.integer("extensions.blobs.maxDegreeOfParallelism", 8 * processors, 1, _MANY),
            reader.integer("extensions.blobs.poisonBlobThreshold", 5, 1, _MANY),
        ),
        logging=_logging_options(reader),
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


def _function_timeout(reader: Reader) -> float | None:
    path = "functionTimeout"
    if str(reader.get(path)) == "-1":
        return None
    seconds = reader.duration(path, 1800.0, 0.0, None)
    if seconds == 0:
        raise invalid(path, reader.get(path), "must be longer than zero: use -1 for no limit")
    return seconds


def _http_options(reader: Reader) -> HttpOptions:
    path = "extensions.http"
    headers = reader.items(f"{path}.customHeaders")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise invalid(f"{path}.customHeaders", name, "is not the name of a header")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise invalid(f"{path}.customHeaders.{name}", value, "must be text of one line")
    return HttpOptions(
        route_prefix=reader.text(f"{path}.routePrefix", "api").strip("/"),
        max_outstanding_requests=_limit(reader, f"{path}.maxOutstandingRequests"),
        max_concurrent_requests=_limit(reader, f"{path}.maxConcurrentRequests"),
        dynamic_throttles_enabled=reader.truth(f"{path}.dynamicThrottlesEnabled", False),
        custom_headers=MappingProxyType(dict(headers)),
        hsts=_hsts(reader, f"{path}.hsts"),
    )


def _limit(reader: Reader, path: str) -> int | None:
    number = reader.integer(path, -1, -1, _MANY)
    if number == 0:
        raise invalid(path, reader.get(path), "must be 1 or more, or -1 for no limit")
    return None if number == -1 else number


def _hsts(reader: Reader, path: str) -> HstsOptions | None:
    default = HstsOptions()
    options = HstsOptions(
        max_age=reader.duration(f"{path}.maxAge", default.max_age, 0.0, None),
        include_sub_domains=reader.truth(f"{path}.includeSubDomains", False),
        preload=reader.truth(f"{path}.preload", False),
        excluded_hosts=reader.names(f"{path}.excludedHosts", "must be a list of host names") or default.excluded_hosts,
    )
    return options if reader.truth(f"{path}.isEnabled", False) else None


def _queue_options(reader: Reader, path: str, processors: int, app: QueueOptions | None = None) -> QueueOptions:
    """`app` gives what a function leaves unsaid, but for the threshold that follows from a batch size of its own."""
    default = app or QueueOptions()
    batch_size = reader.integer(f"{path}.batchSize", default.batch_size, 1, 32)
    threshold = max(1, batch_size // 2) * processors
    if app is not None and reader.get(f"{path}.batchSize") is None:
        threshold = app.new_batch_threshold
    return QueueOptions(
        batch_size=batch_size,
        new_batch_threshold=reader.integer(f"{path}.newBatchThreshold", threshold, 0, 10_000),
        max_dequeue_count=reader.integer(f"{path}.maxDequeueCount", default.max_dequeue_count, 1, _MANY),
        visibility_timeout=reader.duration(f"{path}.visibilityTimeout", default.visibility_timeout, 0.0, _WEEK),
        max_polling_interval=reader.duration(f"{path}.maxPollingInterval", default.max_polling_interval, 0.1, 86_400.0),
        message_encoding=reader.choice(f"{path}.messageEncoding", default.message_encoding, ("base64", "none")),
    )


def _queues_by_function(reader: Reader, app: QueueOptions, processors: int) -> Mapping[str, QueueOptions]:
    """`extensions.queues.functions.<name>`, which the Functions host does not have."""
    path = "extensions.queues.functions"
    found = {}
    for name in reader.items(path):
        if "." in name:
            raise invalid(path, name, "is not the name of a function")
        reader.items(f"{path}.{name}")
        found[name.lower()] = _queue_options(reader, f"{path}.{name}", processors, app)
    return MappingProxyType(found)


def _logging_options(reader: Reader) -> LoggingOptions:
    path = "logging.logLevel"
    levels = {}
    for category, value in reader.items(path).items():
        level = _LEVELS.get(value.lower()) if isinstance(value, str) else None
        if level is None:
            raise invalid(f"{path}.{category}", value, f"must be one of {', '.join(map(str.capitalize, _LEVELS))}")
        levels[category.lower()] = level
    default = levels.pop("default", logging.INFO)
    return LoggingOptions(MappingProxyType(levels), default)
