"""What requirements.txt asks for, with every file that it names, read as pip reads it.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from funcapp.errors import AppError
from funcapp.prepare.requirement_options import Options, OptionsError, parse

FILE_NAME = "requirements.txt"

MAX_FILES = 100
MAX_BYTES = 4 * 1024**2
"""Of all files together."""

_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_REMOTE = re.compile(r"https?:", re.IGNORECASE)
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz")


@dataclass
class Requirements:
    """Of one app. Places look like `requirements.txt, line 3`."""

    files: dict[str, list[str]] = field(default_factory=dict)
    """By path relative to the app: the lines that say something, without comments."""
    movable: list[str] = field(default_factory=list)
    """The places whose content can change while the text stays the same, and what each names."""
    built: list[str] = field(default_factory=list)
    """The places that have something built from source whatever an index offers, and what each names."""

    @property
    def asks_for_something(self) -> bool:
        return any(self.files.values())


def read(root: Path, environment: Mapping[str, str]) -> Requirements:
    """Reads requirements.txt of the app in `root`. Raises AppError (RequirementsInvalid)."""
    found = Requirements()
    _Reader(root, environment, found).read(root / FILE_NAME, ())
    return found


class _Reader:
    def __init__(self, root: Path, environment: Mapping[str, str], found: Requirements) -> None:
        self._root = root
        self._real_root = root.resolve()
        self._environment = environment
        self._found = found
        self._bytes = 0

    def read(self, path: Path, parents: tuple[Path, ...]) -> None:
        name = os.path.relpath(path, self._root)
        lines = self._found.files[name] = []
        for number, line in self._lines(path, name):
            lines.append(line)
            place = f"{name}, line {number}"
            try:
                requirement, options = parse(line)
            except OptionsError as error:
                raise _invalid(f"{place}: {error}") from None
            self._look_at(place, requirement, options)
            for nested in (*options.requirements, *options.constraints):
                self._follow(path, nested, place, (*parents, path))

    def _follow(self, path: Path, nested: str, place: str, parents: tuple[Path, ...]) -> None:
        if _REMOTE.match(nested):
            self._found.movable.append(f"{place} names a URL")
            return
        if nested.lower().startswith("file:"):
            raise _invalid(f"{place}: name the file by its path in the app, and not by a URL")
        target = Path(os.path.abspath(path.parent / nested))
        if not target.resolve().is_relative_to(self._real_root):
            raise _invalid(f"{place}: {nested} leads out of the app: put the file into the app's folder")
        if target in parents:
            raise _invalid(f"{place}: {nested} is a file that names this one: take one of the two lines out")
        if not target.is_file():
            raise _invalid(f"{place}: {nested} is not a file of the app")
        if len(self._found.files) >= MAX_FILES:
            raise _invalid(f"{place}: more than {MAX_FILES} files are named: put their lines together")
        if os.path.relpath(target, self._root) not in self._found.files:
            self.read(target, parents)

    def _look_at(self, place: str, requirement: str, options: Options) -> None:
        """Notes what else the line is; its text may hold credentials, and is never told."""
        if options.trusted_hosts:
            raise _invalid(
                f"{place}: --trusted-host switches off the check of certificates, and is not allowed: have the"
                " authority's certificate added to those that builds trust, and take the line out"
            )
        # `:none:` empties a list: harmless for the one, while the other may be the policy's.
        if any(value != ":none:" for value in options.no_binary):
            self._found.built.append(f"{place} has --no-binary")
        if any(":none:" in value for value in options.only_binary):
            self._found.built.append(f"{place} has --only-binary :none:")
        if any(not _REMOTE.match(link) for link in options.find_links):
            self._found.movable.append(f"{place} names a folder of packages")
        if any(not _REMOTE.match(url) for url in options.indexes):
            self._found.movable.append(f"{place} names an index that is not on the network")
        if options.editables:
            self._found.movable.append(f"{place} names an editable project")
            self._found.built.append(f"{place} names an editable project")
        elif requirement:
            self._look_at_requirement(place, requirement)

    def _look_at_requirement(self, place: str, requirement: str) -> None:
        text = requirement.partition(";")[0].strip()
        try:
            url = Requirement(requirement).url
        except InvalidRequirement:
            url = text
        if url is None and text.lower().endswith(_ARCHIVES):
            url = text
        if url is None:
            return
        kind = "a URL" if _REMOTE.match(url) else "a repository" if "+" in urlsplit(url).scheme else "a path"
        self._found.movable.append(f"{place} names {kind}")
        if not urlsplit(url).path.lower().endswith(".whl"):
            self._found.built.append(f"{place} names {kind}")

    def _lines(self, path: Path, name: str) -> Iterator[tuple[int, str]]:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _invalid(f"{name} cannot be read: {error.strerror}") from None
        self._bytes += len(content)
        if self._bytes > MAX_BYTES:
            raise _invalid(f"{name}: the files have more than {MAX_BYTES} bytes")
        for number, line in _joined(_decode(content, name).splitlines()):
            line = _COMMENT.sub("", line).strip()
            if line:
                yield number, _VARIABLE.sub(self._value, line)

    def _value(self, match: re.Match[str]) -> str:
        return self._environment.get(match[1]) or match[0]


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    """A line that ends with a backslash goes on in the next one, but for a comment."""
    first, parts = 1, list[str]()
    for number, line in enumerate(lines, 1):
        is_comment = _COMMENT.match(line) is not None
        first = first if parts else number
        if line.endswith("\\") and not is_comment:
            parts.append(line.strip("\\"))
            continue
        yield first, "".join((*parts, " " + line if is_comment else line))
        parts.clear()
    if parts:
        yield first, "".join(parts)


def _decode(content: bytes, name: str) -> str:
    encodings = (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    encoding = next((encoding for mark, encoding in encodings if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _invalid(f"{name}: byte {error.start} is not {error.encoding}: save the file as UTF-8") from None


def _invalid(message: str) -> AppError:
    return AppError("RequirementsInvalid", message)
