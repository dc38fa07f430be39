"""Finds the functions of an app folder: each first-level folder with a function.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from funcapp.errors import FunctionError
from funcapp.model import json_text
from funcapp.model.function import FunctionSource, check_name


def discover(root: Path) -> dict[str, FunctionSource | FunctionError]:
    """By function name, in order of name without regard to case. Raises OSError when the folder cannot be read."""
    found: dict[str, FunctionSource | FunctionError] = {}
    for folder in sorted(root.iterdir(), key=lambda entry: (entry.name.lower(), entry.name)):
        if folder.is_dir() and (folder / "function.json").is_file():
            try:
                found[folder.name] = _read(root, folder)
            except FunctionError as error:
                found[folder.name] = error
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
