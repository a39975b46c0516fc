from datetime import datetime
from decimal import Decimal

import pytest

from domain.orders.intake import check_order, new_order
from domain.orders.order import OrderStatus
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId, Symbol, TimeInForce
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT, NOW, at, place_order


BNBUSDT = Symbol("BNBUSDT")
RULES = {
    BTCUSDT: SymbolRules(symbol=BTCUSDT, tick_size=Decimal("0.5")),
    BNBUSDT: SymbolRules(symbol=BNBUSDT),
}


def test_order_within_the_rules_is_taken_in() -> None:
    assert check_order(place_order(price="100.5"), rules=RULES, now=NOW) is None


def test_unknown_symbol_is_refused_with_the_supported_ones() -> None:
    command = place_order(symbol=Symbol("ETHBTC"))

    refusal = check_order(command, rules=RULES, now=NOW)

    assert refusal == Refusal(
        code=RefusalCode.UNKNOWN_SYMBOL,
        field="symbol",
        detail="ETHBTC is not traded here; supported: BNBUSDT, BTCUSDT",
    )


def test_rules_are_those_of_the_symbol_asked_for() -> None:
    off_tick = check_order(place_order(price="100.25"), rules=RULES, now=NOW)
    other = place_order(symbol=BNBUSDT, price="100.25")

    assert off_tick is not None
    assert off_tick.code is RefusalCode.PRICE_OFF_TICK
    assert check_order(other, rules=RULES, now=NOW) is None


NEEDED = Refusal(
    code=RefusalCode.EXPIRES_AT_MISSING,
    field="expires_at",
    detail="time_in_force GTD needs expires_at",
)
PAST = Refusal(
    code=RefusalCode.EXPIRES_AT_IN_THE_PAST,
    field="expires_at",
    detail="expires_at must be after 2026-01-02T03:04:05.678901+00:00",
)
UNEXPECTED = Refusal(
    code=RefusalCode.EXPIRES_AT_UNEXPECTED,
    field="expires_at",
    detail="expires_at goes with time_in_force GTD only",
)


@pytest.mark.parametrize(
    ("time_in_force", "expires_at", "refusal"),
    [
        (TimeInForce.GTD, None, NEEDED),
        (TimeInForce.GTD, at(-1), PAST),
        (TimeInForce.GTD, NOW, PAST),
        (TimeInForce.GTC, at(1), UNEXPECTED),
        (TimeInForce.IOC, at(1), UNEXPECTED),
        (TimeInForce.FOK, at(-1), UNEXPECTED),
    ],
)
def test_date_must_go_with_the_time_in_force(
    time_in_force: TimeInForce, expires_at: datetime | None, refusal: Refusal
) -> None:
    command = place_order(time_in_force=time_in_force, expires_at=expires_at)

    assert check_order(command, rules=RULES, now=NOW) == refusal


def test_date_in_the_future_is_taken_in() -> None:
    command = place_order(time_in_force=TimeInForce.GTD, expires_at=at(0.001))

    assert check_order(command, rules=RULES, now=NOW) is None


def test_new_order_is_what_the_command_asks_for_and_not_accepted_yet() -> None:
    command = place_order(
        quantity="2.5",
        price="99",
        time_in_force=TimeInForce.GTD,
        expires_at=at(60),
        client_order_id="mine",
    )

    order = new_order(command, order_id=OrderId("A1"), sequence=9, now=NOW)

    assert (order.order_id, order.sequence) == ("A1", 9)
    assert (order.symbol, order.side) == (command.symbol, command.side)
    assert (order.quantity, order.price) == (Decimal("2.5"), Decimal(99))
    assert (order.time_in_force, order.expires_at) == (TimeInForce.GTD, at(60))
    assert order.client_order_id == "mine"
    assert (order.status, order.version) == (OrderStatus.PENDING_NEW, 0)
    assert order.created_at == order.updated_at == NOW
