"""The whole app: host.json, functions, and what is wrong with the broken ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from funcapp.errors import AppError, FunctionError
from funcapp.model import discovery, function, host_json, routes, time_zones
from funcapp.model.bindings.http import HttpTrigger
from funcapp.model.bindings.timer import TimerTrigger
from funcapp.model.function import Function, FunctionSource


@dataclass(frozen=True)
class App:
    """`sources` holds the functions that are sound, `errors` the others; names are in order.

    `script` is the file whose decorators declare the functions, None where function.json folders do.
    """

    root: Path
    host: host_json.HostOptions
    script: str | None = None
    functions: dict[str, Function] = field(default_factory=dict)
    sources: dict[str, FunctionSource] = field(default_factory=dict)
    errors: dict[str, FunctionError] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return sorted([*self.functions, *self.errors], key=lambda name: (name.lower(), name))

    @property
    def enabled(self) -> dict[str, Function]:
        return {name: found for name, found in self.functions.items() if not found.disabled}

    @property
    def disabled(self) -> list[str]:
        return sorted(name for name, found in self.functions.items() if found.disabled)

    def place(self, name: str) -> str:
        """Where the app declares a function, as messages name it."""
        return f"{name}/function.json" if self.script is None else f"{self.script}: function {name!r}"


def read_host(root: Path, environment: Mapping[str, str], processors: int) -> host_json.HostOptions:
    """The options of host.json. Raises AppError."""
    host_file = root / "host.json"
    try:
        content = host_file.read_bytes() if host_file.is_file() else None
    except OSError as error:
        raise unreadable(root, error) from None
    return host_json.parse(content, environment, processors)


def read(root: Path, environment: Mapping[str, str], processors: int, only: frozenset[str] | None = None) -> App:
    """Reads an app of function.json folders. `only` names the functions that are wanted, None for all.

    Raises AppError.
    """
    host = read_host(root, environment, processors)
    try:
        found = discovery.discover(root)
    except OSError as error:
        raise unreadable(root, error) from None
    return build(App(root, host), found, environment, only)


def build(
    app: App,
    found: Mapping[str, FunctionSource | FunctionError],
    environment: Mapping[str, str],
    only: frozenset[str] | None = None,
) -> App:
    """`app` with the functions that were found, as far as host.json and `only` want them."""
    app = App(app.root, app.host, app.script)
    for name, source in found.items():
        wanted = app.host.functions is None or name in app.host.functions
        if not wanted or (only is not None and name not in only):
            continue
        if isinstance(source, FunctionError):
            app.errors[name] = source
            continue
        try:
            app.functions[name] = function.parse(source, environment)
            app.sources[name] = source
        except FunctionError as error:
            app.errors[name] = FunctionError(error.reason, f"{app.place(name)}: {error.message}")
    _refuse_collisions(app)
    _refuse_unknown_time_zone(app, environment)
    return app


def unreadable(root: Path, error: OSError) -> AppError:
    return AppError("SourceInvalid", f"the app folder {root} cannot be read: {error.strerror}")


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
                    f"{app.place(name)}: route {route.text!r} is taken by {other_name!r} for the same methods:"
                    " change the route or the methods of one",
                )
                break
        else:
            others.append((name, trigger))


def _refuse_unknown_time_zone(app: App, environment: Mapping[str, str]) -> None:
    timers = [name for name, found in app.functions.items() if isinstance(found.trigger, TimerTrigger)]
    if not timers:
        return
    setting, zone = time_zones.setting(environment)
    try:
        time_zones.find(zone)
    except ValueError as error:
        for name in timers:
            del app.functions[name], app.sources[name]
            app.errors[name] = FunctionError(
                "BindingInvalid", f"{app.place(name)}: the setting {setting}={zone!r} {error}"
            )
