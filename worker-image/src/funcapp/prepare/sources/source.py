"""What to fetch, as FUNCAPP_SOURCE says: the contract is in docs/architecture.md."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from funcapp import oci
from funcapp.errors import AppError
from funcapp.net import web
from funcapp.net.errors import Invalid

VARIABLE = "FUNCAPP_SOURCE"

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Git:
    """`path`: the app's folder in the repository, empty for all of it."""

    url: str
    commit: str
    path: str = ""


@dataclass(frozen=True)
class GitRef:
    """A branch or a tag, which stands for a commit until somebody moves it."""

    url: str
    kind: str
    name: str


@dataclass(frozen=True)
class Archive:
    url: str
    sha256: str


@dataclass(frozen=True)
class Artifact:
    reference: oci.Reference


Source = Git | Archive | Artifact


def parse(text: str) -> Source:
    """Raises AppError (SourceInvalid)."""
    values = _object(text)
    kind = values.get("kind")
    if kind == "git":
        commit = _text(values, "commit").lower()
        if not _COMMIT.fullmatch(commit):
            raise _invalid(f"git.ref.commit is {commit!r}: it must be the 40 hexadecimal digits of a commit")
        return Git(git_url(_text(values, "url")), commit, _folder(values.get("path") or ""))
    if kind == "archive":
        url, digest = _text(values, "url"), _text(values, "sha256").lower()
        if not _SHA256.fullmatch(digest):
            raise _invalid(f"spec.source.archive.sha256 is {digest!r}: it must be 64 hexadecimal digits")
        if _parts(url, "archive.url").scheme != "https":
            raise _invalid(f"archive.url {web.shown(url)}: the scheme must be https")
        return Archive(url, digest)
    if kind == "oci":
        return _artifact(_text(values, "url"), _text(values, "digest"))
    raise _invalid(f"{VARIABLE}: the kind {kind!r} must be git, archive or oci")


def parse_ref(text: str) -> GitRef:
    """For `resolve`. Raises AppError (SourceInvalid)."""
    values = _object(text)
    kinds = [kind for kind in ("branch", "tag") if values.get(kind)]
    if values.get("kind") != "git" or len(kinds) != 1:
        raise _invalid(f"{VARIABLE}: what is resolved must be a git source with either a branch or a tag")
    return GitRef(git_url(_text(values, "url")), kinds[0], _text(values, kinds[0]))


def git_url(url: str) -> str:
    """`https://` or `ssh://`, never what runs a command or reads a file (`ext::`, `file://`)."""
    if "://" not in url and re.match(r"[\w.-]+@[\w.-]+:", url):
        host, _, path = url.partition(":")
        raise _invalid(f"git.url {url!r}: write it as ssh://{host}/{path.lstrip('/')}")
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in ("https", "ssh"):
        raise _invalid("git.url: the scheme must be https or ssh, as in https://git.example.com/team/app.git")
    if scheme == "https":
        parts = _parts(url, "git.url")
    else:
        parts = urlsplit(url)
        # The user of ssh is part of the address, and no secret.
        _parts(url.replace(f"{parts.username}@", "", 1) if parts.username and not parts.password else url, "git.url")
    if parts.query or parts.fragment or not parts.path.strip("/"):
        raise _invalid(f"git.url {web.shown(url)}: it must be the address of a repository, without ? and #")
    return url


def _parts(url: str, field: str) -> SplitResult:
    try:
        return web.split(url)
    except Invalid as error:
        raise _invalid(f"{field}: {error}") from None


def _artifact(url: str, digest: str) -> Artifact:
    if not _SHA256.fullmatch(digest.removeprefix("sha256:")) or not digest.startswith("sha256:"):
        raise _invalid(f"oci.digest is {digest!r}: it must be sha256: and 64 hexadecimal digits")
    try:
        reference = oci.parse(url)
    except Invalid as error:
        raise _invalid(f"oci.url: {error}") from None
    if reference.digest not in (None, digest):
        raise _invalid(f"oci.url {url} names another digest than oci.digest: leave it out of the URL")
    return Artifact(oci.Reference(reference.registry, reference.repository, None, digest))


def _folder(path: object) -> str:
    parts = str(path).split("/")
    if str(path).startswith("/") or ".." in parts or ".git" in (part.lower() for part in parts):
        raise _invalid(f"git.path is {path!r}: it must be a folder of the repository, such as apps/orders")
    return "/".join(part for part in parts if part not in ("", "."))


def _object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise _invalid(f"{VARIABLE} must be a JSON object")
    return values


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise _invalid(f"{values.get('kind')}.{name} is missing")
    return value


def _invalid(message: str) -> AppError:
    return AppError("SourceInvalid", message)
