"""HTTP in a function process, put together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from types import ModuleType

from funcapp.errors import FunctionError
from funcapp.model import cors
from funcapp.model.function import Function
from funcapp.process.http.admin import Admin, HostCalls
from funcapp.process.http.application import HttpApplication
from funcapp.process.http.connections import Connections
from funcapp.process.http.keys import KeyFiles
from funcapp.process.http.options import HttpOptions
from funcapp.process.http.routing import HttpFunction, http_functions
from funcapp.process.http.shared_headers import SharedHeaders
from funcapp.process.invocation import Invoker
from funcapp.process.loaded_function import LoadedFunction

_log = logging.getLogger("funcapp.http")

_KEYS_SECONDS = 1.0


class HttpServer:
    """`connections` take clients once the app is loaded."""

    def __init__(
        self,
        parsers: ModuleType,
        options: HttpOptions,
        environment: Mapping[str, str],
        functions: Mapping[str, Function],
        loaded: Mapping[str, LoadedFunction | FunctionError],
        host: HostCalls,
        invoker: Invoker,
    ) -> None:
        """Raises ConfigurationError."""
        found = http_functions(functions, loaded)
        self._keys = KeyFiles(options.keys_folder)
        admin = Admin(self._keys, options.keys_required, host)
        shared_headers = SharedHeaders(cors.parse(environment), options)
        application = HttpApplication(found, options, self._keys, shared_headers, admin, invoker)
        self.connections = Connections(parsers, application.answer, options.times)
        self._watching: asyncio.Task[None] | None = None
        if options.keys_required:
            _warn_of_missing_keys(found, self._keys)
            self._watching = asyncio.get_running_loop().create_task(self._watch_keys())

    async def _watch_keys(self) -> None:
        while True:
            await asyncio.sleep(_KEYS_SECONDS)
            if self._keys.refresh():
                _log.info("the keys have changed")


def _warn_of_missing_keys(functions: list[HttpFunction], keys: KeyFiles) -> None:
    closed = [
        each.function.name
        for each in functions
        if each.trigger.auth_level != "anonymous" and not keys.current.known_for(each.trigger.auth_level, each.key_name)
    ]
    if closed:
        _log.warning(
            "there is no key for %s, so every request gets 401: add a key, or make authLevel anonymous",
            ", ".join(closed),
        )
