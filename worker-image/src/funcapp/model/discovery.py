"""Finds how an app declares its functions: in one script with decorators, or in folders with a function.json."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from funcapp.errors import AppError, FunctionError
from funcapp.model import json_text
from funcapp.model.function import FunctionSource, check_name

SCRIPT_SETTING = "PYTHON_SCRIPT_FILE_NAME"
DEFAULT_SCRIPT = "function_app.py"

_SCRIPT_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*\.py")


def script(root: Path, environment: Mapping[str, str]) -> str | None:
    """The script of the decorator model, relative to `root`; None: function.json folders count.

    Where there is such a script, folders do not count. Raises AppError for a setting that names no Python file.
    https://learn.microsoft.com/azure/azure-functions/functions-reference-python#programming-model
    """
    name = script_name(environment)
    return name if (root / name).is_file() else None


def script_name(environment: Mapping[str, str]) -> str:
    """What the script of the decorator model is called where there is one. Raises AppError."""
    name = environment.get(SCRIPT_SETTING) or DEFAULT_SCRIPT
    if not _SCRIPT_NAME.fullmatch(name):
        raise AppError(
            "FunctionAppInvalid",
            f"the setting {SCRIPT_SETTING} is {name!r}: it must be the name of a Python file in the app folder, such as"
            f" {DEFAULT_SCRIPT}",
        )
    return name


def discover(root: Path) -> dict[str, FunctionSource | FunctionError]:
    """By function name, in order of name without regard to case. Raises OSError when the folder cannot be read."""
    found: dict[str, FunctionSource | FunctionError] = {}
    for folder in sorted(root.iterdir(), key=lambda entry: (entry.name.lower(), entry.name)):
        if folder.is_dir() and (folder / "function.json").is_file():
            # A name that is not UTF-8 can be told, if not be used.
            name = os.fsencode(folder.name).decode(errors="replace")
            try:
                found[name] = _read(root, folder)
            except FunctionError as error:
                found[name] = error
    return found


def _read(root: Path, folder: Path) -> FunctionSource:
    check_name(folder.name)
    path = f"{folder.name}/function.json"
    try:
        document = json_text.loads((folder / "function.json").read_bytes())
    except json_text.JsonTextError as error:
        raise FunctionError("FunctionJsonInvalid", f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise FunctionError("FunctionJsonInvalid", f"{path}: must hold a JSON object with bindings")
    return FunctionSource(folder.name, _script_file(root, folder, document), document)


def _script_file(root: Path, folder: Path, document: dict[str, Any]) -> str:
    """The script, relative to the app's root."""
    declared = next((value for key, value in document.items() if key.lower() == "scriptfile"), None)
    if declared is None or declared == "":
        script = _only_script(folder)
    elif isinstance(declared, str) and "\0" not in declared:
        script = folder / declared
    else:
        raise FunctionError("FunctionJsonInvalid", f"{folder.name}/function.json: scriptFile must be a file's name")
    resolved, real_root = script.resolve(), root.resolve()
    if not resolved.is_relative_to(real_root):
        raise FunctionError(
            "ScriptFileOutsideApp",
            f"{folder.name}/function.json: scriptFile {declared!r} leads out of the app: keep the script in the app",
        )
    if not resolved.is_file():
        raise FunctionError(
            "ScriptFileNotFound", f"{folder.name}/function.json: scriptFile {declared!r} is not a file of the app"
        )
    return resolved.relative_to(real_root).as_posix()


def _only_script(folder: Path) -> Path:
    files = [entry for entry in folder.iterdir() if entry.is_file() and entry.name != "function.json"]
    for name in ("run.py", "__init__.py"):
        if folder / name in files:
            return folder / name
    scripts = [entry for entry in files if entry.suffix == ".py"]
    if len(scripts) == 1:
        return scripts[0]
    raise FunctionError(
        "ScriptFileNotFound",
        f"{folder.name}/: which file has the function is not clear: add __init__.py, or name the file in scriptFile",
    )
