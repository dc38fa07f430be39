"""function.json: from the document to a `Function`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from funcapp.errors import FunctionError
from funcapp.model import retry
from funcapp.model.bindings.base import Binding, DataType, Direction, RawBinding
from funcapp.model.bindings.registry import KINDS
from funcapp.model.retry import RetryPolicy

RETURN = "$return"

_FUNCTION_NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,127}")
_BINDING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}|\$return")
_DIRECTIONS: dict[str, Direction] = {"in": "in", "out": "out"}
_DATA_TYPES: dict[str, DataType] = {"string": "string", "binary": "binary", "stream": "stream"}

B = TypeVar("B", bound=Binding)


@dataclass(frozen=True)
class FunctionSource:
    """A function as the app declares it: where its code is and its function.json, unread.

    Paths are relative to the app's root. It travels between host process and function processes as it is.
    Functions that decorators declare have a `document` of the same shape, in which enumerations are in capitals.
    """

    name: str
    script_file: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """A function whose declaration is sound; whether its code loads is not known yet."""

    name: str
    script_file: str
    entry_point: str
    trigger: Binding
    bindings: tuple[Binding, ...]
    disabled: bool
    retry: RetryPolicy | None = None

    def inputs(self, kind: type[B]) -> tuple[B, ...]:
        """Bindings of a kind that are read, without the trigger."""
        return tuple(b for b in self.bindings if isinstance(b, kind) and b.direction == "in" and b is not self.trigger)

    @property
    def outputs(self) -> tuple[Binding, ...]:
        return tuple(binding for binding in self.bindings if binding.direction == "out")


def check_name(name: str) -> None:
    """Raises FunctionError (FunctionNameInvalid)."""
    if not _FUNCTION_NAME.fullmatch(name) or name.lower() == "host":
        raise FunctionError(
            "FunctionNameInvalid",
            f"{name!r}: a function's name has up to 128 letters, digits, '_' and '-', starts with a letter"
            " and is not 'host': rename it",
        )


def parse(source: FunctionSource, environment: Mapping[str, str]) -> Function:
    """Raises FunctionError."""
    document = {key.lower(): value for key, value in source.document.items()}
    entry_point = document.get("entrypoint") or "main"
    if not isinstance(entry_point, str):
        raise FunctionError("FunctionJsonInvalid", f"entryPoint is {entry_point!r}: it must be the name of a function")
    raw_bindings = document.get("bindings")
    if not isinstance(raw_bindings, list) or not raw_bindings:
        raise FunctionError("NoTrigger", "bindings must be a list with at least a trigger")
    bindings = tuple(_parse_binding(item, index, environment) for index, item in enumerate(raw_bindings))
    _check_names(bindings)
    return Function(
        name=source.name,
        script_file=source.script_file,
        entry_point=entry_point,
        trigger=_trigger(bindings),
        bindings=bindings,
        disabled=is_disabled(source.name, document.get("disabled"), environment),
        retry=retry.parse(document.get("retry")),
    )


def is_disabled(name: str, declared: object, environment: Mapping[str, str]) -> bool:
    """The settings `AzureWebJobs.<name>.Disabled` and `AzureWebJobs_<name>_Disabled` win over function.json."""
    for setting in (f"AzureWebJobs.{name}.Disabled", f"AzureWebJobs_{name}_Disabled"):
        value = environment.get(setting)
        if value is not None:
            return value.strip().lower() in ("1", "true")
    if isinstance(declared, str):
        # A text names a setting that decides.
        value = environment.get(declared.strip("%"), declared)
        return value.strip().lower() in ("1", "true")
    return declared is True


def _trigger(bindings: tuple[Binding, ...]) -> Binding:
    triggers = [binding for binding in bindings if KINDS[binding.type.lower()].is_trigger]
    if not triggers:
        raise FunctionError("NoTrigger", "no binding is a trigger: add one whose type ends in Trigger")
    if len(triggers) > 1:
        names = ", ".join(trigger.name for trigger in triggers)
        raise FunctionError("SeveralTriggers", f"{names} are all triggers: a function has exactly one")
    return triggers[0]


def _check_names(bindings: tuple[Binding, ...]) -> None:
    seen: set[str] = set()
    for binding in bindings:
        if binding.name in seen:
            raise FunctionError("BindingInvalid", f"two bindings are named {binding.name!r}: rename one")
        seen.add(binding.name)
        if binding.name == RETURN and binding.direction != "out":
            raise FunctionError("BindingInvalid", '"$return" binding must have direction set to "out"')


def _parse_binding(item: object, index: int, environment: Mapping[str, str]) -> Binding:
    if not isinstance(item, dict):
        raise FunctionError("BindingInvalid", f"bindings[{index}] must be an object")
    properties = {str(key).lower(): value for key, value in item.items()}
    name, kind_name = properties.get("name"), properties.get("type")
    if not isinstance(name, str) or not _BINDING_NAME.fullmatch(name):
        raise FunctionError(
            "BindingInvalid", f"bindings[{index}] has name {name!r}: it must be a parameter's name or $return"
        )
    if not isinstance(kind_name, str) or not kind_name:
        raise FunctionError("BindingInvalid", f"binding {name!r} needs a type")
    kind = KINDS.get(kind_name.lower())
    if kind is None:
        known = ", ".join(sorted(known.type for known in KINDS.values()))
        raise FunctionError(
            "BindingNotSupported", f"binding {name!r} has type {kind_name!r}, which is not supported: there are {known}"
        )
    direction = _direction(properties.get("direction", "in" if kind.is_trigger else None), name)
    if direction not in kind.directions:
        raise FunctionError(
            "BindingInvalid",
            f"binding {name!r} ({kind.type}) has direction {direction!r}: it must be {kind.directions[0]!r}",
        )
    data_type = _data_type(properties.get("datatype"), name)
    return kind.parse(RawBinding(name, kind.type, direction, data_type, properties, environment))


def _direction(value: object, name: str) -> Direction:
    text = str(value).lower()
    if text == "inout":
        raise FunctionError("BindingInvalid", f'binding {name!r}: "inout" bindings are not supported: use in or out')
    if text not in _DIRECTIONS:
        raise FunctionError("BindingInvalid", f"binding {name!r} has direction {value!r}: it must be in or out")
    return _DIRECTIONS[text]


def _data_type(value: object, name: str) -> DataType | None:
    if value in (None, ""):
        return None
    text = str(value).lower()
    if text not in _DATA_TYPES:
        raise FunctionError(
            "BindingInvalid", f"binding {name!r} has dataType {value!r}: it must be string, binary or stream"
        )
    return _DATA_TYPES[text]
