"""An executor that is told that the venue's records differ from ours."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from actors.messages.ledger import ChildHistoryLoaded, LoadChildHistory
from actors.messages.lifecycle import Drain
from actors.messages.reconciliation import BreakFound, BreakJudged
from actors.messages.routing import Enlist, RouterStarted, Withdraw
from domain.orders import child_settlement, transitions
from domain.orders.child_order import ChildOrder, ChildStatus, Fill, VenueFill
from domain.orders.completion import WithheldReason
from domain.orders.level_taken import fills_of
from domain.orders.order import Order, OrderStatus, OrderStep
from domain.orders.records import Contradicted
from domain.orders.stored_orders import ChildHistory, OpenOrder
from domain.reasons import EndReason
from domain.reconciliation.comparison import BreakKind, ReconciliationBreak
from domain.reconciliation.repair import Verdict
from domain.values import ZERO, ChildId
from domain.venue.answers import VenueTrade
from tests.actors.builders import (
    SYMBOL,
    gtd_order,
    intent_record,
    order,
    result,
    with_child,
)
from tests.actors.executor.test_executor_requests import amend, cancel
from tests.actors.stage import START, Stage
from tests.actors.workshop import Workshop, waiting, written
from tests.fakes import Recorder


INTENT = intent_record(order(), (100, 4))
CHILD = ChildId("A-1")


def child_sent() -> ChildOrder:
    assert INTENT.intent is not None
    return INTENT.intent


def after_child(accepted: Order | None = None) -> OpenOrder:
    """Return an order whose child of 4 was never sent, as we know."""
    accepted = accepted or order()
    intent = intent_record(accepted, (100, 4))
    assert intent.intent is not None
    never = result(intent.intent, status=ChildStatus.NEVER_SENT)
    settled, _, _ = child_settlement.settle_child(
        intent.order, intent.intent, never, now=START
    )
    return waiting(settled)


def missing(
    quantity: int = 4, trade_id: int = 7, price: int = 100
) -> ReconciliationBreak:
    trade = VenueTrade(
        symbol=SYMBOL,
        side=order().side,
        child_id=CHILD,
        trade=VenueFill(
            price=Decimal(price),
            quantity=Decimal(quantity),
            fee=ZERO,
            fee_asset=None,
            trade_id=trade_id,
            executed_at=START,
        ),
    )
    return ReconciliationBreak(
        kind=BreakKind.MISSING_FILL, symbol=SYMBOL, child_id=CHILD, trade=trade
    )


def unknown() -> ReconciliationBreak:
    one = missing()
    assert one.trade is not None
    (fill,) = fills_of(child_sent(), (one.trade.trade,))
    return replace(one, kind=BreakKind.UNKNOWN_FILL, trade=None, fill=fill)


def find(shop: Workshop, *breaks: ReconciliationBreak) -> Recorder:
    """Tell the executor of breaks; return who hears what it makes of them."""
    reconciler = Recorder()
    for one in breaks:
        shop.tell(BreakFound(break_=one, reply_to=reconciler))
    return reconciler


def asked(shop: Workshop) -> list[LoadChildHistory]:
    return shop.ledger.all(LoadChildHistory)


def tell_history(
    shop: Workshop, known: Order, *fills: Fill, holds: tuple[str, ...] = ()
) -> None:
    """Answer as the ledger does while ``known`` is on disk."""
    history = ChildHistory(
        order=known,
        child=INTENT.intent,
        status=ChildStatus.NEVER_SENT,
        fills=fills,
        holds=holds,
    )
    shop.tell(ChildHistoryLoaded(child_id=CHILD, history=history))


@pytest.fixture
def shop(stage: Stage) -> Workshop:
    return Workshop(stage, after_child())


def verdicts(reconciler: Recorder) -> list[Verdict]:
    return [one.verdict for one in reconciler.all(BreakJudged)]


def test_a_break_is_judged_by_what_is_on_disk(shop: Workshop) -> None:
    reconciler = find(shop, missing())
    assert len(asked(shop)) == 1
    assert shop.changes() == []

    tell_history(shop, after_child().order)

    assert verdicts(reconciler) == [Verdict.BOOK]
    assert shop.order().filled == Decimal(4)
    assert [fill.number for fill in shop.change().fills] == [1]


def test_an_order_leaves_the_router_until_a_break_is_seen_to(
    shop: Workshop,
) -> None:
    find(shop, missing())
    shop.withdrawn()
    tell_history(shop, after_child().order)
    assert len(shop.router.all(Withdraw)) == len(shop.router.all(Enlist)) == 1

    shop.written()

    assert shop.enlisted().waiting.left == Decimal(1)


def test_an_offer_that_is_on_its_way_is_given_back(shop: Workshop) -> None:
    find(shop, missing())

    offer = shop.offer((102, 5))

    assert shop.given_back() == [offer.slices]
    assert shop.changes() == []


def test_a_break_waits_for_the_child_in_flight(stage: Stage) -> None:
    shop = Workshop(stage, with_child(after_child().order, (100, 1)))
    reconciler = find(shop, missing())
    assert asked(shop) == []

    shop.answered((100, 1))
    assert asked(shop) == []
    shop.written()

    assert len(asked(shop)) == 1
    tell_history(shop, shop.order())
    assert verdicts(reconciler) == [Verdict.BOOK]
    assert shop.order().status is OrderStatus.FILLED


def test_without_room_after_the_child_in_flight_the_order_is_held(
    stage: Stage,
) -> None:
    shop = Workshop(stage, with_child(after_child().order, (100, 2)))
    reconciler = find(shop, missing())

    shop.answered((100, 2))
    shop.written()
    tell_history(shop, shop.order())

    assert verdicts(reconciler) == [Verdict.HOLD]
    assert shop.order().is_on_hold
    assert shop.order().filled == Decimal(2)


def test_a_child_does_not_leave_while_records_differ(shop: Workshop) -> None:
    shop.offer((102, 5))
    find(shop, missing())

    shop.written()

    assert shop.submitted() == []
    assert shop.change().events[-1].detail.reason == WithheldReason.RECORDS_DIFFER
    shop.written()
    assert len(asked(shop)) == 1


def test_breaks_are_seen_to_one_after_the_other(shop: Workshop) -> None:
    reconciler = find(shop, missing(1, 7), missing(2, 8), missing(1, 7))
    tell_history(shop, after_child().order)
    first = shop.change().fills
    assert len(asked(shop)) == 1

    shop.written()
    assert len(asked(shop)) == 2
    tell_history(shop, shop.order(), *first)

    assert verdicts(reconciler) == [Verdict.BOOK, Verdict.BOOK]
    assert [fill.number for fill in shop.change().fills] == [2]
    assert shop.order().filled == Decimal(3)


def test_what_a_predecessor_booked_is_not_booked_again(shop: Workshop) -> None:
    booked, _, fill = child_settlement.late_fill(
        after_child().order, child_sent(), _trade(), (), now=START
    )

    reconciler = find(shop, missing())
    tell_history(shop, booked, fill)

    assert verdicts(reconciler) == [Verdict.KNOWN]
    assert shop.changes() == []


def _trade() -> VenueFill:
    trade = missing().trade
    assert trade is not None
    return trade.trade


def test_a_new_ledger_is_asked_again(shop: Workshop) -> None:
    find(shop, missing())

    shop.ledger = shop.replace(shop.ledger)

    assert len(asked(shop)) == 1


def test_a_new_ledger_is_asked_again_even_if_an_old_word_came_twice(
    shop: Workshop,
) -> None:
    find(shop, missing())
    shop.tell(written(after_child().order))

    shop.ledger = shop.replace(shop.ledger)

    assert len(asked(shop)) == 1


def test_an_answer_that_comes_twice_is_judged_once(shop: Workshop) -> None:
    reconciler = find(shop, missing())

    tell_history(shop, after_child().order)
    tell_history(shop, after_child().order)

    assert verdicts(reconciler) == [Verdict.BOOK]
    assert len(shop.changes()) == 1


def test_an_order_that_is_being_read_sees_to_it_afterwards(stage: Stage) -> None:
    shop = Workshop(stage, None)
    reconciler = find(shop, missing())
    assert asked(shop) == []

    shop.load(after_child())
    tell_history(shop, after_child().order)

    assert verdicts(reconciler) == [Verdict.BOOK]


def test_a_late_fill_of_all_ends_the_order(stage: Stage) -> None:
    smaller = replace(after_child().order, quantity=Decimal(4))
    shop = Workshop(stage, waiting(smaller))
    find(shop, missing())
    tell_history(shop, smaller)
    shop.written()

    shop.withdrawn()

    assert shop.ended_as() == (OrderStatus.FILLED, EndReason.COMPLETED)


def test_a_remainder_that_nobody_can_trade_ends_the_order(stage: Stage) -> None:
    nearly = replace(after_child().order, quantity=Decimal("4.01"))
    shop = Workshop(stage, waiting(nearly))
    find(shop, missing())
    tell_history(shop, nearly)
    shop.written()

    assert shop.order().reason is EndReason.REMAINDER_BELOW_MINIMUM


def test_a_cancel_waits_for_the_break(shop: Workshop) -> None:
    find(shop, missing())
    client = cancel(shop)
    assert shop.changes() == []

    tell_history(shop, after_child().order)
    shop.written()
    shop.written()

    assert client.only(Order).filled == Decimal(4)
    assert shop.order().status is OrderStatus.CANCELED


def test_a_cancelling_order_books_what_was_sold_before_it_ends(stage: Stage) -> None:
    shop = Workshop(stage, with_child(after_child().order, (100, 1)))
    cancel(shop)
    shop.written()
    find(shop, missing())

    shop.answered()
    shop.written()
    tell_history(shop, shop.order())
    shop.written()
    shop.written()

    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_BY_CLIENT)
    assert shop.order().filled == Decimal(4)


def test_a_cancelling_order_is_not_held(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Workshop(stage, with_child(after_child().order, (100, 1)))
    cancel(shop)
    shop.written()
    reconciler = find(shop, unknown())

    shop.answered()
    shop.written()
    tell_history(shop, shop.order())
    shop.written()

    assert verdicts(reconciler) == [Verdict.REPORT]
    assert shop.ended_as() == (OrderStatus.CANCELED, EndReason.CANCELED_BY_CLIENT)
    assert "Records differ order_id=A UNKNOWN_FILL" in caplog.text


@pytest.mark.parametrize("cancel_orders", [False, True])
def test_a_stop_waits_for_the_break(shop: Workshop, *, cancel_orders: bool) -> None:
    find(shop, missing())
    shop.tell(Drain(cancel_orders=cancel_orders))
    assert not shop.is_over()

    tell_history(shop, after_child().order)
    shop.written()
    shop.written()

    assert shop.is_over()
    assert shop.order().filled == Decimal(4)


# On hold.


def held(shop: Workshop) -> None:
    find(shop, unknown())
    shop.withdrawn()
    tell_history(shop, after_child().order)
    shop.written()
    assert shop.order().is_on_hold


def test_an_order_on_hold_does_not_enlist_whatever_happens(shop: Workshop) -> None:
    held(shop)

    shop.tell(RouterStarted(symbol=SYMBOL))
    shop.written()

    assert len(shop.router.all(Enlist)) == 1
    assert not shop.is_over()


def test_an_order_found_on_hold_does_not_enlist(stage: Stage) -> None:
    order_on_hold, _ = transitions.hold(after_child().order, CHILD, "why", now=START)

    shop = Workshop(stage, waiting(order_on_hold))

    assert shop.router.all(Enlist) == []


def test_a_hold_says_why_in_the_history(shop: Workshop) -> None:
    held(shop)

    (event,) = shop.change().events
    assert event.step is OrderStep.HELD
    assert event.detail.child_id == CHILD
    assert event.detail.reason == unknown().describe()


def test_a_hold_that_is_on_disk_is_not_repeated(shop: Workshop) -> None:
    reconciler = find(shop, unknown())

    tell_history(shop, after_child().order, holds=(unknown().describe(),))

    assert verdicts(reconciler) == [Verdict.KNOWN]
    assert shop.changes() == []


@pytest.mark.parametrize("terms", [{"price": 100}, {"quantity": 6}, {"price": 120}])
def test_any_amendment_lets_it_go_on(shop: Workshop, terms: dict[str, Any]) -> None:
    held(shop)

    client = amend(shop, **terms)
    shop.written()

    assert [event.step for event in shop.change().events] == [
        OrderStep.AMENDED,
        OrderStep.RELEASED,
    ]
    assert not client.only(Order).is_on_hold
    assert len(shop.router.all(Enlist)) == 2


def test_an_amendment_that_is_refused_lets_nothing_go_on(shop: Workshop) -> None:
    held(shop)

    amend(shop, price=1)  # the notional is too small

    assert shop.order().is_on_hold
    assert len(shop.router.all(Enlist)) == 1


def test_an_order_on_hold_expires_all_the_same(stage: Stage) -> None:
    shop = Workshop(stage, after_child(gtd_order(60)))
    find(shop, unknown())
    shop.withdrawn()
    tell_history(shop, after_child(gtd_order(60)).order)
    shop.written()
    assert shop.order().is_on_hold

    stage.pass_seconds(61)

    assert shop.order().reason is EndReason.EXPIRED_AT_TIME


def test_a_late_fill_counts_while_on_hold(shop: Workshop) -> None:
    held(shop)
    on_hold = shop.order()

    find(shop, missing(1))
    tell_history(shop, on_hold)
    shop.written()

    assert shop.order().filled == Decimal(1)
    assert shop.order().is_on_hold
    assert len(shop.router.all(Enlist)) == 1


def test_a_late_fill_at_a_worse_price_is_booked_and_holds_the_order(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    """As one that the answer brings."""
    reconciler = find(shop, missing(price=99))

    tell_history(shop, after_child().order)

    assert verdicts(reconciler) == [Verdict.BOOK]
    assert (str(shop.order().filled), shop.order().is_on_hold) == ("4", True)
    words = "Fill booked order_id=A WORSE_THAN_LIMIT child=A-1 limit 100: 4 at 99"
    assert words in caplog.text


def test_a_late_fill_that_the_disk_refuses_is_reported_once(shop: Workshop) -> None:
    """Else each pass of the reconciler would hold the order again."""
    find(shop, missing())
    tell_history(shop, after_child().order)
    refused = Contradicted(problem="trade 7 is booked already")
    shop.tell(replace(written(shop.order()), outcome=refused))
    shop.load(after_child())
    held = shop.order()

    shop.written()
    reconciler = find(shop, missing())
    (why,) = (event.detail.reason for event in shop.change().events)
    tell_history(shop, held, holds=(why or "",))

    assert held.is_on_hold
    assert verdicts(reconciler) == [Verdict.KNOWN]
