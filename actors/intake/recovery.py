"""Picking open orders up again: the same at every start of a symbol or the manager."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from actors import names
from actors.messages.desk import Recovered
from actors.messages.journal import LoadOpenOrders, OpenOrdersLoaded
from actors.messages.lifecycle import RecoveryFinished, RecoveryStarting, StartExecutor
from actors.runtime.addresses import ActorAddress, AnyRecipient
from actors.runtime.runtime import ActorContext
from domain.values import Symbol


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How far the open orders of one symbol were read."""

    recovery: str
    after_sequence: int = 0
    orders: int = 0


class Recovery:
    """The manager's part that reads open orders page by page.

    A symbol supervisor that has none of them running starts an executor for each.
    """

    def __init__(
        self,
        context: ActorContext,
        address: ActorAddress,
        *,
        traded: Iterable[Symbol],
        untraded: Iterable[Symbol],
    ) -> None:
        self._context = context
        self._address = address
        self._untraded = frozenset(untraded)
        self._begun = 0
        self._readings: dict[Symbol, _Reading] = {}
        self._counts: dict[Symbol, int] = {}
        self._never_finished = {*traded, *untraded}
        self._waiting: list[AnyRecipient] = []

    def begin(self, symbol: Symbol) -> None:
        """Read the symbol's open orders from the first one on."""
        self._begun += 1
        recovery = f"{self._address.ref.actor_urn}#{self._begun}"
        # Told before the read: see RecoveryStarting.
        self._tell(symbol, RecoveryStarting(recovery=recovery))
        self._readings[symbol] = _Reading(recovery=recovery)
        self._load(symbol)

    def expects(self, page: OpenOrdersLoaded) -> bool:
        """Whether a page is neither of a recovery begun anew since, nor read twice."""
        reading = self._readings.get(page.symbol)
        expected = reading and (reading.recovery, reading.after_sequence)
        return expected == (page.recovery, page.after_sequence)

    def page_loaded(self, page: OpenOrdersLoaded) -> None:
        """Hand such a page over, and read the next one; an empty one is the last."""
        symbol = page.symbol
        reading = self._readings[symbol]
        if not page.orders:
            self._finish(symbol, reading)
            return
        for found in page.orders:
            start = StartExecutor(
                order_id=found.order.order_id,
                open_order=found,
                recovery=reading.recovery,
            )
            self._tell(symbol, start)
        self._readings[symbol] = replace(
            reading,
            after_sequence=page.orders[-1].order.sequence,
            orders=reading.orders + len(page.orders),
        )
        self._load(symbol)

    def load_again(self) -> None:
        """Say again what a new ledger may not have heard."""
        for symbol in self._readings:
            self._load(symbol)

    def await_end(self, reply_to: AnyRecipient) -> None:
        """Answer ``Recovered`` once every symbol was read to its end."""
        self._waiting.append(reply_to)
        self._answer_if_finished()

    def _load(self, symbol: Symbol) -> None:
        reading = self._readings[symbol]
        message = LoadOpenOrders(
            recovery=reading.recovery,
            symbol=symbol,
            after_sequence=reading.after_sequence,
            reply_to=self._address,
        )
        self._context.tell(names.LEDGER, message)

    def _finish(self, symbol: Symbol, reading: _Reading) -> None:
        del self._readings[symbol]
        self._counts[symbol] = reading.orders
        logger.info("Recovery finished symbol=%s orders=%s", symbol, reading.orders)
        finished = RecoveryFinished(recovery=reading.recovery, orders=reading.orders)
        self._tell(symbol, finished)
        self._never_finished.discard(symbol)
        self._answer_if_finished()

    def _tell(self, symbol: Symbol, message: Any) -> None:
        self._context.tell(names.symbol_supervisor(symbol), message)

    def _answer_if_finished(self) -> None:
        if self._never_finished:
            return
        waiting, self._waiting = self._waiting, []
        every = sum(self._counts.values())
        untraded = sum(self._counts[symbol] for symbol in self._untraded)
        recovered = Recovered(orders=every - untraded, untraded_orders=untraded)
        for reply_to in waiting:
            reply_to.tell(recovered)
