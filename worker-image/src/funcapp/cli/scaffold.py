"""New apps and new functions, from the templates that come with this package. Nothing that exists is overwritten."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Literal

from funcapp.cli import local
from funcapp.errors import ConfigurationError, FunctionError
from funcapp.model import discovery
from funcapp.model.function import check_name

Model = Literal["v1", "v2"]

TEMPLATES = ("http", "queue", "blob", "timer")

_APP_FILES = {
    "host.json": "host.json",
    "local.settings.json": "local.settings.json",
    "funcignore": ".funcignore",
    "gitignore": ".gitignore",
    "requirements.txt": "requirements.txt",
    "pytest.ini": "pytest.ini",
}


def script_of(root: Path, environment: Mapping[str, str]) -> str:
    """The script of an app of model v2, there or to be made. Raises AppError, ConfigurationError."""
    name = discovery.script_name(local.variables(root, environment))
    if not name.removesuffix(".py").isidentifier():
        raise ConfigurationError(
            f"{discovery.SCRIPT_SETTING} is {name!r}: tests could not import it: choose letters, digits and '_'"
        )
    return name


def model_of(root: Path, script: str) -> Model | None:
    """The programming model of the app in a folder, None where it has no function yet."""
    if (root / script).is_file():
        return "v2"
    return "v1" if any(root.glob("*/function.json")) else None


def make_app(root: Path, model: Model, script: str) -> list[str]:
    """Writes what an app consists of and is not there yet; the names of those files. Raises ConfigurationError."""
    other = model_of(root, script)
    if other not in (None, model):
        raise ConfigurationError(f"{root} has functions of model {other}, and an app has one model: leave out --model")
    written = []
    for source, name in _APP_FILES.items():
        if not (root / name).exists():
            _write(root / name, _read(f"app/{source}"))
            written.append(name)
    if model == "v2" and not (root / script).exists():
        _write(root / script, _read("app/function_app.py.txt"))
        written.append(script)
    return written


def make_function(root: Path, name: str, template: str, auth_level: str, script: str) -> list[str]:
    """Adds a function and its unit test to an app; the names of the files written. Raises ConfigurationError."""
    values = {
        "name": name,
        "slug": re.sub("_+", "-", name.lower()).strip("-"),
        "authlevel": auth_level,
        "AUTHLEVEL": auth_level.upper(),
    }
    test = f"tests/test_{name}.py"
    if (root / test).exists():
        raise ConfigurationError(f"{test} exists: choose another name for the function")
    if model_of(root, script) == "v2":
        values |= {"module": script.removesuffix(".py"), "entry": name}
        _append(root / script, template, values)
        written = [script]
    else:
        values |= {"module": name, "entry": "main"}
        if (root / name).exists():
            raise ConfigurationError(f"{root / name} exists: choose another name for the function")
        _write(root / name / "function.json", _fill(template, "function.json", values))
        imports = "import logging\n\nimport azure.functions as func\n\n\n"
        _write(root / name / "__init__.py", imports + _fill(template, "code.py.txt", values))
        written = [f"{name}/function.json", f"{name}/__init__.py"]
    _write(root / test, _fill(template, "test.py.txt", values))
    return [*written, test]


def check_function_name(name: str) -> None:
    """Raises ConfigurationError."""
    try:
        check_name(name)
    except FunctionError as error:
        raise ConfigurationError(error.message) from None
    if not name.isidentifier() or name in sys.stdlib_module_names or name in ("tests", "app", "func", "logging"):
        raise ConfigurationError(
            f"{name!r} cannot be imported by tests: choose letters, digits and '_', and no name of Python's own library"
        )


def _append(script: Path, template: str, values: dict[str, str]) -> None:
    """Adds a decorated function at the end of the script. Raises ConfigurationError where it has no place for one."""
    text = script.read_text("utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ConfigurationError(f"{script}: line {error.lineno}: {error.msg}: mend it first") from None
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    if values["name"] in defined:
        raise ConfigurationError(f"{script} has a function {values['name']!r}: choose another name")
    app = _app_variable(tree)
    if app is None:
        raise ConfigurationError(f"{script} has no function app: add app = func.FunctionApp() at its top level")
    imported = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names
    }
    missing = [
        line
        for name, line in (("logging", "import logging\n"), ("func", "import azure.functions as func\n"))
        if name not in imported
    ]
    values = {**values, "app": app}
    function = [_fill(template, file, values) for file in ("decorator.py.txt", "code.py.txt")]
    added = "".join([*missing, "\n\n", *function])
    script.write_text(text.rstrip("\n") + "\n" + added, "utf-8")


def _app_variable(tree: ast.Module) -> str | None:
    """What a `…FunctionApp(…)` is assigned to."""
    for node in tree.body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Call):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        called = node.value.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name == "FunctionApp" and isinstance(target, ast.Name):
            return target.id
    return None


def _fill(template: str, file: str, values: dict[str, str]) -> str:
    return Template(_read(f"functions/{template}/{file}")).substitute(values)


def _read(path: str) -> str:
    return files("funcapp").joinpath("templates", *path.split("/")).read_text("utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
