"""Compares what an operator stated of a child with the trades that the venue lists.

Several trades may be stated as one, at their average price and without their ids. A
trade that was named by its id must be as it was named. One that was not named counts
towards the quantity that was stated without ids, and each part of that counts once.
Once the quantity is covered, its average price is compared as well.
"""

from collections.abc import Iterable
from decimal import Decimal

from domain.orders.child_order import ChildStatus, Fill
from domain.orders.commands import SettleChild, StatedFill
from domain.orders.order import StepDetail
from domain.orders.stored_orders import ChildHistory
from domain.reconciliation.comparison import ReconciliationBreak
from domain.values import ZERO, average_price, format_amount, notional, total
from domain.venue.answers import VenueTrade


def statement_of(command: SettleChild) -> StepDetail:
    """Add up what an operator states, as it is kept in the order's history."""
    quantity = quote = ZERO
    for fill in command.fills:
        quantity = total(quantity, fill.quantity)
        quote = total(quote, notional(fill.price, fill.quantity))
    return StepDetail(
        quantity=quantity,
        price=average_price(quote, quantity),
        child_id=command.child_id,
        reason=command.note,
    )


def is_as_stated(history: ChildHistory, command: SettleChild) -> bool:
    """Whether a child was settled by hand before, exactly as stated now.

    What went beyond the order was not booked, and what was found since then is booked
    after it.
    """
    if history.status is not ChildStatus.SETTLED_BY_HAND or history.stated is None:
        return False
    before, now = history.stated, statement_of(command)
    if (before.quantity or ZERO, before.price) != (now.quantity, now.price):
        return False
    stated = _cut(command.fills, _sum(history.fills))
    booked = [(one.price, one.quantity, one.trade_id) for one in history.fills]
    return booked[: len(stated)] == stated


def is_part_of_statement(break_: ReconciliationBreak, history: ChildHistory) -> bool:
    """Whether the break is covered by what an operator stated of the child."""
    trade, fill = break_.trade, break_.fill
    if history.status is not ChildStatus.SETTLED_BY_HAND or trade is None:
        return False
    if fill is not None and fill.child_id == break_.child_id:
        return _is_as_named(trade, fill, history)
    covered, _ = _recognised(break_, history)
    return any(one.trade.trade_id == trade.trade.trade_id for one in covered)


def why_not_the_price(break_: ReconciliationBreak, history: ChildHistory) -> str:
    """Say how far off an average price is that was stated without ids; empty: it fits.

    Known once the venue's trades cover the quantity, and reported with the last of
    them. An average may be rounded or cut off at the last digit that was written.
    """
    covered, left = _recognised(break_, history)
    is_last = covered and break_.trade == covered[-1]
    if not is_last or left or _not_booked(history):
        return ""
    stated = off = executed = quantity = ZERO
    for fill in history.fills:
        if fill.trade_id is None:
            stated = total(stated, notional(fill.price, fill.quantity))
            off = total(off, notional(_last_digit(fill.price), fill.quantity))
            quantity = total(quantity, fill.quantity)
    for one in covered:
        executed = total(executed, notional(one.trade.price, one.trade.quantity))
    if abs(total(executed, stated.copy_negate())) < off:
        return ""
    prices = (average_price(quote, quantity) or ZERO for quote in (stated, executed))
    said, venue = map(format_amount, prices)
    return f"stated by hand at {said} on average, but executed at {venue}"


def why_not_beyond(break_: ReconciliationBreak, history: ChildHistory) -> str:
    """Say why a trade is not wholly beyond what was stated; empty if it is.

    A part of it may be booked already, by the operator's statement.
    """
    if history.status is not ChildStatus.SETTLED_BY_HAND:
        return ""
    _, left = _recognised(break_, history)
    if not left:
        return ""
    return f"{format_amount(left)} of it may be what was stated by hand"


def _recognised(
    break_: ReconciliationBreak, history: ChildHistory
) -> tuple[list[VenueTrade], Decimal]:
    """Count the venue's trades of the child towards the quantity stated without ids.

    Returns:
        The trades that it covers, and what is left of it.
    """
    booked = {fill.trade_id for fill in history.fills}
    left = _stated_without_names(history)
    covered: list[VenueTrade] = []
    for one in sorted(break_.unmatched, key=_by_trade_id):
        if one.trade.trade_id not in booked and one.trade.quantity <= left:
            left -= one.trade.quantity
            covered.append(one)
    return covered, left


def _stated_without_names(history: ChildHistory) -> Decimal:
    """Add up the fills without an id, and what could not be booked at all."""
    nameless = _sum(fill for fill in history.fills if fill.trade_id is None)
    return total(nameless, _not_booked(history))


def _not_booked(history: ChildHistory) -> Decimal:
    """Return what was stated beyond the order, which is then filled."""
    if history.stated is None or history.stated.quantity is None:
        return ZERO
    return max(ZERO, history.stated.quantity - _sum(history.fills))


def _is_as_named(trade: VenueTrade, fill: Fill, history: ChildHistory) -> bool:
    """Whether price and quantity are as stated; the fee is rarely stated."""
    if trade.trade.price != fill.price:
        return False
    beyond = trade.trade.quantity - fill.quantity
    return ZERO <= beyond <= _not_booked(history)


def _cut(
    fills: Iterable[StatedFill], room: Decimal
) -> list[tuple[Decimal, Decimal, int | None]]:
    kept = []
    for fill in fills:
        quantity = min(fill.quantity, room)
        if quantity:
            kept.append((fill.price, quantity, fill.trade_id))
        room -= quantity
    return kept


def _last_digit(price: Decimal) -> Decimal:
    """Return one unit of the last digit of a price, at most 1."""
    exponent = price.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "prices are finite"
    return Decimal(1).scaleb(min(exponent, 0))


def _by_trade_id(trade: VenueTrade) -> int:
    return trade.trade.trade_id or 0


def _sum(fills: Iterable[Fill]) -> Decimal:
    added = ZERO
    for fill in fills:
        added = total(added, fill.quantity)
    return added
