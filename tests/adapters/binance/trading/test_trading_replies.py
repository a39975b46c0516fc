"""The documented payloads are read, and hostile ones are malformed."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.binance.rest_replies import parse_server_time
from adapters.binance.trading.trading_replies import (
    read_account,
    read_order,
    read_orders,
    read_trades,
    time_of,
)
from adapters.binance.trading.user_events import WsApiReply, parse_user_frame
from domain.errors import MalformedMessageError


NOW = datetime(2026, 11, 23, tzinfo=UTC)


def documented(shared: Path, name: str) -> bytes:
    return (shared / "order_responses" / "docs" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "status", "executed", "fills"),
    [
        ("rest_order_ack.json", "", "0", None),
        ("rest_order_result.json", "FILLED", "10", None),
        ("rest_order_full.json", "FILLED", "10", 5),
        ("rest_order_query.json", "NEW", "0", None),
        ("rest_order_cancel.json", "CANCELED", "0", None),
    ],
)
def test_documented_orders_are_read(
    shared_market_data: Path,
    name: str,
    status: str,
    executed: str,
    fills: int | None,
) -> None:
    order = read_order(documented(shared_market_data, name))

    assert (order.status, order.executed_qty) == (status, Decimal(executed))
    assert (None if order.fills is None else len(order.fills)) == fills


def test_documented_open_orders_are_read(shared_market_data: Path) -> None:
    orders = read_orders(documented(shared_market_data, "rest_open_orders.json"))

    assert [order.client_order_id for order in orders] == ["myOrder1"]


@pytest.mark.parametrize(
    ("name", "status", "code", "retry_at_ms"),
    [
        ("ws_api_error_2010.json", 400, -2010, None),
        ("ws_api_error_418.json", 418, -1003, 1659146400000),
    ],
)
def test_documented_errors_of_the_websocket_api_are_read(
    shared_market_data: Path,
    name: str,
    status: int,
    code: int,
    retry_at_ms: int | None,
) -> None:
    reply = parse_user_frame(documented(shared_market_data, name))

    assert isinstance(reply, WsApiReply)
    assert (reply.status, reply.code, reply.retry_at_ms) == (status, code, retry_at_ms)


@pytest.mark.parametrize(
    "read",
    [
        read_order,
        read_orders,
        read_trades,
        parse_server_time,
        lambda body: read_account(body, NOW),
    ],
)
@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[" * 10_000, b'{"a":' * 10_000, b"[1]", b"7", b"null", b'"x"'],
    ids=range(8),
)
def test_hostile_bodies_are_malformed_and_nothing_else(
    read: Callable[[bytes], object], body: bytes
) -> None:
    with pytest.raises(MalformedMessageError):
        read(body)


def test_times_may_be_in_microseconds() -> None:
    assert time_of(1_700_000_000_123) == time_of(1_700_000_000_123_000)


def test_amounts_never_become_floats() -> None:
    body = (
        b'{"symbol":"A","orderId":1,"clientOrderId":"x","side":"SELL","status":"NEW",'
        b'"origQty":1234567890123.123456789012,"executedQty":"0.1"}'
    )

    order = read_order(body)

    assert order.orig_qty == Decimal("1234567890123.123456789012")
    assert order.executed_qty == Decimal("0.1")
