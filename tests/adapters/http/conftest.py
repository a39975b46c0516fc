"""An application over fakes, and a server that listens."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from adapters.http.app import ServiceAccess, create_app
from adapters.http.server import HttpServer
from tests.adapters.http.described import DescribedClient
from tests.adapters.http.fakes import ON_PAPER, FakeDesk, FakeQueries
from tests.adapters.http.talking import Serve
from tests.adapters.http.tokens import Trail


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def scrape() -> tuple[bytes, str]:
    return b"orders_total 1\n", "text/plain; version=0.0.4"


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def queries() -> FakeQueries:
    return FakeQueries()


@pytest.fixture
def app(desk: FakeDesk, queries: FakeQueries) -> Flask:
    app = create_app(
        desk, queries, ON_PAPER, scrape, access=ServiceAccess(None, Trail())
    )
    app.test_client_class = DescribedClient
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def server(app: Flask) -> Iterator[HttpServer]:
    server = HttpServer(app, "127.0.0.1", 0, threads=8)
    server.start()
    yield server
    server.stop(grace_seconds=5)


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[HttpServer] = []

    def serve(app: "WSGIApplication") -> HttpServer:
        servers.append(HttpServer(app, "127.0.0.1", 0))
        servers[-1].start()
        return servers[-1]

    yield serve
    for server in servers:
        server.stop(grace_seconds=0)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=40) as pool:
        yield pool
