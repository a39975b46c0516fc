"""Self-trade prevention: what happens when an account would trade with itself.

stp-faq.md (read 2026-07-21): the taker's mode decides; TRANSFER acts as DECREMENT
where both orders are of one account.
"""

from adapters.simulated_exchange.market.order_book import OrderBook
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.orders import ExchangeOrder, Status
from adapters.simulated_exchange.trading.settlement import Settlement


class SelfTrades:
    """Prevents them."""

    def __init__(self, ledger: OrderLedger, settlement: Settlement) -> None:
        """Expire orders through these."""
        self._ledger = ledger
        self._settlement = settlement

    def prevent(
        self, taker: ExchangeOrder, maker: ExchangeOrder, left: int, book: OrderBook
    ) -> int:
        """Expire one order or both; return what the taker may still take."""
        match_id = self._ledger.next_match_id()
        size = min(left, maker.left)
        if taker.prevention in {"DECREMENT", "TRANSFER"}:
            self._reduce(maker, size, match_id, book)
            self._reduce(taker, size, match_id, None)
            return left - size
        if taker.prevention != "EXPIRE_TAKER":
            self._reduce(maker, maker.left, match_id, book)
        if taker.prevention != "EXPIRE_MAKER":
            self._reduce(taker, taker.left, match_id, None)
            return 0
        return left

    def _reduce(
        self, order: ExchangeOrder, size: int, match_id: int, book: OrderBook | None
    ) -> None:
        order.prevented += size
        order.prevented_match_id = match_id
        kind, handle = "TRADE_PREVENTION", order.handle
        if order.left:
            if handle is not None and book is not None:
                book.shrink(handle, order.left)
            self._settlement.relock(order)
        else:
            kind = "EXPIRED"
            if handle is not None and book is not None:
                book.leave(handle)
            self._settlement.close(order, Status.EXPIRED_IN_MATCH)
        self._settlement.events.report(order, kind)
        self._settlement.tell_position(order)
