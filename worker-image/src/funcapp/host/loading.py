"""Finds out what an app's functions are, and whether they load."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from funcapp.errors import AppError, ConfigurationError, FunctionError
from funcapp.host import layout, processors
from funcapp.host.function_process import FunctionProcess
from funcapp.host.host_id import host_id
from funcapp.host.layout import Layout
from funcapp.host.settings import Settings, is_in_pod
from funcapp.host.supervisor import Supervisor
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers import blob_message
from funcapp.link import Handler
from funcapp.model import app as apps
from funcapp.model import discovery, index
from funcapp.model.app import App
from funcapp.model.function import FunctionSource
from funcapp.model.host_json import HostOptions

_log = logging.getLogger("funcapp.host")


async def read_app(
    options: HostOptions, settings: Settings, layout: Layout, log_lock: int, handlers: Mapping[str, Handler]
) -> tuple[App, FunctionProcess | None]:
    """The app, and the function process that was asked for its functions, which can go on to load them.

    A script of the decorator model is imported, which the host process must not do; for function.json folders no
    process is needed. Raises AppError; ConfigurationError for functions that are asked for and not there.
    """
    app = App(settings.root, options, discovery.script(settings.root, settings.environment))
    if app.script is None:
        try:
            folders = discovery.discover(app.root)
        except OSError as error:
            raise apps.unreadable(app.root, error) from None
        named = settings.environment.get(discovery.SCRIPT_SETTING)
        if named and not folders:
            raise AppError(
                "FunctionAppInvalid", f"{named}, which the setting {discovery.SCRIPT_SETTING} names, is not in the app"
            )
        return _build(app, folders, settings), None
    process = await FunctionProcess.start(layout, settings.environment, log_lock, handlers)
    try:
        found = await process.index(app.root, app.script, layout)
        return _build(app, found, settings), process
    except BaseException:
        await process.end()
        raise


def _build(app: App, found: Mapping[str, FunctionSource | FunctionError], settings: Settings) -> App:
    unknown = sorted((settings.functions or frozenset()) - found.keys())
    if unknown:
        told = (
            f"the app has no function {', '.join(map(repr, unknown))}: it has"
            f" {', '.join(sorted(found, key=str.lower)) or 'none'}"
        )
        if not is_in_pod(settings.environment):
            raise ConfigurationError(told)
        # The group's other functions run; the status says that this one is missing.
        _log.error("%s", told)
    return apps.build(app, found, settings.environment, settings.functions)


async def load_index(
    settings: Settings, log_lock: int, revision: str | None, package: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The index of the app in `settings.root`. Raises AppError."""
    settings = replace(settings, processes=1)
    options = apps.read_host(settings.root, settings.environment, processors.processors())
    parts = layout.find(settings.app_python)
    try:
        queue = blob_message.queue_name(host_id(settings.environment, settings.root))
    except ConfigurationError as error:
        # No worker would start with it.
        raise AppError("FunctionAppInvalid", str(error)) from None
    app, first = await read_app(options, settings, parts, log_lock, {})
    supervisor = Supervisor(app, settings, parts, log_lock, {}, Telemetry())
    try:
        await supervisor.start(first)
    finally:
        await supervisor.drain(5.0)
    return index.build(app, supervisor.load_errors, revision, package, settings.environment, queue)
