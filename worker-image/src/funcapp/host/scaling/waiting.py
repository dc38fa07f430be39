"""Since when the messages of a queue wait, told from looking at its first ones now and then.

A queue says when a message was sent and not when it became visible: one that was scheduled may be days old and have
waited for a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import NamedTuple

_NEVER_SEEN = datetime.min.replace(tzinfo=timezone.utc)


class Peeked(NamedTuple):
    """A visible message, with the moment at which it was sent."""

    identity: str
    inserted: datetime
    dequeue_count: int


class WaitingSince:
    """One queue, whose service gives visible messages in the order in which they became visible.

    What it tells of a message is the earliest moment at which it can have become visible, going by all looks so far:

    - when it was sent;
    - when those became visible that are ahead of it, or were when it was not seen yet;
    - for a message that was not there when the whole queue was seen: that look.

    So no message waits for longer than it seems to, and one that was scheduled seems old only in a queue that nobody
    has looked at before.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], datetime] = {}
        """Of the last look. A message that was received and came back is another one."""
        self._others = _NEVER_SEEN
        """For messages that were not among these."""

    def look(self, peeked: Sequence[Peeked], at: datetime, *, whole: bool) -> list[datetime]:
        """For each message the moment since which it waits, which never lies before that of one ahead of it.

        `at` is the time of the look and `whole` whether `peeked` is all that was visible, and not only the first ones.
        Both times are of the service's clock.
        """
        ahead = _NEVER_SEEN
        known: dict[tuple[str, int], datetime] = {}
        for message in peeked:
            key = (message.identity, message.dequeue_count)
            ahead = known[key] = max(ahead, message.inserted, self._known.get(key, self._others))
        self._known = known
        self._others = at if whole else max(ahead, self._others)
        return [known[message.identity, message.dequeue_count] for message in peeked]
