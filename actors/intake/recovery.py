"""Which symbols have recovered their open orders since the manager was started."""

from collections.abc import Iterable

from actors.messages.client_requests import Recovered
from actors.messages.lifecycle import SymbolRecovered
from actors.runtime.addresses import AnyRecipient
from domain.values import Symbol


class RecoveryCount:
    """The manager's part that says when every symbol has recovered its orders."""

    def __init__(self, *, traded: Iterable[Symbol], untraded: Iterable[Symbol]) -> None:
        self._untraded = frozenset(untraded)
        self._missing = {*traded, *self._untraded}
        self._counts: dict[Symbol, int] = {}
        self._waiting: list[AnyRecipient] = []

    def note(self, message: SymbolRecovered) -> None:
        """Count a symbol's recovered orders."""
        self._missing.discard(message.symbol)
        self._counts[message.symbol] = message.orders
        self._answer_if_complete()

    def await_end(self, reply_to: AnyRecipient) -> None:
        """Answer ``Recovered`` once all symbols have recovered."""
        self._waiting.append(reply_to)
        self._answer_if_complete()

    def _answer_if_complete(self) -> None:
        if self._missing:
            return
        waiting, self._waiting = self._waiting, []
        every = sum(self._counts.values())
        untraded = sum(self._counts[symbol] for symbol in self._untraded)
        recovered = Recovered(orders=every - untraded, untraded_orders=untraded)
        for reply_to in waiting:
            reply_to.tell(recovered)
