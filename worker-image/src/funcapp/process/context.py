"""The objects that the SDK declares and a worker implements. Imported once the app's path is set."""

from __future__ import annotations

import threading
import traceback
from typing import Any

import azure.functions as func

from funcapp.process import current


class TraceContext:
    """W3C trace context of the request."""

    def __init__(self, parent: str = "", state: str = "") -> None:
        self._parent = parent
        self._state = state

    @property
    def trace_parent(self) -> str:
        return self._parent

    @property
    def trace_state(self) -> str:
        return self._state

    @property
    def attributes(self) -> dict[str, str]:
        return {}

    # The names that the SDK's newer versions give the same properties.
    @property
    def Traceparent(self) -> str:
        return self._parent

    @property
    def Tracestate(self) -> str:
        return self._state

    @property
    def Attributes(self) -> dict[str, str]:
        return {}


class RetryException:
    """Why the attempt before this one failed; false, and all its texts empty, where there was none."""

    def __init__(self, error: BaseException | None) -> None:
        self.source = "" if error is None else type(error).__name__
        self.message = "" if error is None else f"{type(error).__name__}: {error}"
        self.stack_trace = "" if error is None else "".join(traceback.format_exception(error))

    def __bool__(self) -> bool:
        return bool(self.source)

    def __str__(self) -> str:
        return self.message


class RetryContext:
    """The attempt of a retry policy: 0 for the first one. `max_retry_count` is -1 for no limit."""

    def __init__(self, retry_count: int, max_retry_count: int, error: BaseException | None) -> None:
        self.retry_count = retry_count
        self.max_retry_count = max_retry_count
        self.exception = RetryException(error)


class Context(func.Context):  # type: ignore[misc]
    """What `context: func.Context` receives."""

    def __init__(self, name: str, directory: str, invocation_id: str, trace: TraceContext, retry: RetryContext) -> None:
        self._name = name
        self._directory = directory
        self._invocation_id = invocation_id
        self._trace = trace
        self._retry = retry

    @property
    def invocation_id(self) -> str:
        return self._invocation_id

    @property
    def function_name(self) -> str:
        return self._name

    @property
    def function_directory(self) -> str:
        return self._directory

    @property
    def thread_local_storage(self) -> threading.local:
        return current.thread_local

    @property
    def trace_context(self) -> TraceContext:
        return self._trace

    @property
    def retry_context(self) -> RetryContext:
        return self._retry


class Out(func.Out[Any]):  # type: ignore[misc]
    """One output parameter of one invocation."""

    def __init__(self) -> None:
        self.value: Any = None

    def set(self, val: Any) -> None:
        self.value = val

    def get(self) -> Any:
        return self.value
