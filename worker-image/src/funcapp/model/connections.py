"""Which settings hold the storage account that a binding's `connection` names, and what they say of it.

https://learn.microsoft.com/azure/azure-functions/functions-reference#connections
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit

from funcapp.errors import FunctionError

_PREFIX = "AzureWebJobs"
DEFAULT_CONNECTION = f"{_PREFIX}Storage"

Service = Literal["queue", "blob"]
IdentityCredential = Literal["managedidentity", "workloadidentity"]
_CREDENTIALS: tuple[IdentityCredential, ...] = get_args(IdentityCredential)

_IDENTITY_SUFFIXES = ("__accountName", "__queueServiceUri", "__blobServiceUri", "__serviceUri")
_ACCOUNT_NAME = re.compile("[a-z0-9]{3,24}")


@dataclass(frozen=True)
class Connection:
    """`setting` is the environment variable that was found; for `Identity`, the prefix of the variables."""

    setting: str
    form: Literal["ConnectionString", "Identity"]


@dataclass(frozen=True)
class Identity:
    """An account that is reached by signing in to Microsoft Entra ID rather than with a key.

    An endpoint is None where no setting tells it. `credential` says how to sign in. Without it, `client_secret` is an
    application's, and else it is the identity that the environment offers; `client_id` chooses among several.
    """

    queue_endpoint: str | None
    blob_endpoint: str | None
    client_id: str | None = None
    tenant_id: str | None = None
    managed_identity_resource_id: str | None = None
    credential: IdentityCredential | None = None
    client_secret: str | None = field(default=None, repr=False)

    def endpoint(self, service: Service) -> str | None:
        return self.queue_endpoint if service == "queue" else self.blob_endpoint

    @property
    def account(self) -> tuple[str | None, str | None]:
        """The account's name and the suffix of its endpoints, such as `core.windows.net`.

        None for both where an endpoint is not of the usual form, as an emulator's or one of a domain of its own.
        """
        service = "queue" if self.queue_endpoint else "blob"
        parts = urlsplit(self.queue_endpoint or self.blob_endpoint or "")
        account, _, rest = (parts.hostname or "").partition(".")
        named, _, suffix = rest.partition(".")
        usual = parts.scheme == "https" and parts.port is None and not parts.path and named == service and suffix
        return (account, suffix) if usual and _ACCOUNT_NAME.fullmatch(account) else (None, None)


def find(name: str, environment: Mapping[str, str], *services: Service) -> Connection:
    """`AzureWebJobs` + name comes before the name alone. `services` are those that the account has to have.

    Raises FunctionError: SettingMissing, or SettingInvalid for what cannot be an account. Values are not repeated.
    """
    found = _find(name, environment)
    if found is None:
        raise FunctionError(
            "SettingMissing",
            f"the connection {name!r} needs a storage connection string in the setting {name!r}"
            + (", which is not set" if name.startswith(_PREFIX) else f" or '{_PREFIX}{name}', and neither is set"),
        )
    if found.form == "ConnectionString":
        _check_connection_string(found.setting, environment[found.setting], services)
        return found
    account = identity(found.setting, environment)
    for service in services:
        if account.endpoint(service) is None:
            raise FunctionError(
                "SettingMissing",
                f"the connection {name!r} needs the setting '{found.setting}__{service}ServiceUri', or"
                f" '{found.setting}__accountName'",
            )
    return found


def is_set(name: str, environment: Mapping[str, str]) -> bool:
    """Whether there are settings for it."""
    return _find(name, environment) is not None


def identity(prefix: str, environment: Mapping[str, str]) -> Identity:
    """What the settings that begin with `prefix` and two underscores say. Raises FunctionError (SettingInvalid)."""

    def value(suffix: str) -> str | None:
        return environment.get(f"{prefix}__{suffix}", "").strip() or None

    account = value("accountName")
    if account is not None and not _ACCOUNT_NAME.fullmatch(account):
        raise FunctionError(
            "SettingInvalid",
            f"the setting '{prefix}__accountName' is {account!r}: it must have 3 to 24 lower-case letters and digits",
        )
    endpoints: dict[str, str | None] = {}
    for service in ("queue", "blob"):
        declared = next((suffix for suffix in (f"{service}ServiceUri", "serviceUri") if value(suffix)), None)
        default = f"https://{account}.{service}.core.windows.net" if account else None
        endpoints[service] = default if declared is None else _uri(f"{prefix}__{declared}", value(declared) or "")
    named = (value("credential") or "").lower()
    credential = next((known for known in _CREDENTIALS if known == named), None)
    if named and credential is None:
        raise FunctionError(
            "SettingInvalid",
            f"the setting '{prefix}__credential' is {named!r}: it must be one of {', '.join(_CREDENTIALS)}",
        )
    if value("clientSecret"):
        for needed in ("tenantId", "clientId"):
            if not value(needed):
                raise FunctionError(
                    "SettingMissing",
                    f"the setting '{prefix}__clientSecret' is an application's: set '{prefix}__{needed}', too",
                )
    return Identity(
        endpoints["queue"],
        endpoints["blob"],
        client_id=value("clientId"),
        tenant_id=value("tenantId"),
        managed_identity_resource_id=value("managedIdentityResourceId"),
        credential=credential,
        client_secret=value("clientSecret"),
    )


def _find(name: str, environment: Mapping[str, str]) -> Connection | None:
    for candidate in (f"{_PREFIX}{name}", name):
        if environment.get(candidate):
            return Connection(candidate, "ConnectionString")
        if any(environment.get(candidate + suffix) for suffix in _IDENTITY_SUFFIXES):
            return Connection(candidate, "Identity")
    return None


def _uri(setting: str, text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("https", "http") and parts.hostname and not parts.query and not parts.fragment
    except ValueError:
        valid = False
    if not valid:
        raise FunctionError(
            "SettingInvalid",
            f"the setting {setting!r} must be the address of a service, such as https://account.queue.core.windows.net",
        )
    return text.rstrip("/")


def _check_connection_string(setting: str, text: str, services: tuple[Service, ...]) -> None:
    """https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string"""
    if text.strip().startswith("@Microsoft.KeyVault("):
        raise FunctionError(
            "SettingInvalid",
            f"the setting {setting!r} refers to a Key Vault, which is not resolved here: put the secret itself in the"
            " setting, for example through a Secret that External Secrets fills",
        )
    pairs = (item.partition("=") for item in text.split(";") if item.strip())
    values = {key.strip().lower(): value.strip() for key, _, value in pairs}
    if values.get("usedevelopmentstorage", "").lower() == "true":
        return
    has_place = any(values.get(key) for key in ("accountname", "queueendpoint", "blobendpoint"))
    has_secret = any(values.get(key) for key in ("accountkey", "sharedaccesssignature"))
    if not has_place or not has_secret:
        raise FunctionError(
            "SettingInvalid",
            f"the setting {setting!r} is not a storage connection string: copy it from the storage account",
        )
    for service in services:
        if not values.get("accountname") and not values.get(f"{service}endpoint"):
            raise FunctionError(
                "SettingInvalid",
                f"the setting {setting!r} has no {service.capitalize()}Endpoint and no AccountName: copy the whole"
                " connection string from the storage account",
            )
