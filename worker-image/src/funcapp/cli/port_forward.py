"""HTTP requests to one pod, through `kubectl port-forward`."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from funcapp.cli.kubectl import Kubectl
from funcapp.errors import CommandFailed

HTTP_PORT = 8080
"""Of a worker's container: docs/architecture.md, worker contract."""

_FORWARDING = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+) ")
_READY_SECONDS = 30


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Described(NamedTuple):
    """What the worker says of an HTTP function. `methods` empty: all."""

    route: str
    methods: list[str]
    auth_level: str


class Pod:
    """One pod's HTTP port. Requests raise CommandFailed where nothing answers."""

    def __init__(self, name: str, port: int, timeout: int) -> None:
        self._name, self._port, self._timeout = name, port, timeout

    def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout)
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        except TimeoutError:
            raise CommandFailed(
                f"{method} {path}: no answer within {self._timeout} s: give it more with --timeout"
            ) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CommandFailed(f"{method} {path}: pod {self._name} does not answer: {error}") from None
        finally:
            connection.close()

    def describe(self, function: str, master_key: str | None) -> Described:
        """Raises CommandFailed where the worker may not or cannot say it."""
        answer = self.request("GET", _admin(function), _key(master_key), None)
        _refuse_without_key(answer, function)
        if answer.status != 200:
            raise CommandFailed(f"pod {self._name} does not know the function {function}: status {answer.status}")
        try:
            document: dict[str, Any] = json.loads(answer.body)
            trigger = next(item for item in document["config"]["bindings"] if item["type"].lower() == "httptrigger")
            route = route_of(document["invoke_url_template"])
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
            raise CommandFailed(f"pod {self._name} describes {function} in a way that is not understood") from None
        lowered = {key.lower(): value for key, value in trigger.items()}
        methods = [str(method).upper() for method in lowered.get("methods") or []]
        return Described(route, methods, str(lowered.get("authlevel") or "function").lower())

    def run_by_hand(self, function: str, master_key: str | None, text: str) -> Answer:
        headers = {**_key(master_key), "content-type": "application/json"}
        answer = self.request("POST", _admin(function), headers, json.dumps({"input": text}).encode())
        _refuse_without_key(answer, function)
        return answer


@contextlib.contextmanager
def to(cluster: Kubectl, pod: str, timeout: int) -> Iterator[Pod]:
    """A port of this machine leads to the pod while the context lasts. Raises CommandFailed."""
    process = cluster.start("port-forward", f"pod/{pod}", f":{HTTP_PORT}", "--address=127.0.0.1")
    try:
        yield Pod(pod, _port(process), timeout)
    finally:
        process.terminate()
        process.communicate()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    # kubectl says nothing while it cannot reach the cluster.
    guard = threading.Timer(_READY_SECONDS, process.kill)
    guard.start()
    try:
        for line in process.stdout:
            match = _FORWARDING.match(line)
            if match:
                return int(match[1])
    finally:
        guard.cancel()
    _, errors = process.communicate()
    raise CommandFailed(f"kubectl port-forward: {errors.strip() or f'no connection within {_READY_SECONDS} s'}")


def route_of(url: str) -> str:
    """The template in a URL that was made of one: as it stands, with `?` and whatever else it has in braces."""
    return url.partition("://")[2].partition("/")[2]


def _admin(function: str) -> str:
    return f"/admin/functions/{quote(function, safe='')}"


def _key(key: str | None) -> dict[str, str]:
    return {"x-functions-key": key} if key else {}


def _refuse_without_key(answer: Answer, function: str) -> None:
    if answer.status == 401:
        raise CommandFailed(
            f"the worker refuses to speak of {function} without the app's key host.master: you need the right to read"
            " the app's Secret of keys, and a Secret of your own (spec.http.keys) needs the entry host.master"
        )
