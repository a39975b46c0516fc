"""Requests of clients and operators, from the desk to the actor that answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from actors.runtime.addresses import AnyRecipient
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    PauseOrder,
    PlaceOrder,
    ReleaseOrder,
    SettleChild,
)
from domain.orders.order import Order
from domain.risk.limits import RiskLimits
from domain.values import OrderId, Symbol
from domain.venue.symbol_rules import SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRequest:
    """Desk to manager. The same id may come twice; the order is made once."""

    order_id: OrderId
    command: PlaceOrder
    reply_to: AnyRecipient
    is_resent: bool = False
    """Whether an earlier manager may have recorded it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """Desk to manager to symbol supervisor to executor."""

    command: CancelOrder
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendRequest:
    """As CancelRequest; the manager fills in ``sequence``."""

    command: AmendOrder
    reply_to: AnyRecipient
    sequence: int = 0
    """The order's new rank, if the amendment costs it the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequest:
    """As CancelRequest."""

    command: ReleaseOrder
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleRequest:
    """As CancelRequest."""

    command: SettleChild
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRequest:
    """As CancelRequest."""

    command: PauseOrder
    reply_to: AnyRecipient


OrderRequest = (
    CancelRequest | AmendRequest | ReleaseRequest | SettleRequest | PauseRequest
)
"""A request about an order with an executor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitRecovery:
    """Desk to manager: answer ``Recovered`` once all open orders have executors."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Manager's answer: how many open orders there are."""

    orders: int
    """Of symbols that are traded."""

    untraded_orders: int = 0
    """Of other symbols; these orders can only end."""

    @property
    def counts(self) -> tuple[int, int]:
        """Both."""
        return self.orders, self.untraded_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHolds:
    """Desk to manager, answered with ``OrdersOnHold``."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersOnHold:
    """Manager's answer: how many open orders are on hold."""

    counts: Mapping[Symbol, int]
    """For each symbol that may have open orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunRequest:
    """Desk to manager, answered with a ``DryRun``."""

    command: PlaceOrder
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterQuestion:
    """To a router, which answers and changes nothing; ``Question`` lists all kinds."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunOrder(RouterQuestion):
    """Manager to router: work this order for a try; answered with a ``DryRun``."""

    order: Order
    rules: SymbolRules
    limits: RiskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class GetExecutor:
    """Desk to executor, answered with an ``ExecutorSnapshot``."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMarketNow(RouterQuestion):
    """Desk to router: what is there for this order? Answered with a ``MarketNow``."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class GetWaiting(RouterQuestion):
    """Desk to router: which orders wait? Answered with a tuple of WaitingOrders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBook(RouterQuestion):
    """Desk to router."""

    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSymbolStatus(RouterQuestion):
    """Desk to router, answered with a ``domain.readiness.SymbolStatus``.

    If there is none, to the symbol's supervisor, which knows why.
    """
