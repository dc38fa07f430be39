"""queueTrigger and queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from funcapp.content import Content, whole
from funcapp.model.bindings.base import Binding
from funcapp.model.bindings.queue import QUEUE_NAME_RULE, QueueOutput, is_queue_name
from funcapp.process.bindings.base import Converter, Datum, Write, is_subclass, item_of_list


class QueueTriggerConverter(Converter):
    def accepts_input(self, annotation: type) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.QueueMessage, str, bytes)

    def decode(self, binding: Binding, datum: Datum, annotation: object) -> object:
        body = whole(datum.content or b"")
        if annotation is str:
            return body.decode()
        if annotation is bytes:
            return body
        from azure.functions.queue import QueueMessage

        # A function that is run by hand has a message without metadata.
        known = datum.metadata
        return QueueMessage(
            id=known.get("Id"),
            body=body,
            dequeue_count=known.get("DequeueCount"),
            expiration_time=_time(known.get("ExpirationTime")),
            insertion_time=_time(known.get("InsertionTime")),
            time_next_visible=_time(known.get("NextVisibleTime")),
            pop_receipt=known.get("PopReceipt"),
        )


class QueueConverter(Converter):
    has_target = True

    def accepts_output(self, annotation: object) -> bool:
        import azure.functions as func

        item = item_of_list(annotation)
        return annotation is list or is_subclass(annotation if item is None else item, func.QueueMessage, str, bytes)

    def target(self, binding: Binding, data: Mapping[str, Any], function: str) -> dict[str, Any]:
        assert isinstance(binding, QueueOutput)
        name = binding.queue_name.resolve(data, method=function).lower()
        if not is_queue_name(name):
            raise ValueError(f"binding {binding.name!r}: the queue name {name!r} must have {QUEUE_NAME_RULE}")
        setting = binding.connection.setting
        return {"type": "queue", "connection": setting, "queue": name, "function": function}

    def encode(self, binding: Binding, value: object, target: Mapping[str, Any]) -> Write:
        items = value if isinstance(value, (list, tuple)) else [value]
        bodies: list[Content] = [_body(binding, item) for item in items]
        return Write({**target, "name": binding.name}, bodies)


def _body(binding: Binding, item: object) -> bytes:
    import azure.functions as func

    if isinstance(item, str):
        return item.encode()
    if isinstance(item, (bytes, bytearray)):
        return bytes(item)
    if isinstance(item, func.QueueMessage):
        body = item.get_body()
        return body.encode() if isinstance(body, str) else bytes(body)
    raise TypeError(
        f"binding {binding.name!r} (queue) takes str, bytes, func.QueueMessage or a list of them,"
        f" and got {type(item).__name__}"
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
