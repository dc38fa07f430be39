"""Holds a Python function against its bindings."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from funcapp.errors import FunctionError
from funcapp.model.bindings.base import Binding
from funcapp.model.function import RETURN, Function
from funcapp.process import hints
from funcapp.process.bindings.base import is_subclass
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
        parameters = hints.parameters_of(entry)
    except (TypeError, ValueError) as error:
        raise _mismatch(function, f"its signature cannot be read: {error}") from None
    if hints.is_generator(entry):
        raise _mismatch(function, "it is a generator, which would never run: return a value instead of yielding it")
    annotations = hints.annotations_of(entry)
    named = {name: parameter for name, parameter in parameters.items() if parameter.kind is not parameter.VAR_KEYWORD}
    bound = {binding.name: binding for binding in function.bindings if binding.name != RETURN}
    wants_context = CONTEXT in named and CONTEXT not in bound
    if wants_context:
        _check_context(function, annotations.get(CONTEXT))
    _check_names(function, bound, named, takes_all=len(named) < len(parameters))
    found = {}
    for name, binding in bound.items():
        if name in annotations:
            annotation = _check_parameter(function, binding, annotations[name])
            if not hints.says_nothing(annotation):
                found[name] = annotation
    _check_return(function, annotations)
    return Signature(wants_context, found)


def _check_names(
    function: Function, bound: Mapping[str, Binding], named: Mapping[str, inspect.Parameter], *, takes_all: bool
) -> None:
    """Every binding has a parameter, and every parameter a binding, a default or the context."""
    extra = [name for name, p in named.items() if name not in bound and name != CONTEXT and p.default is p.empty]
    if extra:
        raise _mismatch(
            function, f"the following parameters are declared in Python but not in function.json: {_list(extra)}"
        )
    missing = [name for name in bound if name not in named]
    if missing and not takes_all:
        raise _mismatch(
            function, f"the following parameters are declared in function.json but not in Python: {_list(missing)}"
        )
    positional = [name for name, p in named.items() if p.kind is p.POSITIONAL_ONLY]
    if positional:
        raise _mismatch(
            function, f"parameters are passed by name, and these take none: {_list(positional)}: remove the '/'"
        )


def _check_context(function: Function, annotation: object) -> None:
    import azure.functions as func

    if annotation is None or any(
        hints.says_nothing(member) or is_subclass(member, func.Context) for member in hints.members_of(annotation)
    ):
        return
    raise _mismatch(
        function, f'the "context" parameter is expected to be of type azure.functions.Context, got {annotation!r}'
    )


def _check_parameter(function: Function, binding: Binding, annotation: Any) -> object:
    """The type, of those that the annotation allows, which the parameter is given."""
    is_out, inner = _unwrap_out(function, binding.name, annotation)
    if is_out and binding.direction == "in":
        raise _mismatch(
            function,
            f"binding {binding.name} has direction in, but its annotation is azure.functions.Out: remove Out, or"
            ' set the direction to "out"',
        )
    if not is_out and binding.direction == "out" and not hints.says_nothing(inner):
        raise _mismatch(
            function,
            f"binding {binding.name} has direction out, but its annotation is not azure.functions.Out: annotate it"
            " with azure.functions.Out[…]",
        )
    converter = CONVERTERS[binding.type]
    accepts = converter.accepts_output if is_out else converter.accepts_input
    found = _accepted(inner, accepts)
    if found is None:
        raise _mismatch(
            function,
            f"type of {binding.name} binding in function.json {binding.type!r} does not match its Python annotation"
            f" {_type_name(inner)!r}",
        )
    return found


def _accepted(annotation: Any, accepts: Callable[[Any], bool]) -> object | None:
    """The first type of a union that the binding can give or take; None when there is none."""
    members = hints.members_of(annotation)
    return next((member for member in members if hints.says_nothing(member) or accepts(member)), None)


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


def _check_return(function: Function, annotations: Mapping[str, Any]) -> None:
    binding = next((binding for binding in function.bindings if binding.name == RETURN), None)
    annotation = annotations.get("return")
    if binding is None or annotation in (None, type(None)):
        return
    is_out, _ = _unwrap_out(function, RETURN, annotation)
    if is_out:
        raise _mismatch(function, "return annotation should not be azure.functions.Out")
    if _accepted(annotation, CONVERTERS[binding.type].accepts_output) is None:
        raise _mismatch(
            function,
            f"Python return annotation {_type_name(annotation)!r} does not match binding type {binding.type!r}",
        )


def _mismatch(function: Function, rule: str) -> FunctionError:
    return FunctionError("SignatureMismatch", f"cannot load the {function.name} function: {rule}")


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _type_name(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
