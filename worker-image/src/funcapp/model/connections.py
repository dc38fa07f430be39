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
    candidates = (f"AzureWebJobs{name}", name)
    for candidate in candidates:
        if environment.get(candidate):
            return Connection(candidate, "ConnectionString")
        if any(environment.get(candidate + suffix) for suffix in _IDENTITY_SUFFIXES):
            return Connection(candidate, "Identity")
    raise FunctionError(
        "SettingMissing",
        f"the connection {name!r} needs a storage connection string in the setting {candidates[1]!r}"
        f" or {candidates[0]!r}, and neither is set",
    )
