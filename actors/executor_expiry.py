"""When an order that does not wait for ever has to be looked at."""

from actors.messages.lives import TimerDue
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import Place
from actors.runtime.timers import Timer
from domain.order import Order


def remind_of_expiry(place: Place, address: ActorAddress, order: Order) -> Timer | None:
    """Have TimerDue told when the order expires, if that is still to come."""
    if order.expires_at is None:
        return None
    left = (order.expires_at - place.runtime.clock.now()).total_seconds()
    if left <= 0:
        return None
    due = TimerDue(what=order.order_id)
    return place.runtime.timers.schedule(left, address, due)
