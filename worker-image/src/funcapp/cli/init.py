"""Makes an app folder: host.json, local.settings.json, requirements.txt, .funcignore, .gitignore, pytest.ini, and for
model v2 function_app.py. Files that are there already stay as they are."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from funcapp.cli import scaffold


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("root", nargs="?", default=".", help="the folder; without it, the current one")
    add("-m", "--model", type=str.lower, choices=("v1", "v2"), help="v1: function.json; v2 (default): decorators")
    add("--worker-runtime", choices=("python",), help=argparse.SUPPRESS)
    add("--python", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    root = Path(options.root).resolve()
    script = scaffold.script_of(root, os.environ)
    written = scaffold.make_app(root, options.model or scaffold.model_of(root, script) or "v2", script)
    for name in written:
        print(f"wrote {root / name}")
    print(
        "add a function: funcapp new NAME --template http" + (f" --script-root {options.root}" * (options.root != "."))
    )
    return 0
