import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcapp import link
from funcapp.link import Handler, Link, LinkClosed, Message, RemoteError


@given(st.lists(st.binary(max_size=50), max_size=5), st.dictionaries(st.text(), st.integers()))
def test_frames_come_out_as_they_went_in(parts: list[bytes], params: dict[str, int]) -> None:
    head, *body = link.encode({"call": "x", "params": params}, parts)
    prefix, header = head[:8], head[8:]
    assert int.from_bytes(prefix[:4], "big") == len(header)
    assert int.from_bytes(prefix[4:], "big") == len(b"".join(body))
    assert link.decode(header, b"".join(body)) == ({"call": "x", "params": params}, parts)


@asynccontextmanager
async def linked(handlers: Mapping[str, Handler]) -> AsyncIterator[tuple[Link, Link]]:
    ends = [await asyncio.open_connection(sock=end) for end in socket.socketpair()]
    first, second = Link(*ends[0], {}), Link(*ends[1], handlers)
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
    sender = Link(*await asyncio.open_connection(sock=here), {})
    sending = asyncio.create_task(sender.call("x", {}, [bytes(50_000_000)]))
    done, _ = await asyncio.wait({sending}, timeout=0.2)
    assert not done
    there.close()
    with pytest.raises(LinkClosed):
        await sending
    sender.close()


async def test_what_is_too_large_is_refused_by_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "MAX_FRAME", 10)
    async with linked({}) as (caller, _):
        with pytest.raises(ValueError, match="too large"):
            await caller.call("x", {}, [bytes(11)])
