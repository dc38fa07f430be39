"""The pods that run an app's functions, and their Deployments, by the labels that the operator gives them."""

from __future__ import annotations

from funcapp.cli.kubectl import Object

GROUP = "functionapp.dev/group"
"""The label whose value is the name of the group's Deployment."""


def selector(app: str) -> str:
    return f"functionapp.dev/app={app},app.kubernetes.io/component=worker"


def is_ready(pod: Object) -> bool:
    """Takes work: ready, and not on its way out."""
    found = {item["type"]: item["status"] for item in pod.get("status", {}).get("conditions", [])}
    return found.get("Ready") == "True" and not pod["metadata"].get("deletionTimestamp")
