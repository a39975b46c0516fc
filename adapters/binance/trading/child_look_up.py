"""Looks up a child order that may have been sent.

Source: Binance spot API documentation, query order, open orders and account trades
(2026-07-21). The venue's answers come from caches and databases that lag behind each
other, so "done" needs trades that add up, and "absent" needs every source to be silent.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from adapters.binance.trading.account_records import (
    AccountRecords,
    OrderNames,
    UnreadableError,
    unreadable,
)
from adapters.binance.trading.child_outcomes import (
    done,
    impossible,
    misdescribed,
    problem_of,
    settle,
    unknown,
)
from adapters.binance.trading.error_reactions import ABSENT, ARCHIVED
from adapters.binance.trading.trading_replies import OrderState, fills_of_trades
from adapters.binance.trading.venue_calls import Failure, VenueCalls
from adapters.binance.venue_limits import Use
from domain.orders.child_order import ChildOrder
from domain.ports.runtime import Clock
from domain.values import ZERO, Side
from domain.venue.answers import VenueAnswer


logger = logging.getLogger(__name__)

_BEFORE: Final = timedelta(minutes=5)
_AT_MOST: Final = timedelta(hours=24)
"""How long after its intent a child may trade: it trades at once or never, and our
clock was hardly wrong by more."""

_MILLISECOND: Final = timedelta(milliseconds=1)


class LookUp:
    """Looks up one child at a time. Thread-safe."""

    def __init__(self, *, calls: VenueCalls, clock: Clock, names: OrderNames) -> None:
        self._calls = calls
        self._clock = clock
        self._names = names
        self._records = AccountRecords(calls=calls, names=names, use=Use.LOOK_UP)

    def by_id(self, child: ChildOrder) -> VenueAnswer:
        """Look the child up by its own id, with its trades."""
        try:
            found = self._records.order_named(child.symbol, child.child_id)
        except UnreadableError as unread:
            if unread.is_impossible:
                return impossible(unread.failure.detail)
            return _of_failure(child, unread.failure)
        return self.judge(child, found)

    def thoroughly(self, child: ChildOrder, since: datetime) -> VenueAnswer:
        """Search open orders and trades for a child that its id does not find."""
        part = "open orders"
        try:
            orders = self._records.open_orders(child.symbol)
            if any(order.client_order_id == child.child_id for order in orders):
                return unknown("the order is open")
            part = "trades"
            found = self._among_trades(child, since)
        except UnreadableError as unread:
            failure = unread.failure
            return unknown(f"no {part}: {failure.detail}", failure)
        if found is None:
            return VenueAnswer(
                is_absent=True, detail="no order, nothing open, no trade"
            )
        return self.judge(child, found)

    def judge(self, child: ChildOrder, order: OrderState) -> VenueAnswer:
        """Say what the venue's description of the child means for it."""
        if problem := self._calls.hide(problem_of(child, order)):
            logger.error(
                "Venue answers a child order wrongly child_id=%s problem=%s",
                child.child_id,
                problem,
            )
            return misdescribed(child, order, problem)
        self._names.note(order.symbol, order.order_id, child.child_id)
        if not order.is_final():
            return unknown(f"the order is {order.status or 'acknowledged'}")
        if order.executed_qty == ZERO:
            return done(child, order, ())
        try:
            trades = self._records.trades_of_order(child.symbol, order.order_id)
        except UnreadableError as unread:
            failure = unread.failure
            words = f"no trades: {failure.detail}"
            return (
                impossible(words) if unread.is_impossible else unknown(words, failure)
            )
        if any(trade.is_buyer is not _is_buy(child) for trade in trades):
            return unknown("no trades: those listed are of another side")
        return settle(child, order, fills_of_trades(trades))

    def _among_trades(self, child: ChildOrder, since: datetime) -> OrderState | None:
        now_ms = self._calls.server_clock.timestamp_ms()
        if now_ms is None:
            raise unreadable("the venue does not tell its time")
        # Our wall clock may be wrong, so use how long ago that was.
        ago = self._clock.now() - since
        if ago < timedelta(0):  # the clock was set back meanwhile
            ago = _AT_MOST
        start_ms = now_ms - (ago + _BEFORE) // _MILLISECOND
        end_ms = min(start_ms + _AT_MOST // _MILLISECOND, now_ms)
        for page in self._records.trades_between(child.symbol, start_ms, end_ms):
            own_side = {one.order_id for one in page if one.is_buyer is _is_buy(child)}
            names = self._records.names_of(child.symbol, own_side)
            for order_id, name in names.items():
                if name == child.child_id:
                    return self._records.order(child.symbol, order_id)
        return None


def _of_failure(child: ChildOrder, failure: Failure) -> VenueAnswer:
    if failure.code == ABSENT:
        return VenueAnswer(is_absent=True, detail=failure.detail)
    if failure.code == ARCHIVED:
        return done(child, None, (), reason=failure.detail)
    return unknown(failure.detail, failure)


def _is_buy(child: ChildOrder) -> bool:
    return child.side is Side.BUY
