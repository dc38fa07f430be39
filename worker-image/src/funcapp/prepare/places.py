"""Where the steps find things; the defaults are the contract of docs/architecture.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from funcapp.host.settings import DEFAULT_ROOT


@dataclass(frozen=True)
class Places:
    source: Path
    credentials: Path
    grants: Path
    root: Path
    workspace: Path
    pip_credentials: Path

    @property
    def package_file(self) -> Path:
        """Digest and size of the package, from build to verify."""
        return self.workspace / "package.json"


def find(environment: Mapping[str, str]) -> Places:
    """`FUNCAPP_RUN_DIRECTORY` moves everything under /var/run/funcapp."""
    run = Path(environment.get("FUNCAPP_RUN_DIRECTORY", "/var/run/funcapp"))
    return Places(
        source=run / "source",
        credentials=run / "credentials",
        grants=run / "prepare" / "prepare.json",
        root=Path(environment.get("AzureWebJobsScriptRoot", DEFAULT_ROOT)),
        workspace=run / "workspace",
        pip_credentials=run / "pip",
    )


def grant(places: Places, name: str) -> str:
    """The URL of one upload. It carries a signature."""
    url: str = json.loads(places.grants.read_bytes())[name]["url"]
    return url


def grant_or_none(places: Places, name: str) -> str | None:
    """The same, for what a build can do without."""
    return grant(places, name) if name in json.loads(places.grants.read_bytes()) else None
