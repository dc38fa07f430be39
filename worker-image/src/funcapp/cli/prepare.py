"""The steps of a prepare Job: `build` makes the package, `verify` the index."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from funcapp import log
from funcapp.prepare.build import build
from funcapp.prepare.outcome import run_step
from funcapp.prepare.verify import verify


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("step", choices=("build", "verify"))


def run(options: argparse.Namespace) -> int:
    environment = dict(os.environ)
    lock = log.open_lock()
    log.configure(environment, lock)
    termination_log = Path(environment.get("FUNCAPP_TERMINATION_LOG", "/dev/termination-log"))
    step = (lambda: build(environment)) if options.step == "build" else (lambda: verify(environment, lock))
    return run_step(step, termination_log)
