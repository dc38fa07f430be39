"""Shows what an app logs: of all its pods, in the order of time, as text.

Only pods that there are have logs: what ran earlier is where your cluster collects them. With --build, the logs of the
Job that installed the requirements and loaded the functions.

  funcapp logs orders --follow
  funcapp logs orders --function resize --since 1h
  funcapp logs orders --build"""

from __future__ import annotations

import argparse
import sys
import time

from funcapp.cli import builds, kubectl, worker_pods
from funcapp.cli.kubectl import Kubectl, Object
from funcapp.cli.pod_logs import Stream, follow
from funcapp.cli.readable import log_line, safe, timestamp
from funcapp.errors import CommandFailed, ConfigurationError

_WORKER = "worker"
_LINES = 200
_NEXT_STEP_SECONDS = 1.0


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", help="the FunctionApp")
    add("-f", "--follow", action="store_true", help="go on until Ctrl-C, also with pods that start later")
    add("--function", action="append", metavar="NAME", help="of this function alone; may be given several times")
    add("--revision", metavar="NAME", help="of the pods of this revision alone")
    add("--since", metavar="DURATION", help="not older than this, such as 30s, 5m or 2h")
    add("--tail", type=int, metavar="N", help=f"the last lines of each pod; -1: all ({_LINES}; with --since: all)")
    add("--previous", action="store_true", help="of the containers that ended before those that run now")
    add("--build", action="store_true", help="of the build and the verification of the last revision")
    add("--json", action="store_true", help="records as the app wrote them, one JSON object a line")
    kubectl.configure(parser)


def run(options: argparse.Namespace) -> int:
    if options.follow and options.previous:
        raise ConfigurationError("--follow and --previous do not go together: what has ended logs no more")
    cluster = kubectl.of(options)
    app = cluster.function_app(options.name)
    if options.build:
        return _build(cluster, app, options)
    _check_functions(app, options.function or [])
    selector = worker_pods.selector(options.name)
    if options.revision:
        selector += f",functionapp.dev/revision={options.revision}"
    arguments = _arguments(options)
    if options.follow:
        follow(cluster, selector, [*arguments, "--follow"], lambda pod, line: _print(options, pod, line))
        return 0
    pods = cluster.items("pods", selector)
    if not pods:
        print(_nothing_runs(app, options.revision), file=sys.stderr)
        return 0
    _print_in_order(cluster, pods, arguments, options)
    return 0


def _arguments(options: argparse.Namespace) -> list[str]:
    lines = options.tail if options.tail is not None else -1 if options.since else _LINES
    return [
        f"--container={_WORKER}",
        f"--tail={lines}",
        *([f"--since={options.since}"] if options.since else []),
        *(["--previous"] if options.previous else []),
    ]


def _print_in_order(cluster: Kubectl, pods: list[Object], arguments: list[str], options: argparse.Namespace) -> None:
    """Of all pods by time; a line without a time stays with the record before it."""
    found: list[tuple[str, str, str]] = []
    for pod in pods:
        name = pod["metadata"]["name"]
        stream = Stream(cluster, name, arguments)
        latest = ""
        for line in stream.lines():
            latest = timestamp(line) or latest
            found.append((latest, name, line))
        if stream.error:
            print(f"funcapp: {name}: {safe(stream.error)}", file=sys.stderr)
    for _, name, line in sorted(found, key=lambda entry: entry[0]):
        _print(options, name, line)


def _print(options: argparse.Namespace, pod: str, line: str) -> None:
    text = log_line(line, functions=options.function or [])
    if text is None:
        return
    if options.json:
        print(line, flush=True)
    else:
        print(f"[{pod.rpartition('-')[2]}] {text}", flush=True)


def _build(cluster: Kubectl, app: Object, options: argparse.Namespace) -> int:
    name = app["metadata"]["name"]
    pod = builds.newest(cluster, name, options.revision)
    if pod is None:
        raise CommandFailed(
            f"no build of {name} is kept: its pods are removed a while after they have ended, and a revision that was"
            f" built before is not built again; `funcapp status {name}` has the outcome"
        )
    shown: set[str] = set()
    while True:
        for step in builds.steps(pod):
            if step not in shown:
                shown.add(step)
                _print_step(cluster, pod["metadata"]["name"], step, options)
        if not options.follow or pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
            return 0
        # The next step begins when the one before has ended.
        time.sleep(_NEXT_STEP_SECONDS)
        pod = cluster.find("pod", pod["metadata"]["name"])
        if pod is None:
            return 0


def _print_step(cluster: Kubectl, pod: str, step: str, options: argparse.Namespace) -> None:
    print(f"--- {pod} {step} ---", file=sys.stderr)
    stream = Stream(cluster, pod, [f"--container={step}", *(["--follow"] if options.follow else [])])
    for line in stream.lines():
        print(line if options.json else log_line(line), flush=True)
    if stream.error:
        raise CommandFailed(safe(stream.error))


def _check_functions(app: Object, wanted: list[str]) -> None:
    known = [function["name"] for function in app.get("status", {}).get("functions", [])]
    unknown = [name for name in wanted if name.lower() not in [found.lower() for found in known]]
    if known and unknown:
        raise CommandFailed(
            f"{app['metadata']['name']} has no function {', '.join(map(repr, unknown))}: it has {', '.join(known)}"
        )


def _nothing_runs(app: Object, revision: str | None) -> str:
    name = app["metadata"]["name"]
    if revision:
        return f"no pod of revision {revision} runs: `funcapp status {name}` lists the revisions"
    return f"no pod of {name} runs: its groups sleep, or it is not rolled out yet (`funcapp status {name}`)"
