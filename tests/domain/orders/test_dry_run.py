from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.algorithms.immediate import IMMEDIATE
from domain.market.order_book import LocalOrderBook, touch_of
from domain.matching.matcher import Matcher
from domain.matching.sizing import Sizing
from domain.orders.dry_run import CHILDREN_MAX, Conditions, DryRun, dry_run
from domain.orders.order import Order, OrderStatus
from domain.reasons import BookState, EndReason, RefusalCode, WaitReason
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import TimeInForce
from domain.venue.answers import PauseReason, TradingPause
from domain.venue.symbol_rules import SymbolRules
from tests.builders import (
    BTCUSDT,
    NOW,
    Pair,
    accepted_order,
    part,
    snapshot,
    update,
    waiting,
)


RULES = SymbolRules(symbol=BTCUSDT, quote_asset="USDT", step_size=Decimal("0.1"))


def book(*bids: Pair) -> LocalOrderBook:
    made = LocalOrderBook(BTCUSDT)
    made.load(snapshot(7, bids=bids))
    return made


def conditions(held: LocalOrderBook, **changes: object) -> Conditions:
    usual = Conditions(
        rules=RULES,
        limits=NO_LIMITS,
        algorithm=IMMEDIATE,
        book_state=BookState.SYNCED,
        pause=None,
        touch=touch_of(held.best_levels(), NOW),
        now=NOW,
    )
    return replace(usual, **changes)  # type: ignore[arg-type] # any field, in tests


def tried(order: Order, held: LocalOrderBook, **changes: object) -> DryRun:
    return dry_run(order, Matcher(held), conditions(held, **changes))


def test_order_would_take_what_its_limit_reaches_and_wait_for_the_rest() -> None:
    run = tried(
        accepted_order(quantity="3"), book(("101", "1"), ("100", "1"), ("99", "9"))
    )

    assert run.slices == (part("101", "1", 7), part("100", "1", 7))
    assert (run.status, run.reason) == (OrderStatus.PARTIALLY_FILLED, None)
    assert (run.taken, run.average_price) == (Decimal(2), Decimal("100.5"))
    assert (run.waiting, run.children) == (Decimal(1), 1)
    assert (run.update_id, run.best_price) == (7, Decimal(101))
    assert not run.may_take_more


def test_order_would_be_filled() -> None:
    run = tried(accepted_order(quantity="1"), book(("101", "1")))

    assert (run.status, run.reason) == (OrderStatus.FILLED, EndReason.COMPLETED)


def test_order_would_wait_for_all_of_it() -> None:
    run = tried(accepted_order(price="100"), book(("99", "9")))

    assert run.status is OrderStatus.NEW
    assert (run.slices, run.best_price) == ((), Decimal(99))


@pytest.mark.parametrize(
    ("time_in_force", "reason"),
    [
        (TimeInForce.IOC, EndReason.IOC_REMAINDER),
        (TimeInForce.FOK, EndReason.FOK_NOT_FILLABLE),
    ],
)
def test_order_that_may_not_wait_would_end(
    time_in_force: TimeInForce, reason: EndReason
) -> None:
    order = accepted_order(quantity="3", time_in_force=time_in_force)

    run = tried(order, book(("101", "1")))

    assert (run.status, run.reason) == (OrderStatus.EXPIRED, reason)


PAUSE = TradingPause(reason=PauseReason.HALTED, detail="halted")


@pytest.mark.parametrize("time_in_force", [TimeInForce.GTC, TimeInForce.IOC])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pause": PAUSE}, EndReason.TRADING_PAUSED),
        ({"book_state": BookState.GAP}, EndReason.BOOK_UNUSABLE),
    ],
)
def test_nothing_is_taken_while_nobody_may_trade(
    time_in_force: TimeInForce, change: dict[str, object], reason: EndReason
) -> None:
    order = accepted_order(time_in_force=time_in_force)

    run = tried(order, book(("101", "9")), **change)

    is_at_once = time_in_force is TimeInForce.IOC
    assert run.slices == ()
    assert run.reason == (reason if is_at_once else None)


@pytest.mark.parametrize(
    ("time_in_force", "reason"),
    [
        (TimeInForce.GTC, WaitReason.CHILD_REFUSED),
        (TimeInForce.IOC, EndReason.REFUSED_FOR_NOW),
    ],
)
def test_child_beyond_the_price_collar_is_named(
    time_in_force: TimeInForce, reason: EndReason | WaitReason
) -> None:
    order = accepted_order(price="80", time_in_force=time_in_force)

    run = tried(
        order, book(("101", "9")), limits=RiskLimits(price_collar=Decimal("0.1"))
    )

    assert run.child_refusal is not None
    assert run.child_refusal.code is RefusalCode.PRICE_OUTSIDE_COLLAR
    assert (run.slices, run.reason) == ((), reason)
    assert run.taken == 0


def test_large_order_is_worked_in_several_children_but_not_in_all() -> None:
    held = book(("100", "50"))
    matcher = Matcher(held, Sizing(rules=RULES, max_notional=Decimal(200)))
    few, many = accepted_order(quantity="6"), accepted_order(quantity="50")

    filled = dry_run(few, matcher, conditions(held))
    cut_short = dry_run(many, matcher, conditions(held))

    assert filled.children == 3
    assert (filled.status, filled.may_take_more) == (
        OrderStatus.FILLED,
        False,
    )
    assert cut_short.children == CHILDREN_MAX
    assert (cut_short.taken, cut_short.may_take_more) == (Decimal(20), True)


amounts = st.integers(1, 30).map(str)
bids = st.dictionaries(st.integers(95, 105).map(str), amounts, min_size=1)


@given(
    bids=bids,
    quantity=amounts,
    taken=amounts,
    time_in_force=st.sampled_from(TimeInForce),
)
def test_dry_run_says_what_the_order_then_gets_and_leaves_no_trace(
    bids: dict[str, str], quantity: str, taken: str, time_in_force: TimeInForce
) -> None:
    best_first = sorted(bids.items(), key=lambda level: -int(level[0]))
    held = book(*best_first)
    matcher = Matcher(held)
    matcher.enlist(waiting("EARLIER", price="98", quantity=taken))
    expires_at = NOW.replace(year=2031) if time_in_force is TimeInForce.GTD else None
    order = accepted_order(
        quantity=quantity, time_in_force=time_in_force, expires_at=expires_at
    )

    first = dry_run(order, matcher, conditions(held))
    again = dry_run(order, matcher, conditions(held))
    allocation = matcher.enlist(
        waiting("X", quantity=quantity, time_in_force=time_in_force)
    )

    assert again == first
    assert first.slices == (allocation.slices if allocation else ())


def test_level_that_is_stated_again_is_whole_after_a_dry_run() -> None:
    held = book(("100", "5"))
    matcher = Matcher(held)

    dry_run(accepted_order(quantity="4"), matcher, conditions(held))
    held.apply(update(8, bids=[("100", "6")]))

    found = held.bids.available(Decimal(100), Decimal(99))
    assert found == Decimal(6)


def test_order_that_has_expired_meanwhile_would_end() -> None:
    late: datetime = NOW.replace(year=2032)
    order = accepted_order(
        time_in_force=TimeInForce.GTD, expires_at=NOW.replace(year=2031)
    )

    run = tried(order, book(("101", "9")), now=late)

    assert run.reason is EndReason.EXPIRED_AT_TIME
