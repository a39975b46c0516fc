"""Which open orders are on hold: for whoever has to look at them."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from actors.messages.ledger import OpenOrdersLoaded
from domain.orders.order import Order
from domain.values import OrderId, Symbol


logger = logging.getLogger(__name__)


class OnHoldRegister:
    """The manager's part that knows which orders wait for a person.

    What it is told of is on disk, and is told in the order in which it got there.
    """

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        """Know of none yet.

        Args:
            symbols: of which orders may be open.
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
        """Take an order out: it has ended."""
        self._held.pop(order_id, None)

    def page_read(self, page: OpenOrdersLoaded) -> None:
        """Take some of the open orders of a symbol; with the first page, count anew."""
        if not page.after_sequence:
            symbol = page.symbol
            self._held = {one: of for one, of in self._held.items() if of != symbol}
        for found in page.orders:
            self.note(found.order)

    def all_read(self, symbol: Symbol) -> None:
        """Say how many a reading has found, if any."""
        if count := self.counts()[symbol]:
            logger.warning("Orders on hold symbol=%s orders=%s", symbol, count)

    def order_ids(self) -> AbstractSet[OrderId]:
        """Return those that are on hold."""
        return self._held.keys()

    def counts(self) -> Mapping[Symbol, int]:
        """Return how many there are, for each symbol."""
        counts = Counter(self._held.values())
        return {symbol: counts[symbol] for symbol in self._symbols}
