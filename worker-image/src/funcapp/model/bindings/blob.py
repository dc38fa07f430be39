"""blob, as input and as output."""

from __future__ import annotations

import re
from dataclasses import dataclass

from funcapp.model.bindings.base import Binding, BindingKind, DataType, RawBinding
from funcapp.model.connections import Connection
from funcapp.model.expressions import Template

_CONTAINER_NAME = re.compile(r"\$root|\$web|\$logs|[a-z0-9](?:-?[a-z0-9])*")
_BLOB_NAME_LIMIT = 1024


@dataclass(frozen=True)
class BlobBinding(Binding):
    """`path` is `container/blob`, with expressions."""

    path: Template
    connection: Connection
    data_type: DataType | None


def split_path(path: str) -> tuple[str, str]:
    """Container and blob of a resolved path. Raises ValueError with the rule that is broken.

    https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
    """
    container, slash, blob = path.removeprefix("/").partition("/")
    if not slash or not blob:
        raise ValueError(f"the blob path {path!r} must be container/blob")
    if not _CONTAINER_NAME.fullmatch(container) or not 3 <= len(container) <= 63:
        raise ValueError(
            f"the blob path {path!r} has the container {container!r}, which must have 3 to 63 lower-case letters,"
            " digits and single hyphens, with a letter or digit at both ends"
        )
    if len(blob) > _BLOB_NAME_LIMIT:
        raise ValueError(f"the blob path {path[:64]!r}… has a blob name longer than {_BLOB_NAME_LIMIT} characters")
    if any(segment in (".", "..") for segment in re.split(r"[/\\]", blob)) or "\0" in blob:
        # In a URL these would lead out of the container.
        raise ValueError(f"the blob path {path!r} must not have '.' or '..' as a segment")
    return container, blob


def _parse(raw: RawBinding) -> BlobBinding:
    template = raw.template("path")
    if not template.names:
        try:
            split_path(template.resolve({}))
        except ValueError as error:
            raise raw.invalid(f"has an invalid path: {error}") from None
    return BlobBinding(raw.name, raw.type, raw.direction, template, raw.connection("blob"), raw.data_type)


KINDS = (BindingKind("blob", ("in", "out"), _parse),)
