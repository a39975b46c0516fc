"""Shares the loop's time between calls: urgent ones first, then in their order."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeVar

from domain.ports.runtime import RunWokenActors


T = TypeVar("T")


class CallRounds:
    """Makes calls in the loop's own thread, for as long in each round as it may.

    A round of asyncio's loop handles everything that is ready. Without a limit, some
    hundred clients with many requests each would make it so long that a halt, which
    comes in the next round, waits for seconds.

    Actors that the calls of a round woke are run at its end, in the same thread.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        run_woken_actors: RunWokenActors,
        slice_seconds: float,
    ) -> None:
        """Begin the first round with the first call.

        Args:
            loop: whose thread makes the calls.
            run_woken_actors: entered around the calls of a round.
            slice_seconds: for the calls of a round that are not urgent.
        """
        self._loop: Final = loop
        self._run_woken_actors: Final = run_woken_actors
        self._slice_seconds: Final = slice_seconds
        self._waiting: deque[tuple[Callable[[], object], asyncio.Future[object]]] = (
            deque()
        )
        self._actors: AbstractContextManager[object] | None = None
        self._until = 0.0

    async def call(self, function: Callable[[], T], *, is_urgent: bool) -> T:
        """Call now if the round has time, or else when it is this one's turn."""
        if self._may_call_now(is_urgent=is_urgent):
            return function()
        turn: asyncio.Future[object] = self._loop.create_future()
        self._waiting.append((function, turn))
        return await turn  # type: ignore[return-value] # it is what the function returns

    def begin(self) -> None:
        """Begin a round, if none has begun."""
        if self._actors is None:
            self._until = self._loop.time() + self._slice_seconds
            self._actors = self._run_woken_actors()
            self._actors.__enter__()
            self._loop.call_soon(self._end)

    def _may_call_now(self, *, is_urgent: bool) -> bool:
        is_first = self._actors is None
        self.begin()
        if is_urgent:
            return True
        if self._waiting:
            return False
        return is_first or self._loop.time() < self._until

    def _end(self) -> None:
        """End a round; those who wait begin the next one."""
        actors, self._actors = self._actors, None
        assert actors is not None
        actors.__exit__(None, None, None)
        if self._waiting:
            self.begin()
            self._call_waiting()

    def _call_waiting(self) -> None:
        while self._waiting:
            function, turn = self._waiting.popleft()
            if not turn.done():  # else its client has gone
                _settle(turn, function)
                if self._loop.time() >= self._until:
                    return


def _settle(turn: asyncio.Future[object], function: Callable[[], object]) -> None:
    try:
        outcome = function()
    except Exception as error:  # noqa: BLE001 - raised where it is awaited
        turn.set_exception(error)
    else:
        turn.set_result(outcome)


class Wakes:
    """Lets any thread settle what the loop awaits; wakes the loop once for many."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop: Final = loop
        self._ready: deque[asyncio.Future[None]] = deque()
        self._is_waking = False

    def wake(self, waiter: "asyncio.Future[None]") -> None:
        """Have the loop go on with whoever awaits this; from any thread."""
        self._ready.append(waiter)
        if not self._is_waking:
            self._is_waking = True
            try:
                self._loop.call_soon_threadsafe(self._wake_all)
            except RuntimeError:
                return  # the loop has ended, and nobody waits any more

    def _wake_all(self) -> None:
        self._is_waking = False  # before looking: what comes later wakes again
        while self._ready:
            waiter = self._ready.popleft()
            if not waiter.done():
                waiter.set_result(None)
