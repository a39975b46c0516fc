"""Catching up while events come in: whatever happens in which order, by seeds.

A seed decides when something is committed, published or lost, which of the threads goes
on, when a client reads, and who comes and goes. Nothing else does: all run in one loop.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from adapters.events.stream import EventStream
from adapters.http.event_follower import Pace
from adapters.http.event_push import EventPush, PushSettings
from domain.orders.committed import NOBODY_KNOWS, Position
from tests.adapters.http.pushing import Disk, Noon, at, read_event


SEEDS = range(100)
STEPS = 150
SETTLE_TURNS = 2_000
TURNS = 20
"""Enough for everything that waits for nobody."""

SETTINGS = PushSettings(
    page_events=3,
    linger_seconds=0,
    pace=Pace(
        join_seconds=0,
        chunk_seconds=0,
        page_pause=0,
        retry_seconds=0,
        read_seconds=0,
        chunk_bytes_max=500,  # two events
        recent_bytes_max=1_200,  # five
    ),
)


class SteppedExecutor(Executor):
    """Runs what was handed in when it is told to."""

    def __init__(self, threads: int, _name: str) -> None:
        self._threads = threads
        self.waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self.running: list[Callable[[], None]] = []

    def submit(
        self, call: Callable[..., Any], /, *arguments: Any, **more: Any
    ) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: call(*arguments, **more)))
        return future

    def step(self, rng: random.Random) -> None:
        """Run what a thread would take next, or hand in what one has come to."""
        if self.running and rng.random() < 0.5:
            self.hand_in(rng.randrange(len(self.running)))
        elif self.waiting and len(self.running) < self._threads:
            self.run()

    def run(self) -> None:
        future, call = self.waiting.popleft()
        if future.set_running_or_notify_cancel():
            self.running.append(came_to(future, call))

    def hand_in(self, index: int = 0) -> None:
        self.running.pop(index)()

    def shutdown(self, *_: object, **__: object) -> None:
        for future, _call in self.waiting:
            future.cancel()


def came_to(future: Future[Any], call: Callable[[], Any]) -> Callable[[], None]:
    try:
        return partial(future.set_result, call())
    except Exception as error:  # noqa: BLE001 - as an executor does
        return partial(future.set_exception, error)


@dataclass(eq=False)
class Connection(asyncio.Transport):
    """A client's end: notes what was written, and reads when told to."""

    received: bytes = b""
    unread: int = 0
    is_closed: bool = False
    readers: list[asyncio.Future[None]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    start: Position | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.is_closed
        self.received += data
        self.unread += len(data)

    def set_write_buffer_limits(
        self, high: int | None = None, low: int | None = None
    ) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return self.unread

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return _NO_SOCKET if name == "socket" else default

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    abort = close

    async def drained(self) -> None:
        if self.unread:
            self.readers.append(asyncio.get_running_loop().create_future())
            await self.readers[-1]

    def read_all(self) -> None:
        self.unread = 0
        for one in self.readers:
            if not one.done():
                one.set_result(None)
        self.readers.clear()

    def numbers(self) -> tuple[int, list[int]]:
        """Return where it began, and the events that it was sent."""
        begin, *events = [
            read_event(text) for text in self.received.split(b"\n\n") if text
        ]
        assert begin.kind == "position"
        positions = [int((one.id or "").removeprefix("0-")) for one in (begin, *events)]
        return positions[0], positions[1:]

    def last(self) -> int:
        begin, numbers = self.numbers()
        return (begin, *numbers)[-1]


class _NoSocket:
    family = None

    def setsockopt(self, *_: object) -> None:
        pass


_NO_SOCKET = _NoSocket()


class World:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.disk = Disk()
        self.stream = EventStream(self.disk, waiting_max=4)
        self.executors: list[SteppedExecutor] = []
        self.push = EventPush(
            self.stream,
            self.disk,
            Noon(),
            settings=SETTINGS,
            new_executor=self.new_executor,
        )
        self.connections: list[Connection] = []
        self.is_lost = False
        """Whether the last commit was not published."""

    def new_executor(self, threads: int, name: str) -> SteppedExecutor:
        self.executors.append(SteppedExecutor(threads, name))
        return self.executors[-1]

    def commit(self) -> None:
        """Commit and publish, or lose what should be published."""
        batch = self.disk.commit(self.rng.choice((1, 1, 1, 2, 7)))
        self.is_lost = self.rng.random() < 0.2
        if not self.is_lost:
            self.stream.publish(batch)

    def come(self) -> None:
        end = self.disk.highest_position().number if not self.disk.is_away else 0
        self.connect(self.rng.choice((None, at(self.rng.randint(0, end)), at(end))))

    def connect(self, start: Position | None) -> None:
        connection = Connection(start=start)
        connection.task = asyncio.get_running_loop().create_task(
            self.attend(connection)
        )
        self.connections.append(connection)

    async def attend(self, connection: Connection) -> None:
        position = await self.push.admit(connection.start)
        await self.push.attend(position, connection, connection.drained)

    def read(self) -> None:
        if self.connections:
            self.rng.choice(self.connections).read_all()

    def leave(self) -> None:
        if self.connections:
            task = self.rng.choice(self.connections).task
            assert task is not None
            task.cancel()

    def toggle_database(self) -> None:
        self.disk.is_away = not self.disk.is_away

    def step_thread(self) -> None:
        self.rng.choice(self.executors).step(self.rng)

    async def turn(self, times: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(times):
            turned = loop.create_future()
            loop.call_soon(turned.set_result, None)
            await turned

    async def finish(self, executor: SteppedExecutor) -> None:
        """Let a thread do one thing, and the loop do what follows."""
        await self.turn(TURNS)
        executor.run()
        executor.hand_in()
        await self.turn(TURNS)

    async def run(self) -> None:
        steps = {
            self.commit: 4,
            self.come: 1,
            self.read: 4,
            self.leave: 0.3,
            self.toggle_database: 0.3,
            self.step_thread: 12,
        }
        for step in self.rng.choices(list(steps), list(steps.values()), k=STEPS):
            step()
            await self.turn(self.rng.randint(0, 4))
        self.disk.is_away = False
        if self.is_lost:
            self.stream.publish(NOBODY_KNOWS)
        for _ in range(SETTLE_TURNS):
            if all(self.is_settled(one) for one in self.connections):
                break
            for one in self.connections:
                one.read_all()
            for executor in self.executors:
                executor.step(self.rng)
            await self.turn(1)

    def is_settled(self, one: Connection) -> bool:
        assert one.task is not None
        if one.task.done():
            return True
        return bool(one.received) and one.last() == self.disk.last_position().number

    def check(self) -> None:
        end = self.disk.last_position().number
        for one in self.connections:
            assert one.task is not None
            if not one.received:
                assert one.task.done()
                continue
            begin, numbers = one.numbers()
            assert one.start in (None, at(begin))
            assert numbers == list(range(begin + 1, begin + 1 + len(numbers)))
            if not one.task.done():
                assert begin + len(numbers) == end


async def run(seed: int) -> int:
    world = World(seed)
    await world.run()
    world.check()
    world.push.stop()
    await asyncio.gather(
        *(one.task for one in world.connections if one.task), return_exceptions=True
    )
    return sum(len(one.received) for one in world.connections)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_comes_when_no_client_misses_an_event_or_gets_one_twice(
    seed: int,
) -> None:
    asyncio.run(run(seed))


async def wait_for_the_thread() -> None:
    world = World(0)
    thread, pages = world.executors
    world.connect(None)
    await world.finish(thread)  # subscribes
    await world.finish(thread)  # nothing new
    first = world.disk.commit()
    world.connect(at(1))  # beyond what the thread has read
    await world.turn(TURNS)
    await world.finish(pages)  # no position is higher
    pages.run()  # no event follows it
    world.stream.publish(first)
    world.stream.publish(world.disk.commit())
    await world.finish(thread)

    pages.hand_in()
    for _ in range(2):
        await world.turn(TURNS)
        world.connections[1].read_all()
    await world.turn(TURNS)

    assert world.connections[1].numbers() == (1, [2])
    world.push.stop()


def test_what_comes_while_a_page_is_read_in_vain_is_sent_at_once() -> None:
    asyncio.run(wait_for_the_thread())


def test_a_seed_decides_everything() -> None:
    assert [asyncio.run(run(7)) for _ in range(3)] == [asyncio.run(run(7))] * 3
