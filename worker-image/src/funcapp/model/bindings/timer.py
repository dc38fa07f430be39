"""timerTrigger."""

from __future__ import annotations

from dataclasses import dataclass

from funcapp.model import schedules, time_zones
from funcapp.model.bindings.base import Binding, BindingKind, RawBinding
from funcapp.model.schedules import Schedule


@dataclass(frozen=True)
class TimerTrigger(Binding):
    """`schedule_text` is the schedule as written, settings resolved; `time_zone` is a name that nobody has checked."""

    schedule_text: str
    schedule: Schedule
    time_zone: str
    run_on_startup: bool
    use_monitor: bool


def _parse_trigger(raw: RawBinding) -> TimerTrigger:
    text = raw.text("schedule").strip()
    try:
        schedule = schedules.parse(text)
    except schedules.ScheduleError as error:
        raise raw.invalid(f"schedule {text!r} {error}") from None
    return TimerTrigger(
        raw.name,
        raw.type,
        raw.direction,
        text,
        schedule,
        time_zones.setting(raw.environment)[1],
        _flag(raw, "runOnStartup", False),
        _flag(raw, "useMonitor", True),
    )


def _flag(raw: RawBinding, name: str, default: bool) -> bool:
    value = raw.properties.get(name.lower())
    if value is None:
        return default
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise raw.invalid(f"has {name} {value!r}: it must be true or false")
    return value


KINDS = (BindingKind("timerTrigger", ("in",), _parse_trigger),)
