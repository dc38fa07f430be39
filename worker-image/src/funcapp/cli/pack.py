"""Makes the package of an app: a zip whose bytes depend on nothing but its files.

.funcignore (in the syntax of .gitignore) says what stays out; local.settings.json, .git and virtual environments always
do.
With --build remote, the default, the cluster installs requirements.txt. With --build local this machine does, for the
worker's platform. With --no-build, the app's .python_packages folder is taken as it is.

With --push, the package goes into a registry or a blob container as well, and what to write into spec.source is
printed: the same bits for every stage that names them."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path

from funcapp.cli import local, manifest, packing, targets
from funcapp.cli.packing import Package
from funcapp.process.paths import PYTHON_PACKAGES


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("root", nargs="?", help="the app's folder; without it, as `funcapp start` finds it")
    add("-o", "--output", metavar="FILE", help="the zip; without it, the folder's name and .zip")
    packing.configure(parser)
    add("--push", metavar="URL", help=f"send it there, too: {targets.FORMS}")
    targets.configure(parser)


def run(options: argparse.Namespace) -> int:
    root = local.find_app(options.root, os.environ)
    output = Path(options.output or f"{root.name}.zip").absolute()
    listed = packing.listed(root, output, options)
    if listed is not None:
        print(*listed, sep="\n")
        return 0
    target = targets.parse(options.push, options, root) if options.push else None
    package = packing.make(root, output, options)
    _report(root, package)
    if target is not None:
        source = target.source(package, root.name)
        target.push(package, root.name)
        print(f"pushed {source.label}")
        print(manifest.to_yaml({"spec": {"source": source.as_spec()}}), end="")
    return 0


def _report(root: Path, package: Package) -> None:
    told = {
        "remote": "the cluster installs requirements.txt" if package.has_requirements else "there are no requirements",
        "local": "requirements.txt is installed in it" if package.has_requirements else "there are no requirements",
        "none": "nothing is installed",
    }[package.build]
    print(f"{package.path}\n{package.size} bytes, sha256 {package.sha256}; {told}")
    if package.build == "remote" and (root / PYTHON_PACKAGES).is_dir():
        print(f"{PYTHON_PACKAGES} is left out: ship it with `funcapp pack --no-build {shlex.quote(str(root))}`")
