"""local.settings.json: the app settings of a developer's machine.

https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from funcapp.errors import ConfigurationError
from funcapp.model import json_text

FILE_NAME = "local.settings.json"


@dataclass(frozen=True)
class LocalSettings:
    """`variables` are environment variables: `Values`, and `ConnectionStrings:<name>` for each connection string.

    `http_port` None: not said.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    http_port: int | None = None
    cors_origins: tuple[str, ...] = ()
    cors_credentials: bool = False


def parse(content: bytes) -> LocalSettings:
    """Raises ConfigurationError."""
    try:
        document = json_text.loads(content)
    except json_text.JsonTextError as error:
        raise _invalid(str(error)) from None
    if not isinstance(document, dict):
        raise _invalid('it must hold a JSON object, at least {"IsEncrypted": false, "Values": {}}')
    sections = {key.lower(): value for key, value in document.items()}
    values = _strings("Values", sections.get("values"))
    connections = _strings("ConnectionStrings", _plain_connections(sections.get("connectionstrings")))
    if (values or connections) and sections.get("isencrypted", True) is not False:
        raise _invalid(
            "IsEncrypted is not false (which it must be in so many words: without it, the file counts as encrypted),"
            " and only Azure Functions Core Tools can read encrypted values: run `func settings decrypt`, or set"
            ' "IsEncrypted": false when the values are plain text'
        )
    host = {key.lower(): value for key, value in _object("Host", sections.get("host")).items()}
    return LocalSettings(
        variables={**values, **{f"ConnectionStrings:{name}": value for name, value in connections.items()}},
        http_port=_port(host.get("localhttpport")),
        cors_origins=origins(_text("Host.CORS", host.get("cors"))),
        cors_credentials=_flag("Host.CORSCredentials", host.get("corscredentials")),
    )


def origins(text: str) -> tuple[str, ...]:
    """The origins of a comma-separated list, as `--cors` takes it, too."""
    return tuple(origin.strip().rstrip("/") for origin in text.split(",") if origin.strip())


def _strings(section: str, value: object) -> dict[str, str]:
    """Nulls are left out, as Core Tools does."""
    found = {}
    for name, item in _object(section, value).items():
        if item is None:
            continue
        if not isinstance(item, str):
            raise _invalid(f"{section}.{name} is {item!r}: settings are text, so put it in quotation marks")
        if not name or "=" in name or "\0" in name or "\0" in item:
            raise _invalid(f"{section}.{name}: it cannot be an environment variable: rename it")
        found[name] = item
    return found


def _plain_connections(value: object) -> object:
    """A connection string may be given with its provider: {"ConnectionString": …, "ProviderName": …}."""
    if not isinstance(value, dict):
        return value
    return {
        name: next((text for key, text in item.items() if key.lower() == "connectionstring"), item)
        if isinstance(item, dict)
        else item
        for name, item in value.items()
    }


def _object(section: str, value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _invalid(f"{section} is {value!r}: it must be an object")
    return value


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _invalid(f"{name} is {value!r}: it must be text")
    return value


def _flag(name: str, value: object) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _invalid(f"{name} is {value!r}: it must be true or false")


def _port(value: object) -> int | None:
    if value in (None, ""):
        return None
    try:
        number = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else -1
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise _invalid(f"Host.LocalHttpPort is {value!r}: it must be a whole number from 0 to 65535")
    return number or None


def _invalid(message: str) -> ConfigurationError:
    return ConfigurationError(f"{FILE_NAME}: {message}")
