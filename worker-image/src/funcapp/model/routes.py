"""Route templates as ASP.NET has them: `products/{category}/{id:int?}`, `files/{*path}`.

https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from funcapp.model.route_constraints import Constraint, constraint

_PARAMETER_NAME = re.compile(r"[^{}/*?=:\s]+")


class RouteError(ValueError):
    """A template that cannot be read; the message names the part and the rule."""


@dataclass(frozen=True)
class Parameter:
    """One `{…}` of a template."""

    name: str
    catch_all: bool = False
    optional: bool = False
    default: str | None = None
    constraints: tuple[Constraint, ...] = ()

    def accepts(self, value: str) -> bool:
        return all(check(value) for check in self.constraints)


@dataclass(frozen=True)
class _Segment:
    """`fixed` is the whole text of a segment without parameters, in the letter case of the template.

    `without_last` is the pattern where the last parameter and the dot in front of it may be absent.
    """

    pattern: re.Pattern[str]
    parameters: tuple[Parameter, ...]
    fixed: str | None = None
    without_last: re.Pattern[str] | None = None

    @property
    def may_be_absent(self) -> bool:
        if len(self.parameters) != 1 or self.pattern is not _WHOLE:
            return False
        parameter = self.parameters[0]
        return parameter.optional or parameter.catch_all or parameter.default is not None


@dataclass(frozen=True)
class RouteTemplate:
    """A parsed template, without a prefix and without slashes at its ends."""

    text: str
    _segments: tuple[_Segment, ...]

    @cached_property
    def _takes_rest(self) -> bool:
        return any(parameter.catch_all for segment in self._segments for parameter in segment.parameters)

    @cached_property
    def path_pattern(self) -> str | None:
        """A regular expression, one group for each parameter, of the paths that the template takes but for constraints.

        It is for paths in which nothing is percent-encoded, and in any letter case. None where only `match` can tell.
        """
        pieces = []
        for segment in self._segments:
            if segment.fixed is not None:
                pieces.append(re.escape(segment.fixed))
            elif segment.pattern is _WHOLE and not segment.may_be_absent:
                pieces.append("([^/]+)")
            else:
                return None
        return "/".join(pieces)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """In order."""
        return tuple(parameter for segment in self._segments for parameter in segment.parameters)

    @property
    def collision_key(self) -> str:
        """Two templates with the same key take the same requests."""
        return self.text.lower()

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The route parameters of a path, given as its percent-decoded segments; None when it does not match.

        Optional parameters that are absent are left out. Letter case of the fixed text does not matter.
        """
        if len(segments) > len(self._segments) and not self._takes_rest:
            return None
        values: dict[str, str] = {}
        for index, segment in enumerate(self._segments):
            if segment.parameters and segment.parameters[0].catch_all:
                return _take_rest(segment.parameters[0], segments[index:], values)
            if index >= len(segments):
                if not segment.may_be_absent:
                    return None
                parameter = segment.parameters[0]
                if parameter.default is not None:
                    values[parameter.name] = parameter.default
            elif segment.fixed != segments[index] and not _take(segment, segments[index], values):
                return None
        return values


def split_path(path: str) -> list[str]:
    """The segments of a path; one slash at each end does not count, others make empty segments."""
    trimmed = path.removeprefix("/").removesuffix("/")
    return trimmed.split("/") if trimmed else []


def parse(text: str) -> RouteTemplate:
    """Raises RouteError."""
    trimmed = text.removeprefix("~/").strip("/")
    parts = _split(trimmed, "/", "{", "}") if trimmed else []
    segments: list[_Segment] = []
    names: set[str] = set()
    for index, part in enumerate(parts):
        try:
            segment = _segment(part)
        except RouteError as error:
            raise RouteError(f"'{text}': {error}") from None
        for parameter in segment.parameters:
            if parameter.name.lower() in names:
                raise RouteError(f"'{text}': the parameter {parameter.name!r} appears twice: rename one")
            names.add(parameter.name.lower())
            if parameter.catch_all and index < len(parts) - 1:
                raise RouteError(f"'{text}': {{*{parameter.name}}} takes the rest of the path: move it to the end")
        segments.append(segment)
    return RouteTemplate(trimmed, tuple(segments))


def expand(text: str, values: Mapping[str, str]) -> str:
    """The percent-encoded path that a template stands for, given its parameters. Letter case of names does not matter.

    Optional parameters at the end may be missing. Raises RouteError for others, for values that a constraint refuses,
    and for names that the template does not have.
    """
    given = {name.lower(): value for name, value in values.items()}
    trimmed = text.removeprefix("~/").strip("/")
    path: list[str] = []
    absent: list[str] = []
    for part in _split(trimmed, "/", "{", "}") if trimmed else []:
        before = list(absent)
        filled = _fill(part, given, absent)
        if filled and before:
            raise RouteError(f"'{text}' needs a value for {', '.join(before)}")
        path += [filled] if filled else []
    if given:
        raise RouteError(f"'{text}' has no parameter {', '.join(sorted(given))}")
    return "/".join(path)


def _fill(part: str, given: dict[str, str], absent: list[str]) -> str:
    """Takes from `given` what it uses; adds to `absent` what may be left out at the end of a path, and is."""
    filled, position = "", 0
    while position < len(part):
        if part.startswith(("{{", "}}"), position):
            filled += quote(part[position], safe="")
            position += 2
        elif part[position] == "{":
            end = _closing_brace(part, position)
            parameter = _parameter(part[position + 1 : end])
            value = given.pop(parameter.name.lower(), parameter.default)
            if value is None and not parameter.optional and not parameter.catch_all:
                raise RouteError(f"'{part}' needs a value for {parameter.name}")
            if not value:
                absent.append(parameter.name)
                filled = filled.removesuffix(".")
            elif not parameter.accepts(value):
                raise RouteError(f"'{part}' does not accept {value!r}")
            filled += quote(value or "", safe="/" if parameter.catch_all else "")
            position = end + 1
        else:
            filled += quote(part[position], safe="")
            position += 1
    return filled


def _take(segment: _Segment, text: str, values: dict[str, str]) -> bool:
    if segment.pattern is _WHOLE and text:
        (parameter,) = segment.parameters
        if parameter.constraints and not parameter.accepts(text):
            return False
        values[parameter.name] = text
        return True
    match = segment.pattern.fullmatch(text)
    if match is None and segment.without_last is not None and not text.endswith("."):
        match = segment.without_last.fullmatch(text)
    if match is None:
        return False
    # One may be absent, which is the last then.
    for parameter, value in zip(segment.parameters, match.groups(), strict=False):
        if not parameter.accepts(value):
            return False
        values[parameter.name] = value
    return True


def _take_rest(parameter: Parameter, rest: Sequence[str], values: dict[str, str]) -> dict[str, str] | None:
    value = "/".join(rest) if rest else parameter.default
    if value is None:
        return values
    if not parameter.accepts(value):
        return None
    return {**values, parameter.name: value}


def _split(text: str, separator: str, opening: str, closing: str) -> list[str]:
    """Splits where a separator stands outside of brackets."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == opening) - (character == closing)
        if character == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


_ANYTHING = "(.+)"
_WHOLE = re.compile(_ANYTHING, re.DOTALL)


def _segment(part: str) -> _Segment:
    if not part:
        raise RouteError("two slashes follow each other: remove one")
    pieces, position = [], 0
    parameters: list[Parameter] = []
    while position < len(part):
        if part.startswith(("{{", "}}"), position):
            pieces.append(re.escape(part[position]))
            position += 2
        elif part[position] == "{":
            end = _closing_brace(part, position)
            parameters.append(_parameter(part[position + 1 : end]))
            # As much as can be, so that the last dot of a file's name parts it: ASP.NET looks from the right.
            pieces.append(_ANYTHING)
            position = end + 1
        elif part[position] in "}?":
            raise RouteError(f"'{part}': {part[position]!r} stands outside of a parameter")
        else:
            pieces.append(re.escape(part[position]))
            position += 1
    if len(parameters) == 1 and len(pieces) == 1:
        return _Segment(_WHOLE, tuple(parameters))
    may_end_early = bool(parameters) and parameters[-1].optional and _ends_with_dot_and_parameter(pieces)
    for parameter in parameters[:-1] if may_end_early else parameters:
        if parameter.catch_all or parameter.optional or parameter.default is not None:
            raise RouteError(
                f"'{part}': {parameter.name!r} shares its segment, so it can neither be greedy nor have a default,"
                " and be optional only as the last one, after a dot alone"
            )
    fixed = None if parameters else part.replace("{{", "{").replace("}}", "}")
    shorter = _pattern(pieces[:-2]) if may_end_early else None
    return _Segment(_pattern(pieces), tuple(parameters), fixed, shorter)


def _pattern(pieces: Sequence[str]) -> re.Pattern[str]:
    return re.compile("".join(pieces), re.IGNORECASE | re.DOTALL)


def _ends_with_dot_and_parameter(pieces: Sequence[str]) -> bool:
    return pieces[-1] == _ANYTHING and pieces[-2] == re.escape(".") and pieces[-3:-2] in ([], [_ANYTHING])


def _closing_brace(part: str, start: int) -> int:
    """Braces inside a regex constraint are doubled, so single ones balance."""
    position = start + 1
    while position < len(part):
        if part.startswith(("{{", "}}"), position):
            position += 2
        elif part[position] == "}":
            return position
        elif part[position] == "{":
            break
        else:
            position += 1
    raise RouteError(f"'{part}': the brace at position {start + 1} is not closed")


def _parameter(inner: str) -> Parameter:
    text = inner.replace("{{", "{").replace("}}", "}")
    stars = len(text) - len(text.lstrip("*"))
    if stars > 2:
        raise RouteError(f"'{{{inner}}}': write at most two stars")
    text = text[stars:]
    head, colon, tail = text.partition(":")
    default: str | None = None
    if "=" in head:
        head, _, default = text.partition("=")
        colon = tail = ""
    elif colon:
        tail, default = _split_default(tail)
    body = tail if colon else head
    optional = default is None and body.endswith("?")
    if optional:
        body = body[:-1]
    name, constraints = (head, body) if colon else (body, "")
    if not _PARAMETER_NAME.fullmatch(name):
        raise RouteError(f"'{{{inner}}}': {name!r} is not a parameter name")
    try:
        checks = tuple(constraint(item) for item in _split(constraints, ":", "(", ")")) if colon else ()
    except ValueError as error:
        raise RouteError(f"'{{{inner}}}': {error}") from None
    return Parameter(name, stars > 0, optional, default, checks)


def _split_default(text: str) -> tuple[str, str | None]:
    """Splits `int=5` at the first equals sign outside of parentheses."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "=" and depth == 0:
            return text[:position], text[position + 1 :]
    return text, None
