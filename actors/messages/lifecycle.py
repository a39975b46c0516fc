"""About the lives of actors: starting, recovering, stopping."""

from dataclasses import dataclass

from domain.orders.order import Order
from domain.values import OrderId, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted:
    """Manager to symbol supervisor, a wake-up: this order is on disk, to be worked.

    It may be lost, come twice or be overtaken: the supervisor reads the open orders
    from disk whenever it may have missed one.
    """

    order: Order
    """As it was written."""

    is_new: bool
    """Whether it was written just now; else it may have gone on since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderProgress:
    """Executor to manager: how far an order got, as it is on disk.

    Told where what is open is limited; else only when the order is put on hold, or is
    on hold no more.
    """

    order: Order
    is_amendment_refused: bool = False
    """Whether the last amendment that it was sent has come to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEnded:
    """Executor to manager: an order ended before the executor was started.

    Its predecessor may have failed before it could say so.
    """

    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRecovered:
    """Symbol supervisor to manager: all orders that were found open are worked."""

    symbol: Symbol
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopIntake:
    """Root supervisor to manager: refuse new orders from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """Stop without losing anything: settle what is in flight, then end."""

    cancel_orders: bool
    """Whether open orders are cancelled, or stay open on disk."""
