"""The index: what the operator is told about an app. docs/architecture.md holds its schema."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from typing import Any

from funcapp.errors import FunctionError
from funcapp.model import time_zones
from funcapp.model.app import App, route_of
from funcapp.model.bindings.blob import SCAN, BlobTrigger
from funcapp.model.bindings.http import HttpTrigger
from funcapp.model.bindings.queue import QueueTrigger
from funcapp.model.bindings.timer import TimerTrigger
from funcapp.model.connections import Connection
from funcapp.model.function import Function

SCHEMA_VERSION = 1


def build(
    app: App, load_errors: Mapping[str, FunctionError], revision: str | None, package: Mapping[str, Any] | None
) -> dict[str, Any]:
    """`load_errors` are those that only running the code could show."""
    errors = {**app.errors, **load_errors}
    queues, timeout = app.host.queues, app.host.function_timeout
    return {
        "schemaVersion": SCHEMA_VERSION,
        "revision": revision,
        "package": package,
        "python": platform.python_version(),
        "host": {
            "functionTimeoutSeconds": None if timeout is None else math.ceil(timeout),
            "routePrefix": app.host.http.route_prefix,
            "queues": {"batchSize": queues.batch_size, "newBatchThreshold": queues.new_batch_threshold},
        },
        "functions": [_entry(name, app.functions.get(name), errors.get(name)) for name in app.names],
    }


def _entry(name: str, function: Function | None, error: FunctionError | None) -> dict[str, Any]:
    return {
        "name": name,
        "disabled": function is not None and function.disabled,
        "error": {"reason": error.reason, "message": error.message} if error else None,
        "trigger": _trigger(function) if function else None,
    }


def _trigger(function: Function) -> dict[str, Any]:
    trigger = function.trigger
    if isinstance(trigger, HttpTrigger):
        return {
            "type": trigger.type,
            "route": route_of(function.name, trigger).text,
            "methods": sorted(trigger.methods),
            "authLevel": trigger.auth_level,
        }
    if isinstance(trigger, BlobTrigger):
        return {
            "type": trigger.type,
            "path": trigger.path.text,
            "connection": _connection(trigger.connection),
            "source": SCAN,
        }
    if isinstance(trigger, TimerTrigger):
        return {
            "type": trigger.type,
            "schedule": trigger.schedule_text,
            "timeZone": time_zones.find(trigger.time_zone).key,
            "runOnStartup": trigger.run_on_startup,
            "useMonitor": trigger.use_monitor,
        }
    assert isinstance(trigger, QueueTrigger)
    return {"type": trigger.type, "queueName": trigger.queue_name, "connection": _connection(trigger.connection)}


def _connection(connection: Connection) -> dict[str, str]:
    return {"setting": connection.setting, "form": connection.form}
