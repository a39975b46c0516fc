"""Why an order does not fill now, and the limits that wait."""

from dataclasses import replace
from decimal import Decimal

from flask.testing import FlaskClient

from domain.matching.open_limits import OpenLimit, OpenLimits
from domain.orders.child_order import Slice
from domain.orders.lifecycle import child_of
from domain.orders.order_now import ChildNow, MarketNow, Reached, WorkNow
from domain.orders.stored_orders import OrderPast
from domain.reasons import BookState, WaitReason
from domain.venue.answers import PauseReason, TradingPause
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import (
    BNBUSDT,
    NOON,
    FakeDesk,
    FakeQueries,
    make_order,
)
from tests.builders import touch_at


NOW = "/api/v1/orders/01ABC/now"
LIMITS = "/api/v1/symbols/BNBUSDT/open-limits"
AT = "2031-05-01T12:00:00.250000Z"


def test_an_order_that_waits_says_how_far_its_limit_is(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    desk.work = WorkNow(order=make_order())
    desk.market = MarketNow(
        book_state=BookState.SYNCED,
        touch=touch_at("269.5", "270.5"),
        available=Decimal(0),
        is_waiting=True,
    )
    queries.found_past = OrderPast(
        hold="of long ago", reached=Reached(at=NOON, update_id=9)
    )

    found = content(client.get(NOW))

    assert found.pop("touch")["bid"] == "269.5"
    assert found == {
        "obstacle": "LIMIT_NOT_REACHED",
        "distance": "0.5",
        "available": "0",
        "book_state": "SYNCED",
        "detail": None,
        "pause": None,
        "next_try_at": None,
        "child": None,
        "hold": None,
        "last_reached": {"at": AT, "update_id": 9},
    }


def test_an_order_in_doubt_says_when_the_venue_is_asked(
    client: FlaskClient, desk: FakeDesk
) -> None:
    order = make_order(reason=WaitReason.CHILD_UNKNOWN, at_venue=Decimal(100))
    part = Slice(price=Decimal(271), quantity=Decimal(100), update_id=7)
    child = ChildNow(
        child=child_of(make_order(), (part,), now=NOON),
        is_sent=True,
        problem="timed out",
        asked_again_at=NOON,
        silence_final_at=NOON,
    )
    desk.work = WorkNow(order=order, child=child)

    found = content(client.get(NOW))

    assert found["obstacle"] == "CHILD_UNKNOWN"
    assert found["child"] == {
        "child_id": "01ABC-1",
        "quantity": "100",
        "since": AT,
        "sent": True,
        "problem": "timed out",
        "asked_again_at": AT,
        "silence_final_at": AT,
    }


def test_an_order_on_hold_says_why(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    desk.work = WorkNow(order=make_order(reason=WaitReason.ON_HOLD))
    queries.found_past = OrderPast(hold="the records differ", reached=None)

    found = content(client.get(NOW))

    assert (found["obstacle"], found["hold"]) == ("ON_HOLD", "the records differ")


def test_a_pause_and_a_refusal_say_what_they_wait_for(
    client: FlaskClient, desk: FakeDesk
) -> None:
    pause = TradingPause(reason=PauseReason.HALTED, detail="halted")
    desk.market = MarketNow(book_state=BookState.GAP, detail="a gap", pause=pause)
    desk.work = WorkNow(order=make_order(), next_try_at=NOON)

    found = content(client.get(NOW))
    assert (found["obstacle"], found["next_try_at"]) == ("RETRY_BACKOFF", AT)
    assert (found["pause"], found["detail"]) == ("HALTED", "a gap")

    desk.work = replace(desk.work, next_try_at=None)
    assert content(client.get(NOW))["obstacle"] == "TRADING_PAUSED"


def test_an_order_that_nobody_works_says_so(client: FlaskClient) -> None:
    found = content(client.get(NOW))

    assert (found["obstacle"], found["book_state"]) == ("NOT_WORKED", None)


def test_nobody_says_anything_of_an_unknown_order(client: FlaskClient) -> None:
    found = problem(client.get("/api/v1/orders/01XYZ/now"), 404)

    assert found["code"] == "UNKNOWN_ORDER"


def test_open_limits_are_added_up_and_cut(client: FlaskClient, desk: FakeDesk) -> None:
    limits = tuple(
        OpenLimit(price=Decimal(price), quantity=Decimal("1.50"), orders=2)
        for price in (270, 271)
    )
    desk.limits_open = OpenLimits(symbol=BNBUSDT, sells=limits)

    found = content(client.get(f"{LIMITS}?limit=1"))

    assert found == {
        "symbol": "BNBUSDT",
        "orders": 4,
        "sells": [{"price": "270", "quantity": "1.5", "orders": 2}],
        "buys": [],
    }


def test_open_limits_of_a_symbol_that_is_not_traded_are_unknown(
    client: FlaskClient,
) -> None:
    found = problem(client.get("/api/v1/symbols/DOGEUSDT/open-limits"), 404)

    assert found["code"] == "UNKNOWN_SYMBOL"
