"""Each invocation as a span of a trace: https://www.w3.org/TR/trace-context/"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from typing import Any

_TRACE_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_MOST = 10_000
"""Finished spans that wait to be reported; what is more is dropped."""

_MOST_TEXT = 1024
"""Characters of an error's message."""


@dataclass(frozen=True)
class Span:
    """`ids` are those of the trace and of this span; empty where the invocation belongs to no trace."""

    ids: tuple[str, str]
    parent: str
    trace_state: str
    sampled: bool
    function: str
    trigger: str
    start: int
    cold: bool


NO_SPAN = Span(("", ""), "", "", False, "", "", 0, False)


def trace_parent_of(trace_id: str, span_id: str, received: str) -> str:
    """What a call that the function makes sends on; sampled unless the request said that it is not."""
    return f"00-{trace_id}-{span_id}-{'00' if received.endswith('-00') else '01'}"


class Spans:
    """Finished spans wait here until `take`. `recording`: somebody exports them."""

    def __init__(self) -> None:
        self.recording = False
        self._finished: list[dict[str, Any]] = []
        self._dropped = 0
        self._cold = True

    def begin(self, function: str, trigger: str, trace_parent: str, trace_state: str) -> Span:
        """A child of the request's span where it has one; without, a trace begins only if it is recorded."""
        found = _TRACE_PARENT.fullmatch(trace_parent)
        if found is None and not self.recording:
            return NO_SPAN
        trace, parent, flags = found.groups() if found else (os.urandom(16).hex(), "", "01")
        cold, self._cold = self._cold, False
        return Span(
            (trace, os.urandom(8).hex()),
            parent,
            trace_state if found else "",
            bool(int(flags, 16) & 1),
            function,
            trigger,
            time.time_ns(),
            cold,
        )

    def end(self, span: Span, invocation_id: str, error: BaseException | None) -> None:
        if not span.sampled:
            return
        if len(self._finished) >= _MOST:
            self._dropped += 1
            return
        self._finished.append(
            {
                "traceId": span.ids[0],
                "spanId": span.ids[1],
                "parentId": span.parent,
                "traceState": span.trace_state,
                "function": span.function,
                "trigger": span.trigger,
                "invocationId": invocation_id,
                "cold": span.cold,
                "start": span.start,
                "end": time.time_ns(),
                "error": None if error is None else [type(error).__name__, str(error)[:_MOST_TEXT]],
            }
        )

    def take(self) -> dict[str, Any] | None:
        """What has finished since the last time; None where there is nothing."""
        if not self._finished:
            return None
        taken = {"spans": self._finished, "dropped": self._dropped}
        self._finished, self._dropped = [], 0
        return taken
