"""Picking open orders up again: the same at every start of a symbol or the manager."""

import logging

from actors import names
from actors.messages import (
    AnyRecipient,
    LoadOpenOrders,
    OpenOrdersLoaded,
    Recovered,
    RecoveryFinished,
    RecoveryStarting,
    StartExecutor,
)
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import Place
from domain.values import Symbol


logger = logging.getLogger(__name__)


class Recovery:
    """The manager's part that reads open orders page by page.

    A symbol supervisor that has none of them running starts an executor for each.
    """

    def __init__(
        self, place: Place, address: ActorAddress, symbols: tuple[Symbol, ...]
    ) -> None:
        self._place = place
        self._address = address
        self._after: dict[Symbol, int] = {}
        self._counts: dict[Symbol, int] = {}
        self._never_finished = set(symbols)
        self._waiting: list[AnyRecipient] = []

    def begin(self, symbol: Symbol) -> None:
        """Read the symbol's open orders from the first one on."""
        supervisor = names.symbol_supervisor(symbol)
        # Told before the read: see RecoveryStarting.
        self._place.tell(supervisor, RecoveryStarting())
        self._after[symbol] = 0
        self._counts[symbol] = 0
        self._load(symbol)

    def page_loaded(self, page: OpenOrdersLoaded) -> None:
        """Hand a page over, and read the next one; an empty one is the last."""
        symbol = page.symbol
        after = self._after.get(symbol)
        if after is None:
            return
        if not page.orders:
            self._finish(symbol)
            return
        if page.orders[0].order.sequence <= after:
            return  # read twice, around a restart of the ledger
        supervisor = names.symbol_supervisor(symbol)
        for found in page.orders:
            order_id = found.order.order_id
            start = StartExecutor(order_id=order_id, open_order=found)
            self._place.tell(supervisor, start)
        self._counts[symbol] += len(page.orders)
        self._after[symbol] = page.orders[-1].order.sequence
        self._load(symbol)

    def load_again(self) -> None:
        """Say again what a new ledger may not have heard."""
        for symbol in self._after:
            self._load(symbol)

    def await_end(self, reply_to: AnyRecipient) -> None:
        """Answer ``Recovered`` once every symbol was read to its end."""
        self._waiting.append(reply_to)
        self._answer_if_finished()

    def _load(self, symbol: Symbol) -> None:
        message = LoadOpenOrders(
            symbol=symbol, after_sequence=self._after[symbol], reply_to=self._address
        )
        self._place.tell(names.LEDGER, message)

    def _finish(self, symbol: Symbol) -> None:
        del self._after[symbol]
        count = self._counts[symbol]
        logger.info("Recovery finished symbol=%s orders=%s", symbol, count)
        finished = RecoveryFinished(orders=count)
        self._place.tell(names.symbol_supervisor(symbol), finished)
        self._never_finished.discard(symbol)
        self._answer_if_finished()

    def _answer_if_finished(self) -> None:
        if self._never_finished:
            return
        waiting, self._waiting = self._waiting, []
        for reply_to in waiting:
            reply_to.tell(Recovered(orders=sum(self._counts.values())))
