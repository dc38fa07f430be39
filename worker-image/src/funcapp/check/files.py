"""The files of an app beside its functions: host.json, requirements.txt and what is no longer read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from funcapp.check import services
from funcapp.check.findings import Finding
from funcapp.errors import AppError
from funcapp.model import host_json, json_text

_REQUIREMENTS = "requirements.txt"

# https://pypi.org/project/azure-functions/
_SECOND_LINE_SINCE = (3, 13)
_LAST_OF_EACH_LINE = ("1.26.0", "2.3.0")

_PACKAGES: dict[str, tuple[str, bool]] = {
    "azure-functions-durable": (services.advice("durableClient"), True),
    "opencensus-extension-azure-functions": ("extensions of upstream's worker are not loaded here", False),
    "azure-functions-worker": ("upstream's worker is not used here, and need not be installed", False),
}


def judge(root: Path, settings: Mapping[str, str], python: tuple[int, int]) -> Iterator[Finding]:
    """`python` is the version that the app will run on."""
    yield from _host_json(root, settings)
    if (root / "proxies.json").is_file():
        yield Finding(
            "proxies.json", "proxies are not supported: write them as routes of an Ingress or HTTPRoute", True
        )
    path = root / _REQUIREMENTS
    if path.is_file():
        for number, line in enumerate(path.read_text("utf-8-sig", "replace").splitlines(), 1):
            yield from _requirement(f"{_REQUIREMENTS}, line {number}", line.split(" #")[0].strip(), python)


def _host_json(root: Path, settings: Mapping[str, str]) -> Iterator[Finding]:
    path = root / "host.json"
    content = path.read_bytes() if path.is_file() else None
    try:
        host_json.parse(content, settings, 1)
    except AppError as error:
        yield Finding("host.json", error.message, blocks=True)
        return
    document = json_text.loads(content) if content is not None else {}
    sections = {key.lower(): value for key, value in document.items()}
    if "extensionbundle" in sections:
        yield Finding("host.json", "extensionBundle is ignored: the bindings are part of the worker")
    if "customhandler" in sections:
        yield Finding("host.json", "custom handlers are not supported: functions are written in Python", blocks=True)
    extensions: Any = sections.get("extensions")
    for name in extensions if isinstance(extensions, dict) else ():
        if name.lower() not in ("http", "queues", "blobs"):
            yield Finding("host.json", f"extensions.{name} is ignored: {services.advice(name)}")


def _requirement(where: str, line: str, python: tuple[int, int]) -> Iterator[Finding]:
    if not line or line.startswith("#"):
        return
    try:
        requirement = Requirement(line.split(" --")[0])
    except InvalidRequirement:
        return  # An option of pip, or a path: pip tells.
    name = requirement.name.lower().replace("_", "-")
    if name in _PACKAGES:
        message, blocks = _PACKAGES[name]
        yield Finding(where, f"{name}: {message}", blocks)
    if name == "azure-functions" and (requirement.marker is None or requirement.marker.evaluate()):
        wanted, allowed = 1 if python < _SECOND_LINE_SINCE else 2, _lines(requirement.specifier)
        if allowed and wanted not in allowed:
            yield Finding(
                where,
                f"azure-functions {requirement.specifier} is not the line for Python {'.'.join(map(str, python))}:"
                f" allow version {wanted}, whose API is the same, or name no version",
            )


def _lines(specifier: SpecifierSet) -> set[int]:
    """The major versions of the SDK that a requirement allows."""
    pins = [part.version for part in specifier if part.operator == "==" and "*" not in part.version]
    if pins:
        return {Version(pins[0]).major}
    return {Version(last).major for last in _LAST_OF_EACH_LINE if specifier.contains(last)}
