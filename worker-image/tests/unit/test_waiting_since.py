"""Since when messages wait, against a queue whose messages become visible at moments that the test knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from funcapp.host.scaling.waiting import Peeked, WaitingSince

START = datetime(2026, 5, 1, 12, 0, tzinfo=timezone.utc)
SHOWN = 32


@dataclass
class Message:
    identity: str
    inserted: datetime
    visible: datetime
    dequeue_count: int = 0


@dataclass
class Queue:
    """Shows visible messages in the order in which they became visible, as the service does."""

    now: datetime = START
    messages: list[Message] = field(default_factory=list)
    sent: int = 0

    def send(self, count: int = 1, delay: float = 0.0) -> None:
        for _ in range(count):
            self.sent += 1
            visible = self.now + timedelta(seconds=delay)
            self.messages.append(Message(f"m{self.sent}", self.now, visible))

    def visible(self) -> list[Message]:
        return sorted((each for each in self.messages if each.visible <= self.now), key=lambda each: each.visible)

    def receive(self, count: int, lease: float = 600.0) -> None:
        for message in self.visible()[:count]:
            message.dequeue_count += 1
            message.visible = self.now + timedelta(seconds=lease)

    def delete_received(self) -> None:
        self.messages = [each for each in self.messages if each.visible <= self.now or not each.dequeue_count]

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def look(self, waiting: WaitingSince) -> dict[str, datetime]:
        shown = self.visible()[:SHOWN]
        peeked = [Peeked(each.identity, each.inserted, each.dequeue_count) for each in shown]
        moments = waiting.look(peeked, self.now, whole=len(shown) < SHOWN)
        return dict(zip((each.identity for each in shown), moments, strict=True))

    def age(self, waiting: WaitingSince, identity: str) -> float:
        return (self.now - self.look(waiting)[identity]).total_seconds()


STEPS = st.one_of(
    st.tuples(st.just("send"), st.integers(1, 40), st.sampled_from([0.0, 0.0, 1.0, 30.0, 3600.0])),
    st.tuples(st.just("receive"), st.integers(1, 40), st.sampled_from([0.0, 1.0, 600.0])),
    st.tuples(st.just("delete"), st.just(0), st.just(0.0)),
    st.tuples(st.just("wait"), st.just(0), st.sampled_from([0.5, 1.0, 20.0, 4000.0])),
    st.tuples(st.just("look"), st.just(0), st.just(0.0)),
    st.tuples(st.just("restart"), st.just(0), st.just(0.0)),
)


@given(st.lists(STEPS, max_size=40))
def test_no_message_waits_for_longer_than_it_seems_to_nor_seems_older_than_it_is(
    steps: list[tuple[str, int, float]],
) -> None:
    """Whatever happens to a queue: the moment lies between what is known for sure and when it became visible."""
    queue, waiting = Queue(), WaitingSince()
    whole_at: datetime | None = None
    for step, count, seconds in [*steps, ("look", 0, 0.0)]:
        if step == "send":
            queue.send(count, seconds)
        elif step == "receive":
            queue.receive(count, seconds)
        elif step == "delete":
            queue.delete_received()
        elif step == "wait":
            queue.wait(seconds)
        elif step == "restart":
            waiting, whole_at = WaitingSince(), None
        else:
            moments = queue.look(waiting)
            shown = queue.visible()[:SHOWN]
            youngest = START
            for message in shown:
                moment = moments[message.identity]
                youngest = max(youngest, message.inserted)
                assert youngest <= moment <= message.visible
                if whole_at is not None and message.visible > whole_at:
                    assert moment >= whole_at
            assert list(moments.values()) == sorted(moments.values())
            if len(shown) < SHOWN:
                whole_at = queue.now


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=60))
def test_messages_that_are_not_scheduled_wait_since_they_were_sent(sends: list[tuple[int, bool]]) -> None:
    queue, waiting = Queue(), WaitingSince()
    for seconds, looks in sends:
        queue.wait(seconds)
        queue.send()
        if looks:
            queue.look(waiting)
    moments = queue.look(waiting)
    assert moments == {each.identity: each.inserted for each in queue.visible()[:SHOWN]}


def test_a_scheduled_message_in_a_stream_is_as_young_as_those_ahead_of_it() -> None:
    queue, waiting = Queue(), WaitingSince()
    queue.send(delay=3600)
    queue.send(3)
    for _ in range(3600):
        queue.wait(1)
        queue.receive(1)
        queue.delete_received()
        queue.send()
    # Nobody looked before, but there are two ahead of it that were sent a moment ago.
    assert [each.identity for each in queue.visible()][2] == "m1"
    assert queue.age(waiting, "m1") <= 3


def test_a_lone_scheduled_message_waits_since_the_queue_was_seen_empty() -> None:
    queue, waiting = Queue(), WaitingSince()
    queue.send(delay=86_400)
    queue.wait(86_399)
    assert queue.look(waiting) == {}
    queue.wait(6)
    assert queue.age(waiting, "m1") == 6
    queue.wait(60)
    assert queue.age(waiting, "m1") == 66


def test_a_message_that_is_retried_waits_anew() -> None:
    queue, waiting = Queue(), WaitingSince()
    queue.send()
    queue.wait(100)
    assert queue.age(waiting, "m1") == 100
    queue.receive(1, lease=10)
    queue.wait(5)
    assert queue.look(waiting) == {}
    queue.wait(7)
    assert queue.age(waiting, "m1") <= 7


def test_a_scheduled_message_in_a_deep_queue_stays_young_when_those_ahead_of_it_are_gone() -> None:
    queue, waiting = Queue(), WaitingSince()
    queue.send(delay=3600)
    queue.wait(3595)
    queue.send(100)
    queue.wait(6)
    queue.look(waiting)
    # All that it saw, and what came behind, is taken at a time; the scheduled one is the first.
    queue.receive(100)
    assert queue.age(waiting, "m1") == 6


def test_after_a_restart_a_message_seems_as_old_as_it_can_be() -> None:
    """Too early is better than too late: only the first look at a queue cannot tell."""
    queue = Queue()
    queue.send(delay=3600)
    queue.wait(3605)
    assert queue.age(WaitingSince(), "m1") == 3605
