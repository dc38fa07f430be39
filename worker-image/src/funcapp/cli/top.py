"""Shows what an app's scale groups have to do, and with how many replicas.

Lengths and ages of queues, invocations in flight and the next occurrences of timers come from the ready pods of each
group, which are asked through the API server. A group that sleeps has none: only KEDA knows the length of its queues.

  funcapp top orders --watch
  funcapp top orders -o json | jq '.groups[] | select(.name == "queue-resize")'"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from funcapp.cli import durations, group_load, kubectl, load_table, readiness, screen, worker_pods, worker_reports
from funcapp.cli.group_load import GroupLoad
from funcapp.cli.kubectl import Kubectl, KubectlFailed, Object
from funcapp.cli.readable import safe
from funcapp.errors import ConfigurationError

_ASKED = 16
"""Pods of a group, the newest: each of them is a call of the API server, and all know the same queues."""


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", help="the FunctionApp")
    add("-w", "--watch", action="store_true", help="look again and again, until Ctrl-C")
    add("--interval", metavar="DURATION", default="2s", help="for --watch: the time between two looks (%(default)s)")
    add("-o", "--output", choices=("json",), help="for programs: one JSON object a look, each on a line of its own")
    kubectl.configure(parser)


def run(options: argparse.Namespace) -> int:
    interval = durations.seconds("--interval", options.interval)
    if interval < 1:
        raise ConfigurationError(f"--interval {options.interval}: it must be 1s or more")
    cluster = kubectl.of(options)
    look = _look(cluster, options.name)
    if not options.watch:
        _print(look, options.output)
    elif options.output or not sys.stdout.isatty():
        _go_on(cluster, options, interval, look)
    else:
        _draw(cluster, options.name, interval, look)
    return 0


class _Look:
    """What was seen at one time."""

    def __init__(self, app: Object, groups: Sequence[GroupLoad], failures: Sequence[str]) -> None:
        self.at = datetime.now(timezone.utc)
        self.app = app
        self.groups = groups
        self.failures = failures

    def lines(self, *, width: int | None = None, colours: bool = False) -> list[str]:
        metadata = self.app["metadata"]
        ready = [condition for condition in readiness.conditions(self.app) if condition.type == "Ready"]
        state = ready[0].reason if ready else "not looked at yet"
        head = f"{metadata['namespace']}/{metadata['name']}  {state}  {self.at.astimezone():%H:%M:%S}"
        table = load_table.render(self.groups, self.at, width=width, colours=colours) if self.groups else []
        notes = [] if table else [f"it has no scale groups yet: `funcapp status {metadata['name']}` says why"]
        notes += load_table.notes(self.groups)
        notes += [f"pods could not be asked: {failure}" for failure in self.failures]
        return [
            _cut(head, width),
            "",
            *table,
            *([""] if table and notes else []),
            *(_cut(note, width) for note in notes),
        ]

    def document(self) -> dict[str, Any]:
        metadata = self.app["metadata"]
        return {
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "at": self.at.isoformat(timespec="seconds"),
            "groups": [group_load.to_json(group) for group in self.groups],
            "failures": list(self.failures),
        }


def _look(cluster: Kubectl, name: str) -> _Look:
    """Raises CommandFailed."""
    app = cluster.function_app(name)
    selector = worker_pods.selector(name)
    deployments = cluster.items("deployments.apps", selector)
    pods = [pod for pod in cluster.items("pods", selector) if worker_pods.is_ready(pod)]
    reports = worker_reports.ask(cluster, app["metadata"]["namespace"], _asked(pods))
    failures = sorted({safe(report) for report in reports.values() if isinstance(report, str)})
    return _Look(app, group_load.observe(app, deployments, pods, reports), failures[:1])


def _asked(pods: Sequence[Object]) -> list[str]:
    by_group = defaultdict(list)
    for pod in pods:
        by_group[pod["metadata"]["labels"].get(worker_pods.GROUP)].append(pod["metadata"]["name"])
    return [name for names in by_group.values() for name in names[-_ASKED:]]


def _print(look: _Look, output: str | None) -> None:
    text = json.dumps(look.document()) if output else "\n".join(look.lines(colours=screen.colours(sys.stdout)))
    print(text, flush=True)


def _go_on(cluster: Kubectl, options: argparse.Namespace, interval: int, look: _Look) -> None:
    """One text after the other: for files, pipes and programs."""
    while True:
        _print(look, options.output)
        if not options.output:
            print(flush=True)
        time.sleep(interval)
        look, failure = _again(cluster, options.name, look)
        if failure:
            print(f"funcapp: {failure}", file=sys.stderr)


def _draw(cluster: Kubectl, name: str, interval: int, look: _Look) -> None:
    """In the same place of a terminal; the last table stays there at the end."""
    here = screen.Screen(sys.stdout)
    coloured = screen.colours(sys.stdout)
    failure = None
    try:
        with here.held():
            while True:
                width, height = screen.size()
                lines = look.lines(width=width, colours=coloured)
                here.show([*lines, *([_cut(f"trying again: {failure}", width)] if failure else [])], height)
                time.sleep(interval)
                look, failure = _again(cluster, name, look)
    finally:
        print("\n".join(look.lines(width=screen.size()[0], colours=coloured)), flush=True)


def _again(cluster: Kubectl, name: str, before: _Look) -> tuple[_Look, str | None]:
    """The next look; while the cluster is away, the one before and the reason."""
    try:
        return _look(cluster, name), None
    except KubectlFailed as error:
        return before, safe(str(error))


def _cut(text: str, width: int | None) -> str:
    return text if width is None else text[:width]
