"""blobTrigger, and blob as input and as output."""

from __future__ import annotations

import re
from dataclasses import dataclass

from funcapp.errors import FunctionError
from funcapp.model import blob_path, connections
from funcapp.model.bindings.base import Binding, BindingKind, DataType, RawBinding
from funcapp.model.blob_path import BlobPath
from funcapp.model.connections import Connection
from funcapp.model.expressions import Template

SCAN = "LogsAndContainerScan"
"""The only `source` that works here: containers are scanned."""

_BLOB_NAME_LIMIT = 1024


@dataclass(frozen=True)
class BlobTrigger(Binding):
    path: BlobPath
    connection: Connection


@dataclass(frozen=True)
class BlobBinding(Binding):
    """`path` is `container/blob`, with expressions."""

    path: Template
    connection: Connection
    data_type: DataType | None


def split_path(path: str) -> tuple[str, str]:
    """Container and blob of a resolved path. Raises ValueError with the rule that is broken."""
    container, slash, blob = path.removeprefix("/").partition("/")
    if not slash or not blob:
        raise ValueError(f"the blob path {path!r} must be container/blob")
    if not blob_path.is_container_name(container):
        raise ValueError(
            f"the blob path {path!r} has the container {container!r}, which must have {blob_path.CONTAINER_NAME_RULE}"
        )
    if len(blob) > _BLOB_NAME_LIMIT:
        raise ValueError(f"the blob path {path[:64]!r}… has a blob name longer than {_BLOB_NAME_LIMIT} characters")
    if not is_blob_name(blob):
        # In a URL these would lead out of the container.
        raise ValueError(f"the blob path {path!r} must not have '.' or '..' as a segment")
    return container, blob


def is_blob_name(blob: str) -> bool:
    """Whether a URL with this name means the blob of this name, and no other one."""
    return "\0" not in blob and not any(segment in (".", "..") for segment in re.split(r"[/\\]", blob))


def _parse(raw: RawBinding) -> BlobBinding:
    template = raw.template("path")
    if not template.names:
        try:
            split_path(template.resolve({}))
        except ValueError as error:
            raise raw.invalid(f"has an invalid path: {error}") from None
    return BlobBinding(raw.name, raw.type, raw.direction, template, raw.connection("blob"), raw.data_type)


def _parse_trigger(raw: RawBinding) -> BlobTrigger:
    source = raw.text("source", SCAN) if raw.properties.get("source") else SCAN
    if source.lower() == "eventgrid":
        raise FunctionError(
            "BindingNotSupported",
            f"{raw}: source EventGrid is not supported: remove source, so that the container is scanned, or let"
            " Event Grid write to a storage queue and use a queueTrigger",
        )
    if source.lower() != SCAN.lower():
        raise raw.invalid(f"has source {source!r}: it must be {SCAN}")
    try:
        path = blob_path.parse(raw.text("path"))
    except ValueError as error:
        raise raw.invalid(f"has an invalid path: {error}") from None
    connection = raw.connection()
    try:
        connections.find(connections.DEFAULT_CONNECTION, raw.environment)
    except FunctionError as error:
        raise FunctionError(
            error.reason, f"{raw}: blobs that were seen are remembered in the host's account: {error.message}"
        ) from None
    return BlobTrigger(raw.name, raw.type, raw.direction, path, connection)


KINDS = (BindingKind("blobTrigger", ("in",), _parse_trigger), BindingKind("blob", ("in", "out"), _parse))
