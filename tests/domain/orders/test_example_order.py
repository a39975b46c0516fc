"""The order that a newcomer can place at once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders.example_order import example_sell
from domain.values import Side, Symbol, TimeInForce
from domain.venue.symbol_rules import SymbolRules


def rules(**amounts: str) -> SymbolRules:
    return SymbolRules(
        symbol=Symbol("BNBUSDT"),
        **{name: Decimal(amount) for name, amount in amounts.items()},  # type: ignore[arg-type] # field by name
    )


@pytest.mark.parametrize(
    ("amounts", "bid", "price", "quantity"),
    [
        # One per cent below the bid; as much as the bid, where nothing is set.
        ({}, ("100", "7"), "99", "7"),
        # On the tick below, and on the lot above.
        ({"tick_size": "0.5"}, ("100.9", "7"), "99.5", "7"),
        ({"tick_size": "1"}, ("100", "7"), "99", "7"),
        ({"step_size": "2"}, ("100", "7"), "99", "8"),
        ({"step_size": "2"}, ("100", "8"), "99", "8"),
        ({"step_size": "5"}, ("100", "6"), "99", "10"),
        # Ten times the smallest one, in quantity or in quote.
        ({"min_quantity": "0.3"}, ("100", "7"), "99", "3"),
        ({"min_notional": "9.9"}, ("100", "7"), "99", "1"),
        ({"min_notional": "9.9", "min_quantity": "0.2"}, ("100", "7"), "99", "2"),
        ({"min_notional": "9.9", "min_quantity": "0.05"}, ("100", "7"), "99", "1"),
        # Never more than the largest one.
        ({"min_quantity": "0.3", "max_quantity": "2"}, ("100", "7"), "99", "2"),
        ({"min_quantity": "0.3", "max_quantity": "4"}, ("100", "7"), "99", "3"),
    ],
)
def test_example_sells_a_little_just_below_the_best_bid(
    amounts: dict[str, str], bid: tuple[str, str], price: str, quantity: str
) -> None:
    best_bid = (Decimal(bid[0]), Decimal(bid[1]))

    order = example_sell(rules(**amounts), best_bid)

    assert (order.symbol, order.side) == ("BNBUSDT", Side.SELL)
    assert (order.price, order.quantity) == (Decimal(price), Decimal(quantity))
    assert order.time_in_force is TimeInForce.GTC


@given(
    bid=st.decimals("1", "99999", places=2), least=st.decimals("0.01", "9", places=2)
)
def test_the_venue_would_take_the_example(bid: Decimal, least: Decimal) -> None:
    venue = rules(
        tick_size="0.01",
        step_size="0.001",
        min_quantity=format(least, "f"),
        min_notional="10",
    )

    order = example_sell(venue, (bid, Decimal(1)))

    assert venue.check(price=order.price, quantity=order.quantity) is None
    assert order.price < bid
