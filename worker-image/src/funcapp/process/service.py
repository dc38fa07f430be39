"""What the host process can ask of a function process."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from funcapp import log
from funcapp.content import Content, FileContent
from funcapp.errors import AppError, FunctionError
from funcapp.link import Link, Message
from funcapp.model import function as functions
from funcapp.model.function import Function, FunctionSource
from funcapp.model.host_json.options import LoggingOptions
from funcapp.process import debugging, indexing, loader, paths, signature, watchdog
from funcapp.process.bindings.base import Datum, Write
from funcapp.process.bindings.registry import CONVERTERS
from funcapp.process.clients import Clients
from funcapp.process.http import options as http_options
from funcapp.process.http import web_apps
from funcapp.process.http.connections import Connections
from funcapp.process.http.server import HttpServer
from funcapp.process.invocation import Invocation, InvocationFailed, InvocationStuck, Invoker
from funcapp.process.loaded_function import LoadedFunction
from funcapp.process.pool import NotStarted, Pool
from funcapp.process.time_limit import TimeLimit

_log = logging.getLogger("funcapp.process")

_REPORT_SECONDS = 1.0


class Service:
    """`handlers` are the calls; the host process makes `load` the first, or `index` and then `load`."""

    link: Link

    def __init__(self, connections: socket.socket) -> None:
        self._clients = Clients(connections)
        self._parsers: ModuleType | None = None
        self._indexed: indexing.IndexedApp | None = None
        self._loaded: dict[str, LoadedFunction | FunctionError] = {}
        self._connections: Connections | None = None
        self._invoker: Invoker
        self._pool: Pool
        self._reporting: asyncio.Task[None] | None = None
        self.handlers = {
            "index": self._index,
            "load": self._load,
            "serve": self._serve,
            "invoke": self._invoke,
            "unready": self._unready,
            "drain": self._drain,
        }

    async def _index(self, message: Message) -> Message:
        """Imports the script of the decorator model. The reply has its functions, or why it has none."""
        try:
            found = self._enter(message.params).found
        except AppError as error:
            return _app_error(error)
        return Message(
            {
                "functions": [asdict(source) for source in found.values() if isinstance(source, FunctionSource)],
                "errors": _to_wire(found),
            }
        )

    def _enter(self, options: Mapping[str, Any]) -> indexing.IndexedApp:
        """Makes the app importable, and indexes its script if it has one. Raises AppError."""
        root = Path(options["root"])
        if self._parsers is None:
            os.chdir(root)
            self._parsers = paths.import_hidden("httptools", options["processLibs"])
            paths.set_path(str(root), options["sdk"], options["sitePackages"])
            loader.prepare_package(root)
            debugging.wait_if_asked(os.environ)
        if self._indexed is None:
            script = options["script"]
            self._indexed = indexing.IndexedApp({}, {}) if script is None else indexing.index(root, script)
        return self._indexed

    async def _load(self, message: Message) -> Message:
        """Imports every function. The reply has an entry for each one that did not load."""
        options = message.params
        root = Path(options["root"])
        try:
            indexed = self._enter(options)
        except AppError as error:
            return _app_error(error)
        assert self._parsers is not None
        log.filter_by(LoggingOptions(**options["logging"]), os.environ)
        limit = TimeLimit(options["functionTimeout"])
        self._pool = Pool(options["threads"], limit)
        self._invoker = Invoker(root, _Storage(self), self._pool, limit, self._on_stuck)
        self._invoker.spans.recording = options["tracing"]
        declared: dict[str, Function] = {}
        for fields in options["functions"]:
            source = FunctionSource(**fields)
            function = functions.parse(source, os.environ)
            declared[function.name] = function
            await self.link.notify("loading", {"function": function.name})
            # The link sends when the loop is free; an import that ends the process would leave nobody to blame.
            await asyncio.sleep(0)
            find = partial(indexed.entry, source) if options["script"] else partial(loader.load, root, function)
            self._loaded[function.name] = _load_function(function, find)
        self._loaded = await web_apps.start(self._loaded)
        http = http_options.from_wire(options["http"])
        server = HttpServer(self._parsers, http, os.environ, declared, self._loaded, self.link, self._invoker)
        self._connections = server.connections
        loaded = (found for found in self._loaded.values() if isinstance(found, LoadedFunction))
        return Message(
            {
                "errors": _to_wire(self._loaded),
                "fetchThemselves": [found.function.name for found in loaded if _fetches_itself(found)],
            }
        )

    async def _serve(self, _message: Message) -> None:
        """From here on connections are taken and counts are reported."""
        assert self._connections is not None
        loop = asyncio.get_running_loop()
        self._clients.start(self._connections)
        self._reporting = loop.create_task(self._report_regularly())
        watchdog.start(loop)

    async def _invoke(self, message: Message) -> Message:
        """Runs a function that is not triggered by HTTP. `outcome` is succeeded, failed, notStarted or stuck."""
        loaded = self._loaded[message.params["function"]]
        assert isinstance(loaded, LoadedFunction)
        trigger = loaded.function.trigger
        datum = Datum(message.parts[0], message.params["metadata"])
        annotation = loaded.signature.annotations.get(trigger.name)
        invocation = Invocation(
            loaded,
            lambda: CONVERTERS[trigger.type].decode(trigger, datum, annotation),
            message.params["data"],
            may_be_handed_back=True,
            argument_takes_time=isinstance(datum.content, FileContent) or _fetches_itself(loaded),
        )
        try:
            await self._invoker.run(invocation, lambda _returned, _http: None)
        except NotStarted:
            return Message({"outcome": "notStarted"})
        except InvocationStuck:
            return Message({"outcome": "stuck"})
        except InvocationFailed:
            return Message({"outcome": "failed"})
        return Message({"outcome": "succeeded"})

    async def _unready(self, message: Message) -> None:
        """Work goes on, but no failed invocation is tried again.

        `handOver`: other processes are there for the clients, which go back to the host process between two requests.
        Else clients are told to connect anew elsewhere, and what waits for a thread is given back.
        """
        assert self._connections is not None
        self._invoker.stop_retrying()
        if message.params["handOver"]:
            self._connections.start_giving_back(self._clients.give_back)
        else:
            self._connections.closing = True
            self._pool.hand_back()

    async def _drain(self, message: Message) -> Message:
        """Replies, with the last report, when every request is answered and no invocation runs."""
        assert self._connections is not None
        self._invoker.stop_retrying()
        if message.params["handOver"]:
            self._connections.start_giving_back(self._clients.give_back)
        await self._clients.take_all()
        await self._connections.finish()
        await self._clients.all_returned()
        await self._invoker.wait_idle()
        await web_apps.stop(self._loaded)
        if self._reporting is not None:
            self._reporting.cancel()
        await self._report_spans()
        return Message(self._report())

    async def _report_regularly(self) -> None:
        while True:
            await asyncio.sleep(_REPORT_SECONDS)
            await self.link.notify("report", self._report())
            await self._report_spans()

    async def _report_spans(self) -> None:
        spans = self._invoker.spans.take()
        if spans is not None:
            await self.link.notify("spans", spans)

    def _report(self) -> dict[str, Any]:
        """Totals since this process began."""
        return {
            "inFlight": self._invoker.in_flight,
            "closed": 0 if self._connections is None else self._connections.closed,
            "functions": {
                name: loaded.stats.to_wire()
                for name, loaded in self._loaded.items()
                if isinstance(loaded, LoadedFunction)
            },
        }

    def _on_stuck(self) -> None:
        task = asyncio.get_running_loop().create_task(self.link.notify("stuck", {}))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())


def _app_error(error: AppError) -> Message:
    _log.error("%s", error.message, exc_info=error.__cause__)
    return Message({"appError": {"reason": error.reason, "message": error.message}})


def _to_wire(found: Mapping[str, object]) -> dict[str, dict[str, str]]:
    return {
        name: {"reason": error.reason, "message": error.message}
        for name, error in found.items()
        if isinstance(error, FunctionError)
    }


def _load_function(function: Function, find: Callable[[], Callable[..., Any]]) -> LoadedFunction | FunctionError:
    try:
        entry = find()
        return LoadedFunction(function, entry, signature.check(function, entry))
    except FunctionError as error:
        _log.error("%s", error.message, exc_info=error.__cause__)
        return error
    except ImportError as error:
        # The app brought an SDK of its own that cannot be imported.
        _log.exception("cannot load the %s function", function.name)
        return FunctionError("ImportFailed", f"cannot load the {function.name} function: azure.functions: {error}")


class _Storage:
    """Asks the host process to read and write."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def read(self, target: Mapping[str, Any]) -> Datum:
        reply = await self._service.link.call("read", target)
        return Datum(reply.parts[0] if reply.parts else None, reply.params)

    async def write(self, writes: list[Write]) -> None:
        parts = [await _parts(write) for write in writes]
        params = {"writes": [{**write.params, "count": len(items)} for write, items in zip(writes, parts, strict=True)]}
        await self._service.link.call("write", params, [part for items in parts for part in items])


async def _parts(write: Write) -> list[Content]:
    return await asyncio.to_thread(write.parts) if callable(write.parts) else write.parts


def _fetches_itself(loaded: LoadedFunction) -> bool:
    """Whether the trigger's value is a client, so that the host process need not fetch the content."""
    trigger = loaded.function.trigger
    return CONVERTERS[trigger.type].is_client(trigger, loaded.signature.annotations.get(trigger.name))
