"""Holds a Python function against its bindings."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from funcapp.errors import FunctionError
from funcapp.model.bindings.base import Binding
from funcapp.model.function import RETURN, Function
from funcapp.process.bindings.registry import CONVERTERS

CONTEXT = "context"


@dataclass(frozen=True)
class Signature:
    """What an invocation passes. `annotations` holds only those of inputs, by parameter."""

    wants_context: bool
    annotations: Mapping[str, object] = field(default_factory=dict)


def check(function: Function, entry: Callable[..., Any]) -> Signature:
    """Raises FunctionError (SignatureMismatch)."""
    try:
        parameters = inspect.signature(entry).parameters
    except (TypeError, ValueError) as error:
        raise _mismatch(function, f"its signature cannot be read: {error}") from None
    hints = _hints(entry)
    named = {name for name, p in parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    bound = {binding.name: binding for binding in function.bindings if binding.name != RETURN}

    wants_context = CONTEXT in named and CONTEXT not in bound
    if wants_context:
        _check_context(function, hints.get(CONTEXT))
        named.discard(CONTEXT)
    if named - set(bound):
        raise _mismatch(
            function,
            f"the following parameters are declared in Python but not in function.json: {_list(named - set(bound))}",
        )
    if set(bound) - named and not takes_all:
        raise _mismatch(
            function,
            f"the following parameters are declared in function.json but not in Python: {_list(set(bound) - named)}",
        )
    annotations = {}
    for name, binding in bound.items():
        if name in hints:
            annotations[name] = _check_parameter(function, binding, hints[name])
    _check_return(function, hints)
    return Signature(wants_context, annotations)


def _hints(entry: Callable[..., Any]) -> dict[str, Any]:
    target = entry if inspect.isfunction(inspect.unwrap(entry)) else getattr(entry, "__call__", entry)  # noqa: B004
    try:
        return typing.get_type_hints(inspect.unwrap(target))
    except Exception:
        # A name in an annotation that only a type checker can see. What is not text can still be checked.
        raw = getattr(inspect.unwrap(target), "__annotations__", {})
        return {name: hint for name, hint in raw.items() if not isinstance(hint, str)}


def _check_context(function: Function, annotation: object) -> None:
    import azure.functions as func

    if annotation is not None and not (isinstance(annotation, type) and issubclass(annotation, func.Context)):
        raise _mismatch(
            function, f'the "context" parameter is expected to be of type azure.functions.Context, got {annotation!r}'
        )


def _check_parameter(function: Function, binding: Binding, annotation: Any) -> object:
    is_out, inner = _unwrap_out(function, binding.name, annotation)
    if is_out and binding.direction == "in":
        raise _mismatch(
            function,
            f"binding {binding.name} has direction in, but its annotation is azure.functions.Out: remove Out, or"
            ' set the direction to "out"',
        )
    if not is_out and binding.direction == "out":
        raise _mismatch(
            function,
            f"binding {binding.name} has direction out, but its annotation is not azure.functions.Out: annotate it"
            " with azure.functions.Out[…]",
        )
    converter = CONVERTERS[binding.type]
    if is_out:
        accepted = converter.accepts_output(inner)
    elif isinstance(inner, type):
        accepted = converter.accepts_input(inner)
    else:
        raise _mismatch(function, f"binding {binding.name} has an annotation that is not a type: {annotation!r}")
    if not accepted:
        raise _mismatch(
            function,
            f"type of {binding.name} binding in function.json {binding.type!r} does not match its Python annotation"
            f" {_type_name(inner)!r}",
        )
    return inner


def _unwrap_out(function: Function, name: str, annotation: Any) -> tuple[bool, Any]:
    import azure.functions as func

    if annotation is func.Out:
        raise _mismatch(function, f"binding {name} has an invalid Out annotation: write azure.functions.Out[T]")
    if typing.get_origin(annotation) is func.Out:
        inner = typing.get_args(annotation)[0]
        if isinstance(inner, typing.TypeVar):
            raise _mismatch(function, f"binding {name} has an invalid Out annotation {annotation!r}: name the type")
        return True, inner
    return False, annotation


def _check_return(function: Function, hints: Mapping[str, Any]) -> None:
    binding = next((binding for binding in function.bindings if binding.name == RETURN), None)
    annotation = hints.get("return")
    if binding is None or annotation in (None, type(None)):
        return
    is_out, _ = _unwrap_out(function, RETURN, annotation)
    if is_out:
        raise _mismatch(function, "return annotation should not be azure.functions.Out")
    if not isinstance(annotation, type) and typing.get_origin(annotation) is not list:
        raise _mismatch(function, f"has invalid non-type return annotation {annotation!r}")
    if not CONVERTERS[binding.type].accepts_output(annotation):
        raise _mismatch(
            function,
            f"Python return annotation {_type_name(annotation)!r} does not match binding type {binding.type!r}",
        )


def _mismatch(function: Function, rule: str) -> FunctionError:
    return FunctionError("SignatureMismatch", f"cannot load the {function.name} function: {rule}")


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _type_name(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
