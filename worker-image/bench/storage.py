"""An Azurite of this run's own, on the core of the load."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from support.azurite import ACCOUNT, KEY, Azurite

from bench.context import TARGET

__all__ = ["ACCOUNT", "KEY", "running_azurite"]


@contextlib.contextmanager
def running_azurite() -> Iterator[Azurite]:
    folder = TARGET / "azurite"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    azurite = Azurite(folder)
    azurite.start()
    try:
        yield azurite
    finally:
        azurite.close()
