"""Where the parts of the worker lie, in the image and on a developer's machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import funcapp
from funcapp.errors import ConfigurationError


class Layout(NamedTuple):
    """`python` starts function processes. `site_packages` are the app's environment; in a pod it has none."""

    python: str
    bootstrap: Path
    sdk: Path
    process_libs: Path
    site_packages: tuple[str, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """What a function process has to know of it."""
        return {
            "sdk": str(self.sdk),
            "sitePackages": list(self.site_packages),
            "processLibs": str(self.process_libs),
        }


def find(app_python: Path | None = None) -> Layout:
    """`app_python` is the interpreter of the app's virtual environment, None where it has none.

    In the image the parts lie in folders beside the host process's environment. Where `pip install funcapp` put it,
    they lie in that environment, which is then the app's own unless it has another.
    Raises ConfigurationError where the worker is not installed whole, or does not fit the app's environment.
    """
    bootstrap = Path(funcapp.__file__).parent / "process" / "bootstrap.py"
    sdk, process_libs = Path(sys.prefix).parent / "sdk", Path(sys.prefix).parent / "process-libs"
    apart = sdk.is_dir() and process_libs.is_dir()
    if apart and app_python is None:
        # The interpreter that the host process's environment was made from.
        return Layout(getattr(sys, "_base_executable", sys.executable), bootstrap, sdk, process_libs)
    from funcapp.host import app_environment, installed

    environment = app_environment.inspect(app_python or Path(sys.executable))
    if environment.version != sys.version_info[:2]:
        theirs, ours = (f"{major}.{minor}" for major, minor in (environment.version, sys.version_info[:2]))
        raise ConfigurationError(
            f"the app's interpreter {environment.python} is Python {theirs}, and funcapp runs on {ours}: install it"
            f" there with `{environment.python} -m pip install funcapp`, and start that one"
        )
    if not apart:
        process_libs = installed.folder_of("httptools")
        sdk = Path(environment.site_packages[0]) if environment.has_sdk else installed.sdk_alone()
    return Layout(environment.python, bootstrap, sdk, process_libs, environment.site_packages)
