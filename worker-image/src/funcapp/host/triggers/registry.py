"""The listener of each kind of trigger that the host process listens for; HTTP needs none."""

from __future__ import annotations

from funcapp.host.triggers.base import Listener, Surroundings
from funcapp.host.triggers.queue import QueueListener
from funcapp.model.bindings.queue import QueueTrigger
from funcapp.model.function import Function


def listener_for(function: Function, surroundings: Surroundings) -> Listener | None:
    """None where the function is not fed by the host process."""
    trigger = function.trigger
    if isinstance(trigger, QueueTrigger):
        return QueueListener(function.name, trigger, surroundings)
    return None
