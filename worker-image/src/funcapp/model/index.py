"""The index: what the operator is told about an app. docs/architecture.md holds its schema."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from typing import Any

from funcapp.errors import FunctionError
from funcapp.model import connections, time_zones
from funcapp.model.app import App, route_of
from funcapp.model.bindings.blob import SCAN, BlobTrigger
from funcapp.model.bindings.http import HttpTrigger
from funcapp.model.bindings.queue import QueueTrigger
from funcapp.model.bindings.timer import TimerTrigger
from funcapp.model.connections import DEFAULT_CONNECTION, Connection
from funcapp.model.function import Function
from funcapp.model.host_json import HostOptions

SCHEMA_VERSION = 1


def build(
    app: App,
    load_errors: Mapping[str, FunctionError],
    revision: str | None,
    package: Mapping[str, Any] | None,
    environment: Mapping[str, str],
    internal_queue: str,
) -> dict[str, Any]:
    """`load_errors` are those that only running the code could show; `internal_queue` is that of blob triggers."""
    errors = {**app.errors, **load_errors}
    triggers = _Triggers(app.host, environment, internal_queue)
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
        "functions": [
            {
                "name": name,
                "disabled": name in app.functions and app.functions[name].disabled,
                "error": _error(errors.get(name)),
                "trigger": triggers.entry(app.functions[name]) if name in app.functions else None,
            }
            for name in app.names
        ],
    }


def _error(error: FunctionError | None) -> dict[str, str] | None:
    return {"reason": error.reason, "message": error.message} if error else None


class _Triggers:
    """What the index says of triggers: what they resolved to in `environment`."""

    def __init__(self, host: HostOptions, environment: Mapping[str, str], internal_queue: str) -> None:
        self._host = host
        self._environment = environment
        self._internal_queue = internal_queue

    def entry(self, function: Function) -> dict[str, Any]:
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
                "connection": self._connection(trigger.connection),
                "source": SCAN,
                "internalQueue": {
                    "queueName": self._internal_queue,
                    "maxDegreeOfParallelism": self._host.blobs.max_degree_of_parallelism,
                    "connection": self._connection(connections.find(DEFAULT_CONNECTION, self._environment)),
                },
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
        options = self._host.queues_of(function.name)
        return {
            "type": trigger.type,
            "queueName": trigger.queue_name,
            "batchSize": options.batch_size,
            "newBatchThreshold": options.new_batch_threshold,
            "connection": self._connection(trigger.connection),
        }

    def _connection(self, connection: Connection) -> dict[str, str | None]:
        entry: dict[str, str | None] = {"setting": connection.setting, "form": connection.form}
        if connection.form == "Identity":
            identity = connections.identity(connection.setting, self._environment)
            account, suffix = identity.account
            entry |= {"accountName": account, "endpointSuffix": suffix, "clientId": identity.client_id}
        return entry
