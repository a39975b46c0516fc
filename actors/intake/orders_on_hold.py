"""Which open orders are on hold, and wait for a person."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from actors.messages.ledger import OpenOrdersLoaded
from domain.orders.order import Order
from domain.values import OrderId, Symbol


logger = logging.getLogger(__name__)


class OnHoldRegister:
    """The manager's part that knows which orders are on hold.

    Every order it is given is on disk, and comes in the order of the commits.
    """

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        """Make an empty register.

        Args:
            symbols: those that may have open orders.
        """
        self._symbols = tuple(symbols)
        self._held: dict[OrderId, Symbol] = {}

    def note(self, order: Order) -> None:
        """Take an order as it is now."""
        if order.is_on_hold:
            self._held[order.order_id] = order.symbol
        else:
            self._held.pop(order.order_id, None)

    def forget(self, order_id: OrderId) -> None:
        """Drop an order: it has ended."""
        self._held.pop(order_id, None)

    def page_read(self, page: OpenOrdersLoaded) -> None:
        """Take a page of a symbol's open orders; the first page starts a new count."""
        if not page.after_sequence:
            symbol = page.symbol
            self._held = {one: of for one, of in self._held.items() if of != symbol}
        for found in page.orders:
            self.note(found.order)

    def all_read(self, symbol: Symbol) -> None:
        """Log how many orders on hold a reading has found, if any."""
        if count := self.counts()[symbol]:
            logger.warning("Orders on hold symbol=%s orders=%s", symbol, count)

    def order_ids(self) -> AbstractSet[OrderId]:
        """Return the orders that are on hold."""
        return self._held.keys()

    def counts(self) -> Mapping[Symbol, int]:
        """Return how many orders are on hold, for each symbol."""
        counts = Counter(self._held.values())
        return {symbol: counts[symbol] for symbol in self._symbols}
