"""Runs one function of an app in the cluster, and prints its answer.

An HTTP function is called by its route, with the least of the app's keys that opens it. Any other is run by the host,
with --data as what triggers it (a message's text, for example): nobody waits for it, `funcapp logs` shows how it went.

The way there is a `kubectl port-forward` to a pod of the function's group: nothing has to be reachable from outside.
Keys come from the app's Secret of keys, which you need the right to read. Without it, anonymous functions can be called
and others with a key of your own: --header 'x-functions-key: …'.

  funcapp invoke orders/hello --query name=Ada
  funcapp invoke orders/product --param id=7 --method PUT --data @product.json
  funcapp invoke orders/resize --data '{"name": "a.png"}'      a queue function: what the message would say

Exit code 0: the answer's status is below 400; 1: it is not, or no pod could be asked."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from funcapp.cli import access_keys, kubectl, port_forward, worker_pods
from funcapp.cli.access_keys import AccessKeys
from funcapp.cli.kubectl import Kubectl, Object
from funcapp.cli.port_forward import Answer, Described, Pod
from funcapp.errors import CommandFailed, ConfigurationError
from funcapp.model import routes

_HTTP = "httpTrigger"
_KEY_HEADER = "x-functions-key"


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("function", metavar="NAME/FUNCTION", help="the FunctionApp and its function")
    add("--data", metavar="TEXT", help="the body, or what triggers it; @FILE: a file's content, @-: standard input")
    add("--method", metavar="NAME", help="without it POST with --data, else GET, or what the function takes")
    add("--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the route")
    add("--query", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the query")
    add("--header", action="append", default=[], metavar="'NAME: VALUE'", help="a header of the request")
    add("-i", "--include", action="store_true", help="print the answer's status and headers, too")
    add("--timeout", type=int, default=230, metavar="SECONDS", help="how long to wait for an answer (%(default)s)")
    kubectl.configure(parser)


def run(options: argparse.Namespace) -> int:
    name, separator, wanted = options.function.partition("/")
    if not separator or not name or not wanted:
        raise ConfigurationError(f"{options.function}: it must be NAME/FUNCTION, such as orders/hello")
    parameters, query = _pairs("--param", options.param, "="), _pairs("--query", options.query, "=")
    headers = _pairs("--header", options.header, ":")
    body = _data(options.data)
    cluster = kubectl.of(options)
    app = cluster.function_app(name)
    function = _function(app, wanted)
    keys = access_keys.read(cluster, app)
    with port_forward.to(cluster, _pod(cluster, app, function), options.timeout) as pod:
        if function.get("trigger") == _HTTP:
            request = _Request(options.method, parameters, query, headers, body)
            answer = _call(pod, function, keys, request)
        else:
            _refuse_http_options(options)
            answer = _run(pod, name, function["name"], keys, body)
    return _show(answer, options.include)


class _Request(NamedTuple):
    """What the call says of it. `method` None: what suits the function."""

    method: str | None
    parameters: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes | None


def _call(pod: Pod, function: Object, keys: AccessKeys, request: _Request) -> Answer:
    name = function["name"]
    if keys.master:
        described = pod.describe(name, keys.master)
    else:
        described = Described(port_forward.route_of(function.get("url", "")), [], "anonymous")
    try:
        path = routes.expand(described.route, request.parameters)
    except routes.RouteError as error:
        raise ConfigurationError(f"{name}: {error}: give --param NAME=VALUE") from None
    key = keys.of(name, described.auth_level)
    headers = request.headers
    if key is not None and _KEY_HEADER not in (header.lower() for header in headers):
        headers = {**headers, _KEY_HEADER: key}
    method = request.method.upper() if request.method else _method(described.methods, request.body)
    query = f"?{urlencode(request.query)}" if request.query else ""
    return pod.request(method, f"/{path}{query}", headers, request.body)


def _method(taken: list[str], body: bytes | None) -> str:
    preferred = "GET" if body is None else "POST"
    return preferred if not taken or preferred in taken else taken[0]


def _run(pod: Pod, app: str, name: str, keys: AccessKeys, body: bytes | None) -> Answer:
    """https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http"""
    answer = pod.run_by_hand(name, keys.master, (body or b"").decode("utf-8", "backslashreplace"))
    if answer.status == 202:
        print(f"{name} runs; `funcapp logs {app} --function {name}` shows how it goes", file=sys.stderr)
    return answer


def _function(app: Object, wanted: str) -> Object:
    known = app.get("status", {}).get("functions", [])
    name = app["metadata"]["name"]
    found: Object | None = next((item for item in known if item["name"].lower() == wanted.lower()), None)
    if found is None:
        listed = ", ".join(item["name"] for item in known) or f"none yet (`funcapp status {name}` says why)"
        raise CommandFailed(f"{name} has no function {wanted!r}: it has {listed}")
    if not found.get("group"):
        raise CommandFailed(f"{found['name']} does not run: {found.get('reason', '')}: {found.get('message', '')}")
    return found


def _pod(cluster: Kubectl, app: Object, function: Object) -> str:
    """The name of a ready pod of the function's group. Raises CommandFailed."""
    name = app["metadata"]["name"]
    group = next((item for item in app["status"].get("groups", []) if item["name"] == function["group"]), None)
    if group is None:
        raise CommandFailed(f"the group {function['group']} of {name} is not rolled out yet: `funcapp status {name}`")
    pods = cluster.items("pods", f"functionapp.dev/app={name},{worker_pods.GROUP}={group['deployment']}")
    ready = [pod["metadata"]["name"] for pod in pods if worker_pods.is_ready(pod)]
    if ready:
        # The newest: while a revision rolls out, it is of that one.
        found: str = ready[-1]
        return found
    if group.get("replicas", 0):
        raise CommandFailed(f"no pod of the group {group['name']} is ready: `funcapp status {name}` says why")
    raise CommandFailed(
        f"the group {group['name']} of {name} sleeps, so there is no pod to run {function['name']} in. Wake it by what"
        f" triggers it ({function.get('trigger', 'its trigger')} {function.get('target', '')}), or keep a replica while"
        f" you try it out:\n  kubectl patch functionapp {name} --type=merge"
        """ --patch='{"spec":{"scaling":{"minReplicas":1}}}'"""
    )


def _refuse_http_options(options: argparse.Namespace) -> None:
    given = [f"--{name}" for name in ("method", "param", "query", "header") if getattr(options, name)]
    if given:
        raise ConfigurationError(f"{', '.join(given)}: {options.function} is not triggered by HTTP; it takes --data")


def _pairs(option: str, given: list[str], separator: str) -> dict[str, str]:
    found = {}
    for pair in given:
        name, there, value = pair.partition(separator)
        if not there or not name.strip():
            raise ConfigurationError(f"{option} {pair}: it must be NAME{separator}VALUE")
        found[name.strip()] = value.strip() if separator == ":" else value
    return found


def _data(text: str | None) -> bytes | None:
    if text is None or not text.startswith("@"):
        return None if text is None else text.encode("utf-8", "surrogateescape")
    if text == "@-":
        return sys.stdin.buffer.read()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"--data {text}: the file cannot be read: {error.strerror}") from None


def _show(answer: Answer, include: bool) -> int:
    if include:
        print(f"HTTP {answer.status}", *(f"{name}: {value}" for name, value in answer.headers), sep="\n")
        print(flush=True)
    elif answer.status >= 400:
        print(f"funcapp: the answer's status is {answer.status}", file=sys.stderr)
    sys.stdout.buffer.write(answer.body)
    sys.stdout.buffer.flush()
    if answer.body and sys.stdout.isatty():
        print()
    return 0 if answer.status < 400 else 1
