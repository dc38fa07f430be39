"""http-async, http-sync: requests per second, the 99th percentile of their times, and processor time for each.

The peers have one kind of function each, so each is measured once and held against both of ours.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.context import HERE, Context
from bench.processes import Failed, Server, free_port, get
from bench.results import OURS, Entry, Samples

_CONNECTIONS = 64
_WARM_UP_SECONDS = 1.0
_PATH = "products/books/42?colour=red"
_ANSWER = b"books 42 red"
_KINDS = ("http-async", "http-sync")
_PEERS = ("granian", "functions-framework", "func-python")


@dataclass(frozen=True)
class Load:
    """`p99` in milliseconds, `cpu` in microseconds of the server for each request."""

    rate: float
    p99: float
    cpu: float


def measure(context: Context) -> list[Entry]:
    samples = Samples()
    for number in range(1, context.repetitions + 1):
        ours = context.start_ours(HERE / "apps" / "http")
        with ours.server:
            ours.wait_ready()
            for kind in _KINDS:
                url = f"http://127.0.0.1:{ours.port}/api/{kind.removeprefix('http-')}/{_PATH}"
                _note(context, samples, [kind], OURS, _load(context, ours.server, url), number)
        for peer in _PEERS:
            with _started(context, peer) as (server, url):
                _note(context, samples, _KINDS, peer, _load(context, server, url), number)
    return [
        samples.entry(name, unit)
        for kind in _KINDS
        for name, unit in ((kind, "requests/s"), (f"{kind}-p99", "ms"), (f"{kind}-cpu", "µs/request"))
    ]


def _note(context: Context, samples: Samples, kinds: Sequence[str], whose: str, load: Load, number: int) -> None:
    for kind in kinds:
        samples.add(kind, whose, load.rate)
        samples.add(f"{kind}-p99", whose, load.p99)
        samples.add(f"{kind}-cpu", whose, load.cpu)
    what = kinds[0] if whose == OURS else "http"
    context.say(f"{what} {whose} {number}: {load.rate:,.0f} requests/s, p99 {load.p99:.1f} ms, {load.cpu:.0f} µs each")


@contextlib.contextmanager
def _started(context: Context, peer: str) -> Iterator[tuple[Server, str]]:
    """The settings are the best that each documents, for one core; README.md says where."""
    port, peers, python = free_port(), HERE / "peers", context.peer_python(peer)
    settings = {}
    if peer == "granian":
        options = "--interface rsgi --workers 1 --runtime-threads 1 --loop uvloop --http 1 --no-ws --log-level warning"
        command = [python, "-m", "granian", *options.split(), "--working-dir", str(peers), "--port", str(port)]
        command.append("granian_app:app")
    elif peer == "functions-framework":
        source = ["--source", str(peers / "functions_framework_app.py"), "--target", "handle"]
        command = [python, "-m", "functions_framework", *source, "--host", "127.0.0.1", "--port", str(port)]
        settings = {"WORKERS": "1", "THREADS": "8"}
    else:
        command = [python, str(peers / "func_python_app.py")]
        settings = {"LISTEN_ADDRESS": f"127.0.0.1:{port}"}
    url = f"http://127.0.0.1:{port}/api/{_PATH}"
    with context.start(peer, command, **settings) as server:
        server.wait_for_http(url)
        yield server, url


def _load(context: Context, server: Server, url: str) -> Load:
    """Raises Failed when an answer is not the right one."""
    status, body = get(url)
    if (status, body) != (200, _ANSWER):
        raise Failed(f"{url} answers {status} {body!r}, and must answer 200 {_ANSWER!r}")
    _wrk(url, _WARM_UP_SECONDS)
    cpu = server.cpu_seconds()
    result = _wrk(url, context.seconds)
    cpu = server.cpu_seconds() - cpu
    if result["errors"]:
        raise Failed(f"{url}: {result['errors']} requests failed under load")
    return Load(result["requests"] / result["seconds"], result["p99"], cpu / result["requests"] * 1e6)


def _wrk(url: str, seconds: float) -> dict[str, float]:
    options = ["-t1", f"-c{_CONNECTIONS}", f"-d{seconds:g}s", "--script", str(HERE / "wrk.lua"), url]
    done = subprocess.run(["wrk", *options], capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result
