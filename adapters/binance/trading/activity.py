"""Reads what the venue has recorded of the account in one symbol.

Source: Binance spot API documentation, account trades and open orders (2026-07-21).
Trades name their order by the venue's number only; the client's id is asked for once.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from adapters.binance.limits import Use
from adapters.binance.trading.calls import ORDER_PATH, Failure, VenueCalls
from adapters.binance.trading.errors import Outcome
from adapters.binance.trading.look_up import (
    OPEN_ORDERS_WEIGHT,
    ORDER_WEIGHT,
    PAGE,
    TRADES_WEIGHT,
    OrderNames,
)
from adapters.binance.trading.order_bodies import (
    Trade,
    fills_of_trades,
    read_order,
    read_orders,
    read_trades,
    time_of,
)
from domain.errors import MalformedMessageError
from domain.values import ChildId, Side, Symbol, read_child_id
from domain.venue import VenueActivity, VenueTrade


_DAY_MS: Final = 86_400_000
"""The longest span that one request may name."""

_PAGES_MAX: Final = 50
_ORDERS_ASKED_MAX: Final = 100
"""In one reading. What was asked is remembered, so the next one gets further."""

_MILLISECOND: Final = timedelta(milliseconds=1)


class ActivityReader:
    """Reads trades and open orders. For any number of threads."""

    def __init__(self, *, calls: VenueCalls, names: OrderNames) -> None:
        self._calls = calls
        self._names = names

    def read(self, symbol: Symbol, look_back: timedelta) -> VenueActivity | Failure:
        """Read everything since so long ago, or say what could not be read."""
        now_ms = self._calls.server_clock.timestamp_ms()
        if now_ms is None:
            return _failure("the venue does not tell its time")
        start_ms = now_ms - look_back // _MILLISECOND
        try:
            open_children = self._open_children(symbol)
            trades = self._trades(symbol, start_ms, now_ms)
            self._learn_names(symbol, {trade.order_id for trade in trades})
            named = tuple(self._named(trade) for trade in trades)
        except _UnreadableError as unreadable:
            return unreadable.failure
        except MalformedMessageError as error:
            return _failure(str(error))
        return VenueActivity(
            symbol=symbol,
            since=time_of(start_ms),
            as_of=time_of(now_ms),
            trades=named,
            open_children=open_children,
        )

    def _open_children(self, symbol: Symbol) -> tuple[ChildId, ...]:
        fields = {"symbol": str(symbol)}
        body = self._ask("/api/v3/openOrders", fields, OPEN_ORDERS_WEIGHT)
        names = (read_child_id(order.client_order_id) for order in read_orders(body))
        return tuple(name for name in names if name is not None)

    def _trades(self, symbol: Symbol, start_ms: int, now_ms: int) -> list[Trade]:
        """Read all trades since a moment, each once, by ascending id."""
        found: dict[int, Trade] = {}
        end_ms = start_ms
        for _ in range(_PAGES_MAX):
            if found:  # from there on no span is needed, nor may any be named
                asked = {"fromId": str(max(found) + 1)}
            else:
                start_ms, end_ms = end_ms, end_ms + _DAY_MS
                asked = {"startTime": str(start_ms), "endTime": str(end_ms)}
            page = self._page({"symbol": str(symbol), **asked})
            found |= {trade.id: trade for trade in page}
            is_up_to_date = "fromId" in asked or end_ms >= now_ms
            if len(page) < PAGE and is_up_to_date:
                return [found[number] for number in sorted(found)]
        raise _UnreadableError(_failure("far too many trades"))

    def _page(self, fields: dict[str, str]) -> list[Trade]:
        asked = {**fields, "limit": str(PAGE)}
        trades = read_trades(self._ask("/api/v3/myTrades", asked, TRADES_WEIGHT))
        if any(trade.symbol != fields["symbol"] for trade in trades):
            raise MalformedMessageError("trades of another symbol")
        return trades

    def _learn_names(self, symbol: Symbol, order_ids: Iterable[int]) -> None:
        """Ask for the client order ids that are not known yet."""
        unknown = [one for one in order_ids if self._names.find(symbol, one) is None]
        for order_id in sorted(unknown)[:_ORDERS_ASKED_MAX]:
            fields = {"symbol": str(symbol), "orderId": str(order_id)}
            order = read_order(self._ask(ORDER_PATH, fields, ORDER_WEIGHT))
            self._names.note(symbol, order_id, order.client_order_id)
        if len(unknown) > _ORDERS_ASKED_MAX:
            raise _UnreadableError(_failure("too many orders to ask for at once"))

    def _named(self, trade: Trade) -> VenueTrade:
        (fill,) = fills_of_trades([trade])
        name = self._names.find(trade.symbol, trade.order_id)
        if name is None:  # crowded out by others meanwhile
            raise _UnreadableError(_failure("too many orders to remember"))
        return VenueTrade(
            symbol=Symbol(trade.symbol),
            side=Side.BUY if trade.is_buyer else Side.SELL,
            venue_order_id=trade.order_id,
            child_id=read_child_id(name),
            trade=fill,
        )

    def _ask(self, path: str, fields: dict[str, str], weight: int) -> bytes:
        body = self._calls.read(path, fields, weight=weight, use=Use.READ)
        if isinstance(body, Failure):
            raise _UnreadableError(body)
        return body


class _UnreadableError(Exception):
    """A part could not be read, and without it the rest proves nothing."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def _failure(detail: str) -> Failure:
    return Failure(outcome=Outcome.UNKNOWN, detail=detail)
