"""Adds a function and its unit test to the app in the current folder; where there is no app yet, makes one first.

Run the tests with `python -m pytest` in the app's folder: they need nothing but azure-functions."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from funcapp.cli import scaffold
from funcapp.errors import ConfigurationError

_AUTH_LEVELS = ("function", "anonymous", "admin")


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("function", nargs="?", metavar="NAME", help="the function's name")
    add("-n", "--name", help=argparse.SUPPRESS)
    add("-t", "--template", required=True, help=f"what starts it: {', '.join(scaffold.TEMPLATES)}")
    add("-m", "--model", type=str.lower, choices=("v1", "v2"), help="of a new app: v1 function.json, v2 decorators")
    add("-a", "--authlevel", type=str.lower, choices=_AUTH_LEVELS, default="function", help="who may call it by HTTP")
    add("--script-root", metavar="DIR", default=".", help="the app's folder")


def run(options: argparse.Namespace) -> int:
    template = _template(options.template)
    name = options.function or options.name or f"{template}_trigger"
    scaffold.check_function_name(name)
    root = Path(options.script_root).resolve()
    script = scaffold.script_of(root, os.environ)
    written = scaffold.make_app(root, options.model or scaffold.model_of(root, script) or "v2", script)
    written += scaffold.make_function(root, name, template, options.authlevel, script)
    for path in dict.fromkeys(written):
        print(f"wrote {root / path}")
    return 0


def _template(text: str) -> str:
    """Also by the names of Azure Functions Core Tools, such as "HTTP trigger" or "Azure Queue Storage trigger"."""
    words = text.lower().split()
    found = [template for template in scaffold.TEMPLATES if template in words]
    if len(found) != 1:
        raise ConfigurationError(f"--template {text}: choose one of {', '.join(scaffold.TEMPLATES)}")
    return found[0]
