"""Typed access to a document by dotted path; what is wrong is named by path, value and rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funcapp.errors import AppError
from funcapp.model import timespan


def invalid(path: str, value: object, rule: str) -> AppError:
    return AppError("HostJsonInvalid", f"host.json: {path}: {value!r} {rule}")


class Reader:
    """Keys ignore case. Numbers and truth values may be text, since overrides are."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def get(self, path: str) -> Any:
        """None where nothing is written. Raises AppError where the path leads through something else than objects."""
        value: Any = self._document
        parts = path.split(".")
        for depth, part in enumerate(parts):
            if value is None:
                return None
            if not isinstance(value, dict):
                raise invalid(".".join(parts[:depth]), value, "must be an object")
            value = next((item for key, item in value.items() if key.lower() == part.lower()), None)
        return value

    def text(self, path: str, default: str) -> str:
        value = self.get(path)
        if value is None:
            return default
        if not isinstance(value, str):
            raise invalid(path, value, "must be text")
        return value

    def choice(self, path: str, default: str, choices: tuple[str, ...]) -> str:
        text = self.text(path, default).lower()
        if text not in choices:
            raise invalid(path, self.get(path), f"must be {' or '.join(choices)}")
        return text

    def truth(self, path: str, default: bool) -> bool:
        value = self.get(path)
        if value is None:
            return default
        words = {"true": True, "false": False}
        if isinstance(value, str) and value.strip().lower() in words:
            return words[value.strip().lower()]
        if not isinstance(value, bool):
            raise invalid(path, value, "must be true or false")
        return value

    def integer(self, path: str, default: int, least: int, most: int) -> int:
        value = self.get(path)
        if value is None:
            return default
        number = whole_number(value)
        if number is None or not least <= number <= most:
            raise invalid(path, value, f"must be a whole number from {least} to {most}")
        return number

    def duration(self, path: str, default: float, least: float, most: float | None) -> float:
        value = self.get(path)
        if value is None:
            return default
        if not isinstance(value, str):
            raise invalid(path, value, "must be a duration: write it as hh:mm:ss")
        try:
            seconds = timespan.parse(value)
        except ValueError as error:
            raise invalid(path, value, str(error)) from None
        if seconds < least or (most is not None and seconds > most):
            raise invalid(path, value, f"must be from {least:g} to {most:g} seconds" if most else "is too short")
        return seconds

    def names(self, path: str, rule: str) -> tuple[str, ...] | None:
        """A list of texts; overrides by position make an object of it."""
        value = self.get(path)
        if value is None:
            return None
        if isinstance(value, dict):
            value = [item for _, item in sorted(value.items())]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid(path, value, rule)
        return tuple(value)

    def items(self, path: str) -> dict[str, Any]:
        """The entries of an object whose keys are the app's own."""
        value = self.get(path)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise invalid(path, value, "must be an object")
        return value


def whole_number(value: object) -> int | None:
    """None for what is no whole number, as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, str):
        digits = value.strip().removeprefix("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return None
    return int(value)


def override(document: dict[str, Any], path: list[str], value: str) -> None:
    """Sets one value in place; keys ignore case."""
    for depth, part in enumerate(path):
        key = next((key for key in document if key.lower() == part.lower()), part)
        if depth == len(path) - 1:
            document[key] = value
            return
        if isinstance(document.get(key), list):
            document[key] = {str(index): item for index, item in enumerate(document[key])}
        if not isinstance(document.get(key), dict):
            document[key] = {}
        document = document[key]
