"""`funcapp start`: runs an app until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os

from funcapp import log
from funcapp.errors import AppError, ConfigurationError
from funcapp.host import settings
from funcapp.host.worker import Worker


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("start", help="run the app")
    parser.add_argument("root", nargs="?", help="the app folder; without it, AzureWebJobsScriptRoot")
    parser.add_argument("--port", type=int, help="the HTTP port; without it, FUNCAPP_HTTP_PORT or 8080")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    parsed = settings.parse(os.environ, options.root, options.port)
    lock = log.open_lock()
    log.configure(os.environ, lock)
    try:
        asyncio.run(_run(parsed, lock))
    except (AppError, ConfigurationError, OSError) as error:
        logging.getLogger("funcapp").critical("%s", error)
        return 1
    return 0


async def _run(parsed: settings.Settings, log_lock: int) -> None:
    await Worker(parsed, log_lock).run()
