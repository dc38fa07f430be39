"""The decorator model: one script makes a function app object that knows every function.

https://learn.microsoft.com/azure/azure-functions/functions-reference-python
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from funcapp.errors import AppError, FunctionError
from funcapp.model.function import FunctionSource, check_name
from funcapp.process.loader import explain


@dataclass(frozen=True)
class IndexedApp:
    """What a script declares. `functions` holds the SDK's own function objects."""

    found: Mapping[str, FunctionSource | FunctionError]
    functions: Mapping[str, Any]

    def entry(self, source: FunctionSource) -> Callable[..., Any]:
        """The user's function. Raises FunctionError where this process's script declares something else.

        The host process lives by what the first process declared, so all have to agree.
        """
        if self.found.get(source.name) != source:
            raise FunctionError(
                "ImportFailed",
                f"cannot load the {source.name} function: {source.script_file} declares it differently each time it is"
                " imported: let names and bindings depend on nothing but settings",
            )
        entry: Callable[..., Any] = self.functions[source.name].get_user_function()
        return entry


def index(root: Path, script: str) -> IndexedApp:
    """Imports the script and asks its function app for its functions, which can be done once in a process.

    Raises AppError: the script cannot be imported, or has not exactly one function app.
    """
    try:
        import azure.functions as func
    except ImportError as error:
        raise AppError("FunctionAppInvalid", f"{script}: the app's own azure.functions fails: {error}") from error
    if not hasattr(func, "FunctionRegister"):
        raise AppError(
            "FunctionAppInvalid",
            f"{script}: the app's own azure-functions library ({func.__path__[0]}) does not know decorators:"
            " require azure-functions>=1.13, or none",
        )
    with _several_triggers_kept():
        module = _import(root, script)
    app = _only_app(module, script, func.FunctionRegister)
    functions, errors = _functions(app, script)
    found: dict[str, FunctionSource | FunctionError] = {**errors}
    by_name: dict[str, Any] = {}
    for function in functions:
        name = _name(function)
        try:
            check_name(name)
            if name in by_name:
                raise FunctionError("FunctionNameInvalid", f"two functions are named {name!r}: rename one of them")
            found[name] = FunctionSource(name, script, _document(function, script))
        except FunctionError as error:
            found[name] = FunctionError(error.reason, f"{script}: {error.message}")
        by_name[name] = function
    return IndexedApp(found, by_name)


def _import(root: Path, script: str) -> ModuleType:
    """By its place, since a dependency of the same name comes before it on the path."""
    name = Path(script).stem
    spec = importlib.util.spec_from_file_location(name, root / script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise AppError("FunctionAppInvalid", explain(root, f"cannot import {script}", error)) from error
    return module


def _only_app(module: ModuleType, script: str, kind: type) -> Any:
    apps = {id(value): (name, value) for name, value in vars(module).items() if isinstance(value, kind)}
    if not apps:
        raise AppError(
            "FunctionAppInvalid",
            f"{script}: has no function app: make one at module level, as in app = func.FunctionApp()."
            " (A Blueprint is no app: register it in one.)",
        )
    if len(apps) > 1:
        names = ", ".join(name for name, _ in apps.values())
        raise AppError(
            "FunctionAppInvalid",
            f"{script}: has several function apps ({names}): keep one, and make the others Blueprints",
        )
    return next(iter(apps.values()))[1]


def _functions(app: Any, script: str) -> tuple[list[Any], dict[str, FunctionError]]:
    """The app's functions, and by name those that the SDK refuses."""
    try:
        return list(app.get_functions()), {}
    except Exception as error:
        # The SDK refuses all for the sake of one; each by itself shows which.
        functions, errors = _one_by_one(app)
        names = [_name(function) for function in functions]
        if not errors and len(set(names)) == len(names):
            raise AppError(
                "FunctionAppInvalid", f"{script}: its functions cannot be listed: {type(error).__name__}: {error}"
            ) from error
        return functions, errors


def _one_by_one(app: Any) -> tuple[list[Any], dict[str, FunctionError]]:
    functions, errors = [], {}
    for builder in getattr(app, "_function_builders", ()):
        function = builder._function
        try:
            functions.append(builder.build(app.auth_level))
        except Exception as error:
            name = _name(function)
            reason = FunctionError("BindingInvalid", f"{function.function_script_file}: function {name!r}: {error}")
            if function.get_trigger() is None:
                reason = FunctionError(
                    "NoTrigger",
                    f"{function.function_script_file}: function {name!r} has no trigger: decorate it with one",
                )
            errors[name] = reason
    return functions, errors


def _name(function: Any) -> str:
    """A text that can be written, whatever the app made of it."""
    return str(function.get_function_name()).encode(errors="replace").decode()


def _document(function: Any, script: str) -> dict[str, Any]:
    """The function.json that says the same. Raises FunctionError."""
    name = _name(function)
    try:
        document = {
            "scriptFile": script,
            "entryPoint": getattr(function.get_user_function(), "__name__", name),
            "bindings": [json.loads(binding) for binding in function.get_raw_bindings()],
        }
        retry = function.get_settings_dict("retry_policy")
        if retry:
            document["retry"] = {key: value for key, value in retry.items() if key != "setting_name"}
        json.dumps(document, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise FunctionError("BindingInvalid", f"function {name!r}: its decorators cannot be read: {error}") from error
    return document


@contextlib.contextmanager
def _several_triggers_kept() -> Iterator[None]:
    """A second trigger is kept as one more binding, to be refused for its function alone.

    The SDK raises in the decorator, which would end the import of every other function, too.
    """
    from azure.functions.decorators.function_app import Function

    add_trigger = Function.add_trigger

    def add(function: Any, trigger: Any) -> None:
        try:
            add_trigger(function, trigger)
        except ValueError:
            function.add_binding(trigger)

    Function.add_trigger = add
    try:
        yield
    finally:
        Function.add_trigger = add_trigger
