"""``kill -9`` of a service that pushes: its clients come back and miss nothing."""

import json
import random
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from adapters.persistence.queries import SqlOrderQueries
from domain.orders.committed import CommittedEvent, read_position
from tests.system.kill_service import Intake, fill_up, kill_during_intake
from tests.system.on_disk import events_after, opened
from tests.system.processes import Service, Simulator
from tests.system.waiting import eventually


CLIENTS = 24
LIVES = 2
WAITING = 60
PATIENCE_SECONDS = 30.0
AGAIN_SECONDS = 20.0
ID = re.compile(rb"^id: ([0-9-]+)$", re.MULTILINE)


def everything(_: CommittedEvent) -> bool:
    return True


def is_fill(one: CommittedEvent) -> bool:
    return one.fill is not None


def is_fill_of_bitcoin(one: CommittedEvent) -> bool:
    return one.fill is not None and one.order.symbol == "BTCUSDT"


KINDS: Sequence[tuple[str, Callable[[CommittedEvent], bool]]] = (
    ("", everything),
    ("?topics=orders,fills,symbols,service,book:BTCUSDT", everything),
    ("?topics=fills,halt", is_fill),
    ("?topics=fills&symbol=BTCUSDT", is_fill_of_bitcoin),
)
"""What clients ask for, and which events they then have to get."""


class Client:
    """Comes back with the last id that it was given."""

    def __init__(self, query: str, wants: Callable[[CommittedEvent], bool]) -> None:
        self.wants = wants
        self.begin = ""
        """Where the stream began."""

        self.ids: list[str] = []
        """Of the events that it was given in full."""

        self.fills: list[tuple[str, int]] = []
        """Child and trade of those that it was given."""

        self._path = f"/api/v1/stream{query}"
        self._last = ""

    def follow(self, url: str) -> None:
        """Read until the service ends."""
        parts = urlsplit(url)
        last = f"Last-Event-ID: {self._last}\r\n" if self._last else ""
        head = f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\n{last}\r\n"
        with (
            suppress(ConnectionError),
            socket.create_connection(
                (parts.hostname, parts.port), PATIENCE_SECONDS
            ) as sock,
        ):
            sock.sendall(head.encode())
            rest = b""
            while chunk := sock.recv(65536):
                *whole, rest = (rest + chunk).split(b"\n\n")
                for event in whole:
                    self._take(event)

    def _take(self, event: bytes) -> None:
        found = ID.search(event)
        if found is None:
            return  # how something is, or a heartbeat
        self._last = found[1].decode()
        self.begin = self.begin or self._last
        if b"event: order\n" in event:
            self.ids.append(self._last)
            data = json.loads(event.partition(b"data: ")[2])
            if "fill" in data:
                fill = data["fill"]
                self.fills.append((fill["child_id"], fill["trade_id"]))


@contextmanager
def listening(clients: list[Client], url: str) -> Iterator[None]:
    """Have all of them follow; in the end the service has to be gone."""
    with ThreadPoolExecutor(len(clients)) as pool:
        following: list[Future[None]] = [
            pool.submit(one.follow, url) for one in clients
        ]
        yield
        for future in following:
            future.result(PATIENCE_SECONDS)


def wanted_by(client: Client, queries: SqlOrderQueries) -> list[CommittedEvent]:
    """Read what a client has to get."""
    there = events_after(queries, read_position(client.begin))
    return [one for one in there if client.wants(one)]


def test_clients_of_a_service_that_is_killed_miss_and_double_nothing(
    tmp_path: Path,
) -> None:
    rng = random.Random(11)
    intake = Intake(rng)
    database = tmp_path / "orders.db"
    clients = [Client(*KINDS[number % len(KINDS)]) for number in range(CLIENTS)]
    with Simulator("--speed", "3") as market:
        start = partial(Service, database, *market.as_market)
        for _ in range(LIVES):
            with start() as service:
                service.await_trading()
                with listening(clients, service.url):
                    fill_up(service, intake, WAITING)
                    kill_during_intake(service, intake, rng.uniform(0.3, 1.0))
        with start() as service, opened(database) as queries:
            with listening(clients, service.url):
                ends = [str(wanted_by(one, queries)[-1].position) for one in clients]
                eventually(
                    lambda: all(
                        end in one.ids for end, one in zip(ends, clients, strict=True)
                    ),
                    within_seconds=AGAIN_SECONDS,
                    what="all clients have caught up",
                    every=0.1,
                )
                service.interrupt()
            for one in clients:
                there = wanted_by(one, queries)
                assert one.ids == [str(told.position) for told in there[: len(one.ids)]]
                if one.wants is everything:
                    assert len(one.ids) > LIVES * WAITING
            booked = fills_on_disk(database)
            assert len(booked) > LIVES
            for one in clients:
                if one.wants is is_fill:
                    assert one.fills == booked[: len(one.fills)]


def fills_on_disk(database: Path) -> list[tuple[str, int]]:
    """Read child and trade of all fills, in the order in which they were booked."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT child_id, trade_id FROM fills ORDER BY id")
        return found.fetchall()
