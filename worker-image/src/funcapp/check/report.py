"""Shows a report: as a table for people, as JSON for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from funcapp.check.findings import TITLES, Finding, Report, verdict

_WIDTH = 100


def to_json(report: Report) -> dict[str, Any]:
    return {
        "allRun": report.all_run,
        "functions": [
            {
                "name": function.name,
                "trigger": function.trigger or None,
                "verdict": function.verdict,
                "findings": [_finding(finding) for finding in function.findings],
            }
            for function in report.functions
        ],
        "app": [_finding(finding) for finding in report.findings],
    }


def to_text(report: Report) -> str:
    """One line for each function, what there is to do about it below, and what concerns the whole app at the end."""
    rows = [("FUNCTION", "TRIGGER", "RESULT")]
    rows += [(function.name, function.trigger or "-", TITLES[function.verdict]) for function in report.functions]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    details = [[], *(function.findings for function in report.functions)]
    lines = []
    for (name, trigger, result), findings in zip(rows, details, strict=True):
        lines.append(f"{name:<{first}}  {trigger:<{second}}  {result}")
        lines += _details(findings)
    if report.findings:
        lines += ["", f"THE WHOLE APP: {TITLES[verdict(report.findings)]}", *_details(report.findings)]
    return "\n".join([*lines, "", _summary(report)])


def _summary(report: Report) -> str:
    counts = {kind: sum(function.verdict == kind for function in report.functions) for kind in TITLES}
    total = len(report.functions)
    titles = {**TITLES, "runs": "run", "runsWithNote": "run with a note"}
    told = ", ".join(f"{count} {titles[kind]}" for kind, count in counts.items() if count)
    return f"{total} function{'s' * (total != 1)}" + (f": {told}" if told else "")


def _details(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        sign = "✗" if finding.blocks else "·"
        text = f"{finding.subject}: {finding.message}"
        yield textwrap.fill(
            text,
            _WIDTH,
            initial_indent=f"  {sign} ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _finding(finding: Finding) -> dict[str, Any]:
    return {"subject": finding.subject, "message": finding.message, "notSupported": finding.blocks}
