"""Waits for a debugger before the app's code is imported."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from funcapp.errors import AppError

PORT_SETTING = "FUNCAPP_DEBUG_PORT"

_log = logging.getLogger("funcapp.debug")


def wait_if_asked(environment: Mapping[str, str]) -> None:
    """Blocks until a client of the Debug Adapter Protocol has attached. Raises AppError where debugpy is missing."""
    port = environment.get(PORT_SETTING)
    if not port:
        return
    try:
        import debugpy
    except ImportError:
        raise AppError(
            "FunctionAppInvalid",
            "debugpy is missing: run `python -m pip install debugpy` in the app's virtual environment",
        ) from None
    debugpy.listen(("127.0.0.1", int(port)))
    _log.warning("waiting for a debugger to attach to 127.0.0.1:%s", port)
    debugpy.wait_for_client()
    _log.warning("a debugger is attached")
