"""A function whose code is loaded, with what each of its invocations needs to know of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from funcapp.model.bindings.base import Binding
from funcapp.model.function import RETURN, Function
from funcapp.process.bindings.registry import CONVERTERS
from funcapp.process.signature import Signature
from funcapp.stats import FunctionStats


@dataclass(frozen=True)
class LoadedFunction:
    """The properties are what each invocation needs to know."""

    function: Function
    entry: Callable[..., Any]
    signature: Signature
    stats: FunctionStats = field(default_factory=FunctionStats)

    @cached_property
    def needs_binding_data(self) -> bool:
        """Whether a request's body has to be looked into before the function runs."""
        return bool(self.targeted)

    @cached_property
    def targeted(self) -> list[Binding]:
        return [binding for binding in self.function.bindings if CONVERTERS[binding.type].has_target]

    @cached_property
    def inputs(self) -> list[Binding]:
        return list(self.function.inputs(Binding))

    @cached_property
    def parameters(self) -> list[str]:
        """Of outputs."""
        return [binding.name for binding in self.function.outputs if binding.name != RETURN]

    @cached_property
    def returns(self) -> bool:
        """Whether an output takes the return value."""
        return any(binding.name == RETURN for binding in self.function.outputs)

    @cached_property
    def written(self) -> list[Binding]:
        """The outputs that the host process writes."""
        return [binding for binding in self.targeted if binding in self.function.outputs]

    @cached_property
    def http_output(self) -> str | None:
        return next((binding.name for binding in self.function.outputs if binding.type == "http"), None)

    @cached_property
    def only_returns(self) -> bool:
        """Whether the return value, as the http output, is all that the function gives."""
        return self.http_output == RETURN and len(self.function.outputs) == 1

    @cached_property
    def is_coroutine_function(self) -> bool:
        entry = self.entry
        return inspect.iscoroutinefunction(entry) or inspect.iscoroutinefunction(getattr(entry, "__call__", None))  # noqa: B004
