"""Loads an app as a worker does, and prints its functions as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import os

from funcapp import log
from funcapp.cli import local
from funcapp.host import app_environment, settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("root", nargs="?", help="the app's folder; without it, as `funcapp start` finds it")
    parser.add_argument("--python", metavar="PATH", help="the interpreter of the app's virtual environment")


def run(options: argparse.Namespace) -> int:
    from funcapp.host.loading import load_index

    python = None
    root = options.root
    if not settings.is_in_pod(os.environ):
        found = local.find_app(root, os.environ)
        local.apply(local.read_settings(found), os.environ)
        python, root = app_environment.choose(os.environ, found, options.python), str(found)
    # Standard output is the index alone; what the app prints while it loads goes where logs go here.
    output = os.dup(1)
    os.dup2(2, 1)
    lock = log.open_lock()
    log.configure(os.environ, lock)
    parsed = settings.parse(os.environ, root, app_python=python)
    index = asyncio.run(load_index(parsed, lock, None, None))
    with os.fdopen(output, "w") as stream:
        print(json.dumps(index, indent=2, ensure_ascii=False), file=stream)
    return 0
