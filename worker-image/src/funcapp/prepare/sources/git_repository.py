"""Git repositories: a commit's files, and the commit that a branch or a tag stands for."""

from __future__ import annotations

import contextlib
import difflib
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from dulwich.client import GitClient
from dulwich.errors import ApplyDeltaError, ChecksumMismatch, FileFormatException, GitProtocolError, HangupException
from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID
from dulwich.pack import UnresolvedDeltas

from funcapp.errors import AppError
from funcapp.net.errors import Invalid, NotFound, Unauthorized, Unavailable
from funcapp.net.web import explained, shown
from funcapp.prepare.sources import git_pack, git_tree
from funcapp.prepare.sources.access import Access
from funcapp.prepare.sources.git_client import client_for
from funcapp.prepare.sources.source import Git, GitRef

MAX_PACK = 1024**3
"""Bytes that are fetched."""

MAX_REFS = 64 * 1024**2
"""Bytes of the names of branches and tags."""

_HEADS, _TAGS, _PEELED = "refs/heads/", "refs/tags/", "^{}"
_SHOWN_REFS = 10
# What servers that give branches and tags alone say of a commit: upload-pack.c, and others after it.
_NOT_GIVEN = ("not our ref", "unadvertised object", "not valid", "shallow")
_NOT_FOUND = ("not found", "does not exist", "not appear to be a git repository", "could not be found")
_NOT_ALLOWED = ("denied", "not authorized", "unauthorized", "access rights", "forbidden")


def fetch_commit(source: Git, root: Path, access: Access) -> None:
    """Writes the files of a commit. Raises AppError, NetError."""
    with tempfile.TemporaryDirectory(prefix="funcapp-git-") as folder, _explained(source.url):
        store = DiskObjectStore.init(folder)
        try:
            _download(source, store, access)
            if commit_of(source) not in store:
                raise AppError("SourceNotFound", f"{shown(source.url)}: there is no commit {source.commit}")
            git_tree.export(store, source, root)
        finally:
            store.close()


def resolve_ref(ref: GitRef, access: Access) -> str:
    """The commit, also where an annotated tag stands between. Raises AppError, NetError."""
    with _explained(ref.url), client_for(ref.url, access, MAX_REFS) as (client, path):
        found = client.get_refs(path, ref_prefix=[_HEADS.encode(), _TAGS.encode()])
        refs = {name.decode(errors="replace"): commit for name, commit in found.refs.items() if commit}
    wanted = (_HEADS if ref.kind == "branch" else _TAGS) + ref.name
    commit = refs.get(wanted + _PEELED) or refs.get(wanted)
    if commit is None:
        raise AppError("SourceNotFound", f"{shown(ref.url)}: there is no {ref.kind} {ref.name!r}{_instead(ref, refs)}")
    return commit.decode()


def commit_of(source: Git) -> ObjectID:
    return ObjectID(source.commit.encode())


def _instead(ref: GitRef, refs: dict[str, ObjectID]) -> str:
    """What there is, near ones first."""
    other_kind, other_prefix = ("tag", _TAGS) if ref.kind == "branch" else ("branch", _HEADS)
    if other_prefix + ref.name in refs:
        return f", but there is a {other_kind} of that name: ask for git.ref.{other_kind}"
    prefix = _HEADS if ref.kind == "branch" else _TAGS
    names = sorted(name.removeprefix(prefix) for name in refs if name.startswith(prefix) and not name.endswith(_PEELED))
    plural = {"branch": "branches", "tag": "tags"}[ref.kind]
    if not names:
        return f"; the repository has no {plural}"
    near = difflib.get_close_matches(ref.name, names, 3)
    if near:
        return f": did you mean {' or '.join(near)}?"
    more = f" and {len(names) - _SHOWN_REFS} more" if len(names) > _SHOWN_REFS else ""
    return f"; there are {', '.join(names[:_SHOWN_REFS])}{more}"


def _download(source: Git, store: DiskObjectStore, access: Access) -> None:
    """The commit alone where the server gives it, else all branches and tags with their histories."""
    with client_for(source.url, access, MAX_PACK) as (client, path):
        try:
            _fetch_pack(client, path, store, [commit_of(source)], depth=1)
            return
        except GitProtocolError as error:
            if not any(text in str(error) for text in _NOT_GIVEN):
                raise
            # From version 2 on, any commit that is there is given.
            if client.protocol_version == 2 and "not our ref" in str(error):
                raise AppError("SourceNotFound", f"{shown(source.url)}: there is no commit {source.commit}") from None
    with client_for(source.url, access, MAX_PACK) as (client, path):
        _fetch_pack(client, path, store, None, depth=None)


def _fetch_pack(
    client: GitClient, path: bytes, store: DiskObjectStore, wants: list[ObjectID] | None, depth: int | None
) -> None:
    file, commit, abort = store.add_pack()
    try:
        client.fetch_pack(
            path,
            lambda refs, depth=None: wants or _branches_and_tags(refs),
            _Nothing(),
            file.write,
            depth=depth,
            # With the commit known, no names are needed.
            ref_prefix=[b"HEAD"] if wants else [_HEADS.encode(), _TAGS.encode()],
        )
        file.flush()
        if file.tell():
            file.seek(0)
            git_pack.check(file)
            file.seek(0, 2)
    except BaseException:
        abort()
        raise
    commit()


def _branches_and_tags(refs: dict[bytes, ObjectID]) -> list[ObjectID]:
    prefixes = (_HEADS.encode(), _TAGS.encode())
    return sorted({value for name, value in refs.items() if name.startswith(prefixes) and not name.endswith(b"^{}")})


class _Nothing:
    """Of the commits that are here already, to the server."""

    shallow: frozenset[ObjectID] = frozenset()

    def __next__(self) -> None:
        return None

    def ack(self, _: ObjectID) -> None:
        """Nothing was offered."""

    def nak(self) -> None:
        """As expected."""


@contextlib.contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns what dulwich raises into NetError."""
    try:
        with explained(url):
            yield
    except HangupException as error:
        raise _said(url, str(error)) or Unavailable(f"{shown(url)}: the git server hung up") from None
    except GitProtocolError as error:
        text = " ".join(str(error).split())[:300]
        raise _said(url, text) or Invalid(f"{shown(url)}: the git server says: {text}") from None
    except (
        *(ChecksumMismatch, FileFormatException, ApplyDeltaError, UnresolvedDeltas),
        *(AssertionError, LookupError, TypeError, ValueError, struct.error, zlib.error),
    ) as error:
        raise Invalid(
            f"{shown(url)}: what the git server sends cannot be understood: {type(error).__name__}"
        ) from error


def _said(url: str, text: str) -> NotFound | Unauthorized | None:
    if any(part in text.lower() for part in _NOT_ALLOWED):
        return Unauthorized(f"{shown(url)}: the git server refuses: {text}")
    if any(part in text.lower() for part in _NOT_FOUND):
        return NotFound(f"{shown(url)}: the git server says: {text}")
    return None
