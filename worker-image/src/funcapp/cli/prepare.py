"""The steps of a prepare Job: `resolve` finds a branch's commit, `build` makes the package, `verify` the index."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from funcapp import log
from funcapp.prepare.build import build
from funcapp.prepare.outcome import run_step
from funcapp.prepare.resolve import resolve
from funcapp.prepare.verify import verify


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("step", choices=("resolve", "build", "verify"))


def run(options: argparse.Namespace) -> int:
    environment = dict(os.environ)
    lock = log.open_lock()
    log.configure(environment, lock)
    termination_log = Path(environment.get("FUNCAPP_TERMINATION_LOG", "/dev/termination-log"))
    steps: dict[str, Callable[[], Coroutine[Any, Any, Mapping[str, str] | None]]] = {
        "resolve": lambda: resolve(environment),
        "build": lambda: build(environment),
        "verify": lambda: verify(environment, lock),
    }
    return run_step(steps[options.step], termination_log)
