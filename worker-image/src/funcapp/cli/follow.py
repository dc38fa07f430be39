"""Follows a rollout: what the operator says of it, as it changes, until it is Ready or cannot become so."""

from __future__ import annotations

import argparse
import sys
import time

from funcapp.cli import durations, readiness, report
from funcapp.cli.kubectl import FUNCTION_APP, Kubectl, KubectlFailed, Object
from funcapp.cli.readable import safe
from funcapp.cli.readiness import Condition
from funcapp.errors import CommandFailed

_DEFAULT_TIMEOUT = "20m"
"""A first build with large requirements, and the default progress deadline after it."""

_POLL_SECONDS = 1.0
_UNSEEN_SECONDS = 15.0


def configure(parser: argparse.ArgumentParser, when: str = "") -> None:
    """The option --timeout; `when` says to which case it belongs."""
    parser.add_argument(
        "--timeout",
        metavar="DURATION",
        default=_DEFAULT_TIMEOUT,
        help=f"{when}how long to follow, such as 90s or 15m (%(default)s)",
    )


def timeout(options: argparse.Namespace) -> int:
    """In seconds. Raises ConfigurationError."""
    return durations.seconds("--timeout", options.timeout)


def until_ready(kubectl: Kubectl, name: str, timeout: int) -> Object:
    """The app, Ready. Raises CommandFailed with the reason; what the cluster does goes on."""
    progress = _Progress()
    deadline = time.monotonic() + timeout
    while True:
        try:
            app = kubectl.find(FUNCTION_APP, name)
        except KubectlFailed as error:
            if error.reason in ("Forbidden", "Unauthorized") or time.monotonic() > deadline:
                raise
            progress.tell("cluster", f"cannot be asked, trying again: {error}")
            time.sleep(_POLL_SECONDS)
            continue
        if app is None:
            raise CommandFailed(f"{name} was deleted while it rolled out")
        verdict = readiness.verdict(app)
        progress.show(app, verdict)
        if verdict == "ready":
            return app
        if verdict == "failed":
            raise CommandFailed(f"{name} is not ready:\n\n{report.trouble(kubectl, app)}\n\n{_serving(app)}")
        if time.monotonic() > deadline:
            raise CommandFailed(
                f"{name} is not ready after {timeout} s; the cluster goes on by itself:"
                f" follow with `funcapp status {name} --wait`\n\n{report.trouble(kubectl, app)}"
            )
        time.sleep(_POLL_SECONDS)


def _serving(app: Object) -> str:
    available = [found for found in readiness.conditions(app) if found.type == "Available"]
    if available and available[0].status == "True":
        return "What ran before goes on serving."
    return "Nothing serves."


class _Progress:
    """Lines on standard error: elapsed time, and what is new."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._told: dict[str, str] = {}
        self._hinted = False

    def show(self, app: Object, verdict: readiness.Verdict) -> None:
        elapsed = time.monotonic() - self._began
        if verdict == "unseen":
            if elapsed > _UNSEEN_SECONDS and not self._hinted:
                self._hinted = True
                self.tell(
                    "operator",
                    "has not looked at it yet: does it run?"
                    " kubectl get deployments --all-namespaces -l app.kubernetes.io/name=functionapp-operator",
                )
            return
        found = readiness.conditions(app)
        news = [condition for condition in found if condition.type not in ("Reconciling", "Stalled")]
        said = {str(condition) for condition in news if condition.type != "Ready"}
        for condition in news:
            if condition.type != "Ready" or str(condition) not in said:
                self._tell_condition(condition)

    def _tell_condition(self, condition: Condition) -> None:
        if condition.status != "Unknown":
            self.tell(condition.type, str(condition))

    def tell(self, subject: str, text: str) -> None:
        if self._told.get(subject) == text:
            return
        self._told[subject] = text
        elapsed = int(time.monotonic() - self._began)
        first, *rest = safe(text).splitlines() or [""]
        print(f"{elapsed // 60:3}:{elapsed % 60:02}  {subject:<15}  {first}", file=sys.stderr, flush=True)
        for line in rest:
            print(f"{'':>8}{line}", file=sys.stderr, flush=True)
