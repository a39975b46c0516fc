"""Settling a child order: booking what became of it.

Whatever the venue executed is real and is booked, unless it cannot be true of the child
that was sent: then the order is put on hold, and a person settles the child by hand.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Fill,
    FollowUp,
    VenueFill,
)
from domain.orders.commands import SettleChild
from domain.orders.level_taken import LevelAt, fills_of, nothing_said
from domain.orders.order import WORKING, Order, OrderEvent, OrderStep, StepDetail
from domain.orders.stated_settlement import statement_of
from domain.orders.transitions import Step, hold, take_last_step, take_step
from domain.reasons import EndReason, RefusalCode, WaitReason
from domain.refusals import Refusal
from domain.values import (
    ZERO,
    ChildId,
    Side,
    format_amount,
    notional,
    total,
)


LATE: Final = "LATE"
"""Marks a fill that was booked after its child had been settled."""

WORSE_THAN_LIMIT: Final = "WORSE_THAN_LIMIT"
"""Marks a fill at a worse price than the limit; it is real, so it is booked."""

TRADE_ID_MAX: Final = 2**63 - 1
"""The largest number that our databases hold; no venue counts further."""

UNTIL_RELEASED: Final = "stated by hand: see the venue's trades, then release it"
"""Why an order that was only in doubt is on hold once its child is settled."""

_TRADES_SHOWN: Final = 5

Settlement = tuple[Order, tuple[OrderEvent, ...], tuple[Fill, ...]]
"""The order after the child's end, the events of that, and the fills."""


def contradiction_of(order: Order, child: ChildOrder, result: ChildResult) -> str:
    """Say what cannot be true in an answer on the child in flight; empty: nothing."""
    executed = _sum(fill.quantity for fill in result.fills)
    problem = ""
    if executed > min(child.quantity, order.at_venue):
        sent = format_amount(child.quantity)
        problem = f"{format_amount(executed)} executed of a child of {sent}"
    elif result.fills and result.status is not ChildStatus.DONE:
        problem = f"{format_amount(executed)} executed of a child {result.status}"
    elif any(not 0 <= (fill.trade_id or 0) <= TRADE_ID_MAX for fill in result.fills):
        problem = "a trade id is beyond 64 bits"
    elif any(fill.price <= 0 or fill.quantity <= 0 for fill in result.fills):
        problem = "an execution has no price or no quantity"
    return f"{problem}; the venue says: {words_of(result.fills)}" if problem else ""


def child_settled(how: str) -> Refusal:
    """Refuse to settle a child that has ended or is not the one in flight."""
    detail = f"the child order has ended already: {how}"
    return Refusal(code=RefusalCode.CHILD_SETTLED, detail=detail)


def trade_booked(trade_id: int, child_id: ChildId) -> Refusal:
    """Refuse to book a trade a second time."""
    detail = (
        f"trade {trade_id} is booked already, as a fill of child order {child_id}; "
        "was it another trade, as on a testnet that was wiped, then leave its id out"
    )
    return Refusal(code=RefusalCode.TRADE_BOOKED, detail=detail, field="fills")


def why_not_by_hand(
    order: Order, child: ChildOrder, command: SettleChild
) -> Refusal | None:
    """Refuse a settlement by hand of the child in flight, if it cannot be."""
    if command.child_id != child.child_id:
        return child_settled(f"in flight is {child.child_id}")
    if not (order.is_on_hold or order.reason is WaitReason.CHILD_UNKNOWN):
        detail = "the venue's answer on the child order is awaited"
        return Refusal(code=RefusalCode.CHILD_IN_FLIGHT, detail=detail)
    return None


def words_of(fills: tuple[VenueFill, ...]) -> str:
    """List what was executed, for a person to compare with the venue's own page."""
    words = [
        f"{format_amount(fill.quantity)} at {format_amount(fill.price)}"
        + ("" if fill.trade_id is None else f" (trade {fill.trade_id})")
        for fill in fills[:_TRADES_SHOWN]
    ]
    more = len(fills) - len(words)
    return ", ".join([*words, f"{more} more"] if more else words) or "nothing"


def why_worse(child: ChildOrder, fills: Iterable[VenueFill]) -> str:
    """Say which executions are worse than the child's limit; empty if none is."""
    worse = tuple(fill for fill in fills if is_worse(fill.price, child))
    if not worse:
        return ""
    limit = format_amount(child.price)
    return f"{WORSE_THAN_LIMIT} child={child.child_id} limit {limit}: {words_of(worse)}"


def is_worse(price: Decimal, child: ChildOrder) -> bool:
    """Whether a price is worse than the child's limit."""
    return price < child.price if child.side is Side.SELL else price > child.price


def settle_child(
    order: Order,
    child: ChildOrder,
    result: ChildResult,
    *,
    now: datetime,
    level_at: LevelAt = nothing_said,
) -> Settlement:
    """Book the final answer on the child in flight: its fills, then its end.

    The order ends with it if the venue will accept no child of it; it is put on hold if
    a fill is worse than the child's limit.

    Args:
        order: with the child in flight.
        child: as it was intended.
        result: the answer.
        now: aware UTC.
        level_at: what the book says now, for fills at prices that it did not offer.

    Raises:
        AssertionError: the venue filled more than was sent; check with
            ``contradiction_of`` first.
    """
    events: list[OrderEvent] = []
    fills = fills_of(child, result.fills, level_at=level_at)
    for fill in fills:
        order, event = _book_fill(order, child, fill, now=now)
        events.append(event)
    if order.at_venue:
        order, event = _end_child(order, result, now=now)
        events.append(event)
    if result.follow_up is FollowUp.END and order.status in WORKING:
        reason = EndReason.REJECTED_BY_VENUE
        order, event = take_last_step(order, OrderStep.REJECTED, reason=reason, now=now)
        events.append(event)
    order, held = _hold_if_worse(order, child, result.fills, now=now)
    return order, (*events, *held), fills


def late_fill(
    order: Order,
    child: ChildOrder,
    venue_fill: VenueFill,
    booked: tuple[Fill, ...],
    *,
    now: datetime,
) -> tuple[Order, tuple[OrderEvent, ...], Fill]:
    """Book an execution of a child that is settled already.

    Args:
        order: without a child in flight.
        child: of it.
        venue_fill: the execution.
        booked: the child's fills so far.
        now: aware UTC.
    """
    assert order.at_venue == 0
    order = replace(order, at_venue=venue_fill.quantity)
    (fill,) = fills_of(child, (venue_fill,), booked)
    order, event = _book_fill(order, child, fill, now=now, mark=LATE)
    order, held = _hold_if_worse(order, child, (venue_fill,), now=now)
    return order, (event, *held), fill


def settle_by_hand(
    order: Order, child: ChildOrder, command: SettleChild, *, now: datetime
) -> tuple[Order, tuple[OrderEvent, ...], ChildResult, tuple[Fill, ...]]:
    """Book what a person states about the child in flight, and end the child.

    More than was sent is booked as far as the order goes, because it is real. What goes
    beyond the order cannot be booked as its own; the history says so, and the order is
    filled.

    An order that goes on is on hold until it is released: if less was stated than was
    executed, it would trade the rest again before the venue's trades are seen.
    """
    fills = _within(command.fills_at(now), order.remaining)
    booked = _sum(fill.quantity for fill in fills)
    order, stated = _statement(order, command, booked, now=now)
    order = replace(order, at_venue=max(order.at_venue, booked))
    result = ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=ChildStatus.SETTLED_BY_HAND,
        fills=fills,
        reason=stated.detail.reason or "",
    )
    events = [stated]
    kept = fills_of(child, fills)
    for fill in kept:
        order, event = _book_fill(order, child, fill, now=now)
        events.append(event)
    if order.at_venue:
        order, event = _end_child(order, result, now=now)
        events.append(event)
    if order.status in WORKING and not order.is_on_hold:
        order, event = hold(order, child.child_id, UNTIL_RELEASED, now=now)
        events.append(event)
    return order, tuple(events), result, kept


def _statement(
    order: Order,
    command: SettleChild,
    booked: Decimal,
    *,
    now: datetime,
) -> Step:
    """Record a person's statement word for word, and what of it cannot be booked."""
    detail = statement_of(command)
    beyond = (detail.quantity or ZERO) - booked
    if beyond:
        words = f"{format_amount(beyond)} was executed beyond the order"
        detail = replace(detail, reason=f"{command.note} ({words})")
    return take_step(order, OrderStep.SETTLED_BY_HAND, detail, now=now)


def _within(fills: tuple[VenueFill, ...], room: Decimal) -> tuple[VenueFill, ...]:
    """Cut fills off where they go beyond ``room``."""
    kept: list[VenueFill] = []
    for fill in fills:
        quantity = min(fill.quantity, room)
        if quantity:
            kept.append(replace(fill, quantity=quantity))
        room -= quantity
    return tuple(kept)


def _book_fill(
    order: Order,
    child: ChildOrder,
    fill: Fill,
    *,
    now: datetime,
    mark: str = "",
) -> Step:
    assert fill.quantity <= order.at_venue, "the venue filled more than was sent"
    filled = order.filled + fill.quantity
    quote = notional(fill.price, fill.quantity)
    is_all = filled == order.quantity
    worse = WORSE_THAN_LIMIT if is_worse(fill.price, child) else ""
    detail = StepDetail(
        quantity=fill.quantity,
        price=fill.price,
        update_id=fill.update_id,
        child_id=child.child_id,
        reason=", ".join(filter(None, (mark, worse))) or None,
    )
    return take_step(
        order,
        OrderStep.FILLED if is_all else OrderStep.PART_FILLED,
        detail,
        now=now,
        filled=filled,
        filled_quote=total(order.filled_quote, quote),
        at_venue=order.at_venue - fill.quantity,
        reason=EndReason.COMPLETED if is_all else _still(order),
    )


def _end_child(order: Order, result: ChildResult, *, now: datetime) -> Step:
    detail = StepDetail(
        quantity=order.at_venue,
        child_id=result.child_id,
        reason=result.reason or result.status.value,
    )
    refused = WaitReason.CHILD_REFUSED if result.follow_up.is_wait else None
    return take_step(
        order,
        OrderStep.CHILD_ENDED,
        detail,
        now=now,
        at_venue=ZERO,
        reason=_still(order) or refused,
    )


def _still(order: Order) -> WaitReason | None:
    """Return the hold or the pause, if there is one: no answer of the venue ends it."""
    if order.is_on_hold:
        return WaitReason.ON_HOLD
    return WaitReason.PAUSED if order.is_paused else None


def _hold_if_worse(
    order: Order, child: ChildOrder, fills: tuple[VenueFill, ...], *, now: datetime
) -> tuple[Order, tuple[OrderEvent, ...]]:
    why = why_worse(child, fills)
    if not why or order.status.is_final:
        return order, ()
    order, event = hold(order, child.child_id, why, now=now)
    return order, (event,)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    added = ZERO
    for amount in amounts:
        added = total(added, amount)
    return added


def child_id_of(order: Order) -> ChildId:
    """Return the id of the last child that the order intended, or of the first."""
    return ChildId(f"{order.order_id}-{max(order.children, 1)}")
