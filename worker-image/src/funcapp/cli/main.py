"""The command `funcapp`. A command's module is imported when it is called: a pod's start waits for its own alone."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys

from funcapp.errors import AppError, CommandFailed, ConfigurationError

COMMANDS = {
    "start": "run the app of a folder, as `func host start` does",
    "init": "make an app folder",
    "new": "add a function to an app, with a unit test",
    "check": "tell which functions of an Azure Functions app run here",
    "index": "load an app and print its functions as JSON",
    "pack": "make the package of an app: a zip",
    "publish": "pack an app, push it, and roll it out in a cluster",
    "status": "show an app in the cluster",
    "top": "show what an app's scale groups have to do",
    "logs": "show what an app logs, or its build",
    "invoke": "run one function of an app in the cluster",
    "rollback": "run an earlier revision of an app",
    "prepare": "the steps of a prepare Job",
}

EXIT_FAILED = 1
"""The call was right, and what it asked for was not done: the app, the network or the cluster is in the way."""

EXIT_USAGE = 2
"""The call itself, or a setting that it was made with, has to be another."""


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:2] == ["host", "start"]:
        arguments = arguments[1:]
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        return _top(arguments)
    command = importlib.import_module(f"funcapp.cli.{name}")
    parser = argparse.ArgumentParser(
        prog=f"funcapp {name}", description=f"{command.__doc__}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command.configure(parser)
    try:
        status: int = command.run(parser.parse_args(arguments[1:]))
        sys.stdout.flush()
        return status
    except (AppError, CommandFailed) as error:
        print(f"funcapp: {error}", file=sys.stderr)
        return EXIT_FAILED
    except ConfigurationError as error:
        print(f"funcapp: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # Whoever reads has enough, as `head` has; what is left in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE


def _top(arguments: list[str]) -> int:
    lines = [f"  {name:<10}{text}" for name, text in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog="funcapp",
        usage="funcapp COMMAND [OPTIONS]",
        description="Runs Azure Functions apps written in Python, without Azure.",
        epilog="\n".join(["commands:", *lines, "", "`funcapp COMMAND --help` tells a command's options."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.version:
        from importlib.metadata import version

        print(version("funcapp"))
        return 0
    if options.command is not None:
        parser.error(f"there is no command {options.command!r}: use one of {', '.join(COMMANDS)}")
    parser.print_help()
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
