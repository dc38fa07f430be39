"""The command `funcapp`."""

from __future__ import annotations

import argparse
import sys

from funcapp.cli import index, prepare, start
from funcapp.errors import AppError, ConfigurationError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="funcapp", description="Runs Azure-Functions-style Python apps.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (start, prepare, index):
        command.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except (AppError, ConfigurationError) as error:
        print(f"funcapp: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
