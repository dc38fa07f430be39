"""Where the parts of the worker lie: beside the host process's own environment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import funcapp
from funcapp.errors import ConfigurationError


class Layout(NamedTuple):
    """`python` starts function processes; it is the interpreter that the environment was made from."""

    python: str
    bootstrap: Path
    sdk: Path
    process_libs: Path


def find() -> Layout:
    """Raises ConfigurationError where the worker is not installed whole."""
    home = Path(sys.prefix).parent
    layout = Layout(
        python=getattr(sys, "_base_executable", sys.executable),
        bootstrap=Path(funcapp.__file__).parent / "process" / "bootstrap.py",
        sdk=home / "sdk",
        process_libs=home / "process-libs",
    )
    for folder in (layout.sdk, layout.process_libs):
        if not folder.is_dir():
            raise ConfigurationError(f"{folder} is missing: install the worker with scripts/install")
    return layout
