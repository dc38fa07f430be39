"""The user's own credentials for a registry, where docker, helm and others keep them.

https://docs.docker.com/reference/cli/docker/login/#credential-stores
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from funcapp import oci
from funcapp.errors import CommandFailed
from funcapp.net.errors import Invalid
from funcapp.oci import Credentials, Reference

_HELPER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HELPER_SECONDS = 60
_NOT_FOUND = "credentials not found"
# What a helper gives in place of a name when the secret is an identity token.
_TOKEN = "<token>"  # noqa: S105
_HUB_KEY = "https://index.docker.io/v1/"


def credentials(reference: Reference, environment: Mapping[str, str]) -> Credentials | None:
    """From config.json in the folder that DOCKER_CONFIG names, else ~/.docker; None: there are none.

    A credential helper is asked first. Raises CommandFailed.
    """
    folder = environment.get("DOCKER_CONFIG") or str(Path(environment.get("HOME") or "/", ".docker"))
    path = Path(folder, "config.json")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from None
    try:
        document = json.loads(content)
        helper = document.get("credHelpers", {}).get(reference.registry) or document.get("credsStore")
    except (ValueError, AttributeError):
        raise CommandFailed(f"{path} is not docker's config.json: sign in anew with `docker login`") from None
    if isinstance(helper, str) and helper:
        found = _ask(helper, reference, path)
        if found is not None:
            return found
    try:
        return oci.credentials_for(content, reference.registry, reference.repository)
    except Invalid as error:
        raise CommandFailed(f"{path}: {error}") from None


def _ask(helper: str, reference: Reference, path: Path) -> Credentials | None:
    """https://github.com/docker/docker-credential-helpers#development"""
    if not _HELPER_NAME.fullmatch(helper):
        raise CommandFailed(f"{path}: {helper!r} is not the name of a credential helper")
    program = f"docker-credential-{helper}"
    server = _HUB_KEY if reference.registry in ("docker.io", "index.docker.io") else reference.registry
    try:
        done = subprocess.run(  # noqa: S603
            [program, "get"], input=server, capture_output=True, encoding="utf-8", timeout=_HELPER_SECONDS
        )
    except FileNotFoundError:
        raise CommandFailed(f"{path} names the credential helper {program}, which is not here: install it") from None
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"{program} does not answer within {_HELPER_SECONDS} s") from None
    if done.returncode != 0:
        told = (done.stdout + done.stderr).strip()
        if _NOT_FOUND in told.lower():
            return None
        raise CommandFailed(f"{program} has no credentials for {server}: {told or f'it ended with {done.returncode}'}")
    try:
        answer = json.loads(done.stdout)
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, KeyError, TypeError):
        raise CommandFailed(f"{program} gives no name and secret for {server}") from None
    return Credentials("", "", secret) if username == _TOKEN else Credentials(username, secret)
