"""When an order that does not wait for ever has to be looked at."""

from actors.messages.timers import ExpiryDue
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import Timer
from domain.orders.order import Order


class ExpiryReminder:
    """Has an executor told ExpiryDue when its order expires."""

    __slots__ = ("_address", "_context", "_timer")

    def __init__(self, context: ActorContext, address: ActorAddress) -> None:
        self._context = context
        self._address = address
        self._timer: Timer | None = None

    def remind(self, order: Order) -> None:
        """Have it told when ``order`` expires, if that is still to come."""
        runtime, expires_at = self._context.runtime, order.expires_at
        if expires_at is not None and expires_at > runtime.clock.now():
            self.cancel()
            timers = runtime.timers
            self._timer = timers.schedule_at(expires_at, self._address, ExpiryDue())

    def cancel(self) -> None:
        """Forget it; it would keep the executor in memory until it is due."""
        if self._timer is not None:
            self._timer.cancel()
