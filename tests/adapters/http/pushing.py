"""A small server of the push stream alone, and clients of it."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from adapters.events.stream import EventStream
from adapters.http.event_follower import Pace
from adapters.http.event_push import EventPush
from adapters.http.problems import Problem
from adapters.http.push_settings import PushSettings, PushSources
from adapters.replay.memory_store import MemoryStore
from domain.errors import StoreUnavailableError
from domain.orders.committed import CommittedBatch, EventPage, Position
from domain.orders.records import NewOrder
from domain.values import Symbol
from tests.adapters.http.fakes import ETHBTC, FakeDesk
from tests.adapters.http.talking import PATIENCE_SECONDS
from tests.adapters.persistence.builders import BTCUSDT, NOW, new_order
from tests.fakes import FakeMeter


AT_ONCE = Pace(join_seconds=0, chunk_seconds=0, page_pause=0, retry_seconds=0)
SETTINGS = PushSettings(pace=AT_ONCE, look_seconds=0.001, linger_seconds=0)


def at(number: int) -> Position:
    return Position(transaction=0, number=number)


def symbol_of(number: int) -> Symbol:
    """Return the symbol of the order whose acceptance has this number."""
    return ETHBTC if number % 3 == 0 else BTCUSDT


class Disk(MemoryStore):
    """A store that can be out of reach, and whose last events may not be final yet."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.hidden = 0
        self.page_reads = 0
        self._sequence = 0
        self._lock = threading.RLock()  # the one below is for one thread

    def last_position(self) -> Position:
        self._check()
        return at(super().last_position().number - self.hidden)

    def highest_position(self) -> Position:
        self._check()
        return super().last_position()

    def events_after(self, position: Position, limit: int) -> EventPage:
        self._check()
        self.page_reads += 1
        with self._lock:
            shown = super().last_position().number - self.hidden
            if position.number >= shown:
                return EventPage(events=(), position=position)
            limit = min(limit, shown - position.number)
            return super().events_after(position, limit)

    def commit(self, count: int = 1) -> CommittedBatch:
        orders: list[NewOrder] = []
        for _ in range(count):
            self._sequence += 1
            orders.append(new_order(self._sequence, symbol=symbol_of(self._sequence)))
        with self._lock:
            self.write(orders)
            return self.committed()

    def _check(self) -> None:
        if self.is_away:
            raise StoreUnavailableError("locked")


class Noon:
    """Implements ``Clock``."""

    def now(self) -> datetime:
        return NOW + timedelta(seconds=90)

    def monotonic_ns(self) -> int:
        return 0


def sources_of(
    stream: EventStream, disk: Disk, desk: FakeDesk | None = None
) -> PushSources:
    return PushSources(events=stream, disk=disk, orders=disk, desk=desk or FakeDesk())


@dataclass(frozen=True)
class Event:
    """One event, as a client reads it."""

    id: str | None
    kind: str
    data: Any


def read_event(text: bytes) -> Event:
    fields = dict(line.split(": ", 1) for line in text.decode().split("\n"))
    return Event(fields.get("id"), fields["event"], json.loads(fields["data"]))


class Client:
    """Reads a stream from its first event on."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader = reader
        self.writer = writer

    async def read(self) -> Event:
        async with asyncio.timeout(PATIENCE_SECONDS):
            text = await self.reader.readuntil(b"\n\n")
        return read_event(text.removesuffix(b"\n\n"))

    async def read_kind(self, kind: str) -> Event:
        while (event := await self.read()).kind != kind:
            pass
        return event

    async def read_states(self, *kinds: str) -> dict[str, Any]:
        """Read states until there is one of each of these kinds."""
        states: dict[str, Any] = {}
        while not states.keys() >= set(kinds):
            event = await self.read()
            assert event.id is None
            states[event.kind] = event.data
        return states

    async def read_numbers(self, up_to: int) -> list[int]:
        """Read order events up to this one, and return their numbers."""
        numbers: list[int] = []
        while not numbers or numbers[-1] < up_to:
            event = await self.read_kind("order")
            assert event.id is not None
            numbers.append(int(event.id.removeprefix("0-")))
        return numbers

    async def read_to_end(self) -> bytes:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.reader.read()

    def close(self) -> None:
        self.writer.close()


@dataclass
class PushServer:
    """Serves ``push`` on a port of loopback. A client sends position and query as a
    line.

    What is refused is answered with the code, and kept in ``refused``.
    """

    disk: Disk = field(default_factory=Disk)
    settings: PushSettings = field(default_factory=lambda: SETTINGS)
    new_executor: Callable[[int, str], Executor] = ThreadPoolExecutor
    meter: FakeMeter = field(default_factory=FakeMeter)
    desk: FakeDesk = field(default_factory=FakeDesk)
    refused: list[Problem] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.stream = EventStream(self.disk)
        self.push = EventPush(
            sources_of(self.stream, self.disk, self.desk),
            Noon(),
            meter=self.meter,
            settings=self.settings,
            new_executor=self.new_executor,
        )
        self._clients: list[Client] = []
        self.handlers: list[asyncio.Task[None]] = []
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.push.stop()
        for client in self._clients:
            client.close()
        self._server.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*self.handlers, return_exceptions=True)

    async def connect(self, after: int | None = None, query: str = "") -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        position = "" if after is None else f"0-{after}"
        return self.add(Client(reader, writer), f"{position} {query}\n".encode())

    def add(self, client: Client, line: bytes) -> Client:
        client.writer.write(line)
        self._clients.append(client)
        return client

    async def listen(self, after: int | None = None, query: str = "") -> Client:
        """Connect, and read where the stream begins."""
        client = await self.connect(after, query)
        event = await client.read()
        assert after is None or event.id == f"0-{after}"
        return client

    def commit(self, count: int = 1) -> None:
        self.stream.publish(self.disk.commit(count))

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.handlers.append(task)
        line = (await reader.readline()).decode().removesuffix("\n")
        closed = asyncio.ensure_future(self._await_close(reader, writer))
        try:
            last_event_id, _, query = line.partition(" ")
            accepted = await self.push.accept(
                {
                    "REQUEST_METHOD": "GET",
                    "HTTP_LAST_EVENT_ID": last_event_id,
                    "QUERY_STRING": query,
                }
            )
            if isinstance(accepted, Problem):
                self.refused.append(accepted)
                writer.write(accepted.code.encode())
            else:
                _, serve = accepted
                await serve(writer.transport, writer.drain)
        finally:
            closed.cancel()
            writer.close()

    async def _await_close(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    async def turn(self) -> None:
        """Let everybody else run once."""
        turned = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(turned.set_result, None)
        await turned
