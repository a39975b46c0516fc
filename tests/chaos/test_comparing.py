"""An audit that finds nothing proves nothing, unless it would have found something."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.chaos.comparing import Known, compare
from tests.chaos.disk import Disk, DiskChild, DiskOrder, Level, Step, Taken
from tests.chaos.exchange import Audit, Execution


ORDER = DiskOrder(
    order_id="A",
    symbol="BNBUSDT",
    side="SELL",
    quantity=Decimal(3),
    price=Decimal(600),
    status="PARTIALLY_FILLED",
    reason=None,
    filled=Decimal(2),
    children=1,
    version=1,
)
LEVEL = Level(Decimal(601), Decimal(3), 5, Decimal(4), Decimal(1))
CHILD = DiskChild(
    child_id="A-1",
    order_id="A",
    side="SELL",
    price=Decimal(600),
    quantity=Decimal(3),
    status="DONE",
    reason="",
    touch=["601"],
    levels=(LEVEL,),
)
TAKEN = Taken("A-1", Decimal(601), Decimal(2), 5, Decimal(4), Decimal(1))
TRADE = Execution(
    symbol="BNBUSDT",
    trade_id=7,
    child_id="A-1",
    price=Decimal(601),
    quantity=Decimal(2),
    fee=Decimal("1.2"),
    fee_asset="USDT",
)
STEP = Step(
    "A", 1, "ACCEPTED", "NEW", datetime(2026, 1, 1, tzinfo=UTC), None, None, None, None
)
DISK = Disk({"A": ORDER}, {"A-1": CHILD}, (("A", TRADE),), (STEP,), (TAKEN,))
AT_EXCHANGE = {
    "clientOrderId": "A-1",
    "side": "SELL",
    "price": "600.00",
    "origQty": "3.000",
}
AUDIT = Audit((TRADE,), (AT_EXCHANGE,))
KNOWN = Known(acknowledged={"A"}, unanswered=0, working={"A"})


def texts(disk: Disk = DISK, audit: Audit = AUDIT, known: Known = KNOWN) -> list[str]:
    return [one.text for one in compare(disk, audit, known)]


def with_order(**changes: Any) -> Disk:
    return replace(DISK, orders={"A": replace(ORDER, **changes)})


def with_child(**changes: Any) -> Disk:
    return replace(DISK, children={"A-1": replace(CHILD, **changes)})


def with_fills(*fills: Execution) -> Disk:
    return replace(DISK, fills=tuple(("A", fill) for fill in fills))


def test_ledgers_that_agree_show_no_difference() -> None:
    assert texts() == []


def test_child_that_does_not_say_what_it_was_offered_is_found() -> None:
    level = replace(LEVEL, quantity=Decimal(2))

    assert texts(with_child(touch=None)) == ["A-1: the touch is not with it"]
    assert "A-1: it was not offered what it is for" in texts(
        with_child(levels=(level,))
    )


def test_child_that_took_more_of_a_level_than_was_there_is_found() -> None:
    level = replace(LEVEL, taken_before=Decimal(2))

    assert any(
        "more was taken than" in text for text in texts(with_child(levels=(level,)))
    )


def test_fill_that_does_not_say_what_it_took_is_found() -> None:
    first = replace(TAKEN, quantity=Decimal(1))
    second = replace(first, taken_before=Decimal(2))

    assert texts(replace(DISK, taken=(first, second))) == []
    for wrong in (
        (replace(TAKEN, update_id=None),),
        (replace(TAKEN, stated=None),),
        (first, first),
        (replace(TAKEN, price=Decimal(602), stated=None),),
    ):
        (found,) = texts(replace(DISK, taken=wrong))
        assert found.endswith("does not say what it took")


def test_trade_that_was_not_booked_is_found() -> None:
    assert "its fills are not the exchange's trades" in texts(with_fills())


def test_fill_that_was_booked_twice_is_found() -> None:
    disk = with_fills(TRADE, replace(TRADE, trade_id=8))

    assert "its fills are not the exchange's trades" in texts(disk)
    assert "filled 4, more than its quantity 3" in texts(disk)


def test_order_that_was_executed_beyond_its_quantity_is_found() -> None:
    again = replace(TRADE, trade_id=8)

    found = texts(audit=replace(AUDIT, executions=(TRADE, again)))
    assert "the exchange executed 4 of 3" in found


def test_fill_with_another_fee_is_found() -> None:
    disk = with_fills(replace(TRADE, fee=Decimal(1)))

    assert texts(disk) == ["its fills are not the exchange's trades"]


def test_fill_beyond_its_childs_limit_is_found() -> None:
    trade = replace(TRADE, price=Decimal(599))

    found = texts(with_fills(trade), replace(AUDIT, executions=(trade,)))
    assert found == ["filled at 599, beyond 600"]


def test_child_that_the_disk_does_not_know_is_found() -> None:
    stranger = {**AT_EXCHANGE, "clientOrderId": "A-2"}

    found = texts(audit=replace(AUDIT, orders=(AT_EXCHANGE, stranger)))
    assert found == ["A-2: no intent is on disk"]


def test_child_that_the_exchange_took_in_twice_is_found() -> None:
    found = texts(audit=replace(AUDIT, orders=(AT_EXCHANGE, AT_EXCHANGE)))

    assert found == ["A-1: taken in 2 times"]


def test_child_sent_with_other_terms_than_intended_is_found() -> None:
    found, _ = texts(with_child(quantity=Decimal(2)))

    assert found.startswith("A-1: ")
    assert found.endswith("at the exchange is not what was intended")


def test_child_that_was_given_up_and_yet_executed_is_found() -> None:
    found = texts(with_child(status="NEVER_SENT"))

    assert found == ["A-1: NEVER_SENT, but it was executed"]


def test_child_without_an_end_is_found() -> None:
    assert texts(with_child(status="INTENDED")) == ["A-1: still unresolved"]


def test_order_that_does_not_say_what_its_fills_say_is_found() -> None:
    found = texts(with_order(filled=Decimal(1)))

    assert found == ["it says filled 1, its fills say 2"]


def test_order_that_neither_ended_nor_works_is_found() -> None:
    found = texts(known=replace(KNOWN, working=()))

    assert found == ["it neither ended nor works"]


def test_order_that_was_acknowledged_and_is_gone_is_found() -> None:
    found = texts(known=replace(KNOWN, acknowledged={"A", "B"}))

    assert found == ["acknowledged, but not on disk"]


def test_order_that_no_request_accounts_for_is_found() -> None:
    found = texts(known=replace(KNOWN, acknowledged=()))

    assert found == ["1 orders that nobody has an answer for, of 0"]


def test_history_with_a_hole_is_found() -> None:
    assert texts(with_order(version=2)) == ["its history has holes"]


def stepped(number: int, step: str) -> Step:
    return replace(STEP, number=number, step=step)


def test_a_pause_that_was_answered_is_found_missing() -> None:
    known = replace(KNOWN, paused={"A": True})

    assert texts(known=known) == ["paused: False, and its client was told True"]
    assert texts(with_order(is_paused=True), known=known) == []


def test_a_child_of_a_paused_order_is_found() -> None:
    steps = (STEP, stepped(2, "PAUSED"), stepped(3, "CHILD_INTENDED"))
    disk = replace(with_order(version=3), steps=steps)

    (text,) = texts(disk)

    assert "intended while it was paused" in text
    resumed = (STEP, steps[1], stepped(3, "RESUMED"), stepped(4, "CHILD_INTENDED"))
    assert texts(replace(with_order(version=4), steps=resumed)) == []
