"""The messages of the internal queue of blob triggers, and of their poison queue: upstream's JSON, as base64."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

POISON_QUEUE = "webjobs-blobtrigger-poison"

_FUNCTION_PREFIX = "Host.Functions."


def queue_name(host_id: str) -> str:
    """The app's internal queue."""
    return f"azure-webjobs-blobtrigger-{host_id}"


def function_id(function: str) -> str:
    """How upstream names a function in messages and receipts."""
    return _FUNCTION_PREFIX + function


def quoted(etag: str) -> str:
    """An ETag as headers have it; listings leave the quotes out."""
    return f'"{etag.strip(chr(34))}"'


@dataclass(frozen=True)
class BlobEvent:
    """One version of a blob, for one function. `etag` has its quotes."""

    function: str
    container: str
    blob: str
    etag: str
    blob_type: str = "BlockBlob"

    @classmethod
    def decode(cls, content: object) -> BlobEvent:
        """Raises ValueError."""
        try:
            fields = json.loads(base64.b64decode(content if isinstance(content, str) else "", validate=True))
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None
        if not isinstance(fields, dict):
            raise ValueError("not a JSON object")
        values = {}
        for name in ("FunctionId", "ContainerName", "BlobName", "ETag"):
            value = fields.get(name)
            if not isinstance(value, str) or not value:
                raise ValueError(f"{name} is {value!r}: it must be text")
            values[name] = value
        return cls(
            function=values["FunctionId"].removeprefix(_FUNCTION_PREFIX),
            container=values["ContainerName"],
            blob=values["BlobName"],
            etag=quoted(values["ETag"]),
            blob_type=str(fields.get("BlobType")),
        )

    def encode(self) -> str:
        fields = {
            "Type": "BlobTrigger",
            "FunctionId": function_id(self.function),
            "BlobType": self.blob_type,
            "ContainerName": self.container,
            "BlobName": self.blob,
            "ETag": self.etag,
        }
        return base64.b64encode(json.dumps(fields).encode()).decode()
