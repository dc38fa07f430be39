"""The whole app: host.json, functions, and what is wrong with the broken ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from funcapp.errors import AppError, FunctionError
from funcapp.model import discovery, function, host_json, routes
from funcapp.model.bindings.http import HttpTrigger
from funcapp.model.function import Function, FunctionSource


@dataclass(frozen=True)
class App:
    """`sources` holds the functions that are sound, `errors` the others; names are in order."""

    root: Path
    host: host_json.HostOptions
    functions: dict[str, Function] = field(default_factory=dict)
    sources: dict[str, FunctionSource] = field(default_factory=dict)
    errors: dict[str, FunctionError] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return sorted([*self.functions, *self.errors], key=lambda name: (name.lower(), name))

    @property
    def enabled(self) -> dict[str, Function]:
        return {name: found for name, found in self.functions.items() if not found.disabled}


def read(root: Path, environment: Mapping[str, str], processors: int, only: frozenset[str] | None = None) -> App:
    """Reads the app folder. `only` names the functions that are wanted, None for all. Raises AppError."""
    try:
        sources = discovery.discover(root)
        host_file = root / "host.json"
        content = host_file.read_bytes() if host_file.is_file() else None
    except OSError as error:
        raise AppError("SourceInvalid", f"the app folder {root} cannot be read: {error.strerror}") from None
    host = host_json.parse(content, environment, processors)
    app = App(root, host)
    for name, source in sources.items():
        if (host.functions is not None and name not in host.functions) or (only is not None and name not in only):
            continue
        if isinstance(source, FunctionError):
            app.errors[name] = source
            continue
        try:
            app.functions[name] = function.parse(source, environment)
            app.sources[name] = source
        except FunctionError as error:
            app.errors[name] = FunctionError(error.reason, f"{name}/function.json: {error.message}")
    _refuse_collisions(app)
    return app


def route_of(name: str, trigger: HttpTrigger) -> routes.RouteTemplate:
    """The trigger's route without the prefix."""
    return trigger.route if trigger.route is not None else routes.parse(name)


def _refuse_collisions(app: App) -> None:
    taken: dict[str, list[tuple[str, HttpTrigger]]] = {}
    for name, found in list(app.functions.items()):
        trigger = found.trigger
        if not isinstance(trigger, HttpTrigger):
            continue
        route = route_of(name, trigger)
        others = taken.setdefault(route.collision_key, [])
        for other_name, other in others:
            if not trigger.methods or not other.methods or trigger.methods & other.methods:
                del app.functions[name], app.sources[name]
                app.errors[name] = FunctionError(
                    "RouteCollision",
                    f"{name}/function.json: route {route.text!r} is taken by {other_name!r} for the same methods:"
                    " change the route or the methods of one",
                )
                break
        else:
            others.append((name, trigger))
