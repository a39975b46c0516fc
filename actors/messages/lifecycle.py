"""About the lives of actors: starting, recovering, stopping."""

from dataclasses import dataclass

from domain.orders.journal import OpenOrder
from domain.orders.order import Order
from domain.values import OrderId, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class StartExecutor:
    """Manager to symbol supervisor: work this order, unless that is being done."""

    order_id: OrderId
    open_order: OpenOrder | None
    """None: the executor reads it from disk, because what we know may be old."""

    recovery: str | None = None
    """The recovery that read it; None for an order that was just taken in."""


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
class SymbolStarted:
    """Symbol supervisor to manager: send me the symbol's open orders."""

    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStarting:
    """Manager to symbol supervisor: open orders are about to be read.

    From now until RecoveryFinished, an order that ends must not be started again: what
    was read may be older than its end. What earlier recoveries read is not valid any
    more: another supervisor may have had the orders worked meanwhile.
    """

    recovery: str
    """Unique among all recoveries of all managers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryFinished:
    """Manager to symbol supervisor: all open orders that were read have been sent."""

    recovery: str
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopIntake:
    """Root supervisor to manager: refuse new orders from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """Stop without losing anything: settle what is in flight, then end."""

    cancel_orders: bool
    """Whether open orders are cancelled, or stay open on disk."""
