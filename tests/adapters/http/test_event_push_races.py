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
from adapters.http.event_push import EventPush
from adapters.http.push_listener import ListenerLimits
from adapters.http.push_settings import PushSettings
from adapters.http.stream_request import StreamRequest
from adapters.http.stream_selection import EVERYTHING, Selection
from domain.orders.committed import NOBODY_KNOWS, Position
from domain.values import OrderId
from tests.adapters.http.fakes import ETHBTC
from tests.adapters.http.pushing import (
    Disk,
    Event,
    Noon,
    at,
    read_event,
    sources_of,
    symbol_of,
)


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
        chunk_bytes_max=1_400,  # two events
        recent_bytes_max=3_500,  # five
    ),
)


SELECTIONS = (
    EVERYTHING,
    EVERYTHING,
    Selection(with_order=True),
    Selection(symbol=ETHBTC),
    Selection(order_id=OrderId(f"ORDER{5:010d}")),
    Selection(is_any=False),
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
    selection: Selection = EVERYTHING

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

    def events(self) -> list[Event]:
        return [read_event(text) for text in self.received.split(b"\n\n") if text]

    def numbers(self) -> tuple[int, list[int]]:
        """Return where it began, and the events that it was sent."""
        begin, *events = self.events()
        assert begin.kind == "position"
        return number_of(begin), [number_of(one) for one in events if is_order(one)]

    def wanted(self, end: int) -> list[int]:
        """Return the events that it wants, up to this one."""
        begin, _ = self.numbers()
        return [number for number in range(begin + 1, end + 1) if self.selects(number)]

    def selects(self, number: int) -> bool:
        selection = self.selection
        order_id = f"ORDER{number:010d}"
        return (
            selection.is_any
            and selection.symbol in (None, symbol_of(number))
            and selection.order_id in (None, order_id)
        )

    @property
    def has_gone(self) -> bool:
        assert self.task is not None
        return self.task.done()

    def told(self) -> int:
        """Return the last id that it was given: with it, it would come back."""
        return [number_of(one) for one in self.events() if one.id is not None][-1]


def number_of(event: Event) -> int:
    return int((event.id or "").removeprefix("0-"))


def is_order(event: Event) -> bool:
    return event.kind == "order"


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
            sources_of(self.stream, self.disk),
            Noon(),
            settings=SETTINGS,
            new_executor=self.new_executor,
        )
        self.seconds = 0.0
        vars(asyncio.get_running_loop())["time"] = lambda: self.seconds
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
        start = self.rng.choice((None, at(self.rng.randint(0, end)), at(end)))
        self.connect(start, self.rng.choice(SELECTIONS))

    def connect(
        self, start: Position | None, selection: Selection = EVERYTHING
    ) -> None:
        connection = Connection(start=start, selection=selection)
        connection.task = asyncio.get_running_loop().create_task(self.serve(connection))
        self.connections.append(connection)

    async def serve(self, connection: Connection) -> None:
        wanted = StreamRequest(start=connection.start, selection=connection.selection)
        position = await self.push.admit(wanted)
        await self.push.serve(wanted, position, connection, connection.drained)

    def wait(self) -> None:
        """Let time pass until everybody is due for a heartbeat."""
        self.seconds += ListenerLimits().heartbeat_seconds

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
            self.wait: 0.3,
            self.toggle_database: 0.3,
            self.step_thread: 12,
        }
        for step in self.rng.choices(list(steps), list(steps.values()), k=STEPS):
            step()
            await self.turn(self.rng.randint(0, 4))
        self.disk.is_away = False
        if self.is_lost:
            self.stream.publish(NOBODY_KNOWS)
        for turn in range(SETTLE_TURNS):
            if all(self.is_settled(one) for one in self.connections):
                break
            if turn % TURNS == 0:
                self.wait()
            for one in self.connections:
                one.read_all()
            for executor in self.executors:
                executor.step(self.rng)
            await self.turn(1)

    def is_settled(self, one: Connection) -> bool:
        return one.has_gone or bool(one.received and self.knows_the_end(one))

    def knows_the_end(self, one: Connection) -> bool:
        return one.told() == self.disk.last_position().number

    def check(self) -> None:
        for one in self.connections:
            if not one.received:
                assert one.has_gone
                continue
            begin, numbers = one.numbers()
            assert one.start in (None, at(begin))
            assert numbers == one.wanted(one.told())
            assert one.has_gone or self.knows_the_end(one)


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
    thread, pages, *_ = world.executors
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
