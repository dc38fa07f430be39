"""What a Python callable declares: its parameters and annotations, seen through decorators."""

from __future__ import annotations

import collections.abc
import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_NOT_NAMED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_AWAITED = (collections.abc.Awaitable, collections.abc.Coroutine)


def parameters_of(entry: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters that a call may name, and one named `**` where it may name any other.

    A decorator that names its parameters decides; one that passes on whatever it gets shows what it wraps.
    Raises TypeError or ValueError for what has no signature.
    """
    found: dict[str, inspect.Parameter] = {}
    for layer in _layers(entry):
        own = _signature(layer).parameters
        for name, parameter in own.items():
            if parameter.kind not in _NOT_NAMED:
                found.setdefault(name, parameter)
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in own.values()):
            return found
    return {**found, "**": inspect.Parameter("rest", inspect.Parameter.VAR_KEYWORD)}


def annotations_of(entry: Callable[..., Any]) -> dict[str, Any]:
    """The annotations that can be evaluated, by parameter, `return` among them.

    A name that only a type checker sees leaves the other annotations as they are.
    """
    innermost: Any = inspect.unwrap(entry)
    while isinstance(innermost, functools.partial):
        innermost = inspect.unwrap(innermost.func)
    if not inspect.isroutine(innermost) and not isinstance(innermost, type):
        innermost = inspect.unwrap(getattr(innermost, "__call__", innermost))  # noqa: B004
    innermost = getattr(innermost, "__func__", innermost)
    try:
        return typing.get_type_hints(innermost)
    except Exception:
        names = getattr(innermost, "__globals__", {})
        found = {}
        for name, hint in _raw(innermost).items():
            try:
                found[name] = _evaluate(name, hint, names)
            except Exception:  # noqa: S112
                continue
        return found


def members_of(annotation: Any) -> tuple[Any, ...]:
    """The types that a value may have: those of a union but for None, of a NewType, of what a coroutine returns."""
    if isinstance(annotation, typing.NewType):
        return members_of(annotation.__supertype__)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return tuple(found for item in arguments if item is not type(None) for found in members_of(item))
    if origin in _AWAITED and arguments:
        return members_of(arguments[-1])
    return (annotation,)


def says_nothing(annotation: Any) -> bool:
    """Whether any value will do."""
    return annotation is typing.Any or annotation is object


def is_generator(entry: Callable[..., Any]) -> bool:
    """Whether a call only makes an iterator, and runs nothing."""
    call = getattr(entry, "__call__", None)  # noqa: B004
    return any(inspect.isgeneratorfunction(item) or inspect.isasyncgenfunction(item) for item in (entry, call))


def _layers(entry: Any) -> Iterator[Callable[..., Any]]:
    while entry is not None:
        yield entry
        entry = getattr(entry, "__wrapped__", None)


def _signature(entry: Callable[..., Any]) -> inspect.Signature:
    if sys.version_info >= (3, 14):
        import annotationlib

        return inspect.signature(entry, follow_wrapped=False, annotation_format=annotationlib.Format.FORWARDREF)
    return inspect.signature(entry, follow_wrapped=False)


def _raw(function: Any) -> Mapping[str, Any]:
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(function, format=annotationlib.Format.FORWARDREF)
    return getattr(function, "__annotations__", {})


def _evaluate(name: str, hint: Any, names: dict[str, Any]) -> Any:
    def probe() -> None: ...

    probe.__annotations__ = {name: hint}
    return typing.get_type_hints(probe, names)[name]
