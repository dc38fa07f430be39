"""What a check finds out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["runs", "runsWithNote", "notSupported"]

TITLES: dict[Verdict, str] = {"runs": "runs", "runsWithNote": "runs, see note", "notSupported": "not supported"}


@dataclass(frozen=True)
class Finding:
    """`blocks`: what it is about does not run as it is. `subject` is a setting, a file or a binding."""

    subject: str
    message: str
    blocks: bool = False


@dataclass
class FunctionReport:
    """`trigger` is the binding's type, empty where the function has none; `missing` names settings that are not set."""

    name: str
    trigger: str
    findings: list[Finding] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    @property
    def verdict(self) -> Verdict:
        return verdict(self.findings)


@dataclass
class Report:
    """`findings` are those that belong to no function."""

    functions: list[FunctionReport] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def all_run(self) -> bool:
        everything = [*self.findings, *(found for function in self.functions for found in function.findings)]
        return verdict(everything) != "notSupported"


def verdict(findings: list[Finding]) -> Verdict:
    if any(finding.blocks for finding in findings):
        return "notSupported"
    return "runsWithNote" if findings else "runs"
