"""Reading, amending and cancelling orders."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from adapters.http.app import create_app
from adapters.trading_environment import TradingEnvironment
from domain.market.price_path import PricePoint
from domain.orders.child_order import ChildStatus, Slice
from domain.orders.commands import AmendOrder, CancelOrder
from domain.orders.lifecycle import child_of
from domain.orders.order import OrderStatus
from domain.orders.price_path import path_of
from domain.orders.stored_orders import (
    FillFilter,
    OrderFilter,
    OrderTouches,
    StoredChild,
)
from domain.pages import PageWanted
from domain.reasons import EndReason, RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId, Side, TimeInForce
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import (
    BNBUSDT,
    ETHBTC,
    NOON,
    FakeDesk,
    FakeQueries,
    make_fill,
    make_order,
)
from tests.builders import touch_at


ONE = "/api/v1/orders/01ABC"

NOT_OURS = [
    "NOSUCH",
    "01abc",
    "A" * 27,
    "0-1",
    "%00",
    "%ff",
    "..",
    "\N{ARABIC-INDIC DIGIT THREE}",
    "01ABC%0A",
]


def test_partly_filled_order_reads_with_what_it_got(
    client: FlaskClient, queries: FakeQueries
) -> None:
    queries.known["01ABC"] = make_order(
        status=OrderStatus.CANCELED,
        reason=EndReason.CANCELED_BY_CLIENT,
        client_order_id="mine",
        filled=Decimal("3.000"),
        filled_quote=Decimal("814.00"),
    )

    found = content(client.get(ONE))

    assert found["status"] == "CANCELED"
    assert found["reason"] == "CANCELED_BY_CLIENT"
    assert found["client_order_id"] == "mine"
    assert found["filled"] == "3"
    assert found["remaining"] == "297"
    assert found["average_price"] == "271.333333333333"


def test_list_is_a_page_with_a_cursor(
    client: FlaskClient, queries: FakeQueries
) -> None:
    found = content(client.get("/api/v1/orders"))

    assert [order["id"] for order in found["items"]] == ["01ABC"]
    assert found["next_cursor"] == "next1"
    assert queries.filters == [OrderFilter(limit=50)]


def test_list_is_filtered_as_asked(client: FlaskClient, queries: FakeQueries) -> None:
    query = "status=PARTIALLY_FILLED&symbol=BNBUSDT&limit=500&cursor=abc"

    content(client.get(f"/api/v1/orders?{query}"))

    assert queries.filters == [
        OrderFilter(status="PARTIALLY_FILLED", symbol=BNBUSDT, limit=500, cursor="abc")
    ]


def test_fills_are_listed_with_what_the_venue_knows(
    client: FlaskClient, queries: FakeQueries
) -> None:
    queries.found_fills = (
        make_fill(stated=Decimal(120), taken_before=Decimal("20.5")),
        make_fill(number=2, trade_id=9, fee_asset=None),
    )

    found = content(client.get(f"{ONE}/fills"))

    assert found["next_cursor"] is None
    assert found["items"][0] == {
        "price": "271.5",
        "quantity": "100",
        "fee": "0.5",
        "fee_asset": "USDT",
        "child_id": "01ABC-1",
        "trade_id": None,
        "update_id": 77,
        "executed_at": "2031-05-01T12:00:00.250000Z",
        "stated": "120",
        "taken_before": "20.5",
    }
    assert found["items"][1]["stated"] is None
    assert found["items"][1]["trade_id"] == 9
    assert found["items"][1]["fee_asset"] is None


def test_fills_of_all_orders_are_listed_with_what_their_order_says(
    client: FlaskClient, queries: FakeQueries
) -> None:
    queries.found_fills = (make_fill(), make_fill(number=2))
    query = "symbol=ETHBTC&since=2031-05-01T00:00:00Z&until=2031-05-02T00:00:00Z"

    found = content(client.get(f"/api/v1/fills?{query}&limit=1"))

    (item,) = found["items"]
    whose = {name: item.pop(name) for name in ("order_id", "symbol", "side")}
    assert whose == {"order_id": "01ABC", "symbol": "ETHBTC", "side": "SELL"}
    assert item == content(client.get(f"{ONE}/fills"))["items"][0]
    assert queries.fill_filters == [
        FillFilter(
            symbol=ETHBTC,
            since=datetime(2031, 5, 1, tzinfo=UTC),
            until=datetime(2031, 5, 2, tzinfo=UTC),
            limit=1,
        )
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("side=HOLD", "side"),
        ("since=today", "since"),
        ("since=2031-05-02T00:00:00Z&until=2031-05-02T00:00:00Z", "until"),
    ],
)
def test_a_bad_filter_is_named(client: FlaskClient, query: str, field: str) -> None:
    refusal = problem(client.get(f"/api/v1/orders?{query}"), 400)

    assert (refusal["code"], refusal["field"]) == ("PARAMETER_INVALID", field)


def test_orders_are_listed_by_side_and_time(
    client: FlaskClient, queries: FakeQueries
) -> None:
    content(client.get("/api/v1/orders?side=BUY&since=2031-05-01T02:00:00%2B02:00"))

    since = datetime(2031, 5, 1, tzinfo=UTC)
    assert queries.filters == [OrderFilter(side=Side.BUY, since=since)]


def test_children_are_listed_with_what_they_were_offered(
    client: FlaskClient, queries: FakeQueries
) -> None:
    part = Slice(
        price=Decimal("271.50"),
        quantity=Decimal(100),
        update_id=77,
        stated=Decimal("120.0"),
        taken_before=Decimal(0),
    )
    touch = touch_at("271.5", None, update_id=78)
    child = child_of(make_order(), (part,), now=NOON, touch=touch)
    old = replace(child, slices=(replace(part, stated=None, taken_before=None),))
    queries.children = (
        StoredChild(child=child, status=ChildStatus.DONE, reason=""),
        StoredChild(
            child=replace(old, touch=None), status=ChildStatus.REJECTED, reason="no"
        ),
    )

    first, second = content(client.get(f"{ONE}/children"))["items"]

    assert first == {
        "child_id": "01ABC-1",
        "price": "270",
        "quantity": "100",
        "status": "DONE",
        "reason": None,
        "intended_at": "2031-05-01T12:00:00.250000Z",
        "touch": {
            "bid": "271.5",
            "bid_quantity": "1",
            "ask": None,
            "ask_quantity": None,
            "update_id": 78,
            "as_of": "2026-01-02T03:04:05.678901Z",
        },
        "levels": [
            {
                "price": "271.5",
                "quantity": "100",
                "update_id": 77,
                "stated": "120",
                "taken_before": "0",
            }
        ],
    }
    assert (second["status"], second["reason"], second["touch"]) == (
        "REJECTED",
        "no",
        None,
    )
    assert second["levels"][0]["stated"] is None


def test_prices_are_those_since_the_order_came(
    client: FlaskClient, queries: FakeQueries
) -> None:
    queries.points = (
        PricePoint(
            symbol=BNBUSDT,
            second=int(NOON.timestamp()),
            bid=Decimal("270.10"),
            ask=None,
            update_id=9,
        ),
    )

    found = content(client.get(f"{ONE}/prices?step=60&limit=7"))

    assert found["items"] == [
        {
            "at": "2031-05-01T12:00:00.000000Z",
            "bid": "270.1",
            "ask": None,
            "update_id": 9,
        }
    ]
    assert queries.paths == [path_of(make_order(), 60)]
    assert queries.pages == [PageWanted(limit=7)]


@pytest.mark.parametrize("step", ["0", "-1", "86401", "1.5", "x", ""])
def test_a_step_is_a_number_of_seconds(client: FlaskClient, step: str) -> None:
    found = problem(client.get(f"{ONE}/prices?step={step}"), 400)

    assert (found["code"], found["field"]) == ("PARAMETER_INVALID", "step")


def test_touches_are_those_of_arrival_and_end(
    client: FlaskClient, queries: FakeQueries
) -> None:
    assert content(client.get(f"{ONE}/touches")) == {"arrival": None, "end": None}

    queries.found_touches = OrderTouches(
        arrival=touch_at("270", "271"), end=touch_at("269", "270")
    )

    found = content(client.get(f"{ONE}/touches"))
    assert (found["arrival"]["bid"], found["end"]["ask"]) == ("270", "270")


@pytest.mark.parametrize("name", ["fills", "events", "children", "prices"])
def test_fills_and_events_come_in_pages(
    client: FlaskClient, queries: FakeQueries, name: str
) -> None:
    content(client.get(f"{ONE}/{name}"))
    content(client.get(f"{ONE}/{name}?limit=7&cursor=abc"))

    assert queries.pages == [
        PageWanted(limit=500),
        PageWanted(limit=7, cursor="abc"),
    ]


def test_page_of_fills_names_the_next_one(
    client: FlaskClient, queries: FakeQueries
) -> None:
    queries.found_fills = tuple(make_fill(number=number) for number in range(3))

    found = content(client.get(f"{ONE}/fills?limit=2"))

    assert len(found["items"]) == 2
    assert found["next_cursor"] == "next2"


@pytest.mark.parametrize("name", ["fills", "events"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("cursor=forged", "cursor"),
        ("cursor=%00", "cursor"),
        ("status=NEW", "status"),
    ],
)
def test_bad_page_of_fills_or_events_is_refused(
    client: FlaskClient, name: str, query: str, field: str
) -> None:
    response = client.get(f"{ONE}/{name}?{query}")

    assert response.status_code == 400
    assert response.get_json()["field"] == field


def test_summary_shows_the_first_fills_only_and_counts_all(
    client: FlaskClient, queries: FakeQueries
) -> None:
    queries.found_fills = tuple(make_fill(number=number) for number in range(120))

    found = content(client.get(f"{ONE}/summary"))

    assert len(found["fills"]) == 50
    assert found["fill_count"] == 120
    assert found["totals"]["filled"] == "12000"


def test_order_without_fills_has_an_empty_list_of_them(client: FlaskClient) -> None:
    assert content(client.get(f"{ONE}/fills")) == {"items": [], "next_cursor": None}


def test_events_tell_the_history(client: FlaskClient) -> None:
    assert content(client.get(f"{ONE}/events")) == {
        "items": [
            {
                "order_id": "01ABC",
                "symbol": "BNBUSDT",
                "number": 1,
                "kind": "ACCEPTED",
                "status": "NEW",
                "occurred_at": "2031-05-01T12:00:00.250000Z",
                "quantity": "300",
                "price": "270",
                "update_id": None,
                "child_id": None,
                "reason": None,
            }
        ],
        "next_cursor": None,
    }


def test_summary_adds_up_the_fills(client: FlaskClient, queries: FakeQueries) -> None:
    queries.found_fills = (
        make_fill(),
        make_fill(number=2, quantity=Decimal(50), price=Decimal(270)),
    )

    found = content(client.get(f"{ONE}/summary"))

    assert found["order"]["id"] == "01ABC"
    assert [fill["quantity"] for fill in found["fills"]] == ["100", "50"]
    assert found["totals"] == {
        "filled": "150",
        "filled_quote": "40650",
        "average_price": "271",
    }
    assert found["fees"] == [{"asset": "USDT", "amount": "1"}]
    assert found["gain"] == "150"


def test_summary_says_whose_fills_they_are_and_that_no_money_moved(
    client: FlaskClient,
) -> None:
    found = content(client.get(f"{ONE}/summary"))

    assert (found["venue"], found["real_money"]) == ("paper", False)


def test_summary_of_real_fills_says_so(desk: FakeDesk, queries: FakeQueries) -> None:
    venue = TradingEnvironment(market="binance", venue="binance", is_real_money=True)
    client = create_app(desk, queries, venue).test_client()

    found = content(client.get(f"{ONE}/summary"))

    assert (found["venue"], found["real_money"]) == ("binance", True)


def test_summary_before_the_first_fill_has_no_average(client: FlaskClient) -> None:
    found = content(client.get(f"{ONE}/summary"))

    assert found["totals"] == {
        "filled": "0",
        "filled_quote": "0",
        "average_price": None,
    }
    assert found["fees"] == []
    assert found["gain"] == "0"


@pytest.mark.parametrize("order_id", NOT_OURS)
@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("GET", ""),
        ("GET", "/fills"),
        ("GET", "/events"),
        ("GET", "/summary"),
        ("PATCH", ""),
        ("DELETE", ""),
    ],
)
def test_order_that_cannot_be_found_is_not_found(
    client: FlaskClient, desk: FakeDesk, method: str, part: str, order_id: str
) -> None:
    path = f"/api/v1/orders/{order_id}{part}"

    found = problem(client.open(path, method=method, json={"price": "1"}), 404)

    assert found["code"] in {"UNKNOWN_ORDER", "UNKNOWN_PATH"}
    assert not desk.canceled + desk.amended


@pytest.mark.parametrize(
    ("wish", "price", "quantity"),
    [
        ({"price": "271.5"}, Decimal("271.5"), None),
        ({"quantity": 250}, None, Decimal(250)),
        ({"price": 1, "quantity": "2"}, Decimal(1), Decimal(2)),
    ],
)
def test_amended_order_is_answered_with_its_new_terms(
    client: FlaskClient,
    desk: FakeDesk,
    wish: dict[str, object],
    price: Decimal | None,
    quantity: Decimal | None,
) -> None:
    found = content(client.patch(ONE, json=wish))

    assert desk.amended == [
        AmendOrder(
            order_id=OrderId("01ABC"), symbol=BNBUSDT, price=price, quantity=quantity
        )
    ]
    assert Decimal(found["price"]) == (price or Decimal(270))
    assert Decimal(found["quantity"]) == (quantity or Decimal(300))


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "price"),
        ({"price": None}, "price"),
        ({"quantity": "0"}, "quantity"),
        ({"price": "1", "quantity": "-1"}, "quantity"),
        ({"price": "1", "side": "BUY"}, "side"),
    ],
)
def test_amendment_that_cannot_be_is_refused_by_field(
    client: FlaskClient, desk: FakeDesk, wish: dict[str, object], field: str
) -> None:
    assert problem(client.patch(ONE, json=wish), 422)["field"] == field
    assert desk.amended == []


def test_canceled_order_is_answered_as_it_ended(
    client: FlaskClient, desk: FakeDesk
) -> None:
    found = content(client.delete(ONE), 200)

    assert found["status"] == "CANCELED"
    assert desk.canceled == [CancelOrder(order_id=OrderId("01ABC"), symbol=BNBUSDT)]


def test_order_whose_child_may_still_fill_is_only_about_to_be_canceled(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.cancel_status = OrderStatus.PENDING_CANCEL

    assert content(client.delete(ONE), 202)["status"] == "PENDING_CANCEL"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_order_that_has_ended_is_a_conflict(
    client: FlaskClient, desk: FakeDesk, method: str
) -> None:
    desk.refusal = Refusal(code=RefusalCode.ORDER_ENDED, detail="it is FILLED")

    found = problem(client.open(ONE, method=method, json={"price": "1"}), 409)

    assert found["code"] == "ORDER_ENDED"
    assert found["detail"] == "it is FILLED"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_order_that_ended_on_disk_is_a_conflict_without_asking_anybody(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries, method: str
) -> None:
    ended = make_order(status=OrderStatus.FILLED)
    queries.known[ended.order_id] = ended

    found = problem(client.open(ONE, method=method, json={"price": "1"}), 409)

    assert found["code"] == "ORDER_ENDED"
    assert not desk.canceled + desk.amended


def test_order_that_is_cancelled_twice_is_answered_the_same_twice(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    ended = make_order(status=OrderStatus.CANCELED)
    queries.known[ended.order_id] = ended

    assert content(client.delete(ONE), 200)["status"] == "CANCELED"
    assert desk.canceled == []


def test_order_good_till_a_date_says_which(
    client: FlaskClient, queries: FakeQueries
) -> None:
    until = datetime(2031, 5, 1, 12, tzinfo=UTC)
    order = make_order(time_in_force=TimeInForce.GTD, expires_at=until)
    queries.known[order.order_id] = order

    assert content(client.get(ONE), 200)["expires_at"] == "2031-05-01T12:00:00.000000Z"


@pytest.mark.parametrize("status", ["open", "ended"])
def test_list_can_be_of_all_open_or_all_ended_orders(
    client: FlaskClient, queries: FakeQueries, status: str
) -> None:
    content(client.get(f"/api/v1/orders?status={status}"), 200)

    assert queries.filters[-1].status == status


def test_head_has_the_headers_of_get_and_no_body(client: FlaskClient) -> None:
    response = client.head(ONE)

    assert response.status_code == 200
    assert response.data == b""
    assert response.headers["Content-Length"] == str(len(client.get(ONE).data))


def test_options_say_what_is_possible(client: FlaskClient) -> None:
    allowed = client.options(ONE).headers["Allow"].split(", ")

    assert set(allowed) == {"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"}


def test_an_order_is_found_by_the_name_that_its_client_gave_it(
    client: FlaskClient, queries: FakeQueries
) -> None:
    content(client.get("/api/v1/orders?client_order_id=my-1"), 200)

    assert queries.filters == [OrderFilter(client_order_id="my-1")]


@pytest.mark.parametrize("name", ["", "a b", "x" * 37])
def test_a_name_that_no_order_can_have_is_refused(
    client: FlaskClient, name: str
) -> None:
    response = client.get(f"/api/v1/orders?client_order_id={name}")

    found = problem(response, 400)
    assert (found["code"], found["field"]) == ("PARAMETER_INVALID", "client_order_id")
