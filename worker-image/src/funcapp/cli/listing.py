"""What `funcapp start` shows once the app is ready: each function, and how to reach it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from funcapp.errors import FunctionError
from funcapp.model.app import App, route_of
from funcapp.model.bindings.http import HttpTrigger
from funcapp.model.function import Function


def render(app: App, load_errors: Mapping[str, FunctionError], port: int) -> str:
    """As Core Tools lists them: HTTP functions first, then the others, then what does not run and why."""
    errors = {**app.errors, **load_errors}
    running = [app.functions[name] for name in app.names if name in app.functions and name not in errors]
    http = [function for function in running if isinstance(function.trigger, HttpTrigger) and not function.disabled]
    others = [function for function in running if not isinstance(function.trigger, HttpTrigger) or function.disabled]
    entries = [_url(app, function, port) for function in http]
    for function in others:
        entries.append(f"{function.name}: {'disabled' if function.disabled else function.trigger.type}")
    entries += [f"{name}: not running: {errors[name].message}" for name in app.names if name in errors]
    if not entries:
        return (
            "\nNo functions found: a function is a folder with function.json, or a decorated one in function_app.py\n"
        )
    return "\nFunctions:\n\n" + "".join(f"\t{entry}\n\n" for entry in entries)


def show(app: App, load_errors: Mapping[str, FunctionError], port: int) -> None:
    sys.stdout.write(render(app, load_errors, port))
    sys.stdout.flush()


def _url(app: App, function: Function, port: int) -> str:
    trigger = function.trigger
    assert isinstance(trigger, HttpTrigger)
    methods = f" [{','.join(sorted(trigger.methods))}]" if trigger.methods else ""
    route = route_of(function.name, trigger).text.lstrip("/")
    prefix = f"{app.host.http.route_prefix}/" if app.host.http.route_prefix else ""
    return f"{function.name}:{methods} http://localhost:{port}/{prefix}{route}"
