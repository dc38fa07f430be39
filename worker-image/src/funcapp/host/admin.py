"""/admin of the HTTP port: what the host process knows and does. A function process has checked who asks.

https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any, Literal, NamedTuple, Protocol

from funcapp.content import whole
from funcapp.errors import FunctionError
from funcapp.link import Message
from funcapp.model.app import App, route_of
from funcapp.model.bindings.http import HttpTrigger

DrainState = Literal["Disabled", "InProgress", "Completed"]

_STARTED = time.monotonic()


class Answer(NamedTuple):
    """`body` is JSON; None: the answer has no body."""

    status: int
    body: object = None

    def to_message(self) -> Message:
        return Message({"status": self.status} if self.body is None else {"status": self.status, "body": self.body})


class Host(Protocol):
    """What runs the app, as far as it can be asked and told from outside."""

    @property
    def app(self) -> App: ...

    @property
    def host_id(self) -> str: ...

    @property
    def load_errors(self) -> Mapping[str, FunctionError]:
        """Of the functions whose code did not load."""

    @property
    def in_flight(self) -> int:
        """Invocations that run."""

    @property
    def drain_state(self) -> DrainState: ...

    def start_drain(self) -> None:
        """Takes no more work but HTTP; what runs goes on."""

    def resume(self) -> bool:
        """Takes work again. False: the whole worker is ending."""

    def run_by_hand(self, function: str, content: bytes) -> None:
        """Runs a function that is not triggered by HTTP, without anybody waiting for it."""


class Admin:
    """`answer` is a call of the link."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def answer(self, message: Message) -> Message:
        """Params: `method`, `path` (segments after `admin`), `origin` (scheme and authority); the part is the body."""
        params = message.params
        body = whole(message.parts[0]) if message.parts else b""
        return self.route(params["method"], params["path"], params["origin"], body).to_message()

    def route(self, method: str, path: Sequence[str], origin: str, body: bytes) -> Answer:
        """404 for what does not exist, a wrong method included."""
        reads = method in ("GET", "HEAD")
        lowered = [segment.lower() for segment in path]
        if lowered == ["host", "status"] and reads:
            return Answer(200, self._status())
        if lowered == ["host", "drain"] and method == "POST":
            self._host.start_drain()
            return Answer(202)
        if lowered == ["host", "drain", "status"] and reads:
            return Answer(200, self._drain_status())
        if lowered == ["host", "resume"] and method == "POST":
            return Answer(200, {"state": "Running"}) if self._host.resume() else Answer(409)
        if lowered == ["functions"] and reads:
            return Answer(200, [self._function(name, origin) for name in self._host.app.names])
        if len(path) in (2, 3) and lowered[0] == "functions":
            return self._one_function(method, path[1], lowered[2:], origin, body)
        return Answer(404)

    def _one_function(self, method: str, name: str, rest: list[str], origin: str, body: bytes) -> Answer:
        found = next((known for known in self._host.app.names if known.lower() == name.lower()), None)
        if found is None:
            return Answer(404)
        reads = method in ("GET", "HEAD")
        if rest == ["status"] and reads:
            error = self._errors.get(found)
            return Answer(200, {"errors": [error.message]} if error else {})
        if rest:
            return Answer(404)
        if reads:
            return Answer(200, self._function(found, origin))
        return self._run(found, body) if method == "POST" else Answer(404)

    def _run(self, name: str, body: bytes) -> Answer:
        error = self._errors.get(name)
        if error is not None:
            return Answer(500, {"error": error.message})
        if isinstance(self._host.app.functions[name].trigger, HttpTrigger):
            return Answer(400, {"error": f"{name} is triggered by HTTP: send the request to its URL"})
        try:
            document = json.loads(body)
            given = document.get("input") if isinstance(document, dict) else None
        except (ValueError, RecursionError):
            document = given = None
        if not isinstance(document, dict):
            return Answer(400, {"error": 'the body must be a JSON object such as {"input": "text"}'})
        text = given if isinstance(given, str) else "" if given is None else json.dumps(given, ensure_ascii=False)
        self._host.run_by_hand(name, text.encode("utf-8", "replace"))
        return Answer(202)

    @property
    def _errors(self) -> dict[str, FunctionError]:
        return {**self._host.app.errors, **self._host.load_errors}

    def _status(self) -> dict[str, Any]:
        errors = [error.message for _, error in sorted(self._errors.items())]
        status = {
            "id": self._host.host_id,
            "state": "Running",
            "version": metadata.version("funcapp"),
            "pythonVersion": platform.python_version(),
            "computerName": platform.node(),
            "processId": os.getpid(),
            "processUptime": int((time.monotonic() - _STARTED) * 1000),
        }
        return {**status, "errors": errors} if errors else status

    def _drain_status(self) -> dict[str, Any]:
        # A retry waits inside of its invocation, so none is outstanding on its own.
        return {
            "state": self._host.drain_state,
            "outstandingInvocations": self._host.in_flight,
            "outstandingRetries": 0,
        }

    def _function(self, name: str, origin: str) -> dict[str, Any]:
        app = self._host.app
        function, source = app.functions.get(name), app.sources.get(name)
        url = None
        if function is not None and isinstance(function.trigger, HttpTrigger):
            path = f"{app.host.http.route_prefix}/{route_of(name, function.trigger).text}".strip("/")
            url = f"{origin}/{path}"
        return {
            "name": name,
            "href": f"{origin}/admin/functions/{name}",
            "invoke_url_template": url,
            "language": "python",
            "config": source.document if source is not None else {},
            "isDisabled": function is not None and function.disabled,
        }
