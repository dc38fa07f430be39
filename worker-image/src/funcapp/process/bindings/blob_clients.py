"""BlobClient, ContainerClient and StorageStreamDownloader of `azurefunctions-extensions-bindings-blob`.

The package is the app's own, and is never imported here: a function that is annotated with its types has imported it,
and it registers the converter that makes them.
https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-blob-input#sdk-binding-types
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

_EXTENSIONS = "azurefunctions.extensions.base"


@dataclass(frozen=True)
class ModelBindingData:
    """What the package reads: where a blob is. `content` is JSON."""

    version: str
    source: str
    content_type: str
    content: str


def accepts(binding_type: str, annotation: object) -> bool:
    """Whether the app's package makes values of this type."""
    converter = _converter(binding_type)
    return (
        converter is not None
        and isinstance(annotation, type)
        and bool(converter.check_input_type_annotation(annotation))
    )


def make(binding_type: str, connection: str, path: str, annotation: object) -> object:
    """`connection` is the setting that was found, which the package reads from the environment."""
    container, _, blob = path.partition("/")
    where = {"Connection": connection, "ContainerName": container, "BlobName": blob}
    data = ModelBindingData("1.0", "AzureStorageBlobs", "application/json", json.dumps(where))
    extensions = sys.modules[_EXTENSIONS]
    converter: Any = _converter(binding_type)
    made: object = converter.decode(
        extensions.Datum(value=data, type="model_binding_data"), trigger_metadata=None, pytype=annotation
    )
    return made


def _converter(binding_type: str) -> Any:
    extensions = sys.modules.get(_EXTENSIONS)
    return None if extensions is None else extensions.get_binding_registry().get(binding_type)
