"""What cannot be true of one order is that order's trouble, and a person settles it."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from actors import names
from actors.executor.refused_writes import LEFT_ALONE, LOOK_AGAIN_SECONDS
from actors.messages.client_requests import ReleaseRequest, SettleRequest
from actors.messages.gateway import ChildAnswered, ChildUnknown
from actors.messages.ledger import ChildHistoryLoaded, LoadOrder, Written
from actors.messages.lifecycle import Drain
from actors.messages.reconciliation import (
    BreakFound,
    BreakJudged,
    ReconcileNow,
)
from actors.messages.routing import Enlist, Withdraw
from domain.orders import lifecycle
from domain.orders.child_order import ChildStatus, VenueFill
from domain.orders.commands import ReleaseOrder, SettleChild, StatedFill
from domain.orders.order import Order, OrderStatus, OrderStep
from domain.orders.records import Contradicted, OrderChange, Record, RecordOutcome
from domain.reasons import EndReason, RefusalCode
from domain.reconciliation.comparison import LAG, compare
from domain.reconciliation.repair import Verdict
from domain.refusals import Refusal
from domain.values import ZERO, ChildId, OrderId, Side
from domain.venue.answers import VenueActivity, VenueTrade
from tests.actors.builders import (
    SYMBOL,
    intent_record,
    new_order_record,
    order,
    result,
)
from tests.actors.executor.test_executor_requests import amend, cancel
from tests.actors.stage import START, Stage
from tests.actors.workshop import Workshop, amount, waiting
from tests.fakes import FakeStore, Recorder


CHILD = ChildId("A-1")


class Shop:
    """An executor with a ledger and a disk of its own."""

    def __init__(self, stage: Stage, store: FakeStore | None = None) -> None:
        self.stage = stage
        self.store = store or FakeStore()
        self.store.write([new_order_record(order())])
        self.work = Workshop(stage, waiting(order()), store=self.store)

    def on_disk(self) -> Order:
        found = self.store.order(OrderId("A"))
        assert found is not None
        return found

    def steps(self) -> list[OrderStep]:
        return [event.step for event in self.store.events(OrderId("A"))]

    def words(self) -> str:
        """Why it was held the last time."""
        held = [
            event.detail.reason
            for event in self.store.events(OrderId("A"))
            if event.step is OrderStep.HELD
        ]
        return held[-1] or ""

    def child_in_flight(self) -> None:
        """Send a child of 2, limit 100."""
        self.work.offer((102, 2))
        assert len(self.work.submitted()) == 1

    def answer(self, *fills: tuple[int, int], **changes: Any) -> None:
        """Answer it, with another trade id, status or the like for all fills."""
        child = self.work.submitted()[-1].child
        answer = result(child, *fills)
        bent = tuple(replace(fill, **changes) for fill in answer.fills)
        self.work.tell(ChildAnswered(result=replace(answer, fills=bent)))

    def restart(self) -> Workshop:
        """Have a successor find what is on disk."""
        self.stage.kill(self.work.executor)
        found = self.store.open_order(OrderId("A"))
        for name in (names.GATEWAY, names.router(SYMBOL)):
            self.stage.kill(self.stage.actor(name))
        self.work = Workshop(self.stage, found, store=self.store, keeps_ledger=True)
        return self.work

    def settle(self, *fills: StatedFill, child: ChildId = CHILD) -> Recorder:
        client = Recorder()
        command = SettleChild(
            order_id=OrderId("A"),
            symbol=SYMBOL,
            child_id=child,
            fills=fills,
            note="seen on the venue's page",
        )
        self.work.tell(SettleRequest(command=command, reply_to=client))
        return client

    def release(self) -> Recorder:
        client = Recorder()
        command = ReleaseOrder(order_id=OrderId("A"), symbol=SYMBOL)
        self.work.tell(ReleaseRequest(command=command, reply_to=client))
        return client


@pytest.fixture
def shop(stage: Stage) -> Shop:
    return Shop(stage)


def stated(quantity: str, price: str = "102", **others: Any) -> StatedFill:
    return StatedFill(price=Decimal(price), quantity=Decimal(quantity), **others)


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        one.getMessage() for one in caplog.records if one.levelno == logging.CRITICAL
    ]


# Contradictions.


def test_an_intent_that_is_not_ours_is_not_sent(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """Another process has written another child with the id that ours would have."""
    other = intent_record(order(), (105, 3))
    shop.store.write([other])

    offer = shop.work.offer((102, 2))

    assert [*shop.work.submitted(), *shop.work.queried()] == []
    assert shop.on_disk().is_on_hold
    assert shop.on_disk().at_venue == Decimal(3), "the child on disk is the other's"
    assert shop.words() == "another record is on disk as version 2"
    assert shop.work.given_back() == [offer.slices]
    assert "Order on hold order_id=A child_id=A-1 another record" in "".join(
        alarms(caplog)
    )


@pytest.mark.parametrize(
    ("fills", "changes", "words"),
    [
        (((102, 3),), {}, "3 executed of a child of 2; the venue says: 3 at 102"),
        (((102, 1), (102, 2)), {}, "3 executed of a child of 2"),
        (((102, 2),), {"trade_id": 2**63}, "a trade id is beyond 64 bits"),
        (((102, 2),), {"trade_id": -5}, "a trade id is beyond 64 bits"),
        (((102, 2),), {"price": Decimal(0)}, "an execution has no price"),
        (((102, 2),), {"quantity": Decimal(-2)}, "an execution has no price"),
    ],
)
def test_an_answer_that_cannot_be_true_puts_the_order_on_hold(
    shop: Shop,
    fills: tuple[tuple[int, int], ...],
    changes: dict[str, Any],
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop.child_in_flight()

    shop.answer(*fills, **changes)

    assert shop.on_disk().is_on_hold
    assert shop.on_disk().at_venue == Decimal(2)
    assert shop.words().startswith(words)
    assert "Order on hold order_id=A" in "".join(alarms(caplog))
    assert not shop.work.is_over(), "nothing has failed"
    assert [one.child_id for one in shop.work.forgotten()] == [CHILD]


def test_an_execution_of_a_child_that_was_refused_puts_the_order_on_hold(
    shop: Shop,
) -> None:
    shop.child_in_flight()
    child = shop.work.submitted()[-1].child

    answer = result(child, (102, 1), status=ChildStatus.REJECTED)
    shop.work.tell(ChildAnswered(result=answer))

    assert shop.words().startswith("1 executed of a child REJECTED")


def test_what_only_the_disk_refuses_puts_the_order_on_hold(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """The venue reports a trade that is booked already, of another child."""
    shop.child_in_flight()
    shop.answer((102, 1), trade_id=7)
    shop.work.offer((102, 2))

    shop.answer((102, 1), trade_id=7)

    assert shop.on_disk().is_on_hold
    assert (shop.on_disk().filled, shop.on_disk().at_venue) == (amount(1), amount(2))
    words = "trade 7 is booked already; the venue says: 1 at 102 (trade 7)"
    assert shop.words() == words
    assert "Record not written order_id=A version=7" in "".join(alarms(caplog))
    assert shop.settle(child=ChildId("A-2")).only(Order).is_on_hold


def test_what_the_venue_says_of_the_child_for_ever_puts_the_order_on_hold(
    shop: Shop,
) -> None:
    shop.child_in_flight()
    problem = "it is an order of 3, not of 2"

    for _ in range(2):
        shop.work.tell(
            ChildUnknown(child_id=CHILD, problem=problem, is_contradiction=True)
        )

    assert shop.words() == problem
    assert shop.steps().count(OrderStep.HELD) == 1


def test_an_order_that_waits_for_offers_takes_none_once_the_disk_contradicts_it(
    shop: Shop,
) -> None:
    """Its record was sent twice, around a restart of the ledger, and another came."""
    shop.store.write([intent_record(order(), (105, 3))])
    on_its_way = shop.work.enlisted()

    shop.work.tell(
        Written(
            order_id=OrderId("A"),
            version=1,
            outcome=Contradicted(problem="another record is on disk as version 2"),
            attempt=1,
        )
    )
    offer = shop.work.offer((102, 2), ticket=on_its_way.ticket)

    assert shop.work.router.last(Withdraw).order_id == "A"
    assert shop.work.given_back() == [offer.slices]
    assert shop.on_disk().is_on_hold
    assert shop.steps() == [
        OrderStep.ACCEPTED,
        OrderStep.CHILD_INTENDED,
        OrderStep.HELD,
    ]


def test_what_is_answered_of_an_earlier_reading_counts_no_more(stage: Stage) -> None:
    """A ledger that was replaced meanwhile answers the same twice."""
    work = Workshop(stage, waiting(order()))
    work.offer((102, 2))
    refused = Written(
        order_id=OrderId("A"),
        version=2,
        outcome=Contradicted(problem="no"),
        attempt=1,
    )
    work.tell(refused)
    work.load(waiting(order()))
    assert work.order().is_on_hold

    work.tell(refused)

    assert len(work.ledger.all(LoadOrder)) == 1


class Refusing(FakeStore):
    """A disk that takes no record of the order any more, whatever it says."""

    is_refusing = False
    refused = 0

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        if not self.is_refusing:
            return super().write(records)
        self.refused += len(records)
        return [Contradicted(problem="no") for _ in records]


@pytest.fixture
def refusing(stage: Stage) -> tuple[Shop, Refusing]:
    store = Refusing()
    shop = Shop(stage, store)
    shop.child_in_flight()
    store.is_refusing = True
    return shop, store


def test_an_order_whose_hold_is_refused_as_well_is_left_alone(
    refusing: tuple[Shop, Refusing], caplog: pytest.LogCaptureFixture
) -> None:
    shop, store = refusing

    shop.answer((102, 2), trade_id=7)

    assert store.refused == 3, "the answer, the hold, the hold once more"
    words = "Order left alone order_id=A problem=no; no; the venue says: 2 at 102"
    assert "".join(alarms(caplog)).count(words) == 1
    answers = [cancel(shop.work), amend(shop.work, price=101), shop.release()]
    assert {one.only(Refusal) for one in answers} == {LEFT_ALONE}
    shop.work.offer((102, 2))
    assert (store.refused, len(shop.work.submitted())) == (3, 1)


def test_an_order_that_was_left_alone_is_tried_again_after_long(
    stage: Stage, refusing: tuple[Shop, Refusing]
) -> None:
    shop, store = refusing
    shop.answer((102, 2), trade_id=7)

    stage.pass_seconds(LOOK_AGAIN_SECONDS)
    assert store.refused == 4
    store.is_refusing = False
    stage.pass_seconds(LOOK_AGAIN_SECONDS)

    assert shop.on_disk().is_on_hold
    assert shop.words() == "no; the venue says: 2 at 102 (trade 7)"
    assert shop.settle(stated("2", trade_id=7)).only(Order).filled == amount(2)


def test_an_order_that_was_left_alone_does_not_keep_the_service_from_stopping(
    refusing: tuple[Shop, Refusing],
) -> None:
    shop, _ = refusing
    shop.answer((102, 2), trade_id=7)

    shop.work.tell(Drain(cancel_orders=False))

    assert shop.work.is_over()


def test_nothing_is_sent_or_asked_after_a_restart_either(shop: Shop) -> None:
    shop.child_in_flight()
    shop.answer((102, 3))
    before = shop.on_disk()

    after = shop.restart()

    assert [*after.submitted(), *after.queried()] == []
    assert after.router.all(Enlist) == []
    assert shop.on_disk() == before


def test_no_later_word_of_the_venue_s_settles_an_order_on_hold(shop: Shop) -> None:
    shop.child_in_flight()
    shop.answer((102, 3))
    before = shop.on_disk()

    shop.answer((102, 2))
    shop.answer((102, 3))

    assert shop.on_disk() == before


def test_an_order_on_hold_does_not_keep_the_service_from_stopping(shop: Shop) -> None:
    shop.child_in_flight()
    shop.answer((102, 3))

    shop.work.tell(Drain(cancel_orders=False))

    assert shop.work.is_over()


def test_an_order_on_hold_is_cancelled_at_the_stop_once_its_child_is_settled(
    shop: Shop,
) -> None:
    shop.child_in_flight()
    shop.answer((102, 3))

    shop.work.tell(Drain(cancel_orders=True))

    assert shop.work.is_over()
    assert shop.on_disk().status is OrderStatus.PENDING_CANCEL


# A price that is worse than the limit.


def test_a_fill_at_a_worse_price_is_booked_and_the_order_held(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.child_in_flight()

    shop.answer((102, 1), (99, 1))

    assert (shop.on_disk().filled, shop.on_disk().filled_quote) == (
        amount(2),
        amount(201),
    )
    assert shop.on_disk().is_on_hold
    assert shop.on_disk().at_venue == 0
    words = "WORSE_THAN_LIMIT child=A-1 limit 100: 1 at 99"
    assert shop.words() == words
    assert alarms(caplog) == [f"Fill booked order_id=A {words}"]
    assert shop.work.router.all(Enlist)[1:] == [], "it takes no offer"


def test_a_fill_at_a_worse_price_that_completes_the_order_says_so_in_its_history(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(stage)
    shop.work.offer((102, 5))

    shop.answer((99, 5))

    assert shop.on_disk().status is OrderStatus.FILLED
    assert shop.store.events(OrderId("A"))[-1].detail.reason == "WORSE_THAN_LIMIT"
    assert len(alarms(caplog)) == 1


# By hand.


def on_hold(shop: Shop) -> Shop:
    shop.child_in_flight()
    shop.answer((102, 3))
    return shop


def test_a_child_is_settled_by_hand_and_the_order_released(shop: Shop) -> None:
    on_hold(shop)

    client = shop.settle(stated("2", trade_id=7))

    after = client.only(Order)
    assert (after.filled, after.at_venue, after.is_on_hold) == (
        amount(2),
        amount(0),
        True,
    )
    assert shop.on_disk() == after
    told = shop.store.events(OrderId("A"))[-2]
    assert told.step is OrderStep.SETTLED_BY_HAND
    assert told.detail.reason == "seen on the venue's page"
    assert [fill.trade_id for fill in shop.store.fills(OrderId("A"))] == [7]

    released = shop.release().only(Order)

    assert not released.is_on_hold
    assert shop.work.enlisted().waiting.left == Decimal(3)


def test_a_child_that_never_executed_gives_everything_back(shop: Shop) -> None:
    on_hold(shop)

    after = shop.settle().only(Order)

    assert (after.filled, after.at_venue, after.waiting) == (
        amount(0),
        amount(0),
        amount(5),
    )
    assert shop.steps()[-2:] == [OrderStep.SETTLED_BY_HAND, OrderStep.CHILD_ENDED]


def test_more_than_was_sent_is_booked_as_far_as_the_order_goes(shop: Shop) -> None:
    on_hold(shop)

    after = shop.settle(stated("4")).only(Order)

    assert (after.filled, after.waiting, after.is_on_hold) == (
        amount(4),
        amount(1),
        True,
    )


def test_what_goes_beyond_the_order_is_in_its_history(shop: Shop) -> None:
    on_hold(shop)

    after = shop.settle(stated("4"), stated("3", "103")).only(Order)

    assert (after.status, after.filled) == (OrderStatus.FILLED, Decimal(5))
    told = next(
        event
        for event in shop.store.events(OrderId("A"))
        if event.step is OrderStep.SETTLED_BY_HAND
    )
    assert told.detail.quantity == Decimal(7)
    assert told.detail.reason is not None
    assert told.detail.reason.endswith("(2 was executed beyond the order)")
    assert shop.work.is_over()


def in_doubt(shop: Shop) -> Shop:
    shop.child_in_flight()
    shop.work.tell(ChildUnknown(child_id=CHILD, problem="cut"))
    return shop


def test_a_child_in_doubt_is_settled_by_hand_and_the_order_goes_on_when_released(
    shop: Shop,
) -> None:
    in_doubt(shop)

    after = shop.settle(stated("1")).only(Order)

    assert (after.filled, after.is_on_hold) == (amount(1), True)
    assert shop.work.router.all(Enlist)[1:] == [], "less may be stated than was sold"
    assert [one.child_id for one in shop.work.forgotten()] == [CHILD]

    assert not shop.release().only(Order).is_on_hold
    assert shop.work.enlisted().waiting.left == Decimal(4)


def test_what_was_stated_in_doubt_stays_on_hold_over_a_restart(shop: Shop) -> None:
    in_doubt(shop).settle()

    after = shop.restart()

    assert after.router.all(Enlist) == []
    assert shop.on_disk().is_on_hold


def test_a_statement_is_held_against_the_venue_s_trades_at_once(
    shop: Shop, stage: Stage
) -> None:
    reconciler = stage.neighbour(names.RECONCILER)
    in_doubt(shop)
    assert reconciler.received == []

    shop.settle()

    assert reconciler.received == [ReconcileNow()]


@pytest.mark.parametrize("cancels", [True, False])
def test_an_order_that_ends_with_its_child_is_not_held(
    shop: Shop, *, cancels: bool
) -> None:
    in_doubt(shop)
    if cancels:
        cancel(shop.work)

    after = shop.settle(stated("2" if cancels else "5"))

    assert after.only(Order).status is not OrderStatus.PARTIALLY_FILLED
    assert OrderStep.HELD not in shop.steps()


def reconcile(shop: Shop, *quantities: str, price: str = "102") -> list[Verdict]:
    """Have the child's trades held against the disk, as a pass of the reconciler does.

    Returns:
        What came of each that differs.
    """
    trades = tuple(
        VenueTrade(
            symbol=SYMBOL,
            side=Side.SELL,
            child_id=CHILD,
            trade=VenueFill(
                price=Decimal(price),
                quantity=Decimal(quantity),
                fee=ZERO,
                fee_asset=None,
                trade_id=number,
                executed_at=START,
            ),
        )
        for number, quantity in enumerate(quantities, start=1)
    )
    activity = VenueActivity(
        symbol=SYMBOL,
        since=START - LAG,
        until=START,
        as_of=START,
        trades=trades,
        open_children=(),
    )
    reconciler = Recorder()
    for one in compare(activity, shop.store.fills(OrderId("A")), ()).breaks:
        shop.work.tell(BreakFound(break_=one, reply_to=reconciler))
        history = shop.store.child_history(CHILD)
        shop.work.tell(ChildHistoryLoaded(child_id=CHILD, history=history))
    return [one.verdict for one in reconciler.all(BreakJudged)]


def test_what_the_venue_executed_beyond_a_statement_is_booked_and_not_sold_again(
    shop: Shop,
) -> None:
    """Of 2 that were executed as 1 + 1, the operator has stated 1."""
    in_doubt(shop).settle(stated("1"))

    assert reconcile(shop, "1", "1") == [Verdict.KNOWN, Verdict.BOOK]

    assert shop.work.router.all(Enlist)[1:] == [], "not sold again before that"
    assert (shop.on_disk().filled, shop.on_disk().waiting) == (amount(2), amount(3))
    assert reconcile(shop, "1", "1") == [Verdict.KNOWN]
    shop.restart()
    assert reconcile(shop, "1", "1") == [Verdict.KNOWN]
    assert shop.on_disk().filled == amount(2)


@pytest.mark.parametrize(
    ("said", "price", "is_off"),
    [
        ("102", "102", False),
        ("102", "102.99", False),
        ("102.9", "102.99", False),
        ("102.0", "102.5", False),
        ("103", "102.5", False),
        ("102", "103", True),
        ("102.98", "102.5", True),
        ("110", "102", True),
    ],
)
def test_a_price_that_was_stated_without_names_is_compared_to_its_last_digit(
    shop: Shop, said: str, price: str, *, is_off: bool
) -> None:
    in_doubt(shop).settle(stated("2", said))

    verdicts = reconcile(shop, "1.5", "0.5", price=price)

    assert verdicts == [Verdict.KNOWN, Verdict.HOLD if is_off else Verdict.KNOWN]
    words = f"stated by hand at {said} on average, but executed at {price}"
    assert shop.words().endswith(words) is is_off
    assert reconcile(shop, "1.5", "0.5", price=price) == [Verdict.KNOWN] * 2


def test_a_price_is_not_compared_before_all_trades_are_listed(shop: Shop) -> None:
    in_doubt(shop).settle(stated("2", "110"))

    assert reconcile(shop, "1.5") == [Verdict.KNOWN]


def test_a_named_trade_that_is_another_at_the_venue_holds_the_order(
    shop: Shop,
) -> None:
    in_doubt(shop).settle(stated("2", trade_id=1))

    assert reconcile(shop, "0.1") == [Verdict.HOLD]

    assert shop.on_disk().is_on_hold
    assert shop.words().startswith(f"DIFFERENT_FILL child={CHILD} trade=1 venue: 0.1")
    assert reconcile(shop, "0.1") == [Verdict.KNOWN]


def test_a_child_whose_answer_is_awaited_is_not_settled_by_hand(shop: Shop) -> None:
    shop.child_in_flight()

    refusal = shop.settle(stated("2")).only(Refusal)

    assert refusal.code is RefusalCode.CHILD_IN_FLIGHT
    assert shop.on_disk().filled == 0


@pytest.mark.parametrize("child", ["A-2", "A-1"])
def test_a_child_that_is_not_in_flight_is_not_settled(shop: Shop, child: str) -> None:
    if child == "A-2":
        on_hold(shop)
    else:
        shop.child_in_flight()
        shop.answer((102, 1))

    refusal = shop.settle(stated("1"), child=ChildId(child)).only(Refusal)

    assert refusal.code is RefusalCode.CHILD_SETTLED


def test_a_cancel_of_an_order_on_hold_counts_once_its_child_is_settled(
    shop: Shop,
) -> None:
    on_hold(shop)
    client = cancel(shop.work)
    assert client.only(Order).status is OrderStatus.PENDING_CANCEL

    shop.restart()
    shop.settle(stated("2"))

    assert (shop.on_disk().status, str(shop.on_disk().filled)) == (
        "CANCELED",
        "2",
    )


def test_nothing_else_is_done_before_the_child_is_settled(shop: Shop) -> None:
    on_hold(shop)

    refusals = [amend(shop.work, price=101).only(Refusal), shop.release().only(Refusal)]

    assert {one.code for one in refusals} == {RefusalCode.CHILD_NOT_SETTLED}
    assert {one.detail.endswith("command: settle A-1") for one in refusals} == {True}


def test_an_order_that_is_not_on_hold_is_released_without_a_step(shop: Shop) -> None:
    before = shop.on_disk()

    assert shop.release().only(Order) == before


def test_an_order_on_hold_without_a_child_in_flight_is_released(stage: Stage) -> None:
    shop = Shop(stage)
    shop.child_in_flight()
    shop.answer((99, 1))
    assert shop.on_disk().is_on_hold

    released = shop.release().only(Order)

    assert shop.on_disk() == released
    assert shop.work.enlisted().waiting.left == Decimal(4)


def test_who_waits_for_what_the_disk_refuses_is_told_so(shop: Shop) -> None:
    """An amendment on top of another's record is not answered with a lie."""
    other = intent_record(order(), (105, 3))
    shop.store.write([other])

    refusal = amend(shop.work, price=101).only(Refusal)

    assert refusal.code is RefusalCode.STORE_UNAVAILABLE
    assert shop.on_disk().is_on_hold


def test_an_order_that_ended_otherwise_on_disk_is_worked_no_more(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(stage)
    reason = EndReason.CANCELED_BY_CLIENT
    ended, event = lifecycle.cancel(order(), reason=reason, now=START)
    shop.store.write([OrderChange(order=ended, events=(event,))])

    shop.work.offer((102, 2))

    assert shop.work.submitted() == []
    assert shop.work.is_over()
    assert "Order ended differently on disk order_id=A" in "".join(alarms(caplog))
