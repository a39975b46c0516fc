"""Execution reports over HTTP: JSON, CSV, and what is refused."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from domain.market.price_path import PricePoint
from domain.orders.child_order import ChildOrder, ChildStatus
from domain.orders.order import OrderStatus
from domain.orders.stored_orders import OrderTouches, StoredChild
from domain.values import ChildId, OrderId, Side
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import BNBUSDT, NOON, FakeQueries, make_fill, make_order
from tests.builders import touch_at


ONE = "/api/v1/orders/01ABC/report"
SECOND = int(NOON.timestamp())


@pytest.fixture
def sold(queries: FakeQueries) -> FakeQueries:
    """Ten of BNB were sold at 271.5 for a fee of 0.5 USDT: all there was to sell."""
    order = make_order(
        status=OrderStatus.FILLED,
        quantity=Decimal(10),
        filled=Decimal(10),
        filled_quote=Decimal(2715),
    )
    child = ChildOrder(
        child_id=ChildId("01ABC-1"),
        order_id=OrderId("01ABC"),
        symbol=BNBUSDT,
        side=Side.SELL,
        price=order.price,
        quantity=Decimal(10),
        slices=(),
        intended_at=NOON,
        touch=touch_at("271", "272"),
    )
    queries.known = {"01ABC": order}
    queries.found_fills = (make_fill(quantity=Decimal(10)),)
    queries.children = (StoredChild(child=child, status=ChildStatus.DONE, reason=""),)
    queries.found_touches = OrderTouches(
        arrival=touch_at("271.9", "272.1"), end=touch_at("271", "272")
    )
    queries.points = (
        PricePoint(
            symbol=BNBUSDT,
            second=SECOND + 1,
            bid=Decimal(271),
            ask=Decimal("271.2"),
            update_id=78,
        ),
        PricePoint(
            symbol=BNBUSDT, second=SECOND + 60, bid=Decimal(271), ask=None, update_id=79
        ),
    )
    return queries


@pytest.mark.usefixtures("sold")
def test_report_of_an_order(client: FlaskClient) -> None:
    found = content(client.get(ONE))

    assert found["order"]["id"] == "01ABC"
    assert (found["arrival_mid"], found["end_mid"]) == ("272", "271.5")
    assert found["fill_count"] == 1
    figures = found["figures"]
    assert figures["arrival"] == {
        "bps": "18.3824",  # (272 - 271.5) of 272
        "word": "a cost",
        "benchmark": "mid at arrival",
        "amount": "5",
        "reference": "2720",
        "quantity": "10",
        "missing": None,
    }
    assert figures["fees"]["bps"] == "1.8382"  # 0.5 of 2720
    assert figures["shortfall"]["bps"] == "20.2206"  # 5.5 of 2720
    assert figures["price_improvement"]["bps"] == "18.4502"  # 0.5 of 271
    assert figures["price_improvement"]["word"] == "a gain"
    assert figures["effective_spread"]["bps"] == "0"
    assert figures["effective_spread"]["word"] == "no difference"
    assert figures["markout_1s"]["bps"] == "14.733"  # 271.5 - 271.1 of 271.5
    assert figures["markout_60s"] == {
        "bps": None,
        "word": None,
        "benchmark": "mid 60 s after the fill",
        "amount": None,
        "reference": None,
        "quantity": "0",
        "missing": "NO_PRICE_THEN",
    }


def test_prices_are_asked_for_where_they_are_needed(
    client: FlaskClient, sold: FakeQueries
) -> None:
    late = replace(make_fill(number=2), executed_at=NOON.replace(hour=13))
    sold.found_fills = (*sold.found_fills, late)

    content(client.get(ONE))

    asked = [(path.since - SECOND, path.until - SECOND) for path in sold.paths]
    assert asked == [(1, 60), (3601, 3660)]
    assert {path.symbol for path in sold.paths} == {BNBUSDT}


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("?format=csv", "application/json"),
        ("", "text/csv"),
        ("", "application/json;q=0.5, text/csv"),
    ],
)
def test_report_as_csv(client: FlaskClient, query: str, accept: str) -> None:
    response = client.get(f"{ONE}{query}", headers={"Accept": accept})

    assert response.status_code == 200
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.text.count("\r\n") == 2
    (row,) = csv.DictReader(io.StringIO(response.text))
    assert row["id"] == "01ABC"
    assert (row["client_order_id"], row["average_price"]) == ("", "271.5")
    assert (row["arrival_bps"], row["arrival_word"]) == ("18.3824", "a cost")
    assert (row["markout_60s_bps"], row["markout_60s_missing"]) == ("", "NO_PRICE_THEN")


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "text/*;q=0, */*", "\xff"])
def test_whoever_does_not_ask_for_csv_gets_json(
    client: FlaskClient, accept: str
) -> None:
    content(client.get(ONE, headers={"Accept": accept}))
    content(client.get(f"{ONE}?format=json", headers={"Accept": "text/csv"}))


def test_report_of_an_order_without_fills_reads_neither_children_nor_prices(
    client: FlaskClient, queries: FakeQueries
) -> None:
    figures = content(client.get(ONE))["figures"]

    assert figures["arrival"]["missing"] == "NOTHING_FILLED"
    assert figures["shortfall"]["missing"] == "NO_ARRIVAL_MID"
    assert len(queries.pages) == 1
    assert queries.paths == []


def test_what_is_not_an_order_or_not_a_format_is_refused(client: FlaskClient) -> None:
    assert problem(client.get(f"{ONE}?format=xml"), 400)["field"] == "format"
    unknown = problem(client.get("/api/v1/orders/01XYZ/report"), 404)
    assert unknown["code"] == "UNKNOWN_ORDER"


PERIOD = "/api/v1/report"


@pytest.mark.usefixtures("sold")
def test_report_of_a_period(client: FlaskClient, queries: FakeQueries) -> None:
    earlier = make_order("01AAA", created_at=NOON.replace(hour=11), status="CANCELED")
    queries.known["01AAA"] = earlier

    since = "2031-05-01T12:00:00.25Z"
    found = content(client.get(f"{PERIOD}?since={since}&symbol=BNBUSDT"))

    assert (found["since"], found["until"]) == ("2031-05-01T12:00:00.250000Z", None)
    (order,) = found["orders"]
    assert order == content(client.get(ONE))
    (symbol,) = found["symbols"]
    assert symbol == {
        "symbol": "BNBUSDT",
        "order_count": 1,
        "fill_count": 1,
        "filled": "10",
        "figures": order["figures"],
    }
    assert {wanted.symbol for wanted in queries.filters} == {BNBUSDT}


@pytest.mark.usefixtures("sold")
def test_report_of_a_period_as_csv(client: FlaskClient) -> None:
    response = client.get(PERIOD, headers={"Accept": "text/csv"})

    (row,) = csv.DictReader(io.StringIO(response.text))
    assert (row["id"], row["arrival_bps"]) == ("01ABC", "18.3824")
    content(client.get(f"{PERIOD}?since=0001-01-01T00:00:00Z"))
    empty = client.get(f"{PERIOD}?until=2031-05-01T12:00:00Z&format=csv")
    assert list(csv.DictReader(io.StringIO(empty.text))) == []
    assert empty.text.startswith("id,client_order_id,")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("since=yesterday", "since"),
        ("until=2031-05-01", "until"),
        ("since=2031-05-02T00:00:00Z&until=2031-05-02T01:00:00%2B01:00", "until"),
        ("symbol=", "symbol"),
    ],
)
def test_what_is_not_a_period_is_refused(
    client: FlaskClient, query: str, name: str
) -> None:
    found = problem(client.get(f"{PERIOD}?{query}"), 400)

    assert (found["code"], found["field"]) == ("PARAMETER_INVALID", name)


def test_a_period_with_too_many_orders_is_refused(
    client: FlaskClient, queries: FakeQueries
) -> None:
    ids = [f"01A{number}" for number in range(1_001)]
    queries.known = {order_id: make_order(order_id) for order_id in ids}

    found = problem(client.get(PERIOD), 400)

    assert found["code"] == "INVALID_REQUEST"
    assert "more than 1000 orders" in found["detail"]
    queries.known.popitem()
    assert len(content(client.get(PERIOD))["orders"]) == 1_000
