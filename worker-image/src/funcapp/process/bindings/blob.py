"""blob, as input and as output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funcapp.model.bindings.base import Binding
from funcapp.model.bindings.blob import BlobBinding, split_path
from funcapp.process.bindings.base import Converter, Datum, Write, is_subclass


class BlobConverter(Converter):
    has_target = True

    def accepts_input(self, annotation: type) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.InputStream, bytes, str)

    def accepts_output(self, annotation: object) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.InputStream, str, bytes, bytearray) or callable(
            getattr(annotation, "read", None)
        )

    def target(self, binding: Binding, data: Mapping[str, Any], function: str) -> dict[str, Any]:
        assert isinstance(binding, BlobBinding)
        try:
            container, blob = split_path(binding.path.resolve(data, method=function))
        except ValueError as error:
            raise ValueError(f"binding {binding.name!r}: {error}") from None
        return {"type": "blob", "connection": binding.connection.setting, "container": container, "blob": blob}

    def decode(self, binding: Binding, datum: Datum, annotation: object) -> object:
        assert isinstance(binding, BlobBinding)
        if datum.content is None:
            return None
        content = datum.content if binding.data_type == "binary" else _as_text(datum.content, annotation)
        if annotation is str:
            return content.decode() if isinstance(content, bytes) else content
        if annotation is bytes:
            return content.encode() if isinstance(content, str) else content
        from azure.functions.blob import InputStream

        # Upstream gives no name, length or uri for inputs; an app that has them can only be better off.
        return InputStream(
            data=content.encode() if isinstance(content, str) else content,
            name=datum.metadata["name"],
            uri=datum.metadata["uri"],
            length=datum.metadata["length"],
        )

    def encode(self, binding: Binding, value: object, target: Mapping[str, Any]) -> Write:
        read = getattr(value, "read", None)
        content = read() if callable(read) else value
        if isinstance(content, str):
            content = content.encode()
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise TypeError(
                f"binding {binding.name!r} (blob) takes str, bytes, bytearray or an object with read(),"
                f" and got {type(value).__name__}"
            )
        return Write({**target, "name": binding.name}, [bytes(content)])


def _as_text(content: bytes, annotation: object) -> str | bytes:
    """Only a parameter that is text is decoded: decoding anything else would spoil what is not text."""
    return content.decode("utf-8-sig") if annotation is str else content
