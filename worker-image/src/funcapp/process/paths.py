"""sys.path of the app, and the libraries that it must not see."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

SITE_PACKAGES = ".python_packages/lib/site-packages"


def set_path(app_root: str, sdk: str) -> None:
    """The app's dependencies come first, then the SDK, then the standard library; the app's root comes last.

    https://learn.microsoft.com/azure/azure-functions/functions-reference-python#import-behavior
    """
    standard_library = list(sys.path)
    sys.path[:] = [f"{app_root}/{SITE_PACKAGES}", sdk, *standard_library, app_root]
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
