"""The worker's settings, read once from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from funcapp.errors import ConfigurationError
from funcapp.model import cors

DEFAULT_ROOT = "/home/site/wwwroot"
DEFAULT_KEYS_FOLDER = "/var/run/funcapp/keys"

LOCAL_PORT = 7071
"""Where Azure Functions Core Tools serves an app on a developer's machine."""

_DRAIN_SECONDS_IN_POD = 5


@dataclass(frozen=True)
class Settings:
    """`functions` None: all. `threads` None: Python's own default. `package_file` None: run the folder as it is.
    `keys_folder` None: there are no keys.

    `address` empty: every address of the machine, as a pod needs it. `app_python` is the interpreter of the app's
    virtual environment, on a developer's machine. Port 0: one that is free.
    """

    root: Path
    package_file: Path | None
    functions: frozenset[str] | None
    processes: int
    threads: int | None
    address: str
    http_port: int
    management_port: int
    keys_required: bool
    keys_folder: Path | None
    http_header_seconds: int
    http_body_seconds: int
    home_page: bool
    http_drain_seconds: int
    environment: Mapping[str, str]
    app_python: Path | None = None


def is_in_pod(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("FUNCAPP_NAMESPACE"))


def parse(
    environment: Mapping[str, str],
    root: str | None = None,
    port: int | None = None,
    *,
    keys_required: bool = False,
    app_python: Path | None = None,
) -> Settings:
    """Arguments come before the environment; in a pod, keys are always required. Raises ConfigurationError."""
    in_pod = is_in_pod(environment)
    if port is not None and not 0 <= port <= 65535:
        raise ConfigurationError(f"the port {port} must be a whole number from 0 to 65535")
    cors.parse(environment)
    keys_folder = environment.get("FUNCAPP_KEYS_FOLDER", DEFAULT_KEYS_FOLDER if in_pod else "")
    package_file = environment.get("FUNCAPP_PACKAGE_FILE", "")
    default_port = 8080 if in_pod else LOCAL_PORT
    names = [name.strip() for name in environment.get("FUNCAPP_FUNCTIONS", "").split(",")]
    return Settings(
        root=Path(root or environment.get("AzureWebJobsScriptRoot") or (DEFAULT_ROOT if in_pod else ".")).resolve(),
        package_file=Path(package_file) if package_file and root is None else None,
        functions=frozenset(filter(None, names)) or None,
        processes=_number(environment, "FUNCTIONS_WORKER_PROCESS_COUNT", 1, 1, 10),
        threads=_number(environment, "PYTHON_THREADPOOL_THREAD_COUNT", 0, 1, 1024) or None,
        address=environment.get("FUNCAPP_ADDRESS", "" if in_pod else "127.0.0.1"),
        http_port=port if port is not None else _number(environment, "FUNCAPP_HTTP_PORT", default_port, 0, 65535),
        management_port=_number(environment, "FUNCAPP_MANAGEMENT_PORT", 8081 if in_pod else 0, 0, 65535),
        keys_required=in_pod or keys_required,
        keys_folder=Path(keys_folder) if keys_folder else None,
        http_header_seconds=_number(environment, "FUNCAPP_HTTP_HEADER_SECONDS", 30, 1, 3600),
        http_body_seconds=_number(environment, "FUNCAPP_HTTP_BODY_SECONDS", 30, 1, 3600),
        home_page=environment.get("AzureWebJobsDisableHomepage", "").lower() not in ("1", "true"),
        http_drain_seconds=_number(
            environment, "FUNCAPP_HTTP_DRAIN_SECONDS", _DRAIN_SECONDS_IN_POD if in_pod else 0, 0, 300
        ),
        environment=environment,
        app_python=app_python,
    )


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ConfigurationError(f"the setting {name} is {text!r}: it must be a whole number from {least} to {most}")
    return int(text)
