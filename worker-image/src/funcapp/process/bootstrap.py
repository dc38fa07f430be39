"""Run as a script by the base interpreter: makes `funcapp` importable without putting its folder on the path."""

from __future__ import annotations

import importlib.util
import os
import site
import sys

package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != os.path.dirname(os.path.abspath(__file__))]
spec = importlib.util.spec_from_file_location(
    "funcapp", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
)
assert spec is not None and spec.loader is not None
module = importlib.util.module_from_spec(spec)
sys.modules["funcapp"] = module
spec.loader.exec_module(module)

# `-S` leaves out what interactive habits expect in any program: exit() and quit().
site.setquit()

from funcapp.process.main import main  # noqa: E402

main()
