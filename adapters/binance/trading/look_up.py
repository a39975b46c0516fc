"""Finds out what became of a child order that may have been sent.

Source: Binance spot API documentation, query order, open orders and account trades
(2026-07-21). The venue's answers come from caches and databases that lag behind each
other, so "done" needs trades that add up, and "absent" needs every source to be silent.
"""

import logging
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from adapters.binance.trading.calls import ORDER_PATH, Failure, VenueCalls
from adapters.binance.trading.errors import ABSENT, ARCHIVED, Outcome
from adapters.binance.trading.order_bodies import (
    OrderState,
    Trade,
    fills_of_trades,
    read_order,
    read_orders,
    read_trades,
)
from adapters.binance.trading.settlement import (
    done,
    problem_of,
    settle,
    unknown,
)
from domain.errors import MalformedMessageError
from domain.execution import ChildOrder
from domain.ports import Clock
from domain.values import ZERO, Side, Symbol
from domain.venue import VenueAnswer


logger = logging.getLogger(__name__)

ORDER_WEIGHT: Final = 4
OPEN_ORDERS_WEIGHT: Final = 6
TRADES_WEIGHT: Final = 20
TRADES_OF_ORDER_WEIGHT: Final = 5
PAGE: Final = 1000
_PAGES_MAX: Final = 20
_ORDERS_ASKED_MAX: Final = 40
_BEFORE: Final = timedelta(minutes=5)
_MILLISECOND: Final = timedelta(milliseconds=1)
_NAMES_MAX: Final = 10_000


class OrderNames:
    """Which client order id an order of the venue has, of the latest ones seen."""

    def __init__(self) -> None:
        self._names: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, symbol: str, order_id: int, name: str) -> None:
        """Remember one."""
        with self._lock:
            self._names[symbol, order_id] = name
            if len(self._names) > _NAMES_MAX:
                self._names.popitem(last=False)

    def find(self, symbol: str, order_id: int) -> str | None:
        """Return the client order id; None when it was not seen, or long ago."""
        return self._names.get((symbol, order_id))


class LookUp:
    """Asks about one child at a time. For any number of threads."""

    def __init__(self, *, calls: VenueCalls, clock: Clock, names: OrderNames) -> None:
        self._calls = calls
        self._clock = clock
        self._names = names

    def by_id(self, child: ChildOrder) -> VenueAnswer:
        """Ask for the child by its own id, and for its trades."""
        fields = {"symbol": child.symbol, "origClientOrderId": child.child_id}
        found = self._order(fields)
        if isinstance(found, Failure):
            return _of_failure(child, found)
        return self.judge(child, found)

    def thoroughly(self, child: ChildOrder, since: datetime) -> VenueAnswer:
        """Search open orders and trades for a child that its id does not find."""
        try:
            return self._among_open(child) or self._among_trades(child, since)
        except _SearchEndedError as ended:
            return ended.answer

    def judge(self, child: ChildOrder, order: OrderState) -> VenueAnswer:
        """Say what the venue's description of the child amounts to."""
        self._names.note(order.symbol, order.order_id, child.child_id)
        if problem := self._calls.hide(problem_of(child, order)):
            logger.error(
                "Venue describes a child order wrongly child_id=%s problem=%s",
                child.child_id,
                problem,
            )
            return unknown(problem)
        if not order.is_final():
            return unknown(f"the order is {order.status or 'acknowledged'}")
        if order.executed_qty == ZERO:
            return done(child, order, ())
        trades = self._trades_of(child, order)
        if isinstance(trades, Failure):
            return unknown(f"no trades: {trades.detail}", trades)
        return settle(child, order, fills_of_trades(trades))

    def _order(self, fields: dict[str, str]) -> OrderState | Failure:
        body = self._calls.read(ORDER_PATH, fields, weight=ORDER_WEIGHT)
        if isinstance(body, Failure):
            return body
        try:
            return read_order(body)
        except MalformedMessageError as error:
            return _unreadable(error)

    def _trades_of(self, child: ChildOrder, order: OrderState) -> list[Trade] | Failure:
        fields = {"symbol": str(child.symbol), "orderId": str(order.order_id)}
        trades = self._pages(fields, TRADES_OF_ORDER_WEIGHT)
        if isinstance(trades, Failure):
            return trades
        own = [trade for trade in trades if trade.order_id == order.order_id]
        if any(_is_foreign(trade, child) for trade in own):
            return _unreadable("trades of another side or symbol")
        return own

    def _pages(self, fields: dict[str, str], weight: int) -> list[Trade] | Failure:
        """Read all trades that the fields select, a page after the other."""
        found: list[Trade] = []
        for _ in range(_PAGES_MAX):
            asked = {**fields, "limit": str(PAGE)}
            body = self._calls.read("/api/v3/myTrades", asked, weight=weight)
            if isinstance(body, Failure):
                return body
            try:
                page = read_trades(body)
            except MalformedMessageError as error:
                return _unreadable(error)
            found += page
            if len(page) < PAGE:
                return found
            fields = {name: fields[name] for name in fields if name != "startTime"}
            fields["fromId"] = str(max(trade.id for trade in page) + 1)
        return _unreadable("far too many trades")

    def _among_open(self, child: ChildOrder) -> VenueAnswer | None:
        fields = {"symbol": str(child.symbol)}
        body = self._calls.read("/api/v3/openOrders", fields, weight=OPEN_ORDERS_WEIGHT)
        if isinstance(body, Failure):
            raise _SearchEndedError(unknown(f"no open orders: {body.detail}", body))
        try:
            orders = read_orders(body)
        except MalformedMessageError as error:
            raise _SearchEndedError(unknown(str(error))) from error
        if any(order.client_order_id == child.child_id for order in orders):
            return unknown("the order is open")
        return None

    def _among_trades(self, child: ChildOrder, since: datetime) -> VenueAnswer:
        start_ms = self._venue_ms(since - _BEFORE)
        fields = {"symbol": str(child.symbol), "startTime": str(start_ms)}
        trades = self._pages(fields, TRADES_WEIGHT)
        if isinstance(trades, Failure):
            return unknown(f"no trades: {trades.detail}", trades)
        ids = {t.order_id: None for t in trades if not _is_foreign(t, child)}
        asked = 0
        for order_id in ids:
            name = self._names.find(child.symbol, order_id)
            if name is not None and name != child.child_id:
                continue
            if asked == _ORDERS_ASKED_MAX:
                return unknown("more orders have traded than were looked at")
            asked += 1
            order = self._by_number(child.symbol, order_id)
            if order.client_order_id == child.child_id:
                return self.judge(child, order)
        return VenueAnswer(is_absent=True, detail="no order, nothing open, no trade")

    def _by_number(self, symbol: Symbol, order_id: int) -> OrderState:
        order = self._order({"symbol": symbol, "orderId": str(order_id)})
        if isinstance(order, Failure):
            detail = f"order {order_id} has traded, but: {order.detail}"
            raise _SearchEndedError(unknown(detail, order))
        self._names.note(symbol, order_id, order.client_order_id)
        return order

    def _venue_ms(self, moment: datetime) -> int:
        """Translate a moment of our wall clock, which may be wrong, to the venue's."""
        now_ms = self._calls.server_clock.timestamp_ms()
        if now_ms is None:
            raise _SearchEndedError(unknown("the venue does not tell its time"))
        ago = max(self._clock.now() - moment, _BEFORE)
        return now_ms - ago // _MILLISECOND


class _SearchEndedError(Exception):
    """A source did not answer, so that the search proves nothing."""

    def __init__(self, answer: VenueAnswer) -> None:
        super().__init__(answer.detail)
        self.answer = answer


def _of_failure(child: ChildOrder, failure: Failure) -> VenueAnswer:
    if failure.code == ABSENT:
        return VenueAnswer(is_absent=True, detail=failure.detail)
    if failure.code == ARCHIVED:
        return done(child, None, (), reason=failure.detail)
    return unknown(failure.detail, failure)


def _is_foreign(trade: Trade, child: ChildOrder) -> bool:
    is_buy = child.side is Side.BUY
    return trade.is_buyer is not is_buy or trade.symbol != child.symbol


def _unreadable(problem: object) -> Failure:
    return Failure(outcome=Outcome.UNKNOWN, detail=str(problem))
