"""Reads the venue's records of the account in one symbol."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from adapters.binance.trading.account_records import (
    AccountRecords,
    OrderNames,
    UnreadableError,
)
from adapters.binance.trading.error_reactions import Outcome
from adapters.binance.trading.trading_replies import Trade, fills_of_trades, time_of
from adapters.binance.trading.venue_calls import Failure, VenueCalls
from adapters.binance.venue_limits import Use
from domain.values import ChildId, Side, Symbol, read_child_id
from domain.venue.answers import Since, VenueActivity, VenueTrade, moment_of


logger = logging.getLogger(__name__)

_OLDEST: Final = timedelta(days=90)
"""How far a reading goes back at most."""

_PAGES_AT_ONCE: Final = 10
"""Pages in one reading. The ledger then reads our records of the same time, and writes
nothing meanwhile."""

_MILLISECOND: Final = timedelta(milliseconds=1)


class ActivityReader:
    """Reads trades and open orders. For any number of threads."""

    def __init__(self, *, calls: VenueCalls, names: OrderNames) -> None:
        self._calls = calls
        self._records = AccountRecords(calls=calls, names=names, use=Use.READ)

    def read(self, symbol: Symbol, since: Since) -> VenueActivity | Failure:
        """Read what happened since then, oldest first, as far as possible.

        Returns:
            A failure when not even one page could be read.
        """
        now_ms = self._calls.server_clock.timestamp_ms()
        if now_ms is None:
            detail = "the venue does not tell its time"
            return Failure(outcome=Outcome.UNKNOWN, detail=detail)
        as_of = time_of(now_ms)
        begin = max(moment_of(since, as_of), as_of - _OLDEST)
        start_ms = now_ms - (as_of - begin) // _MILLISECOND
        trades: list[VenueTrade] = []
        is_whole = False
        try:
            open_children = self._open_children(symbol)
            pages = self._records.trades_between(symbol, start_ms, now_ms)
            for number, page in enumerate(pages, 1):
                trades += self._named(symbol, page)
                if number == _PAGES_AT_ONCE:
                    break
            else:
                is_whole = True
        except UnreadableError as unreadable:
            if not trades:
                return unreadable.failure
            problem = self._calls.hide(unreadable.failure.detail)
            logger.warning(
                "Records not read further symbol=%s problem=%s", symbol, problem
            )
        last = trades[-1].trade.executed_at if trades else as_of
        return VenueActivity(
            symbol=symbol,
            since=time_of(start_ms),
            until=as_of if is_whole else min(as_of, last),
            as_of=as_of,
            trades=tuple(trades),
            open_children=open_children,
        )

    def _open_children(self, symbol: Symbol) -> tuple[ChildId, ...]:
        orders = self._records.open_orders(symbol)
        names = (read_child_id(order.client_order_id) for order in orders)
        return tuple(name for name in names if name is not None)

    def _named(self, symbol: Symbol, page: Sequence[Trade]) -> list[VenueTrade]:
        names = self._records.names_of(symbol, {trade.order_id for trade in page})
        return [_trade_of(symbol, trade, names[trade.order_id]) for trade in page]


def _trade_of(symbol: Symbol, trade: Trade, name: str) -> VenueTrade:
    (fill,) = fills_of_trades([trade])
    return VenueTrade(
        symbol=symbol,
        side=Side.BUY if trade.is_buyer else Side.SELL,
        child_id=read_child_id(name),
        trade=fill,
    )
