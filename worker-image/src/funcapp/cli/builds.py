"""The logs of the Jobs that build, verify and look up what an app is made of."""

from __future__ import annotations

from collections.abc import Iterator

from funcapp.cli.kubectl import Kubectl, Object
from funcapp.cli.readable import log_line

_REVISION = "functionapp.dev/revision"
_COMPONENTS = "app.kubernetes.io/component in (prepare,resolve)"


def newest(kubectl: Kubectl, app: str, revision: str | None) -> Object | None:
    """The pod of the last attempt; None where none is kept. What looks a branch up belongs to every revision."""
    pods = kubectl.items("pods", f"functionapp.dev/app={app},{_COMPONENTS}")
    fitting = [pod for pod in pods if revision in (None, pod["metadata"]["labels"].get(_REVISION, revision))]
    return fitting[-1] if fitting else None


def steps(pod: Object) -> Iterator[str]:
    """The containers that have begun, in their order."""
    status = pod.get("status", {})
    for container in (*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])):
        if "waiting" not in container.get("state", {"waiting": {}}):
            yield container["name"]


def log(kubectl: Kubectl, app: str, revision: str | None, lines: int) -> str:
    """The last lines of the step that came last; empty where nothing is kept. Raises KubectlFailed."""
    pod = newest(kubectl, app, revision)
    begun = list(steps(pod)) if pod is not None else []
    if pod is None or not begun:
        return ""
    text = kubectl.run("logs", pod["metadata"]["name"], f"--container={begun[-1]}", f"--tail={lines}")
    return "\n".join(filter(None, (log_line(line) for line in text.splitlines())))
