import asyncio
import gc
import os
import socket
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcapp import link
from funcapp.content import INLINE_LIMIT, FileContent, spooled
from funcapp.link import Handler, Link, LinkClosed, Message, RemoteError


@given(st.lists(st.binary(max_size=50), max_size=5), st.dictionaries(st.text(), st.integers()))
def test_frames_come_out_as_they_went_in(parts: list[bytes], params: dict[str, int]) -> None:
    head, *body = link.encode({"call": "x", "params": params}, parts)
    prefix, header = head[:8], head[8:]
    assert int.from_bytes(prefix[:4], "big") == len(header)
    assert int.from_bytes(prefix[4:], "big") == len(b"".join(body))
    assert link.decode(header, b"".join(body), deque()) == ({"call": "x", "params": params}, parts)


@asynccontextmanager
async def linked(handlers: Mapping[str, Handler]) -> AsyncIterator[tuple[Link, Link]]:
    here, there = socket.socketpair()
    first, second = Link(here, {}), Link(there, handlers)
    running = [asyncio.create_task(end.run()) for end in (first, second)]
    try:
        yield first, second
    finally:
        first.close()
        second.close()
        await asyncio.gather(*running)


async def test_calls_overlap_and_replies_find_their_call() -> None:
    release = asyncio.Event()

    async def slow(message: Message) -> Message:
        await release.wait()
        return Message({"n": message.params["n"]}, [bytes(message.parts[0]) * 2])

    async def quick(_message: Message) -> None:
        release.set()

    async with linked({"slow": slow, "quick": quick}) as (caller, _):
        calls = [asyncio.create_task(caller.call("slow", {"n": n}, [b"%d" % n])) for n in range(5)]
        await caller.call("quick", {})
        replies = await asyncio.gather(*calls)
    assert [(reply.params, list(reply.parts)) for reply in replies] == [({"n": n}, [b"%d" % n * 2]) for n in range(5)]


async def test_failures_and_the_end_reach_the_caller() -> None:
    async def fail(_message: Message) -> None:
        raise ValueError("why")

    async def never(_message: Message) -> None:
        await asyncio.Event().wait()

    async with linked({"fail": fail, "never": never}) as (caller, other):
        with pytest.raises(RemoteError, match="why") as caught:
            await caller.call("fail", {})
        assert caught.value.kind == "ValueError"
        waiting = asyncio.create_task(caller.call("never", {}))
        await asyncio.sleep(0)
        other.close()
        with pytest.raises(LinkClosed):
            await waiting
        with pytest.raises(LinkClosed):
            await caller.call("fail", {})


async def test_a_sender_waits_for_a_reader_that_is_slow() -> None:
    here, there = socket.socketpair()
    sender = Link(here, {})
    await sender.notify("x", {"fills": "x" * 5_000_000})
    sending = asyncio.create_task(sender.notify("x", {}))
    done, _ = await asyncio.wait({sending}, timeout=0.2)
    assert not done
    there.close()
    with pytest.raises(LinkClosed):
        await sending
    sender.close()


async def test_files_travel_in_order_with_their_frames_and_are_closed() -> None:
    before = len(os.listdir("/proc/self/fd"))

    async def echo(message: Message) -> Message:
        return Message({}, message.parts)

    async with linked({"echo": echo}) as (caller, _):
        large = [bytes([number]) * (INLINE_LIMIT + 1 + number) for number in range(5)]
        calls = [caller.call("echo", {}, [b"small", spooled([content]), b""]) for content in large]
        replies = await asyncio.gather(*calls)
    for content, reply in zip(large, replies, strict=True):
        small, file, empty = reply.parts
        assert (small, empty) == (b"small", b"")
        assert isinstance(file, FileContent)
        assert file.read() == content
        # Each reader has a position of its own.
        with file.open() as first, file.open() as second:
            assert first.read(3) == second.read(3) == content[:3]
    del replies, reply, file, first, second, calls
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


async def test_many_small_and_large_frames_at_a_time() -> None:
    async def echo(message: Message) -> Message:
        await asyncio.sleep(0)
        return message

    async with linked({"echo": echo}) as (caller, _):
        parts = [bytes([number % 256]) * (number * 997 % 200_000) for number in range(200)]
        replies = await asyncio.gather(
            *(caller.call("echo", {"n": number}, [part]) for number, part in enumerate(parts))
        )
    assert [(reply.params["n"], *reply.parts) for reply in replies] == list(enumerate(parts))


async def test_what_is_no_frame_ends_the_link(caplog: pytest.LogCaptureFixture) -> None:
    here, there = socket.socketpair()
    receiver = Link(here, {})
    there.sendall(b"\xff" * 100)
    await asyncio.wait_for(receiver.run(), 5)
    assert "over the limit" in caplog.text
    with pytest.raises(LinkClosed):
        await receiver.call("x", {})
    there.close()


async def test_what_is_too_large_is_refused_by_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "MAX_FRAME", 10)
    async with linked({}) as (caller, _):
        with pytest.raises(ValueError, match="too large"):
            await caller.call("x", {}, [bytes(11)])
