"""Functions that are web apps: found among the loaded ones, started with the process and stopped with it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from funcapp.errors import FunctionError
from funcapp.model.bindings.http import HttpTrigger
from funcapp.process.http import web_extension
from funcapp.process.http.asgi import AsgiEntry, StartFailed
from funcapp.process.http.web_extension import WebExtensionEntry
from funcapp.process.http.wsgi import WsgiEntry
from funcapp.process.loaded_function import LoadedFunction

_log = logging.getLogger("funcapp.http")


def is_web_app(loaded: LoadedFunction) -> bool:
    """Whether the function is called with an `Exchange` instead of a `func.HttpRequest`."""
    return isinstance(loaded.entry, (AsgiEntry, WsgiEntry, WebExtensionEntry))


async def start(loaded: Mapping[str, LoadedFunction | FunctionError]) -> dict[str, LoadedFunction | FunctionError]:
    """The same functions, with web apps called directly, and an error for each that did not start."""
    return {name: await _start(found) if isinstance(found, LoadedFunction) else found for name, found in loaded.items()}


async def stop(loaded: Mapping[str, LoadedFunction | FunctionError]) -> None:
    for found in loaded.values():
        if isinstance(found, LoadedFunction) and isinstance(found.entry, AsgiEntry):
            await found.entry.stop()


async def _start(found: LoadedFunction) -> LoadedFunction | FunctionError:
    function = found.function
    if function.disabled or not isinstance(function.trigger, HttpTrigger):
        return found
    request_type = found.signature.annotations.get(function.trigger.name)
    if web_extension.takes(request_type):
        assert isinstance(request_type, type)
        return replace(found, entry=WebExtensionEntry(found.entry, function.trigger.name, request_type))
    entry = _web_app(found.entry, function.trigger.name)
    if entry is None:
        return found
    if isinstance(entry, AsgiEntry):
        try:
            await entry.start()
        except StartFailed as error:
            message = f"cannot load the {function.name} function: the ASGI app does not start: {error}"
            _log.error("%s", message)
            return FunctionError("ImportFailed", message)
    return replace(found, entry=entry)


def _web_app(entry: Any, trigger: str) -> AsgiEntry | WsgiEntry | None:
    """What AsgiFunctionApp and WsgiFunctionApp make, or the `main` of the SDK's middleware.

    The SDK's own bridge collects the whole response, and gives each call of `main` an event loop of its own.
    """
    import azure.functions as func

    if getattr(entry, "__module__", "") == "azure.functions.decorators.function_app":
        candidates = [cell.cell_contents for cell in getattr(entry, "__closure__", None) or ()]
    elif getattr(entry, "__name__", "") == "_handle":
        candidates = [getattr(entry, "__self__", None)]
    else:
        return None
    for candidate in candidates:
        # An own kind of middleware may do more than to call the app.
        if type(candidate) is getattr(func, "AsgiMiddleware", None):
            return AsgiEntry(candidate._app, trigger)
        if type(candidate) is getattr(func, "WsgiMiddleware", None):
            return WsgiEntry(candidate._app, trigger)
    return None
