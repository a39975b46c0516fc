import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import FrameType
from typing import Any

import pytest

from domain.market.order_book import LocalOrderBook
from domain.market.updates import DepthUpdate
from domain.matching.matcher import PASSED_MAX, Allocation, Matcher
from domain.matching.sizing import Sizing
from domain.values import OrderId, Side, TimeInForce, format_amount
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT, Pair, part, snapshot, update, waiting


def book(
    *, bids: list[Pair] | None = None, asks: list[Pair] | None = None
) -> LocalOrderBook:
    made = LocalOrderBook(BTCUSDT)
    made.load(snapshot(1, bids=bids or [], asks=asks or []))
    return made


def given(order_id: str, *slices: tuple[str, str, int]) -> Allocation:
    return Allocation(
        order_id=OrderId(order_id),
        slices=tuple(part(price, quantity, at) for price, quantity, at in slices),
    )


def test_arriving_order_is_matched_at_once() -> None:
    matcher = Matcher(book(bids=[("101", "2"), ("100", "5")]))

    allocation = matcher.enlist(waiting("A", price="100", quantity="3"))

    assert allocation == given("A", ("101", "2", 1), ("100", "1", 1))
    assert len(matcher) == 0


def test_arriving_order_that_finds_nothing_waits() -> None:
    matcher = Matcher(book(bids=[("99", "2")]))

    assert matcher.enlist(waiting("A", price="100")) is None
    assert len(matcher) == 1


def test_two_orders_never_get_the_same_quantity() -> None:
    matcher = Matcher(book(bids=[("100", "2")]))

    first = matcher.enlist(waiting("A", price="100", quantity="2"))
    second = matcher.enlist(waiting("B", price="100", quantity="2", sequence=2))

    assert first == given("A", ("100", "2", 1))
    assert second is None


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_order_that_may_not_wait_gets_an_empty_answer(
    time_in_force: TimeInForce,
) -> None:
    matcher = Matcher(book(bids=[("99", "2")]))

    order = waiting("A", price="100", time_in_force=time_in_force)

    assert matcher.enlist(order) == given("A")
    assert len(matcher) == 0


def test_ioc_order_gets_what_is_there() -> None:
    matcher = Matcher(book(bids=[("100", "2")]))
    order = waiting("A", quantity="3", time_in_force=TimeInForce.IOC)

    assert matcher.enlist(order) == given("A", ("100", "2", 1))


def test_fok_order_takes_nothing_when_a_part_is_missing() -> None:
    held = book(bids=[("101", "1"), ("100", "1"), ("99", "9")])
    matcher = Matcher(held)
    order = waiting("A", quantity="2.1", time_in_force=TimeInForce.FOK)

    assert matcher.enlist(order) == given("A")
    assert held.bids.available(Decimal(1), Decimal(99)) == Decimal(11)


def test_fok_order_takes_all_when_all_is_there() -> None:
    matcher = Matcher(book(bids=[("101", "1"), ("100", "1")]))
    order = waiting("A", quantity="2", time_in_force=TimeInForce.FOK)

    assert matcher.enlist(order) == given("A", ("101", "1", 1), ("100", "1", 1))


def test_lowest_selling_limit_is_served_first() -> None:
    held = book()
    matcher = Matcher(held)
    matcher.enlist(waiting("high", price="101", sequence=1))
    matcher.enlist(waiting("low", price="99", sequence=2))
    held.apply(update(2, bids=[("102", "1.5")]))

    assert matcher.match() == [
        given("low", ("102", "1", 2)),
        given("high", ("102", "0.5", 2)),
    ]


def test_highest_buying_limit_is_served_first() -> None:
    held = book()
    matcher = Matcher(held)
    matcher.enlist(waiting("low", side=Side.BUY, price="99", sequence=1))
    matcher.enlist(waiting("high", side=Side.BUY, price="101", sequence=2))
    held.apply(update(2, asks=[("98", "1.5")]))

    assert matcher.match() == [
        given("high", ("98", "1", 2)),
        given("low", ("98", "0.5", 2)),
    ]


@pytest.mark.parametrize("side", Side)
def test_earlier_of_two_equal_limits_is_served_first(side: Side) -> None:
    held = book()
    matcher = Matcher(held)
    matcher.enlist(waiting("late", side=side, sequence=2))
    matcher.enlist(waiting("early", side=side, sequence=1))
    held.apply(update(2, bids=[("100", "1")]))
    held.apply(update(3, asks=[("100", "1")]))

    assert [one.order_id for one in matcher.match()] == ["early"]


def test_order_that_was_given_something_is_away_until_it_comes_again() -> None:
    held = book(bids=[("100", "1")])
    matcher = Matcher(held)
    matcher.enlist(waiting("A", quantity="3"))
    held.apply(update(2, bids=[("100", "1")]))

    assert matcher.match() == []
    assert matcher.enlist(waiting("A", quantity="2")) == given("A", ("100", "1", 2))


def test_order_enlisted_again_replaces_what_was_known_of_it() -> None:
    held = book()
    matcher = Matcher(held)
    matcher.enlist(waiting("A", price="100", quantity="1"))
    matcher.enlist(waiting("A", price="105", quantity="2"))
    held.apply(update(2, bids=[("104", "9")]))

    assert len(matcher) == 1
    assert matcher.match() == []


def test_order_that_waits_twice_waits_with_what_was_said_last() -> None:
    held = book()
    matcher = Matcher(held)
    matcher.wait(waiting("A", price="100", quantity="1"))
    matcher.wait(waiting("A", price="99", quantity="2"))
    held.apply(update(2, bids=[("101", "9")]))

    assert matcher.match() == [given("A", ("101", "2", 2))]


def test_order_that_waited_and_is_enlisted_again_is_away_with_what_it_is_given() -> (
    None
):
    held = book()
    matcher = Matcher(held)
    matcher.wait(waiting("A", price="100", quantity="1"))
    held.apply(update(2, bids=[("101", "9")]))

    assert matcher.enlist(waiting("A")) == given("A", ("101", "1", 2))
    assert len(matcher) == 0
    assert matcher.match() == []


@pytest.mark.parametrize(
    ("most", "served"),
    [
        (0, ""),
        (1, "A"),
        (2, "AB"),
        (3, "ABC"),
        (4, "ABCD"),
        (9, "ABCD"),
        (None, "ABCD"),
    ],
)
def test_no_more_orders_are_served_at_once_than_was_said(
    most: int | None, served: str
) -> None:
    matcher = Matcher(book(bids=[("100", "9")], asks=[("101", "9")]))
    for number, name in enumerate("ABCD"):
        side, price = (Side.SELL, "100") if name in "AB" else (Side.BUY, "101")
        matcher.wait(waiting(name, side=side, price=price, sequence=number))

    given_now = matcher.match(most)

    assert [one.order_id for one in given_now] == list(served)
    assert [one.order_id for one in matcher.match()] == list("ABCD"[len(served) :])


@pytest.mark.parametrize("tif", [TimeInForce.GTC, TimeInForce.IOC])
def test_order_enlisted_among_others_is_served_in_its_turn(tif: TimeInForce) -> None:
    held = book()
    matcher = Matcher(held)
    matcher.enlist(waiting("first", price="99", sequence=3))
    matcher.enlist(waiting("last", price="100", sequence=2))
    held.apply(update(2, bids=[("100", "2.5")]))

    arriving = waiting("A", price="100", sequence=1, time_in_force=tif)

    assert matcher.enlist_among(arriving) == [
        given("first", ("100", "1", 2)),
        given("A", ("100", "1", 2)),
        given("last", ("100", "0.5", 2)),
    ]


def test_withdrawn_order_gets_nothing_more() -> None:
    held = book()
    matcher = Matcher(held)
    matcher.enlist(waiting("A"))
    matcher.withdraw(OrderId("A"))
    matcher.withdraw(OrderId("A"))
    held.apply(update(2, bids=[("100", "1")]))

    assert matcher.match() == []
    assert len(matcher) == 0


def test_sides_do_not_take_from_each_other() -> None:
    held = book()
    matcher = Matcher(held)
    matcher.enlist(waiting("seller", side=Side.SELL, price="100"))
    matcher.enlist(waiting("buyer", side=Side.BUY, price="100"))

    held.apply(update(2, asks=[("100", "5")]))

    assert matcher.match() == [given("buyer", ("100", "1", 2))]


@pytest.mark.parametrize(
    ("stated", "is_triggered"),
    [
        (update(2, bids=[("100", "1")]), True),
        (update(2, bids=[("101", "1")]), True),
        (update(2, bids=[("99.99", "1")]), False),
        (update(2, bids=[("100", "0")]), False),
        (update(2, asks=[("90", "1")]), True),
        (update(2, asks=[("89.99", "1")]), True),
        (update(2, asks=[("90.01", "1")]), False),
        (update(2, asks=[("90", "0")]), False),
        (update(2), False),
        (update(2, bids=[("1", "1")] * 5 + [("100", "1")]), True),
    ],
)
def test_update_triggers_when_it_states_a_level_that_an_order_could_take(
    stated: DepthUpdate, *, is_triggered: bool
) -> None:
    levels = book()
    matcher = Matcher(levels)
    matcher.enlist(waiting("seller", side=Side.SELL, price="100"))
    matcher.enlist(waiting("far seller", side=Side.SELL, price="120"))
    matcher.enlist(waiting("buyer", side=Side.BUY, price="90"))
    matcher.enlist(waiting("far buyer", side=Side.BUY, price="70"))
    levels.apply(stated)

    assert matcher.is_triggered_by(stated) is is_triggered


def test_a_touch_that_goes_triggers_since_more_may_be_in_reach_of_a_child() -> None:
    rules = SymbolRules(
        symbol=BTCUSDT, min_quantity=Decimal(5), sell_price_down=Decimal("0.2")
    )
    levels = book(bids=[("100", "1"), ("55", "10")])
    matcher = Matcher(levels, sizing=Sizing(rules=rules))
    assert matcher.enlist(waiting("A", price="50", quantity="10")) is None
    gone = update(2, bids=[("100", "0")])
    levels.apply(gone)

    assert matcher.is_triggered_by(gone)
    assert matcher.match() == [given("A", ("55", "10", 1))]


def test_update_triggers_nothing_once_the_last_order_is_withdrawn() -> None:
    matcher = Matcher(book())
    matcher.enlist(waiting("A"))
    matcher.withdraw(OrderId("A"))

    assert not matcher.is_triggered_by(update(2, bids=[("999", "1")]))


class NoisyDecimal(Decimal):
    """A number whose every comparison is a call that a profiler sees."""

    def __lt__(self, other: Any) -> bool:
        return super().__lt__(other)

    def __le__(self, other: Any) -> bool:
        return super().__le__(other)

    def __gt__(self, other: Any) -> bool:
        return super().__gt__(other)

    def __ge__(self, other: Any) -> bool:
        return super().__ge__(other)

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)

    def __hash__(self) -> int:
        return super().__hash__()

    def __neg__(self) -> "NoisyDecimal":
        return NoisyDecimal(super().__neg__())


def calls_made_by(work: Callable[[], object]) -> int:
    """Count every Python and C function that is called, comparisons among them."""
    calls = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # a collection calls what others have asked to be called then
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
        gc.enable()
    return calls


def cost_of_a_quiet_update(orders: int) -> int:
    held = book(bids=[("50", "1"), ("49", "1")], asks=[("51", "1"), ("52", "1")])
    matcher = Matcher(held)
    for number in range(orders):
        for side, limit in ((Side.SELL, 60 + number), (Side.BUY, 40 - number)):
            order = waiting(f"{side}{number}", side=side, sequence=number)
            matcher.enlist(replace(order, price=NoisyDecimal(limit)))
    quiet = update(
        2,
        bids=[("50", "2"), ("48", "1"), ("49", "0")],
        asks=[("51", "2"), ("53", "1"), ("52", "0")],
    )

    def work() -> None:
        held.apply(quiet)
        assert not matcher.is_triggered_by(quiet)

    return calls_made_by(work)


@pytest.mark.parametrize("orders", [10, 1_000, 3_000])
def test_cost_of_an_update_that_triggers_nothing_ignores_waiting_orders(
    orders: int,
) -> None:
    assert cost_of_a_quiet_update(orders) == cost_of_a_quiet_update(1)


def test_an_order_for_which_there_is_too_little_keeps_nothing_from_others() -> None:
    rules = SymbolRules(symbol=BTCUSDT, min_notional=Decimal(1000))
    matcher = Matcher(book(bids=[("101", "10")]), sizing=Sizing(rules=rules))
    matcher.wait(waiting("dust", price="99", quantity="5"))
    matcher.wait(waiting("whole", price="100", quantity="10"))

    (allocation,) = matcher.match()

    assert allocation.order_id == "whole"
    assert len(matcher) == 1


@pytest.mark.parametrize(
    ("passed", "served"), [(2, ["last"]), (PASSED_MAX, ["last"]), (PASSED_MAX + 1, [])]
)
def test_few_orders_are_passed_over_for_which_there_is_too_little(
    passed: int, served: list[str]
) -> None:
    rules = SymbolRules(symbol=BTCUSDT, min_notional=Decimal(1000))
    matcher = Matcher(book(bids=[("101", "10")]), sizing=Sizing(rules=rules))
    for number in range(passed):
        order = waiting(f"P{number}", price="99", quantity="20", sequence=number)
        matcher.wait(order)
    matcher.wait(waiting("last", price="100", quantity="10"))

    assert [one.order_id for one in matcher.match()] == served


def test_an_order_gets_no_more_than_is_released_of_it() -> None:
    matcher = Matcher(book(bids=[("101", "10")]))

    allocation = matcher.enlist(waiting("A", quantity="5", released="2"))

    assert allocation == given("A", ("101", "2", 1))


def test_a_fok_order_of_which_not_all_is_released_gets_nothing() -> None:
    matcher = Matcher(book(bids=[("101", "10")]))
    order = waiting("A", quantity="5", released="2", time_in_force=TimeInForce.FOK)

    assert matcher.enlist(order) == given("A")


def test_a_slice_that_would_leave_dust_of_the_whole_keeps_nothing_from_others() -> None:
    rules = SymbolRules(symbol=BTCUSDT, min_notional=Decimal(1000))
    matcher = Matcher(book(bids=[("101", "50")]), sizing=Sizing(rules=rules))
    matcher.wait(waiting("sliced", price="99", quantity="15", released="12"))
    matcher.wait(waiting("whole", price="100", quantity="10"))

    (allocation,) = matcher.match()

    assert allocation.order_id == "whole"
    assert len(matcher) == 1


@pytest.mark.parametrize(
    ("time_in_force", "taken"), [(TimeInForce.GTC, ["100"]), (TimeInForce.FOK, [])]
)
def test_nothing_is_taken_that_the_child_cannot_reach(
    time_in_force: TimeInForce, taken: list[str]
) -> None:
    rules = SymbolRules(symbol=BTCUSDT, sell_price_down=Decimal("0.8"))
    levels = book(bids=[("100", "5"), ("85", "5")])
    matcher = Matcher(levels, sizing=Sizing(rules=rules))
    order = waiting("A", price="80", quantity="10")

    allocation = matcher.enlist(replace(order, time_in_force=time_in_force))

    assert allocation is not None
    assert [format_amount(part.price) for part in allocation.slices] == taken
    assert levels.bids.available(Decimal(80), Decimal(10)) == 10 - 5 * len(taken)


def test_orders_for_now_that_wait_are_listed_in_their_turn() -> None:
    matcher = Matcher(book())
    assert matcher.for_now() == []
    ioc, fok = TimeInForce.IOC, TimeInForce.FOK
    second = waiting("A", price="101", time_in_force=ioc)
    first = waiting("B", price="100", time_in_force=fok)
    buy = waiting("C", side=Side.BUY, time_in_force=ioc)
    for order in (second, waiting("D"), first, buy):
        matcher.wait(order)

    assert matcher.for_now() == [first, second, buy]

    matcher.withdraw(OrderId("B"))
    matcher.withdraw(OrderId("D"))
    assert matcher.for_now() == [second, buy]

    matcher.withdraw(OrderId("C"))
    for number in range(3):
        matcher.wait(waiting(f"E{number}"))
        matcher.withdraw(OrderId(f"E{number}"))
        assert matcher.for_now() == [second]


def test_the_index_shows_who_is_served_first_of_each_side() -> None:
    matcher = Matcher(book())
    orders = [
        waiting("A", price="102", sequence=1),
        waiting("B", price="101", sequence=2),
        waiting("C", price="101", sequence=3),
        waiting("D", price="90", side=Side.BUY, sequence=4),
        waiting("E", price="91", side=Side.BUY, sequence=5),
    ]
    for order in orders:
        matcher.enlist(order)

    sells, buys = matcher.first(Side.SELL, 2), matcher.first(Side.BUY, 9)

    assert [order.order_id for order in sells] == ["B", "C"]
    assert [order.order_id for order in buys] == ["E", "D"]
    assert matcher.waiting == {order.order_id: order for order in orders}
