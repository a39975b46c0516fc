"""A connection is used only while it is known to be alive."""

import socket

import pytest
from urllib3.connection import HTTPConnection

from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import VenueLimits
from tests.adapters.binance.trading.builders import child, fill_body, order_body
from tests.adapters.binance.trading.loopback import (
    KEY,
    SECRET,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


FILLED = said(order_body(child(), fills=[fill_body("2")]))
PONG = Said(body="{}")


def take_orders(server: TradingServer) -> None:
    server.answers = lambda asked: (
        FILLED if asked.method == "POST" else PONG if asked.call == "GET ping" else None
    )


def test_an_order_does_not_go_on_a_connection_that_was_quiet_for_long(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    take_orders(server)
    venue.place(child(), ALLOWED)
    clock.advance(5)
    venue.place(child(), ALLOWED)
    assert server.connections == 1

    clock.advance(5.1)
    answer = venue.place(child(), ALLOWED)

    assert answer.result is not None
    assert server.connections == 2
    assert server.has_closed.acquire(timeout=10)  # the old one


def test_a_question_does_not_go_on_a_connection_that_was_quiet_for_long(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    venue.probe()
    clock.advance(5.1)

    venue.look_up(child(), since=clock.now(), thoroughly=False)

    assert server.connections == 2


def test_the_stamp_of_an_order_is_made_after_connecting(
    server: TradingServer,
    venue: BinanceVenue,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_orders(server)
    venue.place(child(), ALLOWED)
    clock.advance(60)
    connect = HTTPConnection.connect

    def connect_slowly(connection: HTTPConnection) -> None:
        connect(connection)
        clock.advance(3)

    monkeypatch.setattr(HTTPConnection, "connect", connect_slowly)

    venue.place(child(), ALLOWED)

    stamped = int(server.last("POST order").fields["timestamp"])
    assert stamped == server.now_ms + 63_000


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux has it")
def test_the_kernel_gives_up_what_the_other_end_does_not_confirm(
    server: TradingServer, venue: BinanceVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_orders(server)
    patience_ms: list[int] = []
    connect = HTTPConnection.connect

    def connect_and_look(connection: HTTPConnection) -> None:
        connect(connection)
        option = (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        patience_ms.append(connection.sock.getsockopt(*option))

    monkeypatch.setattr(HTTPConnection, "connect", connect_and_look)

    venue.place(child(), ALLOWED)

    assert patience_ms == [3000]


def test_connections_that_are_kept_warm_are_there_for_the_next_order(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    take_orders(server)
    assert venue.keep_warm()
    assert server.connections == 2

    for _ in range(20):
        clock.advance(2.5)
        venue.keep_warm()
    venue.place(child(), ALLOWED)

    assert server.connections == 2


def test_warm_connections_are_tried_only_after_a_quiet_time(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    take_orders(server)
    venue.keep_warm()

    for _ in range(20):
        clock.advance(1)
        venue.keep_warm()

    assert server.calls().count("GET ping") == 2 + 2 * 6


def test_no_connection_is_tried_while_the_venue_wants_no_requests(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits, clock: HandClock
) -> None:
    take_orders(server)
    venue.keep_warm()
    limits.pause(60)
    clock.advance(30)

    assert not venue.keep_warm()

    assert server.calls() == ["GET ping"] * 2
    assert server.connections == 2  # nor is one made


def test_an_attempt_at_keeping_warm_that_is_limited_pauses_the_process(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits
) -> None:
    server.answers = lambda asked: (
        error(-1003, "Too much request weight used.", 429, Retry_After="7")
        if asked.call == "GET ping"
        else None
    )

    venue.keep_warm()

    assert limits.pause_seconds() == 7
    assert server.calls() == ["GET ping"]


def test_nothing_is_kept_warm_after_closing(
    server: TradingServer, venue: BinanceVenue
) -> None:
    venue.close()

    venue.keep_warm()

    assert server.asked == []


def test_a_venue_that_cannot_be_reached_is_not_well(clock: HandClock) -> None:
    with TradingServer() as server:
        url = server.url
    venue = BinanceVenue(
        rest_url=url,
        credentials=Credentials(api_key=KEY, api_secret=SECRET),
        clock=clock,
    )

    assert not venue.keep_warm()

    venue.close()
