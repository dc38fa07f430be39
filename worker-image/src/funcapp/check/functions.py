"""Judges a function by its bindings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from funcapp.check import services
from funcapp.check.findings import Finding, FunctionReport
from funcapp.errors import FunctionError
from funcapp.model import connections, function
from funcapp.model.bindings.registry import KINDS
from funcapp.model.function import FunctionSource

_SETTING = re.compile("%([^%]+)%")
_STORAGE = ("queuetrigger", "queue", "blobtrigger", "blob")
_SOME_CONNECTION = "UseDevelopmentStorage=true"


def judge(
    name: str, source: FunctionSource | FunctionError, settings: Mapping[str, str], complete: bool
) -> FunctionReport:
    """`complete`: the source says all that function.json would, and not only what could be read from decorators."""
    if isinstance(source, FunctionError):
        return FunctionReport(name, "", [Finding(name, source.message, blocks=True)])
    bindings = [_lowered(binding) for binding in _bindings(source)]
    trigger = next((str(b["type"]) for b in bindings if str(b.get("type", "")).lower().endswith("trigger")), "")
    report = FunctionReport(name, trigger)
    for binding in bindings:
        report.findings += _about(binding, settings)
        report.missing |= _missing(binding, settings)
    if complete and not report.findings:
        absent = (_missing_connection(binding, settings) for binding in bindings)
        connected = {name: _SOME_CONNECTION for name in absent if name is not None}
        report.findings += _parsed(source, {**settings, **connected})
    return report


def _about(binding: Mapping[str, Any], settings: Mapping[str, str]) -> Iterator[Finding]:
    kind = str(binding.get("type", ""))
    subject = f"{binding.get('name', '?')} ({kind})"
    if kind.lower() not in KINDS:
        yield Finding(subject, services.advice(kind), blocks=True)
        return
    if kind.lower() == "blobtrigger" and str(binding.get("source", "")).lower() in ("eventgrid", "event_grid"):
        yield Finding(
            subject, "source EventGrid is not supported: remove source, and the container is scanned", blocks=True
        )
    if kind.lower() in _STORAGE:
        try:
            connections.find(_connection(binding), settings)
        except FunctionError as error:
            if error.reason != "SettingMissing":
                yield Finding(subject, error.message, blocks=True)


def _parsed(source: FunctionSource, settings: Mapping[str, str]) -> list[Finding]:
    """What is wrong beyond the kinds of binding and the settings that are missing."""
    try:
        function.parse(source, settings)
    except FunctionError as error:
        if error.reason != "SettingMissing":
            return [Finding(source.name, error.message, blocks=True)]
    return []


def _bindings(source: FunctionSource) -> list[dict[str, Any]]:
    found = next((value for key, value in source.document.items() if key.lower() == "bindings"), None)
    return [binding for binding in found if isinstance(binding, dict)] if isinstance(found, list) else []


def _lowered(binding: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in binding.items()}


def _missing(binding: Mapping[str, Any], settings: Mapping[str, str]) -> set[str]:
    """The settings that a binding needs, and nobody set."""
    if str(binding.get("type", "")).lower() not in KINDS:
        return set()
    texts = [value for value in binding.values() if isinstance(value, str)]
    missing = {name for text in texts for name in _SETTING.findall(text) if name not in settings}
    connection = _missing_connection(binding, settings)
    return missing if connection is None else missing | {connection}


def _missing_connection(binding: Mapping[str, Any], settings: Mapping[str, str]) -> str | None:
    if str(binding.get("type", "")).lower() in _STORAGE:
        try:
            connections.find(_connection(binding), settings)
        except FunctionError as error:
            if error.reason == "SettingMissing":
                return _connection(binding)
    return None


def _connection(binding: Mapping[str, Any]) -> str:
    return str(binding.get("connection") or connections.DEFAULT_CONNECTION)
