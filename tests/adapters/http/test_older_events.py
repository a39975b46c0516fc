"""Reading the disk for clients that catch up: in turn, with pauses, once for all."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from adapters.http.event_follower import Pace
from adapters.http.older_events import OlderEvents
from tests.adapters.http.pushing import Disk, at


PAGE_SECONDS = 0.01
TURNS = 20


class SlowThread(Executor):
    """Runs at once what is handed in, which takes its time by the clock of a test."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def submit(
        self, call: Callable[..., Any], /, *arguments: Any, **more: Any
    ) -> Future[Any]:
        self.seconds += PAGE_SECONDS
        future: Future[Any] = Future()
        future.set_result(call(*arguments, **more))
        return future


class Reading:
    """Reads with a clock that goes on only while a page is read, or when told to."""

    def __init__(self) -> None:
        self.disk = Disk()
        self.disk.commit(9)
        self.thread = SlowThread()
        vars(asyncio.get_running_loop())["time"] = lambda: self.thread.seconds
        self.older = OlderEvents(self.disk, self.thread, 2, Pace(page_pause=4.0))

    def begin(self, number: int) -> "asyncio.Task[Any]":
        return asyncio.ensure_future(self.older.page_after(at(number)))

    async def turn(self, times: int = TURNS) -> None:
        """Let everybody else run."""
        loop = asyncio.get_running_loop()
        for _ in range(times):
            turned = loop.create_future()
            loop.call_soon(turned.set_result, None)
            await turned


async def pause_after_a_page() -> None:
    reading = Reading()
    first, second = reading.begin(0), reading.begin(2)
    await reading.turn()
    assert first.done()
    assert reading.disk.page_reads == 1

    reading.thread.seconds += 3.9 * PAGE_SECONDS
    await reading.turn()
    assert reading.disk.page_reads == 1
    reading.thread.seconds += 0.2 * PAGE_SECONDS
    await reading.turn()
    assert [one.position for one in (await second).frames] == [at(3), at(4)]


def test_clients_that_catch_up_leave_time_to_others() -> None:
    asyncio.run(pause_after_a_page())


async def one_that_leaves() -> None:
    reading = Reading()
    first, second = reading.begin(0), reading.begin(2)
    await reading.turn(1)
    first.cancel()
    await reading.turn()
    reading.thread.seconds += 5 * PAGE_SECONDS
    await reading.turn()
    assert (await second).position == at(4)


def test_one_that_leaves_in_its_turn_holds_up_nobody() -> None:
    asyncio.run(one_that_leaves())


async def the_same_page() -> None:
    reading = Reading()
    pages = [await asyncio.shield(reading.begin(0)) for _ in range(3)]
    assert reading.disk.page_reads == 1
    assert [page.position for page in pages] == [at(2)] * 3


def test_a_page_is_read_once_for_all_who_are_there_in_a_while() -> None:
    asyncio.run(the_same_page())


async def an_empty_page() -> None:
    reading = Reading()
    reading.older = OlderEvents(reading.disk, reading.thread, 2, Pace(page_pause=0))
    assert not (await reading.begin(9)).frames
    reading.disk.commit()
    assert [one.position for one in (await reading.begin(9)).frames] == [at(10)]


def test_an_empty_page_is_not_kept() -> None:
    asyncio.run(an_empty_page())
