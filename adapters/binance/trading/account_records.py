"""Reads the venue's lists of one account: open orders, trades, and their client ids.

Source: Binance spot API documentation, open orders, all orders, account trades
(2026-07-21). A request names at most 24 hours, and brings at most 1,000 entries. Trades
name their order by the venue's number only; the list of all orders has the client's id.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from adapters.binance.trading.error_reactions import Outcome
from adapters.binance.trading.trading_replies import (
    OrderState,
    Trade,
    read_order,
    read_orders,
    read_trades,
)
from adapters.binance.trading.venue_calls import ORDER_PATH, Failure, VenueCalls
from adapters.binance.venue_limits import Use
from domain.errors import ImpossibleMessageError, MalformedMessageError
from domain.values import Symbol


_PAGE: Final = 1000
"""Maximum entries of one answer."""

_ORDER_WEIGHT: Final = 4
_LIST_WEIGHT: Final = 20
_OPEN_ORDERS_WEIGHT: Final = 6
_TRADES_OF_ORDER_WEIGHT: Final = 5
_WORTH_A_LIST: Final = _LIST_WEIGHT // _ORDER_WEIGHT
"""More orders than this are cheaper to find in the list of all orders than singly."""

_PAGES_MAX: Final = 100
"""Of full answers; far more trades than an account makes in a day."""

_DAY_MS: Final = 86_400_000
_NAMES_MAX: Final = 10_000


class UnreadableError(Exception):
    """A part could not be read, and without it the rest proves nothing."""

    def __init__(self, failure: Failure, *, is_impossible: bool = False) -> None:
        """Make the error.

        Args:
            failure: the outcome of the call.
            is_impossible: whether the part was read, but cannot be true.
        """
        super().__init__(failure.detail)
        self.failure = failure
        self.is_impossible = is_impossible


def unreadable(problem: object) -> UnreadableError:
    """Make the error for an impossible answer."""
    return UnreadableError(
        Failure(outcome=Outcome.UNKNOWN, detail=str(problem)),
        is_impossible=isinstance(problem, ImpossibleMessageError),
    )


class OrderNames:
    """The client order ids of the venue's orders that were seen lately."""

    def __init__(self) -> None:
        self._names: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, symbol: str, order_id: int, name: str) -> None:
        """Remember an order's client order id."""
        with self._lock:
            self._names[symbol, order_id] = name
            if len(self._names) > _NAMES_MAX:
                self._names.popitem(last=False)

    def find(self, symbol: str, order_id: int) -> str | None:
        """Return the client order id; None when it was not seen lately."""
        return self._names.get((symbol, order_id))


class AccountRecords:
    """The venue's lists, for one use of the limits. Thread-safe.

    Every call raises UnreadableError when a part of the answer could not be read.
    """

    def __init__(self, *, calls: VenueCalls, names: OrderNames, use: Use) -> None:
        """Make a reader.

        Args:
            calls: makes the requests.
            names: filled here, and elsewhere.
            use: how far into the venue's limits the requests may go.
        """
        self._calls = calls
        self._names = names
        self._use = use

    def open_orders(self, symbol: Symbol) -> list[OrderState]:
        """Read the orders that rest in the symbol's book."""
        fields = {"symbol": str(symbol)}
        return self._orders("/api/v3/openOrders", fields, _OPEN_ORDERS_WEIGHT)

    def trades_of_order(self, symbol: Symbol, order_id: int) -> list[Trade]:
        """Read the trades of one order, by ascending id."""
        found: list[Trade] = []
        fields = {"symbol": str(symbol), "orderId": str(order_id)}
        for _ in range(_PAGES_MAX):
            page = self._trades(fields, _TRADES_OF_ORDER_WEIGHT)
            found += (trade for trade in page if trade.order_id == order_id)
            if len(page) < _PAGE:
                return found
            fields["fromId"] = str(page[-1].id + 1)
        raise unreadable("far too many trades")

    def trades_between(
        self, symbol: Symbol, start_ms: int, end_ms: int
    ) -> Iterator[list[Trade]]:
        """Read the trades of a span of the venue's time, page by page.

        Yields:
            Trades by ascending id, each once over all pages; the last page may extend
            beyond the end.
        """
        span_ms = start_ms
        fields = {"symbol": str(symbol)}
        last_id = -1
        pages = 0
        while pages < _PAGES_MAX:
            if last_id < 0:
                until_ms = span_ms + _DAY_MS
                span = {"startTime": str(span_ms), "endTime": str(until_ms)}
                is_last = until_ms >= end_ms
                span_ms = until_ms
            else:  # with fromId, a span is neither needed nor allowed
                span = {"fromId": str(last_id + 1)}
                is_last = True
            page = self._trades(fields | span, _LIST_WEIGHT)
            if page:
                last_id = page[-1].id
                pages += 1
                yield page
            is_beyond = bool(page) and page[-1].time > end_ms
            if is_beyond or (len(page) < _PAGE and is_last):
                return
        raise unreadable("far too many trades")

    def names_of(self, symbol: Symbol, order_ids: Collection[int]) -> Mapping[int, str]:
        """Return the client order ids of the orders that exist."""
        names: dict[int, str] = {}
        for order_id in order_ids:
            if name := self._names.find(symbol, order_id):
                names[order_id] = name
        unknown = sorted(set(order_ids) - names.keys())
        is_list_helpful = True
        while unknown:
            first = unknown[0]
            listed: dict[int, str] = {}
            if is_list_helpful and len(unknown) > _WORTH_A_LIST:
                listed = self._names_from(symbol, first)
            if first not in listed:
                listed[first] = self.order(symbol, first).client_order_id
            found = {one: listed[one] for one in unknown if one in listed}
            # Otherwise it lags behind the trades, or most orders in it have none.
            is_list_helpful = len(found) > _WORTH_A_LIST
            for order_id, name in found.items():
                self._names.note(symbol, order_id, name)
            names |= found
            unknown = [one for one in unknown if one not in found]
        return names

    def order(self, symbol: Symbol, order_id: int) -> OrderState:
        """Read one order."""
        return self._order({"symbol": str(symbol), "orderId": str(order_id)})

    def order_named(self, symbol: Symbol, client_order_id: str) -> OrderState:
        """Read one order by its client order id."""
        fields = {"symbol": str(symbol), "origClientOrderId": client_order_id}
        return self._order(fields)

    def _names_from(self, symbol: Symbol, order_id: int) -> dict[int, str]:
        """Read the orders from one on, traded or not."""
        fields = {
            "symbol": str(symbol),
            "orderId": str(order_id),
            "limit": str(_PAGE),
        }
        orders = self._orders("/api/v3/allOrders", fields, _LIST_WEIGHT)
        return {order.order_id: order.client_order_id for order in orders}

    def _order(self, fields: Mapping[str, str]) -> OrderState:
        body = self._ask(ORDER_PATH, fields, _ORDER_WEIGHT)
        try:
            return read_order(body)
        except MalformedMessageError as error:
            raise unreadable(error) from error

    def _orders(
        self, path: str, fields: Mapping[str, str], weight: int
    ) -> list[OrderState]:
        body = self._ask(path, fields, weight)
        try:
            orders = read_orders(body)
        except MalformedMessageError as error:
            raise unreadable(error) from error
        if any(order.symbol != fields["symbol"] for order in orders):
            raise unreadable("orders of another symbol")
        return orders

    def _trades(self, fields: Mapping[str, str], weight: int) -> list[Trade]:
        asked = {**fields, "limit": str(_PAGE)}
        body = self._ask("/api/v3/myTrades", asked, weight)
        try:
            trades = read_trades(body)
        except MalformedMessageError as error:
            raise unreadable(error) from error
        if any(trade.symbol != fields["symbol"] for trade in trades):
            raise unreadable("trades of another symbol")
        return sorted(trades, key=lambda trade: trade.id)

    def _ask(self, path: str, fields: Mapping[str, str], weight: int) -> bytes:
        body = self._calls.read(path, fields, weight=weight, use=self._use)
        if isinstance(body, Failure):
            raise UnreadableError(body)
        return body
