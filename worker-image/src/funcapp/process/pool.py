"""Runs functions that are not coroutines, in threads."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from funcapp.process.time_limit import Timed, TimeLimit


class NotStarted(Exception):
    """A drain began before a thread was free: the work was never touched, and can be done elsewhere."""


class FunctionTimeout(Exception):
    """The function ran longer than the app allows, and has ended."""


class FunctionStuck(FunctionTimeout):
    """The function ran longer than the app allows, and still does: it cannot be stopped."""


class _Work(Timed):
    """One call, as the threads see it."""

    __slots__ = ("call", "context", "error", "may_be_handed_back", "result")

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[[], Any], may_be_handed_back: bool) -> None:
        super().__init__(loop)
        self.call: Callable[[], Any] | None = call
        self.context = contextvars.copy_context()
        self.may_be_handed_back = may_be_handed_back
        self.result: Any = None
        self.error: BaseException | None = None


class Pool:
    """Threads for functions.

    Unlike in a ThreadPoolExecutor, a call wakes one thread at most, and the thread that wakes sees to the next one:
    short functions then run one after another in the thread that is awake, and a function that blocks holds up none.
    What has ended meanwhile is told to the loop at once.
    """

    def __init__(self, threads: int | None, limit: TimeLimit) -> None:
        """`threads` at most; None: as many as a ThreadPoolExecutor would have."""
        self._most = threads or min(32, (os.cpu_count() or 1) + 4)
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        """Guards the next four."""
        self._waiting: deque[_Work] = deque()
        self._asleep: list[threading.Lock] = []
        """A thread waits for its lock; the last to fall asleep is the first to wake."""
        self._count = 0
        self._waking = False
        self._will_wake = False
        self._ended: deque[_Work] = deque()
        self._told = False
        self.hands_back = False
        """What may be handed back and has no thread yet raises NotStarted."""

    async def run(self, call: Callable[[], Any], *, may_be_handed_back: bool) -> Any:
        """Time in the queue does not count. Raises NotStarted, FunctionStuck, or what `call` raises."""
        work = _Work(self._loop, call, may_be_handed_back)
        with self._lock:
            self._waiting.append(work)
        if not self._will_wake:
            self._will_wake = True
            self._loop.call_soon(self._wake)
        if not await self._limit.settled(work):
            raise FunctionStuck
        if work.error is not None:
            try:
                raise work.error
            finally:
                work.error = None  # the cycle that it makes with this frame
        return work.result

    def _wake(self) -> None:
        """Once for all that one turn of the loop brings.

        A thread that is awake meanwhile would take turns with the loop at every read and write of a socket, and each
        of these changes takes longer than a short function.
        """
        self._will_wake = False
        with self._lock:
            wake = self._next_thread()
        if wake is not None:
            wake()

    def _next_thread(self) -> Callable[[], None] | None:
        """Wakes or starts a thread for what waits, unless one is about to look; call it without the lock."""
        if self._waking or not self._waiting:
            return None
        if self._asleep:
            self._waking = True
            return self._asleep.pop().release
        if self._count < self._most:
            self._waking = True
            self._count += 1
            return self._start_thread
        return None

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"function_{self._count}", daemon=True)
        try:
            # Of its own: the thread outlives the invocation that needed it first.
            contextvars.Context().run(thread.start)
        except RuntimeError:
            self._give_up_thread()

    def _give_up_thread(self) -> None:
        """The container's limit of processes is reached: the threads that are there do the work."""
        waiting: deque[_Work] = deque()
        with self._lock:
            self._count -= 1
            self._waking = False
            if not self._count:
                waiting, self._waiting = self._waiting, waiting
        for work in waiting:
            work.error = RuntimeError("no thread can be started: the container's limit of processes is reached")
            self._ended.append(work)
        self._tell()

    def _work(self) -> None:
        sleep = threading.Lock()
        sleep.acquire()
        awoken = True
        while True:
            with self._lock:
                if awoken:
                    self._waking = False
                work = self._waiting.popleft() if self._waiting else None
                if work is None:
                    self._asleep.append(sleep)
                wake = self._next_thread()
                # Telling the loop hands the interpreter over to it, which takes longer than a short function: what
                # has ended can wait for the next thread to wake, and until then this one does what else there is.
                tells = awoken or work is None or not self._waking
            if wake is not None:
                wake()
            if tells:
                self._tell()
            if work is None:
                sleep.acquire()
                awoken = True
            else:
                self._do(work)
                work = None  # an idle thread keeps nothing alive
                awoken = False

    def _do(self, work: _Work) -> None:
        call, work.call = work.call, None
        assert call is not None
        try:
            if self.hands_back and work.may_be_handed_back:
                raise NotStarted
            work.begun = self._loop.time()
            work.result = work.context.run(call)
        except BaseException as error:
            work.error = error
        self._ended.append(work)

    def _tell(self) -> None:
        """That invocations have ended, where the loop does not know it yet."""
        if self._ended and not self._told:
            self._told = True
            with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        self._told = False
        while self._ended:
            self._ended.popleft().settle()

    def hand_back(self) -> None:
        """From now on: also what waits behind functions that run for long, so that nobody waits for these."""
        self.hands_back = True
        with self._lock:
            handed_back = [work for work in self._waiting if work.may_be_handed_back]
            self._waiting = deque(work for work in self._waiting if not work.may_be_handed_back)
        for work in handed_back:
            work.call = None
            work.error = NotStarted()
            work.settle()
