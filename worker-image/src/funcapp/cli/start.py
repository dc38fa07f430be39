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

from funcapp import log
from funcapp.errors import AppError, ConfigurationError
from funcapp.host import settings

_IGNORED_FLAGS = ("--no-build", "--dotnet-isolated-debug", "--enable-json-output", "--build")
_IGNORED_VALUES = ("-t", "--timeout", "--language-worker", "--json-output-file", "--runtime")
_NOT_SUPPORTED = ("--useHttps", "--cert", "--password")


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("root", nargs="?", help="the app's folder")
    add("-p", "--port", type=int, help="the HTTP port (7071; in a pod 8080)")
    add("--cors", metavar="ORIGINS", help="origins that browsers may call from, comma-separated, or *")
    add("--cors-credentials", action="store_true", help="let those calls carry cookies and credentials")
    add("--functions", nargs="+", metavar="NAME", help="run these functions alone")
    add("--enableAuth", action="store_true", help="ask for keys, as in a pod")
    add("--verbose", action="store_true", help="show the worker's own log, too")
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
    in_pod = settings.is_in_pod(os.environ) or bool(os.environ.get("FUNCAPP_PACKAGE_FILE"))
    parsed = _in_pod(options) if in_pod else _locally(options)
    lock = log.open_lock()
    log.configure(os.environ, lock)
    on_ready = None
    if not in_pod:
        from funcapp.cli import listing

        if log.is_text(os.environ):
            on_ready = listing.show
            if not options.verbose:
                logging.getLogger("funcapp").setLevel(logging.WARNING)
    try:
        # Azure's libraries are imported here: what is wrong with the settings is told before.
        from funcapp.host.worker import Worker

        async def work() -> None:
            await Worker(parsed, lock, on_ready).run()

        asyncio.run(work())
    except (AppError, ConfigurationError, OSError) as error:
        logging.getLogger("funcapp").critical("%s", error.strerror if isinstance(error, OSError) else error)
        return 1
    return 0


def _in_pod(options: argparse.Namespace) -> settings.Settings:
    return settings.parse(os.environ, options.script_root or options.root, options.port)


def _locally(options: argparse.Namespace) -> settings.Settings:
    """Raises ConfigurationError. What the environment leaves open is set in it, for the libraries used here, too."""
    from funcapp.cli import local
    from funcapp.host import app_environment
    from funcapp.model import local_settings

    if options.https is not None:
        raise ConfigurationError("HTTPS is not served: leave out --useHttps, or put a proxy in front")
    environment = os.environ
    root = local.find_app(options.script_root or options.root, environment)
    own = local.read_settings(root)
    local.apply(own, environment)
    origins = local_settings.origins(options.cors) if options.cors else own.cors_origins
    if origins and (options.cors or not environment.get("CORS_ALLOWED_ORIGINS")):
        environment["CORS_ALLOWED_ORIGINS"] = json.dumps(origins)
        environment["CORS_SUPPORT_CREDENTIALS"] = str(options.cors_credentials or own.cors_credentials).lower()
    if options.functions:
        environment["FUNCAPP_FUNCTIONS"] = ",".join(options.functions)
    port = options.port
    if port is None and not environment.get("FUNCAPP_HTTP_PORT"):
        port = own.http_port
    environment.setdefault("FUNCAPP_LOG_FORMAT", "text")
    environment.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
    environment["AzureWebJobsScriptRoot"] = str(root)
    python = app_environment.choose(environment, root, options.python)
    parsed = settings.parse(environment, str(root), port, keys_required=options.enableAuth, app_python=python)
    environment.setdefault("WEBSITE_HOSTNAME", f"localhost:{parsed.http_port}")
    if log.is_text(environment):
        print(f"App: {root}" + (f"\nPython: {python}" if python else ""), file=sys.stderr)
    return parsed
