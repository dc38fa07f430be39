"""The time zone of an app's schedules. For the host process: function processes need not have the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

SETTINGS = ("WEBSITE_TIME_ZONE", "TZ")
DEFAULT = "UTC"


def setting(environment: Mapping[str, str]) -> tuple[str, str]:
    """The setting that decides and the zone's name, as written; UTC without one.

    https://learn.microsoft.com/azure/azure-functions/functions-app-settings#website_time_zone
    """
    for name in SETTINGS:
        value = environment.get(name, "").strip()
        if value:
            return name, value
    return SETTINGS[0], DEFAULT


def find(name: str) -> ZoneInfo:
    """By its name in the IANA database or in Windows. Raises ValueError, whose message completes "'name' …"."""
    from zoneinfo import ZoneInfo

    try:
        # POSIX lets a name begin with a colon.
        return ZoneInfo(name.removeprefix(":"))
    except (ValueError, OSError, LookupError):
        pass
    from tzlocal.windows_tz import win_tz

    for windows, iana in win_tz.items():
        if windows.lower() == name.lower():
            return ZoneInfo(iana)
    raise ValueError(
        "is no time zone that is known: give a name of the IANA database, such as 'Europe/Berlin',"
        " or of Windows, such as 'W. Europe Standard Time'"
    )
