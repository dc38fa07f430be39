"""Tells for each function of an Azure Functions app whether it runs here, and what to do where it does not.

function.json apps are read, not run. A decorator app is loaded as a worker does where its packages are here; else its
decorators are read. Exit code 0: all runs; 1: something is not supported."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from funcapp.check import app, report, settings
from funcapp.cli import local
from funcapp.errors import AppError, ConfigurationError
from funcapp.model import discovery
from funcapp.model.local_settings import FILE_NAME

_LOAD_SECONDS = 60


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("root", nargs="?", help="the app's folder; without it, as `funcapp start` finds it")
    add(
        "--appsettings",
        metavar="FILE",
        help="what `az functionapp config appsettings list` printed, or a JSON object of names and values;"
        f" without it, the app's {FILE_NAME}",
    )
    add("--json", action="store_true", help="print JSON")
    add("--python", metavar="PATH", help="the interpreter of the app's virtual environment")


def run(options: argparse.Namespace) -> int:
    root = local.find_app(options.root, os.environ)
    given = _settings(root, options.appsettings)
    index = None
    if discovery.script(root, given.values) is not None:
        index = _load(root, given.values, options.python)
    found = app.check(root, given, sys.version_info[:2], index)
    print(json.dumps(report.to_json(found), indent=2, ensure_ascii=False) if options.json else report.to_text(found))
    return 0 if found.all_run else 1


def _settings(root: Path, named: str | None) -> settings.AppSettings:
    path = Path(named) if named else root / FILE_NAME
    if not named and not path.is_file():
        return settings.AppSettings({}, [])
    try:
        return settings.read(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None


def _load(root: Path, values: Mapping[str, str], python: str | None) -> Mapping[str, Any] | AppError:
    """The index of the app, made by another process: loading runs the app's code."""
    chosen = ["--python", os.path.abspath(python) if os.sep in python else python] if python else []
    command = [sys.executable, "-m", "funcapp.cli.main", "index", str(root), *chosen]
    environment = {**{name: value for name, value in values.items() if name and "\0" not in value}, **os.environ}
    try:
        # Not in the current folder: its modules would come before those of the same name.
        done = subprocess.run(command, env=environment, cwd="/", capture_output=True, timeout=_LOAD_SECONDS)  # noqa: S603
        index: Mapping[str, Any] = json.loads(done.stdout)
        return index
    except subprocess.TimeoutExpired:
        return AppError("FunctionAppInvalid", f"loading takes longer than {_LOAD_SECONDS} seconds")
    except ValueError:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        return AppError("FunctionAppInvalid", lines[-1].removeprefix("funcapp: ") if lines else "it ended silently")
