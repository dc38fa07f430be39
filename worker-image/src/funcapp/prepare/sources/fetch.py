"""From a source to a folder of files."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from funcapp import archive, oci
from funcapp.errors import AppError
from funcapp.net.web import shown
from funcapp.prepare.sources.access import Access
from funcapp.prepare.sources.source import Archive, Artifact, Git, Source

MAX_SIZE = 1024**3
"""Bytes that are fetched."""


def fetch(source: Source, root: Path, access: Access) -> None:
    """Fills an empty folder. Raises AppError, and NetError as `access.opened` explains it."""
    if isinstance(source, Git):
        # Git is a library of its own, which other sources do not need.
        from funcapp.prepare.sources.git_repository import fetch_commit

        fetch_commit(source, root, access)
    elif isinstance(source, Archive):
        _fetch_archive(source, root, access)
    else:
        _fetch_artifact(source, root, access)


def _fetch_archive(source: Archive, root: Path, access: Access) -> None:
    url = source.url
    signature = access.credentials.entry("sas")
    if signature:
        url += ("&" if "?" in url else "?") + signature.strip().lstrip("?&")
    digest = hashlib.sha256()
    with _temporary() as (path, file):
        with access.web.request("GET", url, authorization=access.credentials.authorization) as response:
            response.check()
            for piece in response.pieces(MAX_SIZE):
                digest.update(piece)
                file.write(piece)
        file.flush()
        if digest.hexdigest() != source.sha256:
            raise AppError(
                "ChecksumMismatch",
                f"{shown(source.url)} has the SHA-256 {digest.hexdigest()}, and spec.source.archive.sha256 is"
                f" {source.sha256}: publish the file under a new URL and name its checksum",
            )
        _extract(path, root, shown(source.url))


def _fetch_artifact(source: Artifact, root: Path, access: Access) -> None:
    with _temporary() as (path, file):
        oci.pull(source.reference, access.dialer, access.credentials.of_registry(source.reference), file, MAX_SIZE)
        file.flush()
        _extract(path, root, str(source.reference))


def _extract(path: Path, root: Path, name: str) -> None:
    try:
        archive.extract(path, root, foreign=True)
    except archive.ArchiveTooLarge as error:
        raise AppError("SourceTooLarge", f"{name}: {error}") from None
    except archive.ArchiveError as error:
        raise AppError("SourceInvalid", f"{name}: {error}") from None


@contextlib.contextmanager
def _temporary() -> Iterator[tuple[Path, IO[bytes]]]:
    with tempfile.NamedTemporaryFile(prefix="funcapp-", suffix=".zip") as file:
        yield Path(file.name), file
