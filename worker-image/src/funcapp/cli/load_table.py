"""The table of `funcapp top`. Pure: text out of what was observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from funcapp.cli.durations import brief
from funcapp.cli.group_load import GroupLoad, QueueLoad, TimerLoad
from funcapp.cli.readable import safe

UNKNOWN = "–"

_BOLD, _DIM, _RED, _YELLOW, _GREEN = "1", "2", "31", "33", "32"
_HEADER = ("GROUP", "READY/DESIRED/MAX", "IN FLIGHT", "LENGTH", "OLDEST/TARGET", "NEXT", "FUNCTIONS", "WHY")
_RIGHT = (False, False, True, True, True, False, False, False)
_MAX_NAMES = 3
_GAP = "  "


class Cell(NamedTuple):
    text: str
    style: str = ""
    """A code of ECMA-48's SGR; empty: none."""


def render(loads: Sequence[GroupLoad], now: datetime, *, width: int | None = None, colours: bool = False) -> list[str]:
    """Lines, none longer than `width`; under a group with several queues or timers, one for each of them."""
    rows = [[Cell(text, _BOLD) for text in _HEADER], *(row for load in loads for row in _rows(load, now))]
    widths = [max(len(row[column].text) for row in rows) for column in range(len(_HEADER) - 1)]
    return [_line(row, widths, width, colours) for row in rows]


def notes(loads: Sequence[GroupLoad]) -> list[str]:
    """What the table's signs stand for, where it has them."""
    found = []
    if any(load.queues and not load.ready_pods for load in loads):
        found.append(
            f"{UNKNOWN} no pod is ready, so nobody here has looked into the queue: KEDA does, and wakes the group"
        )
    if any(load.answered < load.ready_pods for load in loads):
        found.append("+ not all ready pods of the group were asked or answered: there is at least as much")
    return found


def _rows(load: GroupLoad, now: datetime) -> Iterator[list[Cell]]:
    several = len(load.queues) + len(load.timers) > 1
    yield [
        Cell(safe(load.name)),
        _replicas(load),
        _in_flight(load),
        _length(load, load.queues),
        _oldest(load, load.queues),
        _next(load.timers, now, named=several),
        Cell(_names(load.functions)),
        Cell(safe(load.message or load.reason)),
    ]
    if several:
        for queue in load.queues:
            detail = [_length(load, [queue]), _oldest(load, [queue]), Cell("")]
            yield [Cell(f"  {safe(queue.function)}", _DIM), Cell(""), Cell(""), *detail, Cell(""), Cell("")]
        for timer in load.timers:
            next_one = _next([timer], now, named=False)
            yield [Cell(f"  {safe(timer.function)}", _DIM), *[Cell("")] * 4, next_one, Cell(""), Cell("")]


def _replicas(load: GroupLoad) -> Cell:
    text = f"{load.ready}/{load.desired}/{UNKNOWN if load.maximum is None else load.maximum}"
    if load.ready < load.desired:
        return Cell(text, _YELLOW)
    return Cell(text, _GREEN if load.desired else _DIM)


def _in_flight(load: GroupLoad) -> Cell:
    if load.in_flight is None:
        return Cell(UNKNOWN, _DIM)
    return Cell(f"{load.in_flight}{'+' if load.answered < load.ready_pods else ''}")


def _length(load: GroupLoad, queues: Sequence[QueueLoad]) -> Cell:
    if not queues:
        return Cell("")
    known = [queue.length for queue in queues if queue.length is not None]
    return Cell(str(sum(known))) if known else Cell(UNKNOWN, _DIM)


def _oldest(load: GroupLoad, queues: Sequence[QueueLoad]) -> Cell:
    if not queues:
        return Cell("")
    ages = [queue.oldest_seconds for queue in queues if queue.oldest_seconds is not None]
    target = load.target_seconds
    wanted = f"/{brief(target)}" if target else ""
    if not ages:
        return Cell(f"{UNKNOWN}{wanted}", _DIM)
    style = ""
    if target:
        style = _RED if max(ages) > target else _YELLOW if max(ages) > target / 2 else ""
    return Cell(f"{brief(max(ages))}{wanted}", style)


def _next(timers: Sequence[TimerLoad], now: datetime, *, named: bool) -> Cell:
    """What runs, else what comes first."""
    if not timers:
        return Cell("")
    running = [timer for timer in timers if timer.running]
    if running:
        return Cell(_of(running[0], "running", named), _GREEN)
    due = sorted((timer.next, timer.function, timer) for timer in timers if timer.next is not None)
    if not due:
        return Cell(UNKNOWN, _DIM)
    remaining = (due[0][0] - now).total_seconds()
    return Cell(_of(due[0][2], f"in {brief(remaining)}" if remaining >= 1 else "now", named))


def _of(timer: TimerLoad, text: str, named: bool) -> str:
    return f"{safe(timer.function)} {text}" if named else text


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return safe(", ".join(names[:_MAX_NAMES])) + more


def _line(row: Sequence[Cell], widths: Sequence[int], limit: int | None, colours: bool) -> str:
    aligned = [
        Cell(cell.text.rjust(width) if right else cell.text.ljust(width), cell.style)
        for cell, width, right in zip(row, widths, _RIGHT, strict=False)
    ]
    pieces, room = [], limit
    for index, cell in enumerate([*aligned, row[-1]]):
        text = (_GAP if index else "") + cell.text
        if room is not None:
            text = text[:room]
            room -= len(text)
        pieces.append(f"\x1b[{cell.style}m{text}\x1b[0m" if colours and cell.style and text.strip() else text)
    return "".join(pieces).rstrip()
