"""`funcapp prepare build` and `funcapp prepare verify`: the steps of a prepare Job."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from funcapp import log
from funcapp.prepare.build import build
from funcapp.prepare.outcome import run_step
from funcapp.prepare.verify import verify


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("prepare", help="make a package and an index; for prepare Jobs")
    parser.add_argument("step", choices=("build", "verify"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    environment = dict(os.environ)
    lock = log.open_lock()
    log.configure(environment, lock)
    termination_log = Path(environment.get("FUNCAPP_TERMINATION_LOG", "/dev/termination-log"))
    step = (lambda: build(environment)) if options.step == "build" else (lambda: verify(environment, lock))
    return run_step(step, termination_log)
