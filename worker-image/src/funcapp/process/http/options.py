"""What the host process tells a function process about HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from funcapp.process.http.limits import Times


@dataclass(frozen=True)
class HttpOptions:
    """`keys_required`: without a key, only anonymous functions are open. `keys_folder` None: there are no keys.

    `max_concurrent` and `max_outstanding` requests are a pod's, None for no limit; it has `processes`.
    `custom_headers` go into every response; `hsts` is the value of Strict-Transport-Security, None for none.
    """

    route_prefix: str = ""
    keys_required: bool = False
    keys_folder: Path | None = None
    home_page: bool = True
    times: Times = field(default_factory=Times)
    max_concurrent: int | None = None
    max_outstanding: int | None = None
    processes: int = 1
    custom_headers: Mapping[str, str] = field(default_factory=dict)
    hsts: str | None = None
    hsts_excluded_hosts: frozenset[str] = frozenset()


def from_wire(params: Mapping[str, Any]) -> HttpOptions:
    """From the parameters of the call `load`."""
    folder = params["keysFolder"]
    return HttpOptions(
        route_prefix=params["routePrefix"],
        keys_required=params["keysRequired"],
        keys_folder=Path(folder) if folder else None,
        home_page=params["homePage"],
        times=Times(head=params["headSeconds"], body=params["bodySeconds"]),
        max_concurrent=params["maxConcurrent"],
        max_outstanding=params["maxOutstanding"],
        processes=params["processes"],
        custom_headers=params["customHeaders"],
        hsts=params["hsts"],
        hsts_excluded_hosts=frozenset(params["hstsExcludedHosts"]),
    )
