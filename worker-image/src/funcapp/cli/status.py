"""Shows an app in the cluster: its conditions, functions, scale groups and revisions.

Exit code 0: it is Ready; 1: it is not."""

from __future__ import annotations

import argparse

from funcapp.cli import follow, kubectl, readiness, report


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the FunctionApp")
    parser.add_argument("--wait", action="store_true", help="follow a rollout until it is Ready or cannot become so")
    follow.configure(parser, "for --wait: ")
    kubectl.configure(parser)


def run(options: argparse.Namespace) -> int:
    timeout = follow.timeout(options)
    cluster = kubectl.of(options)
    app = cluster.function_app(options.name)
    if options.wait:
        app = follow.until_ready(cluster, options.name, timeout)
    pin = app["spec"].get("rollout", {}).get("pin")
    for title, text in (
        ("", report.conditions(app)),
        ("Functions", report.functions(app)),
        ("Groups (ready/replicas, Deployment)", report.groups(app)),
        (f"Revisions (pinned to {pin})" if pin else "Revisions", report.revisions(app)),
    ):
        if text:
            print(f"{title}:\n{text}\n" if title else f"{text}\n")
    return 0 if readiness.verdict(app) == "ready" else 1
