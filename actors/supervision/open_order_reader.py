"""Reads a symbol's open orders from disk: new ones, and those of earlier runs."""

import logging

from actors import names
from actors.messages.ledger import LoadOpenOrders, OpenOrdersLoaded
from actors.messages.lifecycle import OrderAccepted, SymbolRecovered
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from domain.orders.stored_orders import OpenOrder
from domain.values import Symbol


logger = logging.getLogger(__name__)


class OpenOrderReader:
    """The symbol supervisor's part that reads open orders by ascending sequence.

    A reading always begins with the lowest sequence, because sequences do not reach the
    disk in order: an order that a failed ledger lost is written after later ones, and
    an amendment may give an order a higher one.

    The ledger answers the supervisor directly, before it writes anything more. So a
    page arrives before any news of its orders since: an executor that ended after the
    page was read is still known as running when the page arrives.
    """

    def __init__(
        self, context: ActorContext, address: ActorAddress, symbol: Symbol
    ) -> None:
        self._context = context
        self._address = address
        self._symbol = symbol
        self._begun = 0
        self._reading = ""
        """The reading under way; empty when there is none."""

        self._after_sequence = 0
        self._orders = 0
        self._manager: ActorAddress | None = None
        self._seen_up_to: int | None = None
        """The highest sequence seen on disk or in a wake-up; None until a page has
        come."""

    @property
    def has_begun(self) -> bool:
        """Whether any reading has begun."""
        return self._begun > 0

    @property
    def is_reading(self) -> bool:
        """Whether a reading is under way."""
        return bool(self._reading)

    def begin(self) -> None:
        """Read from the start; a reading under way is abandoned."""
        self._begun += 1
        self._reading = f"{self._address.ref.actor_urn}#{self._begun}"
        self._after_sequence = self._orders = 0
        # This manager, not its successor, which needs a reading from its start.
        self._manager = self._context.runtime.directory.lookup(names.MANAGER)
        self._ask()

    def ask_again(self) -> None:
        """Repeat to a new ledger the request that its predecessor may have lost."""
        if self._reading:
            self._ask()

    def take(self, page: OpenOrdersLoaded) -> tuple[OpenOrder, ...]:
        """Return the orders of a page, and ask for the next; an empty one is the last.

        Of a page that comes twice, or from an earlier reading, none are returned.
        """
        expected = (self._reading, self._after_sequence)
        if (page.reading, page.after_sequence) != expected:
            return ()
        self._seen_up_to = max(self._seen_up_to or 0, page.last_sequence)
        if page.orders:
            self._after_sequence = page.orders[-1].order.sequence
            self._orders += len(page.orders)
            self._ask()
        else:
            self._finish()
        return page.orders

    def as_told(self, message: OrderAccepted) -> OpenOrder | None:
        """Return a new order as the wake-up carries it; None: it has to be read.

        The wake-up is up to date if no executor can have worked the order yet: if the
        order was not on disk at the last reading, and this is its first wake-up.
        """
        seen, sequence = self._seen_up_to, message.order.sequence
        if seen is None or sequence <= seen:
            return None
        self._seen_up_to = sequence
        if not message.is_new:
            return None
        return OpenOrder(order=message.order, unresolved=None, is_new=True)

    def _ask(self) -> None:
        message = LoadOpenOrders(
            reading=self._reading,
            symbol=self._symbol,
            after_sequence=self._after_sequence,
            reply_to=self._address,
            copy_to=self._manager,
        )
        self._context.tell(names.LEDGER, message)

    def _finish(self) -> None:
        self._reading = ""
        logger.info("Recovery finished symbol=%s orders=%s", self._symbol, self._orders)
        if self._manager is not None:
            recovered = SymbolRecovered(symbol=self._symbol, orders=self._orders)
            self._manager.tell(recovered)
