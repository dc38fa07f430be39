"""What a FunctionApp's status says of a change that was made to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

RECONCILE_AT = "functionapp.dev/reconcile-at"

_ORDER = ("PackageReady", "FunctionsLoaded", "Available", "ScalingReady", "Ready")

Verdict = Literal["unseen", "waiting", "ready", "failed"]


class Condition(NamedTuple):
    type: str
    status: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}" if self.message else self.reason


def conditions(app: Mapping[str, Any]) -> list[Condition]:
    """Those that speak of the present spec, in the order in which they come true."""
    generation = app["metadata"].get("generation", 0)
    found = {
        item["type"]: Condition(item["type"], item["status"], item.get("reason", ""), item.get("message", ""))
        for item in app.get("status", {}).get("conditions", [])
        if item.get("observedGeneration", 0) >= generation
    }
    return [found[name] for name in (*_ORDER, "Reconciling", "Stalled") if name in found]


def verdict(app: Mapping[str, Any]) -> Verdict:
    """`unseen`: the operator has not looked at the change yet. `failed`: nothing gets better by waiting."""
    status = app.get("status", {})
    asked = app["metadata"].get("annotations", {}).get(RECONCILE_AT)
    if status.get("observedGeneration", -1) < app["metadata"].get("generation", 0):
        return "unseen"
    if asked is not None and status.get("lastHandledReconcileAt") != asked:
        return "unseen"
    true = {condition.type for condition in conditions(app) if condition.status == "True"}
    if "Ready" in true:
        return "ready"
    return "failed" if "Stalled" in true else "waiting"


def broken_functions(app: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those that have something wrong with them: not those that only wait for a pod."""
    return [
        function
        for function in app.get("status", {}).get("functions", [])
        if not function.get("ready") and function.get("reason") and function["reason"] != "Disabled"
    ]
