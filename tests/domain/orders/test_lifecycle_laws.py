"""What holds after any legal steps of an order, whatever their order."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from domain.orders.amendment import Terms
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Fill,
    VenueFill,
)
from domain.orders.child_settlement import settle_by_hand, settle_child
from domain.orders.commands import SettleChild, StatedFill
from domain.orders.lifecycle import (
    accept,
    amend,
    cancel,
    child_of,
    expire,
    intend_child,
    request_cancel,
)
from domain.orders.order import OrderEvent, OrderStatus
from domain.orders.transitions import Step
from domain.reasons import EndReason
from tests.builders import NOW, part, pending_order


def fill_of(quantity: Decimal, price: Decimal) -> VenueFill:
    return VenueFill(
        price=price,
        quantity=quantity,
        fee=Decimal(0),
        fee_asset=None,
        trade_id=None,
        executed_at=NOW,
    )


def answer(child: ChildOrder, fills: tuple[VenueFill, ...]) -> ChildResult:
    return ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=ChildStatus.DONE,
        fills=fills,
    )


def share_of(quantity: Decimal, tenths_of_it: int) -> Decimal:
    """Some tenths, on the grid of 8 decimals, and at least its smallest step."""
    units = int(quantity.scaleb(8)) * tenths_of_it // 10
    return Decimal(max(units, 1)).scaleb(-8)


tenths = st.integers(min_value=1, max_value=10)


class AnyLife(RuleBasedStateMachine):
    """Random legal steps; the sums are kept a second time, beside the order."""

    def __init__(self) -> None:
        super().__init__()
        self.child: ChildOrder | None = None
        self.filled = self.quote = Fraction(0)
        self.events: list[OrderEvent] = []
        self.fills: list[Fill] = []

    @initialize(units=st.integers(min_value=1, max_value=10**20))
    def begin(self, units: int) -> None:
        quantity = format(Decimal(units).scaleb(-8), "f")
        self.order, event = accept(pending_order(quantity=quantity), now=NOW)
        self.events.append(event)

    def is_open(self) -> bool:
        return self.order.status in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)

    def is_in_flight(self) -> bool:
        return self.child is not None

    def step_to(self, step: Step) -> None:
        self.order, event = step
        self.events.append(event)

    @precondition(lambda self: self.is_open() and not self.is_in_flight())
    @rule(share=tenths)
    def intend(self, share: int) -> None:
        quantity = share_of(self.order.waiting, share)
        slices = (part("101", format(quantity, "f")),)
        self.child = child_of(self.order, slices, now=NOW)
        self.step_to(intend_child(self.order, self.child, now=NOW))

    @precondition(is_in_flight)
    @rule(shares=st.lists(tenths, max_size=3), price=st.integers(1, 10**12))
    def settle(self, shares: list[int], price: int) -> None:
        assert self.child is not None
        left, fills = self.child.quantity, []
        for share in shares:
            if left:
                quantity = share_of(left, share)
                left -= quantity
                fills.append(fill_of(quantity, Decimal(price)))
        self.order, events, booked = settle_child(
            self.order, self.child, answer(self.child, tuple(fills)), now=NOW
        )
        self.child = None
        self.events += events
        self.fills += booked
        self.filled += sum(Fraction(one.quantity) for one in fills)
        self.quote += sum(Fraction(one.quantity) * price for one in fills)

    @precondition(is_in_flight)
    @rule(shares=st.lists(tenths, max_size=3), price=st.integers(1, 10**12))
    def settle_by_hand(self, shares: list[int], price: int) -> None:
        """State anything up to thrice the order."""
        assert self.child is not None
        before = self.order
        stated = [share_of(before.quantity, share) for share in shares]
        command = SettleChild(
            order_id=before.order_id,
            symbol=before.symbol,
            child_id=self.child.child_id,
            fills=tuple(
                StatedFill(price=Decimal(price), quantity=quantity)
                for quantity in stated
            ),
            note="seen on the venue's page",
        )
        self.order, events, result, booked = settle_by_hand(
            before, self.child, command, now=NOW
        )
        assert (
            self.order.is_on_hold or not before.is_on_hold or self.order.status.is_final
        )
        assert len(result.fills) == len(booked)
        self.child = None
        self.events += events
        self.fills += booked
        self.filled += min(
            sum(Fraction(one) for one in stated), Fraction(before.remaining)
        )
        self.quote += sum(Fraction(one.quantity) * price for one in booked)

    @precondition(lambda self: self.is_open())
    @rule()
    def want_cancel(self) -> None:
        self.step_to(request_cancel(self.order, now=NOW))

    @precondition(lambda self: self.is_open() and not self.is_in_flight())
    @rule(factor=st.integers(min_value=1, max_value=30), sequence=st.integers(1, 99))
    def change_terms(self, factor: int, sequence: int) -> None:
        quantity = self.order.filled + share_of(self.order.remaining, factor)
        terms = Terms(price=Decimal(factor), quantity=quantity, sequence=sequence)
        self.step_to(amend(self.order, terms, now=NOW))

    @precondition(
        lambda self: not self.order.status.is_final and not self.is_in_flight()
    )
    @rule(end=st.sampled_from([cancel, expire]), chance=st.integers(0, 5))
    def finish(self, end: Callable[..., Step], chance: int) -> None:
        if chance == 0:  # rarely, or most lives would be short
            reason = EndReason.CANCELED_BY_CLIENT
            self.step_to(end(self.order, reason=reason, now=NOW))

    @precondition(lambda self: self.order.status.is_final)
    @rule()
    def try_to_go_on_after_the_end(self) -> None:
        order = self.order
        child = child_of(order, (part("101", "0.00000001"),), now=NOW)
        reason = EndReason.CANCELED_BY_CLIENT
        with pytest.raises((KeyError, AssertionError)):
            intend_child(order, child, now=NOW)
        for step in (cancel, expire):
            with pytest.raises(KeyError):
                step(order, reason=reason, now=NOW)
        with pytest.raises(KeyError):
            request_cancel(order, now=NOW)
        with pytest.raises(KeyError):
            accept(order, now=NOW)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        order = self.order
        parts = (order.filled, order.at_venue, order.waiting)
        assert sum(map(Fraction, parts)) == Fraction(order.quantity)
        assert all(one >= 0 for one in parts)
        assert order.filled <= order.quantity
        assert Fraction(order.filled) == self.filled
        assert Fraction(order.filled_quote) == self.quote

    @invariant()
    def history_is_numbered_and_ends_where_the_order_is(self) -> None:
        numbers = [event.number for event in self.events]
        assert numbers == list(range(1, self.order.version + 1))
        assert self.events[-1].status is self.order.status

    @invariant()
    def every_end_has_a_reason(self) -> None:
        has_end = isinstance(self.order.reason, EndReason)
        assert self.order.status.is_final == has_end

    @invariant()
    def filled_means_all_of_it(self) -> None:
        is_all = self.order.filled == self.order.quantity
        assert (self.order.status is OrderStatus.FILLED) == is_all

    @invariant()
    def fills_are_keyed_once(self) -> None:
        keys = [(one.child_id, one.number) for one in self.fills]
        assert len(set(keys)) == len(keys)


TestAnyLife = AnyLife.TestCase
