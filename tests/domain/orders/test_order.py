import re
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from domain.orders import transitions
from domain.orders.order import TRANSITIONS, Order, OrderStatus, OrderStep
from tests.builders import NOW, accepted_order, at, pending_order


FINAL = {"FILLED", "CANCELED", "EXPIRED", "REJECTED"}

OPEN = {
    "CHILD_INTENDED": None,  # None: the status stays
    "PART_FILLED": "PARTIALLY_FILLED",
    "FILLED": "FILLED",
    "CHILD_UNKNOWN": None,
    "CHILD_ENDED": None,
    "AMENDED": None,
    "HELD": None,
    "SETTLED_BY_HAND": None,
    "RELEASED": None,
    "PAUSED": None,
    "RESUMED": None,
    "CANCEL_REQUESTED": "PENDING_CANCEL",
    "CANCELED": "CANCELED",
    "EXPIRED": "EXPIRED",
    "REJECTED": "REJECTED",
}
LEGAL: dict[str, dict[str, str | None]] = {
    "PENDING_NEW": {"ACCEPTED": "NEW", "REJECTED": "REJECTED"},
    "NEW": OPEN,
    "PARTIALLY_FILLED": OPEN,
    "PENDING_CANCEL": {
        "HELD": None,
        "SETTLED_BY_HAND": None,
        "PART_FILLED": None,
        "FILLED": "FILLED",
        "CHILD_UNKNOWN": None,
        "CHILD_ENDED": None,
        "CANCELED": "CANCELED",
        "EXPIRED": "EXPIRED",
    },
}
"""Design section 5, written down a second time."""

EVERY_PAIR = list(product(OrderStatus, OrderStep))


def in_status(status: OrderStatus) -> Order:
    return replace(pending_order(), status=status, version=7)


@pytest.mark.parametrize(("status", "step"), EVERY_PAIR)
def test_step_leads_where_the_design_says_or_raises(
    status: OrderStatus, step: OrderStep
) -> None:
    order = in_status(status)
    legal = LEGAL.get(status, {})

    if step in legal:
        after, event = transitions.take_step(order, step, now=at(1))
        assert after.status == (legal[step] or status)
        assert (event.step, event.status, event.number) == (step, after.status, 8)
        assert after.version == 8
        assert after.order_id == event.order_id == order.order_id
        assert after.updated_at == event.occurred_at == at(1)
    else:
        with pytest.raises(KeyError):
            transitions.take_step(order, step, now=at(1))

    assert order == in_status(status)


def test_nothing_follows_a_final_status() -> None:
    leaving = {status for status, _ in TRANSITIONS}

    assert {status for status in OrderStatus if status.is_final} == FINAL
    assert leaving == set(OrderStatus) - FINAL


def test_every_status_can_be_reached_from_the_first() -> None:
    reached = {OrderStatus.PENDING_NEW}
    for _ in OrderStatus:
        reached |= {
            after for (start, _), after in TRANSITIONS.items() if start in reached
        }

    assert reached == set(OrderStatus)


def test_table_cannot_be_written_to() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[OrderStatus.FILLED, OrderStep.AMENDED] = OrderStatus.NEW  # type: ignore[index] # the test's point


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"quantity": "0"}, "quantity 0 is not above 0"),
        ({"quantity": "-1"}, "quantity -1 is not above 0"),
        ({"filled": "-0.1"}, "filled -0.1 is below 0"),
        ({"at_venue": "-0.1"}, "at_venue -0.1 is below 0"),
        (
            {"filled": "3.000000000001"},
            "filled 3.000000000001 and at_venue 0 are above quantity 3",
        ),
        (
            {"at_venue": "3.000000000001"},
            "filled 0 and at_venue 3.000000000001 are above quantity 3",
        ),
        (
            {"filled": "2", "at_venue": "1.1"},
            "filled 2 and at_venue 1.1 are above quantity 3",
        ),
    ],
)
def test_order_that_breaks_conservation_cannot_be_made(
    broken: dict[str, str], words: str
) -> None:
    changes: dict[str, Any] = {name: Decimal(text) for name, text in broken.items()}

    with pytest.raises(AssertionError, match=f"^{re.escape(words)}$"):
        replace(accepted_order(quantity="3"), **changes)


@pytest.mark.parametrize(("filled", "at_venue"), [("3", "0"), ("0", "3"), ("1", "2")])
def test_order_may_be_filled_and_at_the_venue_as_far_as_it_goes(
    filled: str, at_venue: str
) -> None:
    order = accepted_order(quantity="3")

    order = replace(order, filled=Decimal(filled), at_venue=Decimal(at_venue))

    assert order.waiting == 0


def test_what_waits_is_neither_filled_nor_at_the_venue() -> None:
    order = replace(
        accepted_order(quantity="3"), filled=Decimal("0.5"), at_venue=Decimal(1)
    )

    assert order.waiting == Decimal("1.5")
    assert order.remaining == Decimal("2.5")


def test_average_price_comes_from_the_exact_sum() -> None:
    order = replace(
        accepted_order(quantity="3"), filled=Decimal(3), filled_quote=Decimal(100)
    )

    assert order.average_price == Decimal("33.333333333333")
    assert accepted_order().average_price is None
    assert accepted_order().created_at == NOW


@pytest.mark.parametrize("amount", ["Infinity", "NaN"])
@pytest.mark.parametrize(
    "name", ["quantity", "price", "filled", "filled_quote", "at_venue"]
)
def test_an_order_without_bounds_cannot_be(name: str, amount: str) -> None:
    changes: dict[str, Any] = {name: Decimal(amount)}

    with pytest.raises(AssertionError, match=f"{name} {amount} is not finite"):
        replace(pending_order(), **changes)
