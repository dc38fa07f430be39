"""A package as an artifact: a manifest with one layer, the zip. Equal zips have equal digests."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

from funcapp.net import trust
from funcapp.net.errors import Invalid, Mismatch, TooLarge
from funcapp.net.system import SystemDialer
from funcapp.net.web import PIECE, Dialer, Web
from funcapp.oci.docker_config import Credentials
from funcapp.oci.reference import Reference, parse
from funcapp.oci.registry import MANIFEST, Registry

ARTIFACT_TYPE = "application/vnd.functionapp.package.v1"
LAYER_TYPE = "application/zip"

_EMPTY = b"{}"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"


class Pushed(NamedTuple):
    url: str
    """Without tag, as `spec.source.oci.url` wants it."""
    digest: str
    """Of the manifest: `sha256:…`."""
    size: int
    """Bytes of the zip."""


class Layer(NamedTuple):
    digest: str
    size: int


def push(
    zip_file: Path,
    url: str,
    credentials: Credentials | None = None,
    *,
    authority: Path | None = None,
    plain_http: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Pushed:
    """Uploads a zip as `oci://host/repository[:tag]`; what the registry has already is not sent again.

    `authority`: a file with certificates to trust besides the system's. `plain_http` is for a registry on the same
    machine. `progress` is called with the bytes sent so far and all. Raises NetError, and OSError of the file.
    """
    reference = parse(url)
    if reference.digest is not None:
        raise Invalid(f"{reference}: the digest follows from the zip: leave it out")
    scheme = "http" if plain_http else "https"
    dialer = SystemDialer(trust.context([authority] if authority else []))
    registry = Registry(Web(dialer), reference, credentials, actions="pull,push", scheme=scheme)
    with zip_file.open("rb") as content:
        layer = _layer(content)
        if not registry.has_blob(layer.digest):
            content.seek(0)
            registry.upload_blob(layer.digest, _Watched(content, layer.size, progress), layer.size)
    empty = _digest(_EMPTY)
    if not registry.has_blob(empty):
        registry.upload_blob(empty, io.BytesIO(_EMPTY), len(_EMPTY))
    manifest = manifest_of(layer)
    digest = _digest(manifest)
    registry.upload_manifest(reference.tag or digest, manifest)
    return Pushed(str(Reference(reference.registry, reference.repository)), digest, layer.size)


def pull(reference: Reference, dialer: Dialer, credentials: Credentials | None, target: IO[bytes], limit: int) -> None:
    """Writes the zip of an artifact with this digest. Raises NetError; TooLarge beyond `limit` bytes."""
    assert reference.digest is not None
    registry = Registry(Web(dialer), reference, credentials, actions="pull")
    manifest = registry.manifest(reference.digest)
    if _digest(manifest) != reference.digest:
        raise Mismatch(f"{reference}: the registry gives another manifest, with the digest {_digest(manifest)}")
    layer = layer_of(manifest, str(reference))
    if layer.size > limit:
        raise TooLarge(f"{reference}: the package has {layer.size} bytes, and the limit is {limit}")
    digest = hashlib.sha256()
    with registry.blob(layer.digest) as response:
        response.check()
        for piece in response.pieces(layer.size):
            digest.update(piece)
            target.write(piece)
    if f"sha256:{digest.hexdigest()}" != layer.digest:
        raise Mismatch(f"{reference}: the registry gives another package, with the digest sha256:{digest.hexdigest()}")


def manifest_of(layer: Layer) -> bytes:
    """Depends on nothing but the zip: no time, no names of the app. The title is the file that `oras pull` makes."""
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": ARTIFACT_TYPE,
            "config": {"mediaType": _EMPTY_TYPE, "digest": _digest(_EMPTY), "size": len(_EMPTY)},
            "layers": [
                {
                    "mediaType": LAYER_TYPE,
                    "digest": layer.digest,
                    "size": layer.size,
                    "annotations": {"org.opencontainers.image.title": "package.zip"},
                }
            ],
        },
        separators=(",", ":"),
    ).encode()


def layer_of(manifest: bytes, name: str) -> Layer:
    """The package that a manifest describes. Raises Invalid."""
    try:
        parsed: dict[str, Any] = json.loads(manifest)
        kind = parsed.get("artifactType") or parsed.get("config", {}).get("mediaType") or parsed.get("mediaType")
        layers = parsed.get("layers", [])
        if kind != ARTIFACT_TYPE:
            raise Invalid(
                f"{name} is not a package but {kind}: make one with `funcapp pack --push`; an image belongs into"
                " spec.source.image"
            )
        if [layer["mediaType"] for layer in layers] != [LAYER_TYPE]:
            raise Invalid(f"{name}: a package has exactly one layer, of the type {LAYER_TYPE}")
        digest, size = layers[0]["digest"], layers[0]["size"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid(f"{name}: the manifest cannot be read") from None
    if not isinstance(digest, str) or not digest.startswith("sha256:") or not isinstance(size, int) or size < 0:
        raise Invalid(f"{name}: the package must have a digest of the form sha256:… and a size")
    return Layer(digest, size)


class _Watched:
    """A file that tells how far it was read."""

    def __init__(self, file: IO[bytes], size: int, progress: Callable[[int, int], None] | None) -> None:
        self._file, self._size, self._progress = file, size, progress

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if self._progress is not None:
            self._progress(self._file.tell(), self._size)
        return data


def _layer(content: IO[bytes]) -> Layer:
    digest = hashlib.sha256()
    while data := content.read(PIECE):
        digest.update(data)
    return Layer(f"sha256:{digest.hexdigest()}", content.tell())


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
