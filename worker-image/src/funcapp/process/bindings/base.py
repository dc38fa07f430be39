"""What every kind of binding can say of the Python values that it takes and gives."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from funcapp.content import Content
from funcapp.model.bindings.base import Binding


@dataclass(frozen=True)
class Datum:
    """What the host process read for a binding. `content` is None where there is nothing."""

    content: Content | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Write:
    """What the host process shall write for an output: `params` say where, each part is one item.

    A function of no arguments stands for parts that take a while to make; it is called outside the event loop, and
    raises TypeError, ValueError or NoRoom.
    """

    params: Mapping[str, Any]
    parts: list[Content] | Callable[[], list[Content]]


class Converter:
    """One kind of binding. A kind that has no direction leaves its methods as they are."""

    has_target = False
    """Whether the host process reads or writes for it, so that `target` says where."""

    def accepts_input(self, annotation: type) -> bool:
        """Whether a parameter with this annotation can take the binding's value."""
        return False

    def accepts_output(self, annotation: object) -> bool:
        """Whether `Out[annotation]`, or a return value annotated so, can be given."""
        return False

    def target(self, binding: Binding, data: Mapping[str, Any], function: str) -> dict[str, Any]:
        """Where an invocation reads or writes: the binding's expressions, resolved. Raises ValueError."""
        raise NotImplementedError

    def is_client(self, binding: Binding, annotation: object) -> bool:
        """Whether the argument is a client of storage, which fetches the content itself."""
        return False

    def decode(self, binding: Binding, datum: Datum, annotation: object) -> object:
        """The argument for the function."""
        raise NotImplementedError

    def encode(self, binding: Binding, value: object, target: Mapping[str, Any]) -> Write:
        """What a value that was set or returned means. Raises TypeError or ValueError."""
        raise NotImplementedError


def is_subclass(annotation: object, *classes: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, classes)


def item_of_list(annotation: object) -> object:
    """`T` of `list[T]`, `Sequence[T]` or `tuple[T, ...]`; None for everything else."""
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) in (list, tuple, Sequence):
        return arguments[0] if arguments and arguments[1:] in ((), (...,)) else None
    return None
