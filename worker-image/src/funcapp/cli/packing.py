"""Makes the package of an app on this machine: what `funcapp pack` and `funcapp publish` share."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

from funcapp import archive, digest
from funcapp.errors import AppError, CommandFailed, ConfigurationError
from funcapp.prepare import ignore, pip, wheels
from funcapp.process.paths import PYTHON_PACKAGES, SITE_PACKAGES

Build = Literal["remote", "local", "none"]


class Package(NamedTuple):
    """`sha256` and `size` are the zip's. `has_packages`: the zip brings .python_packages along."""

    path: Path
    sha256: str
    size: int
    build: Build
    has_requirements: bool
    has_packages: bool


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--build", choices=("remote", "local"), default=None, help="who installs requirements.txt")
    add("--no-build", action="store_true", help="nobody does: ship .python_packages as it is")
    add(
        "--python-version",
        metavar="VERSION",
        help="the worker's Python, such as 3.13; without it, the app's or this one",
    )
    add("--platform", metavar="TAG", help="the worker's platform, such as manylinux2014_x86_64; without it, this one")
    add("--additional-packages", metavar="NAMES", help="system packages that building wheels here needs: a reminder")
    add("--list-ignored-files", action="store_true", help="print what stays out, and make nothing")
    add("--list-included-files", action="store_true", help="print what goes in, and make nothing")


def check(options: argparse.Namespace) -> None:
    """Raises ConfigurationError for options that contradict each other, or that no worker has."""
    if options.build and options.no_build:
        raise ConfigurationError("--build and --no-build contradict each other: leave one out")
    wheels.target(options.python_version, options.platform)


def files(root: Path, output: Path, options: argparse.Namespace) -> ignore.Files:
    """What goes in and what stays out. Raises AppError."""
    found = ignore.split(root)
    included = [name for name in found.included if root / name != output]
    if not options.no_build:
        included = [name for name in included if not name.startswith(f"{PYTHON_PACKAGES}/")]
    return ignore.Files(included, found.ignored)


def listed(root: Path, output: Path, options: argparse.Namespace) -> list[str] | None:
    """What --list-ignored-files or --list-included-files asks for; None where neither does."""
    if not options.list_ignored_files and not options.list_included_files:
        return None
    found = files(root, output, options)
    return found.ignored if options.list_ignored_files else found.included


def make(root: Path, output: Path, options: argparse.Namespace, version: str | None = None) -> Package:
    """Writes the zip. `version` is the worker's Python where no option says it.

    Raises AppError, CommandFailed, ConfigurationError.
    """
    check(options)
    included = files(root, output, options).included
    target = wheels.target(options.python_version or version, options.platform)
    build: Build = "none" if options.no_build else options.build or "remote"
    if build == "local":
        included = _pack_with_requirements(root, included, output, target, options.additional_packages)
    else:
        if build == "none":
            _refuse_misfits(root / SITE_PACKAGES, target)
        _pack(root, output, included)
    return Package(
        path=output,
        sha256=digest.of_file(output),
        size=output.stat().st_size,
        build=build,
        has_requirements=pip.asks_for_something(root / "requirements.txt"),
        has_packages=any(name.startswith(f"{PYTHON_PACKAGES}/") for name in included),
    )


def _pack_with_requirements(
    root: Path, included: list[str], output: Path, target: wheels.Target, system_packages: str | None
) -> list[str]:
    if system_packages:
        wanted = " ".join(system_packages.replace(",", " ").split())
        print(f"wheels are built on this machine: {wanted} must be installed here", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="funcapp-pack-") as folder:
        stage = Path(folder)
        for name in included:
            copy = stage / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, copy)
        names = list(included)
        if pip.asks_for_something(root / "requirements.txt"):
            logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
            try:
                asyncio.run(pip.install(root, os.environ, stage / SITE_PACKAGES, target.pip_arguments()))
            except pip.Interrupted as error:
                raise CommandFailed(f"{error}") from None
            _refuse_misfits(stage / SITE_PACKAGES, target)
            names += [
                path.relative_to(stage).as_posix() for path in (stage / PYTHON_PACKAGES).rglob("*") if path.is_file()
            ]
        _pack(stage, output, names)
    return names


def _refuse_misfits(site_packages: Path, target: wheels.Target) -> None:
    found = wheels.misfits(site_packages, target)
    if found:
        raise AppError(
            "SourceInvalid",
            "these packages do not run on the worker:\n  "
            + "\n  ".join(found)
            + "\ninstall them for it with `funcapp pack --build local`"
            f" --python-version {'.'.join(map(str, target.version))}, or leave them to the cluster with --build remote",
        )


def _pack(folder: Path, output: Path, names: list[str]) -> None:
    """Written beside its place first, so that a package is whole or not there."""
    if not output.parent.is_dir():
        raise ConfigurationError(f"{output.parent} is not a folder: make it, or choose another --output")
    partial = output.with_name(f".{output.name}.partial")
    try:
        archive.pack(folder, partial, names)
        partial.replace(output)
    except archive.ArchiveError as error:
        raise AppError("SourceInvalid", str(error)) from None
    finally:
        partial.unlink(missing_ok=True)
