"""Compares our records with the venue's, and says what differs.

A trade and a fill are the same if child and trade id are. A venue that was wiped, or
another venue, gives out the same trade ids again; our child ids are unique for ever.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.orders.child_order import Fill, VenueFill
from domain.values import ChildId, OrderId, Symbol, format_amount, order_of
from domain.venue.answers import VenueActivity, VenueTrade


LAG: Final = timedelta(seconds=60)
"""How old a fill must be before the venue has to list it: its lists lag, at times by
more than 20 s."""

EDGE: Final = timedelta(seconds=5)
"""How far from the edges of the compared span a fill must be to have to be listed: the
venue's answer to a child and its list of trades may state slightly different times."""

CONFIRMATION: Final = timedelta(seconds=45)
"""How long a break must persist that an outdated list of the venue's would cause."""


class BreakKind(StrEnum):
    """What is wrong."""

    MISSING_FILL = "MISSING_FILL"
    """The venue lists a trade of a settled child, and we have no fill of it."""

    UNKNOWN_FILL = "UNKNOWN_FILL"
    """We have a fill that the venue does not list."""

    DIFFERENT_FILL = "DIFFERENT_FILL"
    """Child, price, quantity or fee are not the same."""

    OPEN_CHILD = "OPEN_CHILD"
    """A child rests at the venue, where none ever should: all are IOC or FOK."""


_LAGGING: Final = (BreakKind.UNKNOWN_FILL, BreakKind.OPEN_CHILD)
"""Breaks that an outdated list of the venue's would cause, too."""

DifferenceKey = tuple[BreakKind, ChildId, int | None, tuple[int | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationBreak:
    """One thing on which the venue's records and ours do not agree."""

    kind: BreakKind
    symbol: Symbol
    child_id: ChildId
    trade: VenueTrade | None = None
    """As the venue has it; None if it has none."""

    fill: Fill | None = None
    """As we have it; None if we have none."""

    unmatched: tuple[VenueTrade, ...] = ()
    """All trades that the venue lists of the child and that are not booked for it: an
    operator may have stated them as one."""

    @property
    def order_id(self) -> OrderId:
        """The order it is about."""
        return order_of(self.child_id)

    @property
    def key(self) -> DifferenceKey:
        """What identifies it among all breaks.

        With another unmatched trade of the child it is a new one, and judged again.
        """
        beside = tuple(one.trade.trade_id for one in self.unmatched)
        return self.kind, self.child_id, self._trade_id, beside

    @property
    def executed_at(self) -> datetime | None:
        """When the execution in question took place; None if it is not about one."""
        if self.trade is not None:
            return self.trade.trade.executed_at
        return None if self.fill is None else self.fill.executed_at

    @property
    def may_be_lag(self) -> bool:
        """Whether an outdated list of the venue's would look the same."""
        return self.kind in _LAGGING

    def describe(self) -> str:
        """Describe it in one line with both values; always in the same words."""
        if self.kind is BreakKind.OPEN_CHILD:
            return f"{self.kind} child={self.child_id} rests at the venue"
        venue = "none" if self.trade is None else _words(self.trade.trade)
        ours = "none" if self.fill is None else _words(self.fill)
        ids = f"child={self.child_id} trade={self._trade_id}"
        return f"{self.kind} {ids} venue: {venue} ours: {ours}"

    @property
    def _trade_id(self) -> int | None:
        if self.trade is not None:
            return self.trade.trade.trade_id
        return None if self.fill is None else self.fill.trade_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The result of comparing records."""

    trades: int
    """How many the venue lists."""

    foreign: int
    """How many of these belong to orders that are not ours."""

    since: datetime
    compared_until: datetime
    """Everything up to here has been compared. What is later belongs to children in
    flight, or was not read yet."""

    as_of: datetime
    """When the venue was asked; the same clock."""

    has_more: bool
    """Whether the venue has more than could be read at once."""

    breaks: tuple[ReconciliationBreak, ...]


def compare(
    activity: VenueActivity, fills: Sequence[Fill], in_flight: Collection[ChildId]
) -> Comparison:
    """Compare our records with the venue's.

    Args:
        activity: the venue's, read before ours: so a trade of a child that has left
            but is not settled always finds that child in flight.
        fills: ours, executed in that span and up to LAG beyond it.
        in_flight: children that have no final answer on disk. Their trades become
            known with it; whether they rest at the venue is checked all the same.
    """
    own = {(fill.child_id, fill.trade_id): fill for fill in fills}
    booked = {(fill.trade_id, fill.executed_at): fill for fill in fills}
    breaks: list[ReconciliationBreak] = []
    foreign = 0
    compared_until = activity.until
    for trade in activity.trades:
        if trade.child_id is None:
            foreign += 1
        elif trade.child_id in in_flight:
            compared_until = min(compared_until, trade.trade.executed_at)
        else:
            twin = booked.get((trade.trade.trade_id, trade.trade.executed_at))
            fill = own.get((trade.child_id, trade.trade.trade_id), twin)
            breaks += _of_trade(trade, trade.child_id, fill)
    listed = {(trade.child_id, trade.trade.trade_id) for trade in activity.trades}
    breaks = _with_unmatched(breaks)
    breaks += _not_listed(activity, fills, listed)
    breaks += _resting(activity)
    return Comparison(
        trades=len(activity.trades),
        foreign=foreign,
        since=activity.since,
        compared_until=compared_until,
        as_of=activity.as_of,
        has_more=activity.until < activity.as_of,
        breaks=tuple(breaks),
    )


def _of_trade(
    trade: VenueTrade, child_id: ChildId, fill: Fill | None
) -> Iterable[ReconciliationBreak]:
    if fill is None:
        kind = BreakKind.MISSING_FILL
    elif fill.child_id != child_id or not _is_same(trade.trade, fill):
        kind = BreakKind.DIFFERENT_FILL
    else:
        return
    yield ReconciliationBreak(
        kind=kind, symbol=trade.symbol, child_id=child_id, trade=trade, fill=fill
    )


def _with_unmatched(
    breaks: Iterable[ReconciliationBreak],
) -> list[ReconciliationBreak]:
    """Add to each what else the venue lists of its child and is not booked for it."""
    unmatched: dict[ChildId, tuple[VenueTrade, ...]] = {}
    for one in breaks:
        is_own = one.fill is not None and one.fill.child_id == one.child_id
        if one.trade is not None and not is_own:
            unmatched[one.child_id] = (*unmatched.get(one.child_id, ()), one.trade)
    return [replace(one, unmatched=unmatched.get(one.child_id, ())) for one in breaks]


def _not_listed(
    activity: VenueActivity,
    fills: Sequence[Fill],
    listed: Collection[tuple[ChildId | None, int | None]],
) -> Iterable[ReconciliationBreak]:
    """Find fills that the venue does not list, except near the edges of the span."""
    first = activity.since + EDGE
    last = min(activity.until - EDGE, activity.as_of - LAG)
    for fill in fills:
        is_due = first <= fill.executed_at <= last
        is_listed = (fill.child_id, fill.trade_id) in listed
        if is_due and fill.trade_id is not None and not is_listed:
            yield ReconciliationBreak(
                kind=BreakKind.UNKNOWN_FILL,
                symbol=activity.symbol,
                child_id=fill.child_id,
                fill=fill,
            )


def _resting(activity: VenueActivity) -> Iterable[ReconciliationBreak]:
    for child_id in activity.open_children:
        yield ReconciliationBreak(
            kind=BreakKind.OPEN_CHILD, symbol=activity.symbol, child_id=child_id
        )


def _is_same(trade: VenueFill, fill: Fill) -> bool:
    return (trade.price, trade.quantity, trade.fee, trade.fee_asset) == (
        fill.price,
        fill.quantity,
        fill.fee,
        fill.fee_asset,
    )


def _words(one: VenueFill | Fill) -> str:
    child = f" on {one.child_id}" if isinstance(one, Fill) else ""
    fee = f"{format_amount(one.fee)} {one.fee_asset or ''}".rstrip()
    amounts = f"{format_amount(one.quantity)} at {format_amount(one.price)}"
    return f"{amounts}, fee {fee}{child}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolReconciliation:
    """The result of the last comparison of a symbol."""

    symbol: Symbol
    matched_at: datetime | None = None
    """When the records were last compared; None: never yet."""

    problem: str = ""
    """Why they could not be compared the last time; empty if they could."""

    behind: timedelta = timedelta(0)
    """How long before that the comparison ends, because there was more than could be
    read, or something has to be checked again. Should be zero or little."""

    trades: int = 0
    foreign: int = 0
    open_breaks: tuple[str, ...] = ()
    """Breaks found then that are neither repaired nor acknowledged by a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationStatus:
    """The result of the last pass over all symbols."""

    finished_at: datetime | None
    """None until a first pass has finished."""

    symbols: tuple[SymbolReconciliation, ...]
