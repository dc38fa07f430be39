"""timerTrigger."""

from __future__ import annotations

import json
from typing import Any

from funcapp.content import whole
from funcapp.model.bindings.base import Binding
from funcapp.process.bindings.base import Converter, Datum, is_subclass


class TimerTriggerConverter(Converter):
    def accepts_input(self, annotation: type) -> bool:
        import azure.functions as func

        return is_subclass(annotation, func.TimerRequest)

    def decode(self, binding: Binding, datum: Datum, annotation: object) -> object:
        from azure.functions.timer import TimerRequest

        known = _document(whole(datum.content or b"{}"))
        return TimerRequest(
            past_due=known.get("IsPastDue") is True,
            schedule_status=known.get("ScheduleStatus"),
            schedule=known.get("Schedule"),
        )


def _document(content: bytes) -> dict[str, Any]:
    """Empty for what somebody wrote who ran the function by hand."""
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
