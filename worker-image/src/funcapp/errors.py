"""The mistakes of a function app, told apart by how far they reach."""

from __future__ import annotations

from typing import Literal

FunctionReason = Literal[
    "FunctionJsonInvalid",
    "FunctionNameInvalid",
    "NoTrigger",
    "SeveralTriggers",
    "BindingInvalid",
    "BindingNotSupported",
    "ScriptFileNotFound",
    "ScriptFileOutsideApp",
    "EntryPointNotFound",
    "ImportFailed",
    "SignatureMismatch",
    "SettingMissing",
    "SettingInvalid",
    "RouteInvalid",
    "RouteCollision",
]
"""Why one function does not run; docs/architecture.md is the list's source."""

AppReason = Literal[
    "RequirementsNotInstalled",
    "RequirementsInvalid",
    "PackageIndexUnauthorized",
    "SourceInvalid",
    "SourceNotFound",
    "SourceUnauthorized",
    "SourceTooLarge",
    "ChecksumMismatch",
    "PackageTooLarge",
    "DependenciesUnfit",
    "HostJsonInvalid",
    "FunctionAppInvalid",
]
"""Why a whole app does not run."""


class FunctionError(Exception):
    """One function cannot run; the others can."""

    def __init__(self, reason: FunctionReason, message: str) -> None:
        super().__init__(message)
        self.reason: FunctionReason = reason
        self.message = message


class AppError(Exception):
    """The app cannot run at all, and trying again would not help."""

    def __init__(self, reason: AppReason, message: str) -> None:
        super().__init__(message)
        self.reason: AppReason = reason
        self.message = message


class ConfigurationError(Exception):
    """The worker itself, or a command, was started with a setting or an option that it cannot use."""


class CommandFailed(Exception):
    """A command was called rightly and could not do what it is for. The message is for people."""


class InfrastructureError(Exception):
    """Not the app's mistake, and trying again may help. The message is for people, without a trace of where."""
