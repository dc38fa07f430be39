"""Which processor does what: servers run on one, all that asks them on the other."""

from __future__ import annotations

import os


class TooFewCores(Exception):
    """A measurement on one core would measure the load generator, too."""


def choose() -> tuple[int, int]:
    """The core of the servers, and the core of the load. Raises TooFewCores."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise TooFewCores(f"two cores are needed, and this process may use {allowed}")
    return allowed[0], allowed[1]


def use_only(core: int) -> None:
    """This process, and all that it starts from now on."""
    os.sched_setaffinity(0, {core})
