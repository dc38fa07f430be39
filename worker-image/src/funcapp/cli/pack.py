"""Makes the package of an app: a zip whose bytes depend on nothing but its files.

.funcignore (in the syntax of .gitignore) says what stays out; local.settings.json, .git and virtual environments always
do.
With --build remote, the default, the cluster installs requirements.txt. With --build local this machine does, for the
worker's platform. With --no-build, the app's .python_packages folder is taken as it is."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from funcapp import archive
from funcapp.cli import local
from funcapp.errors import AppError, CommandFailed, ConfigurationError
from funcapp.prepare import ignore, pip, wheels
from funcapp.process.paths import PYTHON_PACKAGES, SITE_PACKAGES


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("root", nargs="?", help="the app's folder; without it, as `funcapp start` finds it")
    add("-o", "--output", metavar="FILE", help="the zip; without it, the folder's name and .zip")
    add("--build", choices=("remote", "local"), default=None, help="who installs requirements.txt")
    add("--no-build", action="store_true", help="nobody does: ship .python_packages as it is")
    add("--python-version", metavar="VERSION", help="the worker's Python, such as 3.13; without it, this one")
    add("--platform", metavar="TAG", help="the worker's platform, such as manylinux2014_x86_64; without it, this one")
    add("--additional-packages", metavar="NAMES", help="system packages that building wheels here needs: a reminder")
    add("--list-ignored-files", action="store_true", help="print what stays out, and make nothing")
    add("--list-included-files", action="store_true", help="print what goes in, and make nothing")


def run(options: argparse.Namespace) -> int:
    root = local.find_app(options.root, os.environ)
    output = Path(options.output or f"{root.name}.zip").absolute()
    files = ignore.split(root)
    included = [name for name in files.included if root / name != output]
    if not options.no_build:
        included = [name for name in included if not name.startswith(f"{PYTHON_PACKAGES}/")]
    if options.list_ignored_files or options.list_included_files:
        print(*(files.ignored if options.list_ignored_files else included), sep="\n")
        return 0
    if options.build and options.no_build:
        raise ConfigurationError("--build and --no-build contradict each other: leave one out")
    target = wheels.target(options.python_version, options.platform)
    build = "none" if options.no_build else options.build or "remote"
    if build == "local":
        _pack_with_requirements(root, included, output, target, options.additional_packages)
    else:
        if build == "none":
            _refuse_misfits(root / SITE_PACKAGES, target)
        _pack(root, output, included)
    _report(root, output, build)
    return 0


def _pack_with_requirements(
    root: Path, included: list[str], output: Path, target: wheels.Target, system_packages: str | None
) -> None:
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
            except pip.IndexUnreachable as error:
                raise CommandFailed(f"{error}") from None
            _refuse_misfits(stage / SITE_PACKAGES, target)
            names += [
                path.relative_to(stage).as_posix() for path in (stage / PYTHON_PACKAGES).rglob("*") if path.is_file()
            ]
        _pack(stage, output, names)


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


def _report(root: Path, output: Path, build: str) -> None:
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    requirements = pip.asks_for_something(root / "requirements.txt")
    told = {
        "remote": "the cluster installs requirements.txt" if requirements else "there are no requirements",
        "local": "requirements.txt is installed in it" if requirements else "there are no requirements",
        "none": "nothing is installed",
    }[build]
    print(f"{output}\n{output.stat().st_size} bytes, sha256 {digest}; {told}")
    if build == "remote" and (root / PYTHON_PACKAGES).is_dir():
        print(f"{PYTHON_PACKAGES} is left out: ship it with `funcapp pack --no-build {shlex.quote(str(root))}`")
