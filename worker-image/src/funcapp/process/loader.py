"""Imports a function's module and finds its entry point."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from funcapp.errors import FunctionError
from funcapp.model.function import Function

APP_PACKAGE = "__app__"


def prepare_package(root: Path) -> None:
    """Makes `__app__` the app's root folder, as the imports of function.json apps expect."""
    package = ModuleType(APP_PACKAGE)
    package.__path__ = [str(root)]
    sys.modules[APP_PACKAGE] = package


def load(root: Path, function: Function) -> Callable[..., Any]:
    """The entry point. Raises FunctionError (ImportFailed, EntryPointNotFound)."""
    try:
        module = importlib.import_module(module_name(function.script_file))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        what = f"cannot load the {function.name} function"
        raise FunctionError("ImportFailed", explain(root, what, error)) from error
    entry = getattr(module, function.entry_point, None)
    if not callable(entry):
        raise FunctionError(
            "EntryPointNotFound",
            f"cannot load the {function.name} function: {function.entry_point}() is not present in"
            f" {function.script_file}: define it, or name another one in entryPoint",
        )
    found: Callable[..., Any] = entry
    return found


def module_name(script_file: str) -> str:
    path = PurePosixPath(script_file).with_suffix("")
    parts = path.parts[:-1] if path.name == "__init__" else path.parts
    return ".".join((APP_PACKAGE, *parts))


def explain(root: Path, what: str, error: BaseException) -> str:
    """One line for people: what, where in the app, and the hint that the commonest cause deserves."""
    message = f"{what}: {type(error).__name__}: {error}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_in_app(root, frame.filename)]
    if frames and not isinstance(error, SyntaxError):
        path = Path(frames[-1].filename).relative_to(root).as_posix()
        message += f" ({path}, line {frames[-1].lineno})"
    if isinstance(error, ModuleNotFoundError):
        message += ": is the package in requirements.txt? sys.path: " + ", ".join(sys.path)
    return message


def _is_in_app(root: Path, filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(root) and ".python_packages" not in path.relative_to(root).parts
