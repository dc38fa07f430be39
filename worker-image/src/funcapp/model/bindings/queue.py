"""queueTrigger and queue."""

from __future__ import annotations

import re
from dataclasses import dataclass

from funcapp.model.bindings.base import Binding, BindingKind, RawBinding
from funcapp.model.connections import Connection
from funcapp.model.expressions import Template

_QUEUE_NAME = re.compile("[a-z0-9](?:-?[a-z0-9])*")
QUEUE_NAME_RULE = "3 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends"


@dataclass(frozen=True)
class QueueTrigger(Binding):
    queue_name: str
    connection: Connection


@dataclass(frozen=True)
class QueueOutput(Binding):
    queue_name: Template
    connection: Connection


def is_queue_name(name: str) -> bool:
    """https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata"""
    return 3 <= len(name) <= 63 and _QUEUE_NAME.fullmatch(name) is not None


def _parse_trigger(raw: RawBinding) -> QueueTrigger:
    name = raw.text("queueName").lower()
    if not is_queue_name(name):
        raise raw.invalid(f"has queueName {name!r}: it must have {QUEUE_NAME_RULE}")
    return QueueTrigger(raw.name, raw.type, raw.direction, name, raw.connection("queue"))


def _parse_output(raw: RawBinding) -> QueueOutput:
    template = raw.template("queueName")
    if not template.names and not is_queue_name(template.text.lower()):
        raise raw.invalid(f"has queueName {template.text!r}: it must have {QUEUE_NAME_RULE}")
    return QueueOutput(raw.name, raw.type, raw.direction, template, raw.connection("queue"))


KINDS = (
    BindingKind("queueTrigger", ("in",), _parse_trigger),
    BindingKind("queue", ("out",), _parse_output),
)
