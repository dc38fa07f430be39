"""Packages in an OCI registry."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path

from funcapp import oci
from funcapp.cli import docker_login
from funcapp.cli.packing import Package
from funcapp.cli.targets import Source
from funcapp.errors import CommandFailed, ConfigurationError
from funcapp.net.errors import Invalid, NetError, Unauthorized
from funcapp.oci.artifact import Layer, manifest_of


class RegistryTarget:
    """`oci://registry/repository`, perhaps with a tag. Raises ConfigurationError.

    Without one, a tag is made of the package's digest: registries tidy away what has none.
    """

    def __init__(self, url: str, options: argparse.Namespace) -> None:
        try:
            self._reference = oci.parse(url)
        except Invalid as error:
            raise ConfigurationError(str(error)) from None
        if self._reference.digest is not None:
            raise ConfigurationError(f"{url}: the digest follows from the package: leave it out")
        if options.username and not options.password_stdin:
            raise ConfigurationError(
                "--username needs --password-stdin: a password in the call would be seen by others"
            )
        if options.password_stdin and not options.username:
            raise ConfigurationError("--password-stdin needs --username")
        self._username: str | None = options.username
        self._authority = Path(options.ca_file) if options.ca_file else None
        if self._authority is not None and not self._authority.is_file():
            raise ConfigurationError(f"--ca-file {options.ca_file} is not there")
        self._plain_http: bool = options.plain_http

    def source(self, package: Package, name: str) -> Source:
        manifest = manifest_of(Layer(f"sha256:{package.sha256}", package.size))
        return Source(
            "oci",
            {
                "url": self._address,
                "digest": f"sha256:{hashlib.sha256(manifest).hexdigest()}",
            },
        )

    @property
    def _address(self) -> str:
        return f"oci://{self._reference.registry}/{self._reference.repository}"

    def push(self, package: Package, name: str) -> None:
        try:
            oci.push(
                package.path,
                f"{self._address}:{self._reference.tag or package.sha256[:12]}",
                self._credentials(),
                authority=self._authority,
                plain_http=self._plain_http,
                progress=_show if sys.stderr.isatty() else None,
            )
        except Unauthorized as error:
            raise CommandFailed(
                f"{error}\nsign in with `docker login {self._reference.registry}`, or give --username and"
                " --password-stdin of someone who may push there"
            ) from None
        except NetError as error:
            raise CommandFailed(str(error)) from None
        except OSError as error:
            raise CommandFailed(f"{package.path} cannot be read: {error.strerror}") from None

    def _credentials(self) -> oci.Credentials | None:
        if self._username is not None:
            return oci.Credentials(self._username, sys.stdin.read().rstrip("\r\n"))
        return docker_login.credentials(self._reference, os.environ)


def _show(sent: int, size: int) -> None:
    print(f"\rpushing {sent * 100 // max(size, 1)} %", end="\n" if sent >= size else "", file=sys.stderr, flush=True)
