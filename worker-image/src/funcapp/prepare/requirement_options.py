"""Options of one line of a requirements file, with the parser that pip uses, so that abbreviations mean the same.

https://pip.pypa.io/en/stable/reference/requirements-file-format/#supported-options
"""

from __future__ import annotations

import optparse
import shlex
from functools import cache
from typing import NamedTuple, NoReturn


class OptionsError(Exception):
    """The line is not one of a requirements file."""


class Options(NamedTuple):
    requirements: list[str]
    constraints: list[str]
    editables: list[str]
    find_links: list[str]
    indexes: list[str]
    no_binary: list[str]
    only_binary: list[str]
    trusted_hosts: list[str]


class _Parser(optparse.OptionParser):
    def error(self, msg: str) -> NoReturn:
        raise OptionsError(msg)


@cache
def _parser() -> _Parser:
    parser = _Parser(add_help_option=False)
    for dest, *names in (
        ("requirements", "-r", "--requirement"),
        ("constraints", "-c", "--constraint"),
        ("editables", "-e", "--editable"),
        ("find_links", "-f", "--find-links"),
        ("indexes", "-i", "--index-url", "--pypi-url", "--extra-index-url"),
        ("no_binary", "--no-binary"),
        ("trusted_hosts", "--trusted-host"),
        ("only_binary", "--only-binary"),
        ("others", "--hash", "-C", "--config-settings", "--all-releases", "--only-final", "--use-feature"),
    ):
        parser.add_option(*names, dest=dest, action="append")
    for name in ("--no-index", "--prefer-binary", "--require-hashes", "--no-require-hashes", "--pre"):
        parser.add_option(name, action="store_true")
    return parser


def parse(line: str) -> tuple[str, Options]:
    """The requirement, empty where there is none, and the options. Raises OptionsError."""
    words = line.split(" ")
    first = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    try:
        arguments = shlex.split(" ".join(words[first:]))
    except ValueError as error:
        raise OptionsError(f"the options cannot be read: {error}") from None
    values = vars(_parser().parse_args(arguments)[0])
    return " ".join(words[:first]).strip(), Options(*(values[name] or [] for name in Options._fields))
