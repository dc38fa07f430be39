"""Runs one invocation: bindings' targets → inputs → the function → outputs. Knows neither HTTP nor queues."""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from funcapp.content import FileContent
from funcapp.log import Origin
from funcapp.model.bindings.base import Binding
from funcapp.model.function import RETURN
from funcapp.model.retry import RetryPolicy
from funcapp.process import current, eager, output
from funcapp.process.bindings.base import Datum, Write
from funcapp.process.bindings.registry import CONVERTERS
from funcapp.process.loaded_function import LoadedFunction
from funcapp.process.pool import FunctionStuck, FunctionTimeout, NotStarted, Pool
from funcapp.process.signature import CONTEXT
from funcapp.process.spans import NO_SPAN, Spans, trace_parent_of
from funcapp.process.time_limit import Timed, TimeLimit

_log = logging.getLogger("funcapp.invocation")

_CANCEL_SECONDS = 5.0
"""For a coroutine to clean up after it was cancelled at its timeout."""

T = TypeVar("T")
Finish = Callable[[object, object], T]
"""Makes a result of what a function returned, and of the value of its http output, set or returned."""


class HostStorage(Protocol):
    """What the host process does for an invocation."""

    async def read(self, target: Mapping[str, Any]) -> Datum:
        """The content of an input."""

    async def write(self, writes: list[Write]) -> None:
        """Writes every output, or raises."""


class Invocation:
    """One call of a function.

    `argument` makes the trigger's value, inside the invocation, so that a mistake in it fails the invocation.
    `data` is what binding expressions can name. `may_be_handed_back`: somebody else can do it if a drain comes first.
    `argument_takes_time`: making it would hold up the event loop.
    """

    __slots__ = (
        "_origin",
        "argument",
        "argument_takes_time",
        "data",
        "loaded",
        "may_be_handed_back",
        "span",
        "trace_parent",
        "trace_state",
    )

    def __init__(
        self,
        loaded: LoadedFunction,
        argument: Callable[[], object],
        data: Mapping[str, Any],
        *,
        may_be_handed_back: bool = False,
        argument_takes_time: bool = False,
        trace_parent: str = "",
        trace_state: str = "",
    ) -> None:
        self.loaded = loaded
        self.argument = argument
        self.data = data
        self.may_be_handed_back = may_be_handed_back
        self.argument_takes_time = argument_takes_time
        self.trace_parent = trace_parent
        self.trace_state = trace_state
        self.span = NO_SPAN
        self._origin: Origin | None = None

    @property
    def identity(self) -> str:
        """A UUID."""
        return self.origin().invocation_id

    def origin(self) -> Origin:
        """Made when it is first asked for: most invocations log nothing."""
        found = self._origin
        if found is None:
            with _naming:
                found = self._origin
                if found is None:
                    name = self.loaded.function.name
                    found = self._origin = Origin(name, str(uuid.uuid4()), *self.span.ids)
                    current.remember(found)
        return found

    def end(self) -> None:
        if self._origin is not None:
            current.forget(self._origin)


_naming = threading.Lock()
"""An invocation has one name, whichever of its threads asks first."""


class InvocationFailed(Exception):
    """The invocation failed, and why, which is `cause`, has been logged."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


class InvocationStuck(InvocationFailed):
    """The function outlived its time and cannot be stopped, so that this process has to end."""


@dataclass(frozen=True)
class Attempt:
    """How many attempts of a retry policy came before, and how the last of them ended."""

    retry_count: int = 0
    error: BaseException | None = None


_ONLY_ATTEMPT = Attempt()
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Invoker:
    """Runs invocations in this process, and again as their retry policies say."""

    def __init__(
        self, root: Path, storage: HostStorage, pool: Pool, limit: TimeLimit, on_stuck: Callable[[], None]
    ) -> None:
        """`limit` is the pool's, too; `on_stuck` is called when a function outlives it and cannot be stopped."""
        self._root = root
        self._storage = storage
        self._pool = pool
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._on_stuck = on_stuck
        self.in_flight = 0
        self._idle: asyncio.Event | None = None
        """There while somebody waits until nothing runs."""
        self._no_more_retries = asyncio.Event()
        self.spans = Spans()
        self._random = random.Random()  # noqa: S311

    def stop_retrying(self) -> None:
        """Whatever waits for its next attempt ends now: handed back where somebody else can do it, else failed."""
        self._no_more_retries.set()

    async def wait_idle(self) -> None:
        """Returns when no invocation runs."""
        while self.in_flight:
            if self._idle is None:
                self._idle = asyncio.Event()
            await self._idle.wait()

    async def run(self, invocation: Invocation, finish: Finish[T]) -> T:
        """The result of `finish`, whose mistakes are the invocation's too.

        Raises InvocationFailed after the last attempt, or NotStarted when a drain came first.
        """
        stats, retry = invocation.loaded.stats, invocation.loaded.function.retry
        if invocation.trace_parent or self.spans.recording:
            self._begin_span(invocation)
        token = current.invocation.set(invocation)
        self.in_flight += 1
        stats.in_flight += 1
        try:
            if retry is None:
                result = await self._attempt(invocation, finish, _ONLY_ATTEMPT)
            else:
                result = await self._run_with_retries(invocation, retry, finish)
            self._end_span(invocation, None)
            return result
        except InvocationFailed as failed:
            self._end_span(invocation, failed.cause)
            raise
        finally:
            stats.in_flight -= 1
            self.in_flight -= 1
            if not self.in_flight and self._idle is not None:
                self._idle.set()
                self._idle = None
            invocation.end()
            current.invocation.reset(token)

    def _begin_span(self, invocation: Invocation) -> None:
        function = invocation.loaded.function
        invocation.span = self.spans.begin(
            function.name, function.trigger.type, invocation.trace_parent, invocation.trace_state
        )

    def _end_span(self, invocation: Invocation, error: BaseException | None) -> None:
        """Not for what is handed back: whoever does it tells of it."""
        if self.spans.recording and invocation.span is not NO_SPAN:
            self.spans.end(invocation.span, invocation.identity, error)

    async def _run_with_retries(self, invocation: Invocation, policy: RetryPolicy, finish: Finish[T]) -> T:
        attempt = Attempt()
        while True:
            try:
                return await self._attempt(invocation, finish, attempt)
            except InvocationStuck:
                raise
            except InvocationFailed as failed:
                if not policy.allows(attempt.retry_count):
                    raise
                delay = policy.delay(attempt.retry_count, self._random)
                attempt = Attempt(attempt.retry_count + 1, failed.cause)
                most = "" if policy.max_retry_count == -1 else f" of {policy.max_retry_count}"
                _log.warning("retry %d%s in %g seconds", attempt.retry_count, most, round(delay, 3))
                if not await self._wait(delay):
                    if invocation.may_be_handed_back:
                        raise NotStarted from None
                    raise
            invocation.loaded.stats.retries += 1

    async def _wait(self, delay: float) -> bool:
        """False: a drain came first."""
        try:
            await asyncio.wait_for(self._no_more_retries.wait(), delay)
        except asyncio.TimeoutError:
            return True
        return False

    async def _attempt(self, invocation: Invocation, finish: Finish[T], attempt: Attempt) -> T:
        loaded, began, outcome = invocation.loaded, monotonic(), "failed"
        try:
            targets = self._targets(invocation) if loaded.targeted else _NOTHING
            argument = invocation.argument
            trigger = await asyncio.to_thread(argument) if invocation.argument_takes_time else argument()
            arguments: dict[str, Any] = {loaded.function.trigger.name: trigger}
            if loaded.inputs:
                arguments.update(await self._read_inputs(loaded, targets))
            outs: Mapping[str, Any] = _NOTHING
            if loaded.parameters:
                outs = self._outs(loaded)
                arguments.update(outs)
            if loaded.signature.wants_context:
                arguments[CONTEXT] = self._context(invocation, attempt)
            if loaded.is_coroutine_function:
                # A task of its own, so that cancelling it ends the function and nothing else.
                task_began = monotonic()
                task = eager.start(_flushed(loaded.entry(**arguments)), self._loop)
                returned = task.result() if task.done() else await self._outlast(task, task_began)
            else:
                returned = await self._call_in_thread(invocation, arguments)
            if loaded.only_returns:
                result = finish(returned, returned)
            else:
                values = self._values(loaded, returned, outs)
                if loaded.written:
                    await self._write(loaded, values, targets)
                result = finish(returned, None if loaded.http_output is None else values[loaded.http_output])
            outcome = "succeeded"
            return result
        except NotStarted:
            outcome = ""
            raise
        except FunctionTimeout as error:
            outcome = "timeout"
            name, seconds = loaded.function.name, self._limit.seconds
            _log.error("%s ran longer than functionTimeout (%g seconds)", name, seconds)
            if isinstance(error, FunctionStuck):
                self._on_stuck()
                raise InvocationStuck(error) from None
            raise InvocationFailed(error) from None
        except (Exception, asyncio.CancelledError) as error:
            # Nobody cancels an invocation: if it is cancelled, then something was that the function awaited.
            # The text is the one that log queries written for Azure Functions look for.
            _log.error("Exception: %s: %s", type(error).__name__, error, exc_info=error)
            raise InvocationFailed(error) from None
        finally:
            if outcome:
                loaded.stats.add(outcome, monotonic() - began)

    def _targets(self, invocation: Invocation) -> dict[str, Mapping[str, Any]]:
        loaded = invocation.loaded
        name = loaded.function.name
        return {each.name: CONVERTERS[each.type].target(each, invocation.data, name) for each in loaded.targeted}

    async def _read_inputs(self, loaded: LoadedFunction, targets: Mapping[str, Any]) -> dict[str, Any]:
        reads = (self._read_input(loaded, binding, targets[binding.name]) for binding in loaded.inputs)
        values = await asyncio.gather(*reads)
        return {binding.name: value for binding, value in zip(loaded.inputs, values, strict=True)}

    async def _read_input(self, loaded: LoadedFunction, binding: Binding, target: Mapping[str, Any]) -> object:
        converter = CONVERTERS[binding.type]
        annotation = loaded.signature.annotations.get(binding.name)
        if converter.is_client(binding, annotation):
            return await asyncio.to_thread(converter.decode, binding, Datum(None, target), annotation)
        datum = await self._storage.read(target)
        if isinstance(datum.content, FileContent):
            return await asyncio.to_thread(converter.decode, binding, datum, annotation)
        return converter.decode(binding, datum, annotation)

    def _outs(self, loaded: LoadedFunction) -> dict[str, Any]:
        from funcapp.process.context import Out

        return {name: Out() for name in loaded.parameters}

    def _context(self, invocation: Invocation, attempt: Attempt) -> object:
        from funcapp.process.context import Context, RetryContext, TraceContext

        function = invocation.loaded.function
        directory = str((self._root / function.script_file).parent)
        parent = invocation.trace_parent
        if self.spans.recording and invocation.span is not NO_SPAN:
            # What the function calls is then a child of this invocation, which is exported itself.
            parent = trace_parent_of(*invocation.span.ids, parent)
        trace = TraceContext(parent, invocation.trace_state)
        most = 0 if function.retry is None else function.retry.max_retry_count
        retry = RetryContext(attempt.retry_count, most, attempt.error)
        return Context(function.name, directory, invocation.identity, trace, retry)

    async def _call_in_thread(self, invocation: Invocation, arguments: Mapping[str, Any]) -> object:
        entry = invocation.loaded.entry
        result = await self._pool.run(
            lambda: _flushing(entry, arguments), may_be_handed_back=invocation.may_be_handed_back
        )
        if not inspect.isawaitable(result):
            return result
        # A decorator has hidden that the function is a coroutine function.
        return await self._outlast(asyncio.ensure_future(_flushed(result)), monotonic())

    async def _outlast(self, task: asyncio.Future[Any], began: float) -> object:
        """Its result. Raises FunctionTimeout, FunctionStuck, or what it raises."""
        timed = Timed(self._loop)
        timed.begun = began
        task.add_done_callback(timed.settle)
        if await self._limit.settled(timed):
            return task.result()
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=_CANCEL_SECONDS)
        if done:
            task.cancelled() or task.exception()
            raise FunctionTimeout
        task.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise FunctionStuck

    def _values(self, loaded: LoadedFunction, returned: object, outs: Mapping[str, Any]) -> dict[str, Any]:
        """Of the outputs, by name."""
        values = {name: out.value for name, out in outs.items()}
        if loaded.returns:
            values[RETURN] = returned
        elif returned is not None:
            raise RuntimeError(
                f"function '{loaded.function.name}' without a $return binding returned a non-None value: add a binding"
                ' named "$return", or return nothing'
            )
        return values

    async def _write(self, loaded: LoadedFunction, values: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
        writes = [
            CONVERTERS[binding.type].encode(binding, values[binding.name], targets[binding.name])
            for binding in loaded.written
            if values[binding.name] is not None
        ]
        if writes:
            await self._storage.write(writes)


def _flushing(entry: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    try:
        return entry(**arguments)
    except SystemExit as error:
        raise _exited(error) from error
    finally:
        output.flush()


async def _flushed(awaitable: Any) -> Any:
    try:
        return await awaitable
    except SystemExit as error:
        raise _exited(error) from error
    finally:
        output.flush()


def _exited(error: SystemExit) -> RuntimeError:
    """What ends a program must not end the other invocations of this process."""
    return RuntimeError(f"the function called sys.exit({error.code!r}): return, or raise another exception")
