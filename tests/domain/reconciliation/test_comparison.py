"""What differs between the venue's records and ours, and what is done about it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders import child_settlement, lifecycle, transitions
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Fill,
    VenueFill,
)
from domain.orders.order import Order, OrderStatus, OrderStep, StepDetail
from domain.orders.stored_orders import ChildHistory
from domain.reasons import EndReason, WaitReason
from domain.reconciliation.comparison import (
    EDGE,
    LAG,
    BreakKind,
    Comparison,
    ReconciliationBreak,
    compare,
)
from domain.reconciliation.repair import Judgement, Verdict, judge
from domain.values import ChildId, Side, Symbol, order_of, read_child_id
from domain.venue.answers import VenueActivity, VenueTrade
from tests.builders import BTCUSDT, NOW, accepted_order, at, part


CHILD = ChildId("ORDER0000000001-1")
OTHER = ChildId("ORDER0000000001-2")
SINCE = NOW - timedelta(hours=1)
LONG_AGO = NOW - timedelta(minutes=30)


def execution(trade_id: int = 1, **changes: Any) -> VenueFill:
    one = VenueFill(
        price=Decimal("100.5"),
        quantity=Decimal(1),
        fee=Decimal("0.001"),
        fee_asset="BNB",
        trade_id=trade_id,
        executed_at=LONG_AGO,
    )
    return replace(one, **changes)


def traded(
    trade_id: int = 1, child_id: ChildId | None = CHILD, **changes: Any
) -> VenueTrade:
    return VenueTrade(
        symbol=BTCUSDT,
        side=Side.SELL,
        child_id=child_id,
        trade=execution(trade_id, **changes),
    )


def fill(trade_id: int = 1, child_id: ChildId = CHILD, **changes: Any) -> Fill:
    one = execution(trade_id, **changes)
    return Fill(
        order_id=order_of(child_id),
        child_id=child_id,
        number=1,
        price=one.price,
        quantity=one.quantity,
        fee=one.fee,
        fee_asset=one.fee_asset,
        trade_id=one.trade_id,
        update_id=None,
        executed_at=one.executed_at,
    )


def activity(*trades: VenueTrade, **changes: Any) -> VenueActivity:
    one = VenueActivity(
        symbol=BTCUSDT,
        since=SINCE,
        until=NOW,
        as_of=NOW,
        trades=trades,
        open_children=(),
    )
    return replace(one, **changes)


def kinds(comparison: Comparison) -> list[BreakKind]:
    return [one.kind for one in comparison.breaks]


# What differs.


def test_the_same_on_both_sides_is_no_break() -> None:
    assert compare(activity(traded()), [fill()], ()).breaks == ()


def test_a_trade_of_a_settled_child_that_we_lack_is_missing() -> None:
    (found,) = compare(activity(traded()), [], ()).breaks

    assert (found.kind, found.child_id) == (BreakKind.MISSING_FILL, CHILD)
    assert found.describe() == (
        "MISSING_FILL child=ORDER0000000001-1 trade=1 "
        "venue: 1 at 100.5, fee 0.001 BNB ours: none"
    )


def test_a_trade_of_a_child_in_flight_is_no_break() -> None:
    found = compare(activity(traded()), [], {CHILD})

    assert (found.trades, found.breaks) == (1, ())


def test_what_has_been_compared_ends_before_the_first_trade_in_flight() -> None:
    later = traded(2, OTHER, executed_at=LONG_AGO + LAG)

    found = compare(activity(traded(), later), [fill()], {OTHER})

    assert found.compared_until == LONG_AGO + LAG
    assert not found.has_more


def test_what_has_been_compared_ends_where_the_reading_ended() -> None:
    found = compare(activity(until=LONG_AGO), [], ())

    assert (found.compared_until, found.has_more) == (LONG_AGO, True)


def test_trades_of_others_are_counted_only() -> None:
    found = compare(activity(traded(1, None), traded(2, None)), [], ())

    assert (found.trades, found.foreign, found.breaks) == (2, 2, ())
    assert found.compared_until == NOW


@pytest.mark.parametrize(
    "change",
    [
        {"price": Decimal("100.6")},
        {"quantity": Decimal("1.1")},
        {"fee": Decimal(0)},
        {"fee_asset": "BTC"},
    ],
)
def test_price_quantity_and_fee_have_to_be_the_same(change: dict[str, Any]) -> None:
    (found,) = compare(activity(traded(1, **change)), [fill()], ()).breaks

    assert found.kind is BreakKind.DIFFERENT_FILL
    assert " venue: " in found.describe()
    assert found.describe().endswith("ours: 1 at 100.5, fee 0.001 BNB on " + CHILD)


def test_a_trade_that_is_booked_on_another_child_is_different() -> None:
    found = compare(activity(traded()), [fill(1, OTHER)], ())

    assert set(kinds(found)) == {
        BreakKind.DIFFERENT_FILL,
        BreakKind.UNKNOWN_FILL,
    }


def test_the_same_trade_id_of_another_time_is_another_trade() -> None:
    earlier = fill(1, OTHER, executed_at=SINCE)

    (found,) = compare(activity(traded()), [earlier], ()).breaks

    assert found.kind is BreakKind.MISSING_FILL


@pytest.mark.parametrize(
    ("executed_at", "is_different"),
    [
        (NOW, False),
        (NOW - LAG + timedelta(milliseconds=1), False),
        (NOW - LAG, True),
        (SINCE + EDGE, True),
        (SINCE + EDGE - timedelta(milliseconds=1), False),
    ],
)
def test_a_fill_has_to_be_listed_unless_it_is_at_an_edge(
    executed_at: Any, *, is_different: bool
) -> None:
    found = compare(activity(), [fill(executed_at=executed_at)], ())

    assert kinds(found) == [BreakKind.UNKNOWN_FILL] * is_different


@pytest.mark.parametrize(("before", "is_different"), [(EDGE, True), (EDGE / 2, False)])
def test_a_fill_after_what_was_read_need_not_be_listed(
    before: timedelta, *, is_different: bool
) -> None:
    ours = fill(executed_at=LONG_AGO - before)

    found = compare(activity(until=LONG_AGO), [ours], ())

    assert kinds(found) == [BreakKind.UNKNOWN_FILL] * is_different


def test_a_fill_on_paper_is_held_against_nothing() -> None:
    paper = replace(fill(), trade_id=None)

    assert compare(activity(), [paper], ()).breaks == ()


@pytest.mark.parametrize("in_flight", [(), (CHILD,)])
def test_a_child_that_rests_is_a_break_in_flight_or_not(
    in_flight: tuple[ChildId, ...],
) -> None:
    found = compare(activity(open_children=(CHILD,)), [], in_flight)

    assert kinds(found) == [BreakKind.OPEN_CHILD]
    assert found.breaks[0].may_be_lag


@given(
    st.sets(st.integers(1, 12)),
    st.sets(st.integers(1, 12)),
    st.sets(st.integers(1, 12)),
)
def test_every_trade_and_every_fill_is_matched_or_told(
    at_venue: set[int], ours: set[int], in_flight: set[int]
) -> None:
    def child_of(number: int) -> ChildId:
        return ChildId(f"A-{number}")

    ours -= in_flight  # what is in flight has no fill
    found = compare(
        activity(*(traded(one, child_of(one)) for one in at_venue)),
        [fill(one, child_of(one)) for one in ours],
        {child_of(one) for one in in_flight},
    )

    def told(kind: BreakKind) -> set[ChildId]:
        return {one.child_id for one in found.breaks if one.kind is kind}

    missing = {child_of(one) for one in at_venue - ours - in_flight}
    assert told(BreakKind.MISSING_FILL) == missing
    unknown = {child_of(one) for one in ours - at_venue}
    assert told(BreakKind.UNKNOWN_FILL) == unknown
    assert len(found.breaks) == len(missing) + len(unknown)
    assert len({one.key for one in found.breaks}) == len(found.breaks)


def test_a_comparison_says_what_was_compared_and_each_break_whole() -> None:
    unlisted = fill(3, OTHER, quantity=Decimal(2))
    asked = at(1)

    found = compare(
        activity(
            traded(), traded(2, None), as_of=asked, open_children=(ChildId("A-3"),)
        ),
        [unlisted],
        (),
    )

    assert found == Comparison(
        trades=2,
        foreign=1,
        since=SINCE,
        compared_until=NOW,
        as_of=asked,
        has_more=True,
        breaks=(
            missing(),
            ReconciliationBreak(
                kind=BreakKind.UNKNOWN_FILL,
                symbol=BTCUSDT,
                child_id=OTHER,
                fill=unlisted,
            ),
            ReconciliationBreak(
                kind=BreakKind.OPEN_CHILD, symbol=BTCUSDT, child_id=ChildId("A-3")
            ),
        ),
    )
    ours = f"2 at 100.5, fee 0.001 BNB on {OTHER}"
    assert [one.describe() for one in found.breaks[1:]] == [
        f"UNKNOWN_FILL child={OTHER} trade=3 venue: none ours: {ours}",
        "OPEN_CHILD child=A-3 rests at the venue",
    ]
    assert [one.executed_at for one in found.breaks] == [LONG_AGO, LONG_AGO, None]
    assert [one.may_be_lag for one in found.breaks] == [False, True, True]
    assert {one.order_id for one in found.breaks} == {"ORDER0000000001", "A"}


def test_a_fee_without_an_asset_is_told_as_it_is() -> None:
    (found,) = compare(activity(traded(fee=Decimal(0), fee_asset=None)), [], ()).breaks

    assert found.describe() == (
        f"MISSING_FILL child={CHILD} trade=1 venue: 1 at 100.5, fee 0 ours: none"
    )


def test_the_time_of_a_childs_own_trade_may_be_stated_differently() -> None:
    ours = fill(executed_at=LONG_AGO - timedelta(milliseconds=1))

    assert compare(activity(traded()), [ours], ()).breaks == ()


def test_a_trade_that_is_booked_as_its_childs_own_is_matched() -> None:
    (found,) = compare(activity(traded(1, fee=Decimal(0))), [fill()], ()).breaks

    assert found.kind is BreakKind.DIFFERENT_FILL
    assert found.unmatched == ()


# What is done about it.


def history(order: Order | None = None, **changes: Any) -> ChildHistory:
    """Return the history of a child of 2 that ended unfilled."""
    before = accepted_order()
    child = lifecycle.child_of(before, (part("100.5", "2"),), now=NOW)
    after, _ = lifecycle.intend_child(before, child, now=NOW)
    result = ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=ChildStatus.NEVER_SENT,
        fills=(),
    )
    after, _, _ = child_settlement.settle_child(after, child, result, now=NOW)
    one = ChildHistory(
        order=order or after,
        child=child,
        status=ChildStatus.NEVER_SENT,
        fills=(),
        holds=(),
    )
    return replace(one, **changes)


def missing(*beside: VenueTrade, **changes: Any) -> ReconciliationBreak:
    trade = traded(**changes)
    return ReconciliationBreak(
        kind=BreakKind.MISSING_FILL,
        symbol=BTCUSDT,
        child_id=CHILD,
        trade=trade,
        unmatched=(*beside, trade),
    )


def different() -> ReconciliationBreak:
    return replace(missing(), kind=BreakKind.DIFFERENT_FILL, fill=fill(2))


def test_a_missing_fill_of_a_settled_child_is_booked() -> None:
    judged = judge(missing(), history())

    assert judged == Judgement(verdict=Verdict.BOOK, reason=missing().describe())


@pytest.mark.parametrize("trade_id", [0, 2**63 - 1])
def test_every_trade_id_that_a_database_holds_is_booked(trade_id: int) -> None:
    assert judge(missing(trade_id=trade_id), history()).verdict is Verdict.BOOK


@pytest.mark.parametrize("filled", ["1", "2"])
def test_a_missing_fill_may_be_all_that_is_open(filled: str) -> None:
    order = replace(
        history().order, filled=Decimal(filled), status=OrderStatus.PARTIALLY_FILLED
    )

    assert judge(missing(), history(order)).verdict is Verdict.BOOK


def test_a_missing_fill_must_fit_into_its_child() -> None:
    judged = judge(missing(), history(fills=(fill(7), replace(fill(8), number=2))))

    assert judged.verdict is Verdict.HOLD  # three of a child of two
    judged = judge(missing(quantity=Decimal("0.5")), history(fills=(fill(7),)))
    assert judged.verdict is Verdict.BOOK


def test_a_fill_that_was_booked_meanwhile_is_not_booked_again() -> None:
    judged = judge(missing(), history(fills=(fill(),)))

    assert judged == Judgement(verdict=Verdict.KNOWN)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"child": None, "status": None}, "the order never intended that child"),
        ({"child": None}, "the order never intended that child"),
        ({"status": None}, "the order never intended that child"),
        ({"status": ChildStatus.INTENDED}, "the child is in flight"),
    ],
)
def test_a_fill_of_a_child_that_is_not_settled_is_not_booked(
    changes: dict[str, Any], why: str
) -> None:
    judged = judge(missing(), history(**changes))

    assert judged.verdict is Verdict.HOLD
    assert judged.reason.endswith(why)


@pytest.mark.parametrize(
    ("break_", "why"),
    [
        (missing(quantity=Decimal("2.1")), "more than the child's quantity of 2"),
        (missing(trade_id=2**63), "the trade id is beyond 64 bits"),
        (
            replace(missing(), trade=replace(traded(), side=Side.BUY)),
            "the child was to SELL BTCUSDT",
        ),
        (
            replace(missing(), trade=replace(traded(), symbol=Symbol("X"))),
            "the child was to SELL BTCUSDT",
        ),
    ],
)
def test_a_fill_that_contradicts_its_child_is_not_booked(
    break_: ReconciliationBreak, why: str
) -> None:
    judged = judge(break_, history())

    assert judged.verdict is Verdict.HOLD
    assert judged.reason == f"{break_.describe()}: {why}"


def test_a_fill_at_a_worse_price_than_the_limit_is_real_and_booked() -> None:
    assert judge(missing(price=Decimal("99.9")), history()).verdict is Verdict.BOOK


def by_hand(*stated: tuple[str, int | None], beyond: int = 0) -> ChildHistory:
    """A child that an operator has settled, by (quantity, trade id)."""
    fills = tuple(
        replace(
            fill(trade_id or 0),
            number=number,
            quantity=Decimal(quantity),
            trade_id=trade_id,
        )
        for number, (quantity, trade_id) in enumerate(stated, start=1)
    )
    quantity = sum((one.quantity for one in fills), Decimal(beyond))
    return history(
        status=ChildStatus.SETTLED_BY_HAND,
        fills=fills,
        stated=StepDetail(quantity=quantity, price=Decimal("100.5"), child_id=CHILD),
    )


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [
        ([("2", None)], Verdict.KNOWN),
        ([("1", None), ("1", None)], Verdict.KNOWN),
        ([("1", 1)], Verdict.KNOWN),
        ([], Verdict.BOOK),
        ([("1", 7)], Verdict.BOOK),
        ([("0.5", None)], Verdict.HOLD),
        ([("1.5", 7)], Verdict.HOLD),
    ],
)
def test_a_trade_is_held_against_what_an_operator_has_stated(
    stated: list[tuple[str, int | None]], verdict: Verdict
) -> None:
    """One of 1, of a child of 2: it may be a part of what he said, or beyond it."""
    assert judge(missing(), by_hand(*stated)).verdict is verdict


def test_what_an_operator_has_stated_counts_once_for_all_trades() -> None:
    """He has stated 1; the venue has 1 and 1."""
    first, second = traded(1), traded(2)
    settled = by_hand(("1", None))

    assert judge(missing(second, trade_id=1), settled).verdict is Verdict.KNOWN
    judged = judge(missing(first, trade_id=2), settled)
    assert judged.verdict is Verdict.BOOK


def test_what_was_booked_beyond_a_statement_does_not_count_towards_it() -> None:
    booked = by_hand(("1", None), ("1", 2))
    settled = replace(booked, stated=StepDetail(quantity=Decimal(1)))

    assert judge(missing(), settled).verdict is Verdict.KNOWN
    assert judge(missing(traded(2)), settled).verdict is Verdict.KNOWN
    assert judge(missing(traded(1), trade_id=2), settled).verdict is Verdict.KNOWN


def test_what_was_booked_while_the_records_were_compared_does_not_count_either() -> (
    None
):
    booked = by_hand(("1", None), ("1", 1))
    settled = replace(booked, stated=StepDetail(quantity=Decimal(1)))

    assert judge(missing(traded(1), trade_id=2), settled).verdict is Verdict.KNOWN


def test_a_trade_of_which_only_a_part_was_stated_holds_the_order() -> None:
    judged = judge(missing(), by_hand(("0.4", None)))

    assert judged.verdict is Verdict.HOLD
    assert judged.reason.endswith("0.4 of it may be what was stated by hand")


def test_what_was_stated_beyond_the_order_is_known() -> None:
    settled = by_hand(("1", 7), beyond=1)

    assert judge(missing(), settled).verdict is Verdict.KNOWN
    beyond = judge(missing(traded(1), trade_id=2), settled)
    assert beyond.verdict is not Verdict.KNOWN


@pytest.mark.parametrize("stated", [None, StepDetail()])
def test_a_statement_whose_sum_is_not_on_disk_is_what_was_booked_of_it(
    stated: StepDetail | None,
) -> None:
    settled = replace(by_hand(("1", None)), stated=stated)

    assert judge(missing(), settled).verdict is Verdict.KNOWN
    second = judge(missing(traded(1), trade_id=2), settled)
    assert second.verdict is Verdict.BOOK


def test_a_price_that_was_stated_wrongly_holds_the_order_and_says_so() -> None:
    break_ = missing(price=Decimal("100.7"))

    judged = judge(break_, by_hand(("1", None)))

    assert judged.verdict is Verdict.HOLD
    assert judged.reason == (
        f"{break_.describe()}: "
        "stated by hand at 100.5 on average, but executed at 100.7"
    )


def named(**changes: Any) -> ReconciliationBreak:
    """A trade that is booked as its child's own, and is another at the venue."""
    found = compare(activity(traded(1, **changes)), [fill()], ()).breaks
    return found[0]


@pytest.mark.parametrize(
    ("break_", "verdict"),
    [
        (named(fee=Decimal("0.002")), Verdict.KNOWN),
        (named(quantity=Decimal("0.1")), Verdict.HOLD),
        (named(quantity=Decimal("1.1")), Verdict.HOLD),
        (named(price=Decimal("100.6")), Verdict.HOLD),
    ],
)
def test_a_trade_that_an_operator_named_has_to_be_as_he_stated_it_but_for_the_fee(
    break_: ReconciliationBreak, verdict: Verdict
) -> None:
    assert judge(break_, by_hand(("1", 1))).verdict is verdict


def test_a_named_trade_that_was_cut_to_the_order_is_known() -> None:
    cut = named(quantity=Decimal(2))

    assert judge(cut, by_hand(("1", 1), beyond=1)).verdict is Verdict.KNOWN
    assert judge(cut, by_hand(("1", 1))).verdict is Verdict.HOLD


def test_a_trade_booked_for_another_child_is_held_against_the_statement() -> None:
    (found, _) = compare(activity(traded()), [fill(1, OTHER)], ()).breaks
    assert found.kind is BreakKind.DIFFERENT_FILL

    assert judge(found, by_hand(("1", None))).verdict is Verdict.KNOWN
    assert judge(found, by_hand()).verdict is Verdict.HOLD


def test_each_break_tells_of_all_trades_of_its_child_that_are_not_booked() -> None:
    found = compare(activity(traded(1), traded(2), traded(3, OTHER)), [fill(3)], ())

    first, second, other = found.breaks[:3]
    assert first.unmatched == second.unmatched == (traded(1), traded(2))
    assert other.unmatched == (traded(3, OTHER),)


def test_a_break_is_another_one_once_its_child_has_another_trade() -> None:
    """What covered one trade may have to cover an earlier one, listed late."""
    (alone,) = compare(activity(traded(2)), [], ()).breaks
    (_, beside) = compare(activity(traded(1), traded(2)), [], ()).breaks

    assert alone.key != beside.key
    assert alone.describe() == beside.describe()


def test_an_order_is_never_filled_above_its_quantity() -> None:
    nearly = replace(
        history().order, filled=Decimal("2.5"), status=OrderStatus.PARTIALLY_FILLED
    )

    judged = judge(missing(), history(nearly))

    assert judged.verdict is Verdict.HOLD
    assert judged.reason.endswith("only 0.5 of the order is open")


@pytest.mark.parametrize("break_", [missing(), different()])
def test_of_an_ended_order_it_is_only_reported(break_: ReconciliationBreak) -> None:
    ended, _ = lifecycle.cancel(
        history().order, reason=EndReason.CANCELED_BY_CLIENT, now=NOW
    )

    judged = judge(break_, history(ended))

    assert judged.verdict is Verdict.REPORT
    ended_by = "the order has ended: CANCELED, CANCELED_BY_CLIENT"
    is_missing = break_.kind is BreakKind.MISSING_FILL
    words = f"{break_.describe()}: {ended_by}"
    assert judged.reason == (words if is_missing else break_.describe())


def test_of_an_order_that_is_not_on_disk_it_is_only_reported() -> None:
    judged = judge(missing(), None)

    assert judged.verdict is Verdict.REPORT
    assert judged.reason.endswith("no such order is on disk")


@pytest.mark.parametrize(
    "kind", [one for one in BreakKind if one is not BreakKind.MISSING_FILL]
)
def test_everything_else_puts_the_order_on_hold(kind: BreakKind) -> None:
    break_ = replace(different(), kind=kind)

    assert judge(break_, history()).verdict is Verdict.HOLD


@pytest.mark.parametrize("break_", [different(), missing(quantity=Decimal("2.1"))])
def test_a_break_that_held_the_order_once_does_not_again(
    break_: ReconciliationBreak,
) -> None:
    first = judge(break_, history())

    judged = judge(break_, history(holds=("another", first.reason)))

    assert judged == Judgement(verdict=Verdict.KNOWN)


def test_a_cancelling_order_books_what_was_sold_but_is_not_held() -> None:
    cancelling, _ = lifecycle.request_cancel(history().order, now=NOW)

    assert judge(missing(), history(cancelling)).verdict is Verdict.BOOK
    assert judge(different(), history(cancelling)).verdict is Verdict.REPORT


# The steps.


def sent() -> ChildOrder:
    child = history().child
    assert child is not None
    return child


def test_a_late_fill_counts_like_any_other() -> None:
    order, (event,), booked = child_settlement.late_fill(
        history().order, sent(), execution(), (), now=at(9)
    )

    assert (order.filled, order.at_venue, order.waiting) == tuple(
        map(Decimal, (1, 0, 2))
    )
    assert order.status is OrderStatus.PARTIALLY_FILLED
    assert order.version == history().order.version + 1
    assert (event.number, event.step) == (order.version, OrderStep.PART_FILLED)
    assert event.detail.reason == child_settlement.LATE
    assert (booked.child_id, booked.number, booked.trade_id) == (CHILD, 1, 1)


def test_a_late_fill_at_a_worse_price_is_booked_and_holds_the_order() -> None:
    order, (booked, held), fill = child_settlement.late_fill(
        history().order, sent(), execution(price=Decimal("99.9")), (), now=at(9)
    )

    assert (order.filled, order.is_on_hold) == (Decimal(1), True)
    assert fill.price == Decimal("99.9")
    assert booked.detail.reason == "LATE, WORSE_THAN_LIMIT"
    assert held.detail.reason is not None
    assert held.detail.reason.startswith(f"WORSE_THAN_LIMIT child={CHILD} limit 100")


def test_a_late_fill_of_all_that_is_left_ends_the_order() -> None:
    order, (event,), _ = child_settlement.late_fill(
        history().order, sent(), execution(quantity=Decimal(3)), (), now=at(9)
    )

    assert (order.status, order.reason) == (OrderStatus.FILLED, EndReason.COMPLETED)
    assert event.step is OrderStep.FILLED


def test_a_late_fill_without_room_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        child_settlement.late_fill(
            history().order, sent(), execution(quantity=Decimal(4)), (), now=at(9)
        )


def test_a_late_fill_leaves_an_order_on_hold() -> None:
    held, event = transitions.hold(history().order, CHILD, "because", now=at(8))
    assert (event.step, event.detail.reason) == (OrderStep.HELD, "because")

    order, _, _ = child_settlement.late_fill(held, sent(), execution(), (), now=at(9))

    assert order.is_on_hold


def test_a_release_ends_a_hold() -> None:
    held, _ = transitions.hold(history().order, CHILD, "because", now=at(8))
    assert (held.reason, held.status) == (WaitReason.ON_HOLD, OrderStatus.NEW)

    order, event = lifecycle.release(held, now=at(9))

    assert (order.reason, order.is_on_hold) == (None, False)
    assert event.step is OrderStep.RELEASED


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("01J000000000000000000000AB-12", True),
        ("01J000000000000000000000AB-0", False),
        ("01J000000000000000000000AB", False),
        ("01J000000000000000000000ABC-1", False),
        ("web_0123456789abcdef", False),
        ("x-HNA2TXFJ1-1", False),
        ("", False),
    ],
)
def test_ids_of_our_children_have_a_shape_of_their_own(
    text: str, *, is_ours: bool
) -> None:
    assert (read_child_id(text) is not None) is is_ours


def test_the_id_of_a_child_that_the_order_never_intended_is_not_given_again() -> None:
    stranger = ChildId("ORDER0000000001-7")

    held, _ = transitions.hold(history().order, stranger, "because", now=at(8))
    child = lifecycle.child_of(held, (part("100.5", "1"),), now=at(9))

    assert child.child_id == ChildId("ORDER0000000001-8")
