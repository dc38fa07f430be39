"""A command on a developer's machine: which folder is the app, and what its local.settings.json sets."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from pathlib import Path

from funcapp.errors import ConfigurationError
from funcapp.model import discovery, local_settings
from funcapp.model.local_settings import LocalSettings

APP_FOLDER = "__app__"


def find_app(named: str | None, environment: Mapping[str, str]) -> Path:
    """The folder that is named, or AzureWebJobsScriptRoot, or the app that the current folder belongs to.

    As Core Tools does, a parent with a host.json is taken for the app; so is a folder `__app__` below.
    Raises ConfigurationError when there is no app; AppError for a setting that names no script.
    """
    chosen = named or environment.get("AzureWebJobsScriptRoot")
    start = Path(chosen or ".").resolve()
    if not start.is_dir():
        raise ConfigurationError(f"{start} is not a folder: name the one that holds host.json")
    candidates = [start, start / APP_FOLDER] if chosen else [start, start / APP_FOLDER, *start.parents]
    for folder in candidates:
        if (folder / "host.json").is_file():
            return folder
    if discovery.script(start, variables(start, environment)) is not None or any(start.glob("*/function.json")):
        return start
    raise ConfigurationError(
        f"{start} is not a function app: it has no host.json. Name the app's folder, or make an app with `funcapp init`"
    )


def read_settings(root: Path) -> LocalSettings:
    """Raises ConfigurationError."""
    path = root / local_settings.FILE_NAME
    if not path.is_file():
        return LocalSettings()
    try:
        return local_settings.parse(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None


def variables(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment that the app of a folder has on this machine. Raises ConfigurationError."""
    merged = dict(environment)
    apply(read_settings(root), merged)
    return merged


def apply(settings: LocalSettings, environment: MutableMapping[str, str]) -> list[str]:
    """Sets what is not set; a variable that is set to nothing counts as not set, as in Core Tools.

    The result tells, in Core Tools' words, what the environment decided otherwise.
    """
    skipped = []
    for name, value in settings.variables.items():
        if not environment.get(name):
            environment[name] = value
        elif environment[name] != value:
            skipped.append(
                f"Skipping '{name}' from local settings as it's already defined in current environment variables."
            )
    return skipped
