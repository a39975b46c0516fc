"""Messages about starting, recovering and stopping."""

from dataclasses import dataclass

from domain.orders.order import Order
from domain.values import OrderId, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted:
    """Manager to symbol supervisor, a wake-up: this order is on disk, to be worked.

    May be lost, come twice or be overtaken: the supervisor reads the open orders from
    disk whenever it may have missed one.
    """

    order: Order
    """As it was written."""

    is_new: bool
    """Whether it was written just now; else it may have progressed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderProgress:
    """Executor to manager: an order as it is on disk.

    Sent for symbols whose open notional is limited; for others only when the order is
    put on hold, or released.
    """

    order: Order
    is_amendment_refused: bool = False
    """Whether the last amendment was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEnded:
    """Executor to manager: the order had ended before this executor was started.

    A predecessor may have failed before it could report the end.
    """

    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRecovered:
    """Symbol supervisor to manager: all open orders that were found have executors."""

    symbol: Symbol
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopIntake:
    """Root supervisor to manager: refuse new orders from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """Stop without losing anything: settle what is in flight, then end."""

    cancel_orders: bool
    """Whether to cancel open orders, or to leave them open on disk."""
