"""Waiting for what a test can only observe."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """The first true result of `condition`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


async def eventually(condition: Callable[[], object], what: str, seconds: float = 5.0) -> None:
    """`wait_for` without keeping the event loop."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() <= deadline, f"{what}: not within {seconds:g} s"
        await asyncio.sleep(0.005)
