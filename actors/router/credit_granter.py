"""The router's part of the credit between it and the listener."""

from actors import names
from actors.messages.routing import CREDIT_STEP, Credit
from actors.runtime.runtime import ActorContext
from domain.values import Symbol


class CreditGranter:
    """Grants the listener as many updates as were handled, several at a time."""

    def __init__(self, context: ActorContext, symbol: Symbol) -> None:
        self._context = context
        self._listener = names.listener(symbol)
        self._uncredited = 0

    def updates_done(self, count: int) -> None:
        """Note updates that were handled."""
        self._uncredited += count
        if self._uncredited >= CREDIT_STEP:
            self._context.tell(self._listener, Credit(updates=self._uncredited))
            self._uncredited = 0
