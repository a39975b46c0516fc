"""``DELETE /api/v1/orders``."""

from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from adapters.http import cancel_all
from domain.errors import DeskTimeoutError, StoreUnavailableError
from domain.orders.completion import has_ended
from domain.orders.order import OrderStatus
from domain.reasons import RefusalCode
from domain.refusals import STOPPING, Refusal
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import ETHBTC, FakeDesk, FakeQueries, make_order


BNB = "/api/v1/orders?symbol=BNBUSDT"


def open_orders(queries: FakeQueries, *names: str) -> None:
    queries.known = {
        name: make_order(name, sequence=number)
        for number, name in enumerate(names, start=1)
    }


def test_open_orders_of_a_symbol_are_cancelled(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    open_orders(queries, "A", "B")
    queries.known["C"] = make_order("C", sequence=9, symbol=ETHBTC)

    answer = content(client.delete(BNB), 200)

    assert [command.order_id for command in desk.canceled] == ["B", "A"]
    assert answer == {
        "symbol": "BNBUSDT",
        "complete": True,
        "next_before_sequence": None,
        "up_to_sequence": 2,
        "asked": 2,
        "canceled": 2,
        "pending": 0,
        "ended": 0,
        "failed": 0,
        "may_fill": [],
        "failures": [],
    }


def test_orders_of_all_symbols_are_cancelled_when_that_is_said(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    open_orders(queries, "A")
    queries.known["C"] = make_order("C", sequence=9, symbol=ETHBTC)

    answer = content(client.delete("/api/v1/orders?all=true"), 200)

    assert [str(command.symbol) for command in desk.canceled] == ["ETHBTC", "BNBUSDT"]
    assert (answer["symbol"], answer["up_to_sequence"]) == (None, 9)


@pytest.mark.parametrize(
    "query", ["", "?all=false", "?symbol=BNBUSDT&all=true", "?all=", "?symbol="]
)
def test_nothing_is_cancelled_unless_it_is_said_what(
    client: FlaskClient, desk: FakeDesk, query: str
) -> None:
    response = client.delete(f"/api/v1/orders{query}")

    assert problem(response, 400)["code"] == "PARAMETER_INVALID"
    assert desk.canceled == []


def test_what_may_still_fill_is_named(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    open_orders(queries, "A", "B", "C")
    desk.cancel_outcomes = {
        "A": make_order(
            "A", status=OrderStatus.PENDING_CANCEL, at_venue=Decimal("1.50")
        ),
        "B": has_ended(make_order("B", status=OrderStatus.FILLED)),
    }

    answer = content(client.delete(BNB), 202)

    counts = [answer[name] for name in ("asked", "canceled", "pending", "ended")]
    assert counts == [3, 1, 1, 1]
    assert answer["may_fill"] == [
        {"id": "A", "symbol": "BNBUSDT", "side": "SELL", "may_fill": "1.5"}
    ]


def test_every_failure_is_counted_and_does_not_keep_others(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    open_orders(queries, "A", "B", "C", "D")
    unreadable = Refusal(code=RefusalCode.ORDER_UNREADABLE, detail="broken")
    desk.cancel_outcomes = {
        "A": DeskTimeoutError("no answer"),
        "B": unreadable,
        "C": ValueError("a bug"),
    }

    answer = content(client.delete(BNB), 202)

    assert (answer["canceled"], answer["failed"]) == (1, 3)
    codes = {one["id"]: one["code"] for one in answer["failures"]}
    assert codes == {"A": "TIMEOUT", "B": "ORDER_UNREADABLE", "C": "INTERNAL_ERROR"}


def test_orders_accepted_meanwhile_are_not_touched(
    client: FlaskClient,
    desk: FakeDesk,
    queries: FakeQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancel_all, "PAGE", 1)
    open_orders(queries, "A", "B")
    placed = iter(["NEW1", "NEW2"])

    def place_another() -> None:
        name = next(placed)
        queries.known[name] = make_order(name, sequence=50 + len(queries.known))

    desk.on_cancel = place_another

    answer = content(client.delete(BNB), 200)

    assert [command.order_id for command in desk.canceled] == ["B", "A"]
    assert answer["up_to_sequence"] == 2


def test_too_many_for_one_call_are_left_for_the_next(
    client: FlaskClient,
    desk: FakeDesk,
    queries: FakeQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancel_all, "CANCEL_ALL_SECONDS", 0.0)
    monkeypatch.setattr(cancel_all, "AT_ONCE", 1)
    open_orders(queries, "A", "B")

    part = content(client.delete(BNB), 202)
    assert (part["complete"], part["next_before_sequence"]) == (False, 2)
    assert [command.order_id for command in desk.canceled] == ["B"]

    queries.known["C"] = make_order("C", sequence=3)  # accepted in the meantime
    rest = content(client.delete(f"{BNB}&before_sequence=2"), 202)
    assert (rest["complete"], rest["next_before_sequence"]) == (False, 1)
    assert [command.order_id for command in desk.canceled] == ["B", "A"]

    last = content(client.delete(f"{BNB}&before_sequence=1"), 200)
    assert (last["complete"], last["asked"]) == (True, 0)


@pytest.mark.parametrize("sequence", ["0", "-1", "1.5", "", "1" + "0" * 18, "x"])
def test_a_sequence_that_none_has_is_refused(
    client: FlaskClient, desk: FakeDesk, sequence: str
) -> None:
    response = client.delete(f"{BNB}&before_sequence={sequence}")

    assert problem(response, 400)["field"] == "before_sequence"
    assert desk.canceled == []


def test_the_rest_of_a_symbol_no_longer_traded_may_be_nothing(
    client: FlaskClient,
) -> None:
    path = "/api/v1/orders?symbol=BNBUSD&before_sequence=2"

    assert content(client.delete(path), 200)["asked"] == 0


def test_only_the_first_hundred_are_named(
    client: FlaskClient, desk: FakeDesk, queries: FakeQueries
) -> None:
    open_orders(queries, *(f"N{number}" for number in range(250)))
    desk.refusal = STOPPING

    answer = content(client.delete(BNB), 202)

    assert (answer["failed"], len(answer["failures"])) == (250, 100)


def test_symbol_that_nobody_knows_is_refused(client: FlaskClient) -> None:
    found = problem(client.delete("/api/v1/orders?symbol=BNBUSD"), 422)

    assert found["code"] == "UNKNOWN_SYMBOL"
    assert found["supported"] == ["BNBUSDT", "ETHBTC"]


def test_symbol_that_is_only_not_traded_now_can_be_cancelled(
    client: FlaskClient, queries: FakeQueries
) -> None:
    queries.known = {"A": make_order("A", symbol="OLDCOIN")}

    assert content(client.delete("/api/v1/orders?symbol=OLDCOIN"), 200)["asked"] == 1


def test_nothing_open_is_no_error(client: FlaskClient, queries: FakeQueries) -> None:
    queries.known = {}

    answer = content(client.delete(BNB), 200)

    assert (answer["asked"], answer["up_to_sequence"]) == (0, 0)


def test_unreachable_database_is_said(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(FakeQueries, "open_keys", lost)

    assert problem(client.delete(BNB), 503)["code"] == "STORE_UNAVAILABLE"
