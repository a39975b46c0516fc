"""A stdout that nobody reads: the service trades, and stops in order all the same."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from urllib3.exceptions import HTTPError

from adapters.persistence.queries import open_queries
from domain.orders.order import OrderStatus
from domain.values import OrderId
from tests.system.client import Client
from tests.system.processes import ROOT
from tests.system.waiting import eventually


@contextmanager
def full_pipe() -> Iterator[int]:
    """Give the writing end of a pipe that takes nothing more, and is never read."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"x")
    os.set_blocking(writing, True)
    try:
        yield writing
    finally:
        os.close(reading)
        os.close(writing)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def is_ready(client: Client) -> bool:
    try:
        return bool(client.get("/readyz").body["status"] == "ok")
    except HTTPError:
        return False


def test_a_stop_is_in_order_although_nobody_reads_the_terminal(tmp_path: Path) -> None:
    database, port = f"sqlite:///{tmp_path / 'orders.db'}", free_port()
    options = ("--port", str(port), "--symbols", "BTCUSDT", "--database", database)
    client = Client(f"http://127.0.0.1:{port}")
    with (
        full_pipe() as terminal,
        subprocess.Popen(
            [sys.executable, "run.py", "--cancel-on-stop", *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.DEVNULL,
        ) as service,
    ):
        try:
            eventually(lambda: is_ready(client), within_seconds=30, what="it trades")
            order_id = client.place("BTCUSDT", "SELL", "0.5", "90000").body["id"]

            service.send_signal(signal.SIGTERM)

            assert service.wait(20) == 0
        finally:
            service.kill()
            client.close()

    queries = open_queries(database)
    order = queries.order(OrderId(order_id))
    queries.close()
    assert order is not None
    assert order.status is OrderStatus.CANCELED
