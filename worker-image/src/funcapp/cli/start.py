"""`funcapp start`: runs an app until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import os

from funcapp.host import settings
from funcapp.host.worker import Worker


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("start", help="run the app")
    parser.add_argument("root", nargs="?", help="the app folder; without it, AzureWebJobsScriptRoot")
    parser.add_argument("--port", type=int, help="the HTTP port; without it, FUNCAPP_HTTP_PORT or 8080")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    asyncio.run(_run(settings.parse(os.environ, options.root, options.port)))
    return 0


async def _run(parsed: settings.Settings) -> None:
    await Worker(parsed).run()
