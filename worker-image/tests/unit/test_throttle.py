import asyncio

import pytest

from funcapp.process.http.throttle import Throttle, TooManyRequests


async def occupy(throttle: Throttle, order: list[int], number: int, release: asyncio.Event) -> None:
    async with throttle:
        order.append(number)
        await release.wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_more_than_may_run_wait_in_order_and_more_than_may_wait_are_refused() -> None:
    throttle, order, release = Throttle(2, 4), list[int](), asyncio.Event()
    tasks = [asyncio.create_task(occupy(throttle, order, number, release)) for number in range(4)]
    await settle()
    assert order == [0, 1]
    with pytest.raises(TooManyRequests):
        await throttle.__aenter__()
    tasks[2].cancel()
    release.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 1, 3]
    for _ in range(3):
        async with throttle:
            pass


async def test_a_place_is_not_lost_when_the_one_that_gets_it_gives_up() -> None:
    throttle, order, release = Throttle(1, 2), list[int](), asyncio.Event()
    first = asyncio.create_task(occupy(throttle, order, 1, release))
    await settle()
    second = asyncio.create_task(occupy(throttle, order, 2, release))
    await settle()
    release.set()
    await first
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.wait_for(throttle.__aenter__(), 1)


async def test_nobody_waits_where_only_the_number_that_run_is_limited() -> None:
    throttle = Throttle(1, None)
    async with throttle:
        with pytest.raises(TooManyRequests):
            await throttle.__aenter__()


async def test_each_process_takes_its_share_and_at_least_one() -> None:
    throttle = Throttle(None, 5, processes=4)
    assert throttle.limits
    async with throttle:
        with pytest.raises(TooManyRequests):
            await throttle.__aenter__()
    assert not Throttle(None, None).limits
