"""Binding expressions: `{name}`, `{a.b}`, `{rand-guid:N}`, `{DateTime:yyyy}` and `%SETTING%`.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-expressions-patterns
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from funcapp.model import dotnet_dates

_SETTING = re.compile(r"%([^%]+)%")
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_NAME = re.compile(r"[^\s{}:]+")


class ExpressionError(ValueError):
    """An expression that cannot be read, or that has no value."""


def resolve_settings(text: str, environment: Mapping[str, str]) -> str:
    """Replaces each `%NAME%`. Raises KeyError with the first name that has no value."""

    def value(match: re.Match[str]) -> str:
        return environment[match.group(1)]

    return _SETTING.sub(value, text)


@dataclass(frozen=True)
class _Expression:
    name: str
    format: str


@dataclass(frozen=True)
class Template:
    """A text with expressions, for example `thumbs/{id}.png`. `{{` and `}}` stand for single braces."""

    text: str
    pieces: tuple[str | _Expression, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the template asks for, in order."""
        return tuple(piece.name for piece in self.pieces if isinstance(piece, _Expression))

    def resolve(self, data: Mapping[str, Any], *, method: str = "", now: datetime | None = None) -> str:
        """The text for one invocation.

        `data` is the binding data, nested; it wins over the built-in names. `method` is the function's name.
        Raises ExpressionError when a name has no value.
        """
        moment = now or datetime.now(timezone.utc)
        return "".join(
            piece if isinstance(piece, str) else _value(piece, data, method, moment) for piece in self.pieces
        )


def parse(text: str) -> Template:
    """Raises ExpressionError for unbalanced or empty braces."""
    pieces: list[str | _Expression] = []
    for match in _PIECE.finditer(text):
        piece, inner = match.group(), match.group(1)
        if inner is not None:
            name, _, form = inner.partition(":")
            if not _NAME.fullmatch(name):
                raise ExpressionError(f"'{text}': {piece!r} names nothing: write a name between the braces")
            pieces.append(_Expression(name, form))
        elif piece in ("{", "}"):
            raise ExpressionError(f"'{text}': unbalanced {piece!r} at position {match.start() + 1}: double it")
        else:
            pieces.append(piece[0] if piece in ("{{", "}}") else piece)
    return Template(text, tuple(pieces))


def _value(expression: _Expression, data: Mapping[str, Any], method: str, now: datetime) -> str:
    found, value = _look_up(data, expression.name.split("."))
    if found:
        return _as_text(value)
    name = expression.name.lower()
    if name in ("rand-guid", "sys.randguid"):
        return _guid(uuid.uuid4(), expression.format)
    if name in ("datetime", "sys.utcnow"):
        try:
            return dotnet_dates.format_date(now, expression.format or "yyyy-MM-ddTHH-mm-ssK")
        except ValueError as error:
            raise ExpressionError(f"{{{expression.name}:{expression.format}}}: {error}") from None
    if name == "sys.methodname":
        return method
    raise ExpressionError(f"No value for named parameter '{expression.name}'.")


def _look_up(data: Any, path: list[str]) -> tuple[bool, Any]:
    for part in path:
        if not isinstance(data, Mapping):
            return False, None
        if part not in data:
            part = next((key for key in data if isinstance(key, str) and key.lower() == part.lower()), part)
        if part not in data:
            return False, None
        data = data[part]
    return True, data


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    return json.dumps(value)


def _guid(value: uuid.UUID, form: str) -> str:
    forms = {"": "{}", "D": "{}", "N": "{}", "B": "{{{}}}", "P": "({})"}
    if form.upper() not in forms:
        raise ExpressionError(f"rand-guid:{form}: the format must be one of N, D, B, P")
    return forms[form.upper()].format(value.hex if form.upper() == "N" else value)
