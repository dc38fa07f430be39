"""The functions of a decorator app, read from its source: the app's packages need not be there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from funcapp.model.function import FunctionSource

_TYPES = {
    "route": "httpTrigger",
    "schedule": "timerTrigger",
    "timer_trigger": "timerTrigger",
    "warm_up_trigger": "warmupTrigger",
    "event_hub_message_trigger": "eventHubTrigger",
    "service_bus_queue_trigger": "serviceBusTrigger",
    "service_bus_topic_trigger": "serviceBusTrigger",
    "service_bus_queue_output": "serviceBus",
    "service_bus_topic_output": "serviceBus",
    "cosmos_db_trigger_v3": "cosmosDBTrigger",
    "cosmos_db_trigger": "cosmosDBTrigger",
    "mcp_tool": "mcpToolTrigger",
}
_GENERIC = ("generic_trigger", "generic_input_binding", "generic_output_binding")
_SUFFIXES = {"_trigger": "Trigger", "_input": "", "_output": ""}

# https://learn.microsoft.com/azure/azure-functions/functions-reference-python
_PROPERTIES = {
    "arg_name": "name",
    "queue_name": "queueName",
    "auth_level": "authLevel",
    "data_type": "dataType",
    "run_on_startup": "runOnStartup",
    "use_monitor": "useMonitor",
}
_WHOLE_APPS = {"AsgiFunctionApp": "http_app_func", "WsgiFunctionApp": "http_app_func"}


def scan(root: Path, files: Iterable[str]) -> Iterator[FunctionSource]:
    """Every decorated function of these Python files, with what its decorators say in constants."""
    for file in files:
        try:
            tree = ast.parse((root / file).read_bytes())
        except (SyntaxError, ValueError, OSError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                source = _function(node, file)
                if source is not None:
                    yield source
            elif isinstance(node, ast.Call) and _called(node) in _WHOLE_APPS:
                binding = {"type": "httpTrigger", "direction": "in", "name": "req", "route": "{*route}"}
                yield FunctionSource(_WHOLE_APPS[_called(node)], file, {"bindings": [binding]})


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, file: str) -> FunctionSource | None:
    name, bindings = node.name, []
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            continue
        arguments = _arguments(decorator)
        if decorator.func.attr == "function_name":
            name = arguments.get("name") or _first(decorator) or name
        elif (binding := _binding(decorator.func.attr, arguments)) is not None:
            bindings.append(binding)
    return FunctionSource(name, file, {"bindings": bindings}) if bindings else None


def _binding(decorator: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    if decorator in _GENERIC:
        kind = str(arguments.pop("type", "") or "")
    else:
        kind = _TYPES.get(decorator) or _type_of(decorator)
    if not kind:
        return None
    direction = "out" if decorator.endswith(("_output", "_output_binding")) else "in"
    return {
        **{_PROPERTIES.get(key, key): value for key, value in arguments.items()},
        "type": kind,
        "direction": direction,
    }


def _type_of(decorator: str) -> str:
    """`event_grid_trigger` → `eventGridTrigger`, `table_input` → `table`."""
    for suffix, ending in _SUFFIXES.items():
        if decorator.endswith(suffix):
            first, *others = decorator.removesuffix(suffix).split("_")
            return first + "".join(word.capitalize() for word in others) + ending
    return ""


def _arguments(call: ast.Call) -> dict[str, Any]:
    """Those that are constants, or members of an enumeration, by name."""
    found: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg and isinstance(keyword.value, ast.Constant):
            found[keyword.arg] = keyword.value.value
        elif keyword.arg and isinstance(keyword.value, ast.Attribute):
            found[keyword.arg] = keyword.value.attr
    return found


def _first(call: ast.Call) -> str | None:
    argument = call.args[0] if call.args else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
