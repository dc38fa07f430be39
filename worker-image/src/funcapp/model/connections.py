"""Which environment variables hold the storage account that a binding's `connection` names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from funcapp.errors import FunctionError

DEFAULT_CONNECTION = "AzureWebJobsStorage"

_IDENTITY_SUFFIXES = ("__accountName", "__queueServiceUri", "__blobServiceUri", "__serviceUri")


@dataclass(frozen=True)
class Connection:
    """`setting` is the environment variable that was found; for `Identity`, the prefix of the variables."""

    setting: str
    form: Literal["ConnectionString", "Identity"]


def find(name: str, environment: Mapping[str, str]) -> Connection:
    """`AzureWebJobs` + name comes before the name alone. Raises FunctionError (SettingMissing)."""
    found = _find(name, environment)
    if found is not None:
        return found
    raise FunctionError(
        "SettingMissing",
        f"the connection {name!r} needs a storage connection string in the setting {name!r}"
        f" or 'AzureWebJobs{name}', and neither is set",
    )


def is_set(name: str, environment: Mapping[str, str]) -> bool:
    """Whether `find` finds it."""
    return _find(name, environment) is not None


def _find(name: str, environment: Mapping[str, str]) -> Connection | None:
    for candidate in (f"AzureWebJobs{name}", name):
        if environment.get(candidate):
            return Connection(candidate, "ConnectionString")
        if any(environment.get(candidate + suffix) for suffix in _IDENTITY_SUFFIXES):
            return Connection(candidate, "Identity")
    return None
