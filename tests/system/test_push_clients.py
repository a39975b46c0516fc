"""``kill -9`` of a service that pushes: its clients come back and miss nothing."""

import random
import re
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from adapters.persistence.queries import SqlOrderQueries
from domain.orders.committed import BEGINNING, Position, read_position
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


class Client:
    """Comes back with the id of the last event that it was given in full."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        """The first says where the stream began."""

    def follow(self, url: str) -> None:
        """Read until the service ends."""
        parts = urlsplit(url)
        last = f"Last-Event-ID: {self.ids[-1]}\r\n" if self.ids else ""
        head = f"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n{last}\r\n"
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
        if b"event: order\n" in event or (found and not self.ids):
            assert found is not None
            self.ids.append(found[1].decode())


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


def ids_after(queries: SqlOrderQueries, position: Position) -> list[str]:
    return [str(one.position) for one in events_after(queries, position)]


def test_clients_of_a_service_that_is_killed_miss_and_double_nothing(
    tmp_path: Path,
) -> None:
    rng = random.Random(11)
    intake = Intake(rng)
    database = tmp_path / "orders.db"
    clients = [Client() for _ in range(CLIENTS)]
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
                wanted = ids_after(queries, BEGINNING)[-1]
                eventually(
                    lambda: all(wanted in one.ids for one in clients),
                    within_seconds=AGAIN_SECONDS,
                    what="all clients have caught up",
                    every=0.1,
                )
                service.interrupt()
            for one in clients:
                begin, *told = one.ids
                there = ids_after(queries, read_position(begin))
                assert len(told) > LIVES * WAITING
                assert told == there[: len(told)]
