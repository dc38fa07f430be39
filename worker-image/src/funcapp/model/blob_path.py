"""The path of a blob trigger, `container[/pattern]`: which blobs it means, and what their names say.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-blob-trigger#blob-name-patterns
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from funcapp.model import expressions

CONTAINER_NAME_RULE = "3 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends"

_CONTAINER_NAME = re.compile(r"\$root|\$web|\$logs|[a-z0-9](?:-?[a-z0-9])*")
_CAPTURE_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def is_container_name(name: str) -> bool:
    """https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata"""
    return 3 <= len(name) <= 63 and _CONTAINER_NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class BlobPath:
    """`container`, and what the names of its blobs look like."""

    text: str
    container: str
    names: tuple[str, ...]
    _pattern: re.Pattern[str]

    def match(self, blob: str) -> dict[str, str] | None:
        """The captures of a blob's name, None where the path does not mean that blob.

        `{name}` takes as much as it can and crosses `/`; letters' case matters. Of a name that is there twice the last
        one counts.
        """
        found = self._pattern.fullmatch(blob)
        return None if found is None else dict(zip(self.names, found.groups(), strict=True))


def parse(text: str) -> BlobPath:
    """`text` has its settings resolved. Raises ValueError with the rule that is broken."""
    container, slash, pattern = text.removeprefix("/").partition("/")
    if slash and not pattern:
        raise ValueError(f"the path {text!r} has no blob after its container: write container, or container/pattern")
    if "{" in container or "}" in container:
        raise ValueError(f"the path {text!r} has braces in its container: a trigger watches one container, so name it")
    if not is_container_name(container):
        raise ValueError(f"the path {text!r} has the container {container!r}, which must have {CONTAINER_NAME_RULE}")
    if not slash:
        return BlobPath(text, container, (), re.compile(".*", re.DOTALL))
    template = expressions.parse(pattern)
    for name in template.names:
        if not _CAPTURE_NAME.fullmatch(name):
            raise ValueError(
                f"the path {text!r} captures {name!r}: a capture's name has letters, digits and '_', and starts with"
                " no digit"
            )
    regular = "".join(re.escape(piece) if isinstance(piece, str) else "(.*)" for piece in template.pieces)
    return BlobPath(text, container, template.names, re.compile(regular, re.DOTALL))
