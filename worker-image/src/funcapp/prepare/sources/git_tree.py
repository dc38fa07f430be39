"""The files of a commit, as files: what git can hold and a package cannot is followed or refused."""

from __future__ import annotations

import logging
import stat
from pathlib import Path
from typing import NamedTuple

from dulwich.object_store import DiskObjectStore
from dulwich.objects import Commit, ObjectID, Tree

from funcapp.entries import ArchiveError, ArchiveTooLarge, Entries
from funcapp.errors import AppError
from funcapp.net.web import shown
from funcapp.prepare import ignore
from funcapp.prepare.sources.source import Git

_log = logging.getLogger("funcapp.prepare")

_LINK = stat.S_IFLNK
_SUBMODULE = 0o160000
_MAX_LINKS = 40
"""One after another, as in Linux."""

_LFS = b"version https://git-lfs.github.com/spec/"
_LFS_SIZE = 1024

Path_ = tuple[str, ...]


class Entry(NamedTuple):
    mode: int
    id: ObjectID

    @property
    def kind(self) -> int:
        return _SUBMODULE if self.mode == _SUBMODULE else stat.S_IFMT(self.mode)


def export(store: DiskObjectStore, source: Git, root: Path) -> None:
    """Writes the files below `source.path`. Raises AppError; other errors mean a damaged repository."""
    try:
        _Export(store, source, root).run()
    except ArchiveTooLarge as error:
        raise AppError("SourceTooLarge", f"{shown(source.url)}: {error}") from None
    except ArchiveError as error:
        raise AppError("SourceInvalid", f"{shown(source.url)}: {error}") from None


class _Export:
    def __init__(self, store: DiskObjectStore, source: Git, root: Path) -> None:
        self._store = store
        self._source = source
        self._root = root
        self._entries = Entries(portable=True)
        self._trees: dict[ObjectID, dict[str, Entry]] = {}

    def run(self) -> None:
        commit = self._store[ObjectID(self._source.commit.encode())]
        if not isinstance(commit, Commit):
            raise AppError(
                "SourceInvalid",
                f"git.ref.commit {self._source.commit} is not a commit but a {commit.type_name.decode()}",
            )
        self._top = Entry(stat.S_IFDIR, commit.tree)
        place = tuple(part for part in self._source.path.split("/") if part)
        found = self._follow((), self._source.path)
        if found is None or found[0].kind != stat.S_IFDIR:
            raise AppError(
                "SourceNotFound",
                f"{shown(self._source.url)}: there is no folder {self._source.path!r} at {self._source.commit}",
            )
        folder, place = found
        rules_file = self._tree(folder.id).get(ignore.FILE_NAME)
        text = self._content(rules_file) if rules_file and rules_file.kind == stat.S_IFREG else b""
        self._rules = ignore.Rules(text.decode("utf-8-sig", "replace"))
        self._write_folder(folder, place, "")

    def _write_folder(self, folder: Entry, place: Path_, prefix: str) -> None:
        """`place` is where the folder is in the repository, `prefix` where it goes: links make them differ."""
        for name, entry in self._tree(folder.id).items():
            self._write(entry, (*place, name), prefix + name)

    def _write(self, entry: Entry, place: Path_, name: str) -> None:
        if entry.kind == _SUBMODULE:
            if not self._rules.leaves_out(f"{name}/"):
                raise AppError(
                    "SourceInvalid",
                    f"{name} is a submodule, and submodules are not fetched: commit its files, publish the app as an"
                    f" archive, or leave it out in {ignore.FILE_NAME}",
                )
        elif entry.kind == _LINK:
            if not self._rules.leaves_out(name):
                self._write_link(entry, place, name)
        elif entry.kind == stat.S_IFDIR:
            if not self._rules.leaves_out_folder(place[-1]):
                self._entries.add_folder(name)
                self._write_folder(entry, place, f"{name}/")
        elif not self._rules.leaves_out(name):
            self._write_file(entry, name)

    def _write_link(self, entry: Entry, place: Path_, name: str) -> None:
        target = self._content(entry).decode(errors="replace")
        found = self._follow(place[:-1], target, name)
        if found is None:
            _log.warning("%s is a link to %r, which the repository does not have: left out", name, target)
            return
        linked, where = found
        if linked.kind == stat.S_IFDIR and place[: len(where)] == where:
            raise AppError("SourceInvalid", f"{name} is a link to a folder that it is in itself: remove it")
        self._write(linked, where, name)

    def _write_file(self, entry: Entry, name: str) -> None:
        content = self._content(entry)
        if len(content) <= _LFS_SIZE and content.startswith(_LFS):
            raise AppError(
                "SourceInvalid",
                f"{name} is in Git LFS, and the repository holds a pointer to it alone: commit the file itself, publish"
                f" the app as an archive, or leave it out in {ignore.FILE_NAME}",
            )
        target = self._root.joinpath(*self._entries.add_file(name, len(content)))
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(content)
        if entry.mode & stat.S_IXUSR:
            target.chmod(0o755)

    def _follow(self, start: Path_, target: str, link: str = "") -> tuple[Entry, Path_] | None:
        """What a relative path leads to, through links, and where that is; None: nothing."""
        place, rest, links = list(start), target.split("/"), 0
        while rest:
            part = rest.pop(0)
            if part in ("", "."):
                if not part and rest and not place and target.startswith("/"):
                    raise self._leads_out(link, target)
                continue
            if part == "..":
                if not place:
                    raise self._leads_out(link, target)
                place.pop()
                continue
            found = self._at((*place, part))
            if found is None:
                return None
            if found.kind == _LINK:
                links += 1
                onward = self._content(found).decode(errors="replace")
                if links > _MAX_LINKS:
                    raise AppError("SourceInvalid", f"{link or target} is a link that leads to itself: remove it")
                if onward.startswith("/"):
                    raise self._leads_out(link, onward)
                rest = onward.split("/") + rest
            else:
                place.append(part)
        at = self._at(tuple(place))
        return None if at is None else (at, tuple(place))

    def _at(self, place: Path_) -> Entry | None:
        entry = self._top
        for part in place:
            if entry.kind != stat.S_IFDIR:
                return None
            below = self._tree(entry.id).get(part)
            if below is None:
                return None
            entry = below
        return entry

    def _tree(self, id: ObjectID) -> dict[str, Entry]:
        known = self._trees.get(id)
        if known is None:
            tree = self._store[id]
            if not isinstance(tree, Tree):
                raise ValueError("not a tree")
            known = self._trees[id] = {_name(item.path): Entry(item.mode, item.sha) for item in tree.iteritems()}
        return known

    def _content(self, entry: Entry) -> bytes:
        return self._store.get_raw(entry.id)[1]

    def _leads_out(self, link: str, target: str) -> AppError:
        return AppError(
            "SourceInvalid", f"{link} is a link to {target!r}, out of the repository: put the file itself there"
        )


def _name(raw: bytes) -> str:
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise AppError("SourceInvalid", f"the name {raw!r} is not UTF-8: rename the file") from None
    # No client lets anybody commit these, which would be a repository's own folder on one system or another.
    if name in ("", ".", "..") or "/" in name or name.lower().rstrip(". ") in (".git", "git~1"):
        raise AppError("SourceInvalid", f"the repository has an entry {name!r}, which must not be")
    return name
