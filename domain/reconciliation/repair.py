"""What is done about a break between the venue's records and ours."""

from dataclasses import dataclass
from enum import StrEnum

from domain.orders.child_order import ChildOrder, ChildStatus, VenueFill
from domain.orders.child_settlement import TRADE_ID_MAX
from domain.orders.order import WORKING
from domain.orders.stated_settlement import (
    is_part_of_statement,
    why_not_beyond,
    why_not_the_price,
)
from domain.orders.stored_orders import ChildHistory
from domain.reconciliation.comparison import BreakKind, ReconciliationBreak
from domain.values import format_amount, total
from domain.venue.answers import VenueTrade


class Verdict(StrEnum):
    """What is done about a break."""

    BOOK = "BOOK"
    """The venue's evidence is clear: the fill is booked."""

    HOLD = "HOLD"
    """The order takes no offers until a person has looked at it."""

    REPORT = "REPORT"
    """Nothing can be put on hold: the order has ended, is ending, or is unknown."""

    KNOWN = "KNOWN"
    """It has been dealt with, and that is on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is done about a break, and why."""

    verdict: Verdict
    reason: str = ""
    """What differs, and why it is not repaired."""


def judge(break_: ReconciliationBreak, history: ChildHistory | None) -> Judgement:
    """Decide what is to be done about a break.

    Args:
        break_: as it was found.
        history: what is on disk by now, with no child in flight; None if the order is
            not there at all.
    """
    what = break_.describe()
    if history is None:
        reason = f"{what}: no such order is on disk"
        return Judgement(verdict=Verdict.REPORT, reason=reason)
    if any(held.startswith(what) for held in history.holds):
        return Judgement(verdict=Verdict.KNOWN)
    if is_part_of_statement(break_, history):
        if not (wrong := why_not_the_price(break_, history)):
            return Judgement(verdict=Verdict.KNOWN)
        what = f"{what}: {wrong}"
    elif break_.kind is BreakKind.MISSING_FILL:
        assert break_.trade is not None
        trade = break_.trade
        if any(fill.trade_id == trade.trade.trade_id for fill in history.fills):
            return Judgement(verdict=Verdict.KNOWN)
        obstacle = _obstacle(trade, history) or why_not_beyond(break_, history)
        if not obstacle:
            return Judgement(verdict=Verdict.BOOK, reason=what)
        what = f"{what}: {obstacle}"
    is_working = history.order.status in WORKING
    verdict = Verdict.HOLD if is_working else Verdict.REPORT
    return Judgement(verdict=verdict, reason=what)


def _obstacle(trade: VenueTrade, history: ChildHistory) -> str:
    """Say why a missing fill cannot be booked; empty if it can."""
    child, status = history.child, history.status
    if child is None or status is None:
        return "the order never intended that child"
    if status is ChildStatus.INTENDED:
        return "the child is in flight"
    return _contradiction(trade, child) or _lack_of_room(trade.trade, child, history)


def _contradiction(trade: VenueTrade, child: ChildOrder) -> str:
    if (trade.symbol, trade.side) != (child.symbol, child.side):
        return f"the child was to {child.side} {child.symbol}"
    if not 0 <= (trade.trade.trade_id or 0) <= TRADE_ID_MAX:
        return "the trade id is beyond 64 bits"
    return ""


def _lack_of_room(trade: VenueFill, child: ChildOrder, history: ChildHistory) -> str:
    order = history.order
    executed = trade.quantity
    for fill in history.fills:
        executed = total(executed, fill.quantity)
    if executed > child.quantity:
        return f"more than the child's quantity of {format_amount(child.quantity)}"
    if order.status.is_final:
        return f"the order has ended: {order.status}, {order.reason}"
    if trade.quantity > order.waiting:
        return f"only {format_amount(order.waiting)} of the order is open"
    return ""
