"""The positions of committed events, and which of them is an order's last."""

from itertools import pairwise

import pytest

from domain.orders import lifecycle
from domain.orders.committed import BEGINNING, CommittedEvent, Position, read_position
from domain.reasons import EndReason
from tests.builders import NOW, accepted_order


LONGEST = 10**18 - 1


@pytest.mark.parametrize(
    ("text", "transaction", "number"),
    [
        ("0-0", 0, 0),
        ("0-4711", 0, 4711),
        ("12-3", 12, 3),
        (f"{LONGEST}-{LONGEST}", LONGEST, LONGEST),
    ],
)
def test_a_position_is_the_same_after_writing_and_reading(
    text: str, transaction: int, number: int
) -> None:
    position = Position(transaction=transaction, number=number)

    assert str(position) == text
    assert read_position(text) == position


@pytest.mark.parametrize(
    "text",
    ["", "7", "1-", "-1", "1-2-3", "01-2", "1-02", "+1-2", "1-2 ", f"{10**18}-0"],
)
def test_any_other_text_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match=r"^'.*' is no position of an event$"):
        read_position(text)


def test_positions_grow_by_transaction_and_then_by_number() -> None:
    texts = ["0-1", "0-2", "0-10", "1-0", "1-9", "10-1"]

    positions = [BEGINNING, *map(read_position, texts)]

    assert all(one < other for one, other in pairwise(positions))


def test_only_the_last_event_of_an_ended_order_is_its_end() -> None:
    order = accepted_order()
    wished, first = lifecycle.request_cancel(order, now=NOW)
    ended, last = lifecycle.cancel(wished, reason=EndReason.CANCELED_BY_CLIENT, now=NOW)

    found = [
        CommittedEvent(position=BEGINNING, event=event, order=there).is_end
        for event, there in ((first, wished), (first, ended), (last, ended))
    ]

    assert found == [False, False, True]
