"""The parts of the worker where pip installed them, among whatever else is in that environment."""

from __future__ import annotations

import atexit
import importlib.util
import shutil
import tempfile
from pathlib import Path

from funcapp.errors import ConfigurationError

SDK_PACKAGES = ("azure.functions", "werkzeug", "markupsafe")
"""The SDK and what it imports."""


def folder_of(package: str) -> Path:
    """The folder from which a package can be imported. Raises ConfigurationError."""
    return _package_folder(package).parents[package.count(".")]


def sdk_alone() -> Path:
    """A folder that shows the SDK and nothing else of this environment; it lives as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="funcapp-sdk-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for package in SDK_PACKAGES:
        link = folder.joinpath(*package.split("."))
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(_package_folder(package), target_is_directory=True)
    return folder


def _package_folder(package: str) -> Path:
    try:
        spec = importlib.util.find_spec(package)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None:
        raise ConfigurationError(f"{package} is missing: install the worker with `pip install funcapp`")
    return Path(spec.origin).parent
