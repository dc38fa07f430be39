"""The function process from start to end."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys

from funcapp import log
from funcapp.link import Link
from funcapp.process import current, output, threads
from funcapp.process.service import Service


def main() -> None:
    arguments = _arguments()
    writer = log.configure(os.environ, arguments.log_lock, current.origin)
    _capture_output(writer)
    log.protect(logging.getLogger())
    threads.inherit_context()
    sys.argv[:] = ["funcapp"]
    asyncio.run(_serve(arguments))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("--link", "--connections", "--log-lock"):
        parser.add_argument(name, type=int, required=True, help="an inherited file descriptor")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    connections = socket.socket(fileno=arguments.connections)
    connections.setblocking(False)
    service = Service(connections)
    link = Link(socket.socket(fileno=arguments.link), service.handlers)
    service.link = link
    await link.run()
    # The host process is gone or has let go of this one: whatever still runs, threads too, has nobody to report to.
    os._exit(0)


def _capture_output(writer: log.LineWriter) -> None:
    """print() goes through loggers of its own, which lead nowhere else: a handler that an app adds could print."""
    formatter = logging.getLogger().handlers[0].formatter
    assert formatter is not None
    for name, level, descriptor in (("stdout", logging.INFO, 1), ("stderr", logging.WARNING, 2)):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.INFO)
        logger.handlers[:] = [log.LineHandler(writer, formatter, current.origin)]
        setattr(sys, name, output.LogStream(logger, level, descriptor))
