"""An answer that storage gives, late or never."""

import asyncio

import pytest
from support.waiting import eventually

from funcapp.host.scaling import asked
from funcapp.host.scaling.asked import Asked


class Service:
    def __init__(self) -> None:
        self.questions = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def ask(self) -> int:
        self.questions += 1
        number = self.questions
        await self.answers.wait()
        return number


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "WAIT_SECONDS", 0.05)


async def test_it_is_asked_once_a_second_however_many_want_to_know() -> None:
    service = Service()
    question = Asked(service.ask)
    assert set(await asyncio.gather(*(question.answer() for _ in range(50)))) == {1}
    assert await question.answer() == 1
    assert service.questions == 1


async def test_nobody_asks_where_nobody_wants_to_know() -> None:
    service = Service()
    Asked(service.ask)
    await asyncio.sleep(0.05)
    assert service.questions == 0


async def test_a_late_answer_is_for_whoever_asks_next(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    service.answers.clear()
    question = Asked(service.ask)
    assert await question.answer() is None
    assert await question.answer() is None
    service.answers.set()
    await eventually(lambda: question._asking is None, "the answer is there")
    assert await question.answer() == 1
    assert service.questions == 1


async def test_a_service_that_never_answers_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "_GIVE_UP_SECONDS", 0.1)
    monkeypatch.setattr(asked, "AGAIN_SECONDS", 0.1)
    service = Service()
    service.answers.clear()
    question = Asked(service.ask)
    assert await question.answer() is None
    await eventually(lambda: question._asking is None, "it was given up")
    service.answers.set()
    assert await question.answer() == 2
