"""`funcapp index`: loads an app and prints what the operator would be told about it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os

from funcapp import log
from funcapp.host import settings
from funcapp.host.loading import load_index


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("index", help="print the functions of an app as JSON")
    parser.add_argument("root", nargs="?", help="the app folder; without it, AzureWebJobsScriptRoot")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    # Standard output is the index alone; what the app prints while it loads goes where logs go here.
    output = os.dup(1)
    os.dup2(2, 1)
    lock = log.open_lock()
    log.configure(os.environ, lock)
    index = asyncio.run(load_index(settings.parse(os.environ, options.root), lock, None, None))
    with os.fdopen(output, "w") as stream:
        print(json.dumps(index, indent=2, ensure_ascii=False), file=stream)
    return 0
