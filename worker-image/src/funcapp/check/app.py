"""Checks a whole app."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from funcapp.check import decorators, files, functions, settings
from funcapp.check.findings import Finding, FunctionReport, Report
from funcapp.check.settings import AppSettings
from funcapp.errors import AppError
from funcapp.model import discovery
from funcapp.prepare import ignore


def check(
    root: Path, given: AppSettings, python: tuple[int, int], index: Mapping[str, Any] | AppError | None = None
) -> Report:
    """`index` is what loading a decorator app showed, or why it could not be loaded; None: nobody tried.

    Raises AppError where the app cannot be read.
    """
    report = Report()
    report.findings += [*settings.judge(given), *files.judge(root, given.values, python)]
    script = discovery.script(root, given.values)
    if script is None:
        for name, source in discovery.discover(root).items():
            report.functions.append(functions.judge(name, source, given.values, complete=True))
    else:
        report.functions += _decorated(root, given, index)
        if isinstance(index, AppError):
            report.findings.append(
                Finding(script, f"could not be loaded here, so its decorators were read instead: {index.message}")
            )
    for setting in sorted({name for function in report.functions for name in function.missing}):
        users = ", ".join(function.name for function in report.functions if setting in function.missing)
        report.findings.append(Finding(setting, f"is not set, and needed by {users}: add it to the app's settings"))
    if not report.functions:
        report.findings.append(
            Finding(str(root), "there are no functions: is this the folder that holds host.json?", blocks=True)
        )
    report.functions.sort(key=lambda function: (function.name.lower(), function.name))
    return report


def _decorated(root: Path, given: AppSettings, index: Mapping[str, Any] | AppError | None) -> list[FunctionReport]:
    """What the source shows, and what only loading it did."""
    scripts = [name for name in ignore.split(root).included if name.endswith(".py") and not name.startswith(".")]
    found = {source.name: source for source in decorators.scan(root, scripts)}
    reports = {name: functions.judge(name, source, given.values, complete=False) for name, source in found.items()}
    for entry in index["functions"] if isinstance(index, Mapping) else ():
        name, error = entry["name"], entry["error"]
        trigger = entry["trigger"]["type"] if entry["trigger"] else ""
        report = reports.setdefault(name, FunctionReport(name, trigger))
        # A package or a setting that is not on this machine says nothing about the cluster.
        if error and not report.findings and error["reason"] not in ("ImportFailed", "SettingMissing"):
            report.findings.append(Finding(name, error["message"], blocks=True))
    return list(reports.values())
