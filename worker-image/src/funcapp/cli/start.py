"""Runs the functions of an app until Ctrl-C or SIGTERM, then lets what runs finish.

The app is the current folder, or the one that AzureWebJobsScriptRoot or an argument names. Settings come from the
environment, and what it leaves open from local.settings.json. Outside a pod, keys are not asked for, and the app's
packages are those of its virtual environment: the active one, or .venv in the app."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

from funcapp import log
from funcapp.cli.main import EXIT_FAILED, EXIT_USAGE
from funcapp.errors import AppError, ConfigurationError
from funcapp.host import settings

if TYPE_CHECKING:
    from funcapp.host.worker import Worker

_IGNORED_FLAGS = (
    "--no-build",
    "--dotnet-isolated-debug",
    "--enable-json-output",
    "--build",
    "--skip-azure-storage-check",
)
_IGNORED_VALUES = ("-t", "--timeout", "--language-worker", "--json-output-file", "--runtime")
_NOT_SUPPORTED = ("--useHttps", "--cert", "--password")

_DEBUG_PORT = 5678
"""What debugpy's documentation and editors take for granted."""


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("root", nargs="?", help="the app's folder")
    add("-p", "--port", type=int, help="the HTTP port (7071; in a pod 8080)")
    add("--cors", metavar="ORIGINS", help="origins that browsers may call from, comma-separated, or *")
    add("--cors-credentials", action="store_true", help="let those calls carry cookies and credentials")
    add("--functions", nargs="+", metavar="NAME", help="run these functions alone")
    add("--enableAuth", action="store_true", help="ask for keys: files in the folder that FUNCAPP_KEYS_FOLDER names")
    add("--verbose", action="store_true", help="show the worker's own log, too")
    add("--watch", action="store_true", help="load the app anew when one of its .py or .json files is saved")
    add(
        "--debug",
        nargs="?",
        type=int,
        const=_DEBUG_PORT,
        metavar="PORT",
        help=f"wait for a debugger to attach to debugpy ({_DEBUG_PORT}) before the app's code is imported",
    )
    add("--script-root", metavar="DIR", help="the app's folder")
    add("--python", metavar="PATH", help="the interpreter of the app's virtual environment")
    for flag in _IGNORED_FLAGS:
        add(flag, action="store_true", help=argparse.SUPPRESS)
    add(*_IGNORED_VALUES[:2], dest="timeout", help=argparse.SUPPRESS)
    for option in _IGNORED_VALUES[2:]:
        add(option, help=argparse.SUPPRESS)
    for option in _NOT_SUPPORTED:
        add(option, nargs="?", const="", dest="https", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    # Where a package is to be fetched, there is no app to look at yet.
    if settings.is_in_pod(os.environ) or os.environ.get("FUNCAPP_PACKAGE_FILE"):
        parsed = settings.parse(os.environ, options.script_root or options.root, options.port)
        return _serve(options, parsed, lambda: parsed)
    before = dict(os.environ)
    first = _read_settings(options, before, tell=True)
    return _serve(options, first, lambda: _read_settings(options, before, tell=False))


def _serve(
    options: argparse.Namespace, parsed: settings.Settings, read_settings: Callable[[], settings.Settings]
) -> int:
    # For the libraries that are used here, and look for their settings themselves.
    os.environ.update(parsed.environment)
    lock = log.open_lock()
    log.configure(os.environ, lock)
    on_ready = None
    if log.is_text(os.environ):
        from funcapp.cli import listing

        on_ready = listing.show
        if not options.verbose:
            logging.getLogger("funcapp").setLevel(logging.WARNING)
    # Azure's libraries are imported here: what is wrong with the settings is told before.
    from funcapp.host.worker import Worker

    async def work() -> None:
        if not options.watch:
            await Worker(parsed, lock, on_ready).run()
            return
        from funcapp.cli import watch

        saved = asyncio.Event()
        watching = asyncio.create_task(watch.follow(parsed.root, saved))
        try:
            await _until_started(lambda: Worker(read_settings(), lock, on_ready, _each(saved, read_settings)), saved)
        finally:
            watching.cancel()

    try:
        asyncio.run(work())
    except KeyboardInterrupt:
        return 0
    except (AppError, ConfigurationError, OSError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else error
        logging.getLogger("funcapp").critical("%s", told)
        return EXIT_USAGE if isinstance(error, ConfigurationError) else EXIT_FAILED
    return 0


async def _until_started(worker: Callable[[], Worker], saved: asyncio.Event) -> None:
    """Runs a worker; an app that cannot start at all is tried again after each save."""
    while True:
        saved.clear()
        try:
            await worker().run()
            return
        except (AppError, ConfigurationError) as error:
            logging.getLogger("funcapp").error("%s: waiting until it is saved again", error)
        await saved.wait()


async def _each(
    saved: asyncio.Event, read_settings: Callable[[], settings.Settings]
) -> AsyncIterator[Callable[[], settings.Settings]]:
    while True:
        await saved.wait()
        saved.clear()
        yield read_settings


def _read_settings(options: argparse.Namespace, before: Mapping[str, str], *, tell: bool) -> settings.Settings:
    """On a developer's machine; `before` is the environment that this command was started in.

    `tell`: says what was found. Raises ConfigurationError.
    """
    from funcapp.cli import local
    from funcapp.host import app_environment
    from funcapp.model import local_settings

    if options.https is not None:
        raise ConfigurationError("HTTPS is not served: leave out --useHttps, or put a proxy in front")
    if options.watch and options.debug:
        raise ConfigurationError("--watch and --debug do not go together: leave one out")
    environment = dict(before)
    root = local.find_app(options.script_root or options.root, environment)
    own = local.read_settings(root)
    skipped = local.apply(own, environment)
    if tell:
        print(f"App: {root}", *skipped, sep="\n", file=sys.stderr)
    origins = local_settings.origins(options.cors) if options.cors else own.cors_origins
    if origins and (options.cors or not environment.get("CORS_ALLOWED_ORIGINS")):
        environment["CORS_ALLOWED_ORIGINS"] = json.dumps(origins)
        environment["CORS_SUPPORT_CREDENTIALS"] = str(options.cors_credentials or own.cors_credentials).lower()
    if options.functions:
        environment["FUNCAPP_FUNCTIONS"] = ",".join(options.functions)
    if options.debug:
        environment["FUNCAPP_DEBUG_PORT"] = str(options.debug)
        environment["FUNCTIONS_WORKER_PROCESS_COUNT"] = "1"
        # Nobody hurries who steps through a function.
        environment["AzureFunctionsJobHost__functionTimeout"] = "-1"
    if options.watch:
        # A file that is saved twice in a second would be taken for the same.
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    port = options.port
    if port is None and not environment.get("FUNCAPP_HTTP_PORT"):
        port = own.http_port
    environment.setdefault("FUNCAPP_LOG_FORMAT", "text")
    environment.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
    environment["AzureWebJobsScriptRoot"] = str(root)
    python = app_environment.choose(environment, root, options.python)
    if tell and python:
        print(f"Python: {python}", file=sys.stderr)
    parsed = settings.parse(environment, str(root), port, keys_required=options.enableAuth, app_python=python)
    environment.setdefault("WEBSITE_HOSTNAME", f"localhost:{parsed.http_port}")
    return parsed
