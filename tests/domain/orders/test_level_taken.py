from dataclasses import replace
from decimal import Decimal

import pytest

from domain.orders.child_order import ChildOrder, Slice, VenueFill
from domain.orders.level_taken import LevelStatement, fills_of
from domain.orders.lifecycle import child_of
from tests.builders import NOW, accepted_order, at


def level(price: str, quantity: str, stated: str, taken: str, update_id: int) -> Slice:
    return Slice(
        price=Decimal(price),
        quantity=Decimal(quantity),
        update_id=update_id,
        stated=Decimal(stated),
        taken_before=Decimal(taken),
    )


def execution(price: str, quantity: str) -> VenueFill:
    return VenueFill(
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal("0.01"),
        fee_asset="USDT",
        trade_id=7,
        executed_at=at(1),
    )


@pytest.fixture
def child() -> ChildOrder:
    """Offered 2 of 5 at 102, where 1 was taken before, and all of 1 at 101."""
    slices = (level("102", "2", "5", "1", 11), level("101", "1", "1", "0", 9))
    return child_of(accepted_order(quantity="3"), slices, now=NOW)


def test_a_fill_says_which_statement_it_took_and_what_was_taken_of_it_before(
    child: ChildOrder,
) -> None:
    first, second = fills_of(child, (execution("102", "2"), execution("101", "1")))

    assert (first.update_id, first.stated, first.taken_before) == (
        11,
        Decimal(5),
        Decimal(1),
    )
    assert (second.update_id, second.stated, second.taken_before) == (
        9,
        Decimal(1),
        Decimal(0),
    )
    assert (first.number, second.number) == (1, 2)


def test_what_the_child_filled_there_earlier_was_taken_before(
    child: ChildOrder,
) -> None:
    parts = ("0.5", "0.25", "1.25")

    fills = fills_of(child, [execution("102.00", part) for part in parts])

    before = [fill.taken_before for fill in fills]
    assert before == [Decimal(1), Decimal("1.5"), Decimal("1.75")]


def test_a_fill_at_a_price_that_was_not_offered_took_no_known_statement(
    child: ChildOrder,
) -> None:
    (fill,) = fills_of(child, (execution("103", "1"),))

    assert (fill.update_id, fill.stated, fill.taken_before) == (None, None, None)


def test_a_late_fill_follows_those_that_are_booked(child: ChildOrder) -> None:
    booked = fills_of(child, (execution("101", "1"), execution("102", "0.5")))

    (late,) = fills_of(child, (execution("102", "1"),), booked)

    assert (late.number, late.taken_before) == (3, Decimal("1.5"))


def test_a_child_of_an_earlier_version_names_the_statement_and_no_more(
    child: ChildOrder,
) -> None:
    slices = tuple(
        replace(part, stated=None, taken_before=None) for part in child.slices
    )

    (fill,) = fills_of(replace(child, slices=slices), (execution("101", "1"),))

    assert (fill.update_id, fill.stated, fill.taken_before) == (9, None, None)


def test_a_fill_keeps_all_that_the_venue_said(child: ChildOrder) -> None:
    said = execution("102", "1")

    (fill,) = fills_of(child, (said,))

    assert (fill.order_id, fill.child_id) == (child.order_id, child.child_id)
    assert (fill.price, fill.quantity, fill.fee, fill.fee_asset) == (
        said.price,
        said.quantity,
        said.fee,
        said.fee_asset,
    )
    assert (fill.trade_id, fill.executed_at) == (7, at(1))


def test_where_the_book_has_moved_it_says_what_is_there_when_the_answer_comes(
    child: ChildOrder,
) -> None:
    def level_at(price: Decimal) -> LevelStatement | None:
        if price != Decimal("100.5"):
            return None
        return LevelStatement(
            update_id=15, stated=Decimal(9), taken_before=Decimal("0.5")
        )

    executions = [execution(price, "1") for price in ("102", "100.5", "100.5", "99")]
    fills = fills_of(child, executions, level_at=level_at)

    said = [(fill.update_id, fill.stated, fill.taken_before) for fill in fills]
    assert said == [
        (11, Decimal(5), Decimal(1)),  # as it was offered
        (15, Decimal(9), Decimal("0.5")),
        (15, Decimal(9), Decimal("1.5")),
        (None, None, None),
    ]
