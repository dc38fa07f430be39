"""Functions that take and give a web framework's own requests and responses, through a web extension of upstream's.

`azurefunctions-extensions-http-fastapi` is the one that there is.
https://learn.microsoft.com/azure/azure-functions/functions-reference-python#http-streams
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable
from typing import Any

from funcapp.process.http.asgi import AsgiApp, http_scope, run
from funcapp.process.http.exchange import Exchange


def takes(annotation: object) -> bool:
    """Whether a trigger's annotation is the request of an extension that the app has imported."""
    return _checks("RequestTrackerMeta", annotation)


def gives(annotation: object) -> bool:
    """Whether a return annotation is something that such an extension can send."""
    return _checks("ResponseTrackerMeta", annotation)


class WebExtensionEntry:
    """Takes the place of such a function. Called with the `Exchange`."""

    def __init__(self, entry: Callable[..., Any], trigger: str, request_type: Callable[..., Any]) -> None:
        self._entry = entry
        self._trigger = trigger
        self._request_type = request_type

    async def __call__(self, **arguments: Any) -> None:
        exchange: Exchange = arguments[self._trigger]
        scope = http_scope(exchange, arguments.get("context"))
        scope["path_params"] = exchange.route

        async def app(scope: Any, receive: Any, send: Any) -> None:
            arguments[self._trigger] = self._request_type(scope, receive, send)
            await _response(await self._call(arguments))(scope, receive, send)

        await run(app, scope, exchange)

    async def _call(self, arguments: dict[str, Any]) -> object:
        if inspect.iscoroutinefunction(self._entry):
            return await self._entry(**arguments)
        result = await asyncio.to_thread(self._entry, **arguments)
        return await result if inspect.isawaitable(result) else result


def _checks(tracker: str, annotation: object) -> bool:
    extension = sys.modules.get("azurefunctions.extensions.base")
    check = getattr(getattr(extension, tracker, None), "check_type", None)
    return check is not None and isinstance(annotation, type) and bool(check(annotation))


def _response(result: object) -> AsgiApp:
    """What is no response becomes one as in FastAPI: JSON, also of a text."""
    from fastapi.encoders import jsonable_encoder  # type: ignore[import-not-found]
    from fastapi.responses import JSONResponse  # type: ignore[import-not-found]
    from starlette.responses import Response  # type: ignore[import-not-found]

    response: AsgiApp = result if isinstance(result, Response) else JSONResponse(jsonable_encoder(result))
    return response
