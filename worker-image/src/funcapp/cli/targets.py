"""Where a package goes, so that the cluster can fetch it: a registry, or a container of a blob account."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from funcapp.cli.packing import Package
from funcapp.errors import ConfigurationError

FORMS = "oci://registry/repository, or https://account.blob.core.windows.net/container?SAS"


class Source(NamedTuple):
    """A member of spec.source. It has no credentials: the cluster reads those from a Secret of its own."""

    kind: str
    fields: Mapping[str, Any]

    def as_spec(self) -> dict[str, Any]:
        return {self.kind: dict(self.fields)}

    @property
    def label(self) -> str:
        pin = self.fields.get("digest") or f"sha256:{self.fields.get('sha256')}"
        return f"{self.fields['url']}@{pin}"


class Target(Protocol):
    def source(self, package: Package, name: str) -> Source:
        """What names the package once it is there. Asks nobody. `name` is the app's."""

    def push(self, package: Package, name: str) -> None:
        """Sends what is not there yet. Raises CommandFailed."""


def configure(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "credentials of this machine",
        "for a registry, as docker's: `docker login`, its config.json and its credential helpers; or",
    )
    add = group.add_argument
    add("--username", metavar="NAME", help="the registry's user, with --password-stdin")
    add("--password-stdin", action="store_true", help="read the password or token from standard input")
    add("--ca-file", metavar="FILE", help="the registry's certificates, to trust besides the system's")
    add("--plain-http", action="store_true", help="for a registry without TLS on this machine; clusters want TLS")
    add(
        "--connection",
        metavar="SETTING",
        help="for a blob container without a SAS in its URL: the setting, of the environment or local.settings.json,"
        " that has the account's connection string (or signs in, as a function's connection does)",
    )


def parse(text: str, options: argparse.Namespace, root: Path) -> Target:
    """Raises ConfigurationError for what cannot be a target, and options that do not belong to it."""
    # Imported here: each brings libraries that the other does not need.
    scheme = urlsplit(text).scheme
    if scheme == "oci":
        if options.connection:
            raise ConfigurationError("--connection is for blob containers: leave it out, or name one with https://")
        from funcapp.cli.registry_target import RegistryTarget

        return RegistryTarget(text, options)
    if options.username or options.password_stdin or options.plain_http or options.ca_file:
        raise ConfigurationError(
            "--username, --password-stdin, --ca-file and --plain-http are for registries: name one by oci://"
        )
    if scheme == "https":
        from funcapp.cli.blob_target import BlobTarget

        return BlobTarget(text, options, root)
    shown = text.partition("?")[0]
    hint = ": the cluster fetches over TLS alone" if scheme == "http" else ""
    raise ConfigurationError(f"{shown}: it must be {FORMS}{hint}")
