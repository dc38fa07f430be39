"""sys.path of the app, and the libraries that it must not see."""

from __future__ import annotations

import importlib
import site
import sys
from collections.abc import Sequence
from types import ModuleType

PYTHON_PACKAGES = ".python_packages"
SITE_PACKAGES = f"{PYTHON_PACKAGES}/lib/site-packages"


def set_path(app_root: str, sdk: str, site_packages: Sequence[str] = ()) -> None:
    """The app's dependencies come first, then the SDK, then the standard library; the app's root comes last.

    `site_packages` are folders of the app's virtual environment, on a developer's machine.
    https://learn.microsoft.com/azure/azure-functions/functions-reference-python#import-behavior
    """
    standard_library = list(sys.path)
    for folder in site_packages:
        # With its .pth files: that is how packages under development are installed.
        site.addsitedir(folder)
    environment = [entry for entry in sys.path if entry not in standard_library]
    first = dict.fromkeys([f"{app_root}/{SITE_PACKAGES}", *environment, sdk])
    sys.path[:] = [*first, *standard_library, app_root]
    importlib.invalidate_caches()


def import_hidden(name: str, folder: str) -> ModuleType:
    """Imports a library from a folder of its own and forgets it: the app's import of that name finds the app's."""
    before = dict(sys.modules)
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)
        for loaded in set(sys.modules) - set(before):
            if loaded.partition(".")[0] == name:
                del sys.modules[loaded]
        importlib.invalidate_caches()
