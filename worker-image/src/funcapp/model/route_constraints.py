"""Inline constraints of route parameters: `{id:int}`, `{name:alpha}`, `{n:range(1,9)}`.

https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime

Constraint = Callable[[str], bool]
"""Says whether a parameter's text, already percent-decoded, may stand there."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[+-]?([0-9][0-9,]*(\.[0-9]*)?|\.[0-9]+)")
_REAL = re.compile(r"[+-]?([0-9][0-9,]*(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_DATE_FORMATS = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m-%d-%Y", "%Y/%m/%d")


def constraint(text: str) -> Constraint:
    """The check that `text` (for example `min(5)`) names. Raises ValueError for one that does not exist."""
    name, parenthesis, rest = text.partition("(")
    name = name.strip().lower()
    if not parenthesis:
        if name in _PLAIN:
            return _PLAIN[name]
    elif text.endswith(")"):
        if name == "regex":
            return _regex(rest[:-1])
        if name in _WITH_NUMBERS:
            return _with_numbers(name, text, rest[:-1].split(","))
    known = ", ".join([*_PLAIN, *(f"{known}(…)" for known in _WITH_NUMBERS), "regex(…)"])
    raise ValueError(f"'{text}' is not a constraint: use one of {known}")


def _with_numbers(name: str, text: str, arguments: list[str]) -> Constraint:
    counts, make = _WITH_NUMBERS[name]
    numbers = [int(argument) for argument in arguments if _INTEGER.fullmatch(argument.strip())]
    if len(numbers) != len(arguments) or len(numbers) not in counts:
        raise ValueError(f"'{text}' needs {' or '.join(map(str, counts))} whole number(s)")
    return make(*numbers)


def _regex(pattern: str) -> Constraint:
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"'regex({pattern})' is not a regular expression: {error}") from None
    return lambda value: compiled.search(value) is not None


def _integer(bits: int) -> Constraint:
    limit = 1 << (bits - 1)

    def check(value: str) -> bool:
        if value.isdecimal() and value.isascii() and len(value) < 10:
            return True  # what it is most of the time
        return _INTEGER.fullmatch(value) is not None and -limit <= int(value) < limit

    return check


def _range(least: int | None, most: int | None) -> Constraint:
    def check(value: str) -> bool:
        if not _INTEGER.fullmatch(value):
            return False
        return (least is None or int(value) >= least) and (most is None or int(value) <= most)

    return check


def _length(least: int, most: int | None) -> Constraint:
    return lambda value: len(value) >= least and (most is None or len(value) <= most)


def _guid(value: str) -> bool:
    if not re.fullmatch(r"[0-9A-Fa-f]{32}|[{(]?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}[})]?", value):
        return False
    return bool(uuid.UUID(value.strip("{}()")))


def _datetime(value: str) -> bool:
    try:
        datetime.fromisoformat(value.removesuffix("Z"))
        return True
    except ValueError:
        pass
    for form in _DATE_FORMATS:
        try:
            datetime.strptime(value, form)
            return True
        except ValueError:
            continue
    return False


_PLAIN: dict[str, Constraint] = {
    "alpha": lambda value: re.fullmatch("[A-Za-z]*", value) is not None,
    "bool": lambda value: value.lower() in ("true", "false"),
    "datetime": _datetime,
    "decimal": lambda value: _DECIMAL.fullmatch(value) is not None,
    "double": lambda value: _REAL.fullmatch(value) is not None,
    "float": lambda value: _REAL.fullmatch(value) is not None,
    "guid": _guid,
    "int": _integer(32),
    "long": _integer(64),
    "required": lambda value: value != "",
}

_WITH_NUMBERS: dict[str, tuple[tuple[int, ...], Callable[..., Constraint]]] = {
    "length": ((1, 2), lambda least, most=None: _length(least, least if most is None else most)),
    "max": ((1,), lambda most: _range(None, most)),
    "maxlength": ((1,), lambda most: _length(0, most)),
    "min": ((1,), lambda least: _range(least, None)),
    "minlength": ((1,), lambda least: _length(least, None)),
    "range": ((2,), _range),
}
