"""What every kind of binding shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from funcapp.errors import FunctionError
from funcapp.model import connections, expressions

Direction = Literal["in", "out"]
DataType = Literal["string", "binary", "stream"]


@dataclass(frozen=True)
class Binding:
    """One entry of `bindings`. `name` is a parameter of the Python function, or `$return`."""

    name: str
    type: str
    direction: Direction


@dataclass(frozen=True)
class RawBinding:
    """An entry as written, with what is common to all kinds already checked."""

    name: str
    type: str
    direction: Direction
    data_type: DataType | None
    properties: Mapping[str, Any]
    environment: Mapping[str, str]

    def text(self, name: str, default: str | None = None) -> str:
        """A property's text with `%SETTING%` resolved. Raises FunctionError."""
        value = self.properties.get(name.lower(), default)
        if value is None:
            raise self.invalid(f"needs {name}")
        if not isinstance(value, str) or not value.strip():
            raise self.invalid(f"{name} is {value!r}: it must be text")
        try:
            return expressions.resolve_settings(value, self.environment)
        except KeyError as error:
            setting = error.args[0]
            raise FunctionError(
                "SettingMissing", f"{self}: {name} {value!r} needs the setting {setting!r}, which is not set"
            ) from None

    def template(self, name: str, default: str | None = None) -> expressions.Template:
        """A property whose value may hold binding expressions."""
        try:
            return expressions.parse(self.text(name, default))
        except expressions.ExpressionError as error:
            raise self.invalid(f"{name}: {error}") from None

    def connection(self, *services: connections.Service) -> connections.Connection:
        """The account whose `services` the binding uses. Raises FunctionError when it is not set or cannot be used."""
        name = self.properties.get("connection") or connections.DEFAULT_CONNECTION
        if not isinstance(name, str):
            raise self.invalid(f"connection is {name!r}: it must be the name of a setting")
        try:
            return connections.find(name, self.environment, *services)
        except FunctionError as error:
            raise FunctionError(error.reason, f"{self}: {error.message}") from None

    def invalid(self, rule: str) -> FunctionError:
        return FunctionError("BindingInvalid", f"{self} {rule}")

    def __str__(self) -> str:
        return f"binding {self.name!r} ({self.type})"


@dataclass(frozen=True)
class BindingKind:
    """How one `type` is read in the directions that it has."""

    type: str
    directions: tuple[Direction, ...]
    parse: Callable[[RawBinding], Binding]

    @property
    def is_trigger(self) -> bool:
        return self.type.lower().endswith("trigger")
