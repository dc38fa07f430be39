"""What `funcapp status` shows, and the commands that follow a rollout when it does not succeed."""

from __future__ import annotations

from funcapp.cli import builds, readiness
from funcapp.cli.kubectl import Kubectl, KubectlFailed, Object
from funcapp.cli.readable import safe, table

_LOG_LINES = 25


def conditions(app: Object) -> str:
    rows = [(found.type, found.status, str(found)) for found in readiness.conditions(app)]
    return table(rows) or "the operator has not looked at it yet"


def functions(app: Object) -> str:
    rows = [
        (
            function["name"],
            function.get("trigger", ""),
            "ready" if function.get("ready") else function.get("reason", "not ready"),
            function.get("message") or function.get("url") or function.get("target", ""),
        )
        for function in app.get("status", {}).get("functions", [])
    ]
    return table(rows)


def groups(app: Object) -> str:
    rows = [
        (group["name"], f"{group.get('readyReplicas', 0)}/{group.get('replicas', 0)}", group.get("deployment", ""))
        for group in app.get("status", {}).get("groups", [])
    ]
    return table(rows)


def revisions(app: Object) -> str:
    """The newest first; an asterisk marks the one that runs."""
    rows = [
        (
            "*" if revision.get("active") else " ",
            revision["name"],
            revision.get("readyAt") or ("failed" if revision.get("reason") else "not ready yet"),
            ": ".join(filter(None, (revision.get("reason"), revision.get("message")))) or revision.get("source", ""),
        )
        for revision in app.get("status", {}).get("revisions", [])
    ]
    return table(rows)


def trouble(kubectl: Kubectl, app: Object) -> str:
    """Why an app is not Ready: conditions, broken functions, and the end of the build's log where the build failed."""
    parts = [conditions(app)]
    broken = [
        f"{item['name']}: {item['reason']}: {item.get('message', '')}" for item in readiness.broken_functions(app)
    ]
    if broken:
        parts.append("\n".join(map(safe, broken)))
    unprepared = any(found.type == "PackageReady" and found.status != "True" for found in readiness.conditions(app))
    if unprepared:
        name = app["metadata"]["name"]
        try:
            log = builds.log(kubectl, name, app.get("status", {}).get("latestCreatedRevision"), _LOG_LINES)
        except KubectlFailed as error:
            log = f"the build's log cannot be read: {error}"
        if log:
            parts.append(f"the end of the build's log (all of it: funcapp logs {name} --build):\n{log}")
    return "\n\n".join(parts)
