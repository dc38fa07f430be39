"""blobTrigger, and blob as input and as output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funcapp.content import Content, whole
from funcapp.model.bindings.base import Binding
from funcapp.model.bindings.blob import BlobBinding, BlobTrigger, split_path
from funcapp.process.bindings import blob_clients
from funcapp.process.bindings.base import Converter, Datum, Write, is_subclass
from funcapp.process.bindings.blob_values import content_of, stream_class, text


class BlobTriggerConverter(Converter):
    def accepts_input(self, annotation: type) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.InputStream, bytes, str) or blob_clients.accepts("blobTrigger", annotation)

    def is_client(self, binding: Binding, annotation: object) -> bool:
        return blob_clients.accepts(binding.type, annotation)

    def decode(self, binding: Binding, datum: Datum, annotation: object) -> object:
        """Content is bytes whatever the dataType says, as upstream."""
        assert isinstance(binding, BlobTrigger)
        known = datum.metadata
        if self.is_client(binding, annotation):
            return blob_clients.make(binding.type, binding.connection.setting, known.get("BlobTrigger", ""), annotation)
        content: Content = datum.content if datum.content is not None else b""
        if annotation is str:
            return text(content, keep_mark=True)
        if annotation is bytes:
            return whole(content)
        properties = known.get("Properties")
        return stream_class()(
            content,
            name=known.get("BlobTrigger"),
            uri=known.get("Uri"),
            length=properties.get("ContentLength") if properties else None,
            blob_properties=properties,
            metadata=known.get("Metadata"),
        )


class BlobConverter(Converter):
    has_target = True

    def accepts_input(self, annotation: type) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.InputStream, bytes, str) or blob_clients.accepts("blob", annotation)

    def accepts_output(self, annotation: object) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.InputStream, str, bytes, bytearray) or callable(
            getattr(annotation, "read", None)
        )

    def is_client(self, binding: Binding, annotation: object) -> bool:
        return binding.direction == "in" and blob_clients.accepts(binding.type, annotation)

    def target(self, binding: Binding, data: Mapping[str, Any], function: str) -> dict[str, Any]:
        assert isinstance(binding, BlobBinding)
        try:
            container, blob = split_path(binding.path.resolve(data, method=function))
        except ValueError as error:
            raise ValueError(f"binding {binding.name!r}: {error}") from None
        return {"type": "blob", "connection": binding.connection.setting, "container": container, "blob": blob}

    def decode(self, binding: Binding, datum: Datum, annotation: object) -> object:
        """Text only where the app asks for text: decoding anything else would spoil what is not text.

        Upstream decodes every input whose dataType is not binary. There an input has no name, length or uri, either.
        """
        assert isinstance(binding, BlobBinding)
        known = datum.metadata
        if self.is_client(binding, annotation):
            path = f"{known['container']}/{known['blob']}"
            return blob_clients.make(binding.type, binding.connection.setting, path, annotation)
        if datum.content is None:
            return None
        if annotation is str:
            return text(datum.content, keep_mark=binding.data_type == "binary")
        if annotation is bytes:
            return whole(datum.content)
        return stream_class()(datum.content, name=known["name"], uri=known["uri"], length=known["length"])

    def encode(self, binding: Binding, value: object, target: Mapping[str, Any]) -> Write:
        params = {**target, "name": binding.name}
        content = content_of(value)
        if content is None:
            raise TypeError(
                f"binding {binding.name!r} (blob) takes str, bytes, bytearray or an object with read(),"
                f" and got {type(value).__name__}"
            )
        if not callable(content):
            return Write(params, [content])
        make = content

        def parts() -> list[Content]:
            try:
                return [make()]
            except TypeError as error:
                raise TypeError(f"binding {binding.name!r} (blob): {error}") from error

        return Write(params, parts)
