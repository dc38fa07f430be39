"""Which platform a package is for, and which of the wheels installed in it do not fit."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging import tags
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from funcapp.errors import ConfigurationError

# Of the worker's image: https://packages.debian.org/bookworm/libc6
_IMAGE_GLIBC = 36

_VERSION = re.compile(r"3\.\d{1,2}")
_PLATFORM = re.compile(r"manylinux(?P<named>1|2010|2014)?(?:_2_(?P<minor>\d+))?_(?P<machine>x86_64|aarch64)")
_NAMED = {"1": 5, "2010": 12, "2014": 17}


@dataclass(frozen=True)
class Target:
    """`version` is (3, minor); `platforms` are the platform tags that fit, the newest first."""

    version: tuple[int, int]
    platforms: tuple[str, ...]
    is_this_machine: bool

    def pip_arguments(self) -> list[str]:
        """For another machine pip takes ready-made wheels only, since nothing can be built here for it."""
        if self.is_this_machine:
            return []
        version = ".".join(map(str, self.version))
        chosen = [argument for name in self.platforms for argument in ("--platform", name)]
        return ["--only-binary", ":all:", "--implementation", "cp", "--python-version", version, *chosen]

    def __str__(self) -> str:
        return f"Python {'.'.join(map(str, self.version))} on {self.platforms[0]}"


def target(version: str | None, wanted: str | None) -> Target:
    """`version` None: this Python. `wanted` is a platform tag, None for this machine's. Raises ConfigurationError."""
    if version is not None and not _VERSION.fullmatch(version):
        raise ConfigurationError(f"--python-version {version}: it must look like 3.13")
    wanted_version = (3, int(version[2:])) if version else sys.version_info[:2]
    machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine().lower(), platform.machine())
    glibc = _IMAGE_GLIBC
    if wanted is not None:
        match = _PLATFORM.fullmatch(wanted)
        if match is None or not (match["named"] or match["minor"]):
            raise ConfigurationError(
                f"--platform {wanted}: it must be a platform tag of the worker's image, such as manylinux2014_x86_64 or"
                " manylinux_2_28_aarch64"
            )
        glibc, machine = _NAMED.get(match["named"] or "") or int(match["minor"]), match["machine"]
    here = wanted is None and wanted_version == sys.version_info[:2] and sys.platform == "linux"
    return Target((wanted_version[0], wanted_version[1]), tuple(_platforms(glibc, machine)), here)


def this_worker() -> Target:
    """What this process runs on, which in a prepare Job is the worker's image."""
    # The names that wheels of package indexes have come first: the others say nothing of the C library.
    platforms = sorted(tags.platform_tags(), key=lambda name: not name.startswith("manylinux"))
    return Target(sys.version_info[:2], tuple(platforms), is_this_machine=True)


def misfits(site_packages: Path, wanted: Target) -> list[str]:
    """What is wrong, for each installed package that does not run there."""
    supported = {
        *tags.cpython_tags(wanted.version, platforms=wanted.platforms),
        *tags.compatible_tags(wanted.version, f"cp{wanted.version[0]}{wanted.version[1]}", wanted.platforms),
    }
    return [
        f"{folder.name.removesuffix('.dist-info').replace('-', ' ', 1)}: {reason}"
        for folder in sorted(site_packages.glob("*.dist-info"))
        if (reason := _reason(folder, wanted, supported))
    ]


def _reason(folder: Path, wanted: Target, supported: set[tags.Tag]) -> str | None:
    requires = (_headers(folder / "METADATA").get("Requires-Python") or [""])[0]
    version = ".".join(map(str, wanted.version))
    try:
        if requires and not SpecifierSet(requires).contains(f"{version}.99"):
            return f"it needs Python {requires}, and the package is for {version}"
    except InvalidSpecifier:
        pass
    built_for = _headers(folder / "WHEEL").get("Tag") or []
    if built_for and not any(tag in supported for text in built_for for tag in tags.parse_tag(text)):
        return f"its wheel is for {', '.join(built_for)}, and the package is for {wanted}"
    return None


def _headers(path: Path) -> dict[str, list[str]]:
    try:
        message = HeaderParser().parsestr(path.read_text("utf-8", "replace"))
    except OSError:
        return {}
    return {name: [str(value) for value in message.get_all(name) or []] for name in message}


def _platforms(glibc: int, machine: str) -> Iterator[str]:
    aliases = {minor: f"manylinux{name}_{machine}" for name, minor in _NAMED.items()}
    for minor in range(glibc, 4, -1):
        yield f"manylinux_2_{minor}_{machine}"
        if minor in aliases:
            yield aliases[minor]
    yield f"linux_{machine}"
