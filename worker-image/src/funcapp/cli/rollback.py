"""Runs an earlier revision of an app: its source, settings and resources as they were, without a build.

Sets spec.rollout.pin, which Git can hold as well, and follows until that revision serves. Without --to, it is the last
good revision before the one that runs. While the pin stands, whatever else the spec asks for waits; --undo lifts it.
Secrets have no revisions: the revision runs with what they hold now.

  funcapp rollback orders            to the last good one
  funcapp rollback orders --undo     to what the spec asks for"""

from __future__ import annotations

import argparse
import sys

from funcapp.cli import follow, kubectl, report
from funcapp.cli.kubectl import Object
from funcapp.errors import CommandFailed


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", help="the FunctionApp")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--to", metavar="REVISION", help="the revision; `funcapp status NAME` lists them")
    which.add_argument("--undo", action="store_true", help="lift the pin: run what the spec asks for")
    add("--no-wait", action="store_true", help="set the pin, and do not follow")
    follow.configure(parser)
    kubectl.configure(parser)


def run(options: argparse.Namespace) -> int:
    timeout = follow.timeout(options)
    cluster = kubectl.of(options)
    app = cluster.function_app(options.name)
    pinned = app["spec"].get("rollout", {}).get("pin") or None
    if options.undo and pinned is None:
        raise CommandFailed(f"{options.name} is not pinned: it runs what its spec asks for")
    pin = None if options.undo else target(app, options.to)
    if pin != pinned:
        cluster.patch(options.name, {"spec": {"rollout": {"pin": pin}}})
        told = f"pinned to revision {pin}" if pin else f"no longer pinned to {pinned}"
        print(f"{options.name} is {told}", file=sys.stderr)
    if not options.no_wait:
        follow.until_ready(cluster, options.name, timeout)
        print(f"{options.name} runs {f'revision {pin}' if pin else 'what its spec asks for'}")
    return 0


def target(app: Object, wanted: str | None) -> str:
    """The revision to run. Raises CommandFailed when it is not kept, or none is good."""
    kept = app.get("status", {}).get("revisions", [])
    name = app["metadata"]["name"]
    listed = report.revisions(app) or "none is kept"
    if wanted is not None:
        if all(revision["name"] != wanted for revision in kept):
            raise CommandFailed(f"{name} has no revision {wanted!r} to return to:\n{listed}")
        return wanted
    running = next((index for index, revision in enumerate(kept) if revision.get("active")), None)
    if running is None:
        raise CommandFailed(f"{name} runs none of its revisions yet: name one with --to\n{listed}")
    good = [revision for revision in kept[running + 1 :] if revision.get("readyAt") and not revision.get("reason")]
    if not good:
        raise CommandFailed(f"{name} has no good revision before the one that runs:\n{listed}")
    found: str = good[0]["name"]
    return found
