"""What clients and operators ask, on its way from the desk to whoever answers it."""

from collections.abc import Mapping
from dataclasses import dataclass

from actors.runtime.addresses import AnyRecipient
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    PlaceOrder,
    ReleaseOrder,
    SettleChild,
)
from domain.values import OrderId, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRequest:
    """Desk to manager. The same id may come twice; the order is made once."""

    order_id: OrderId
    command: PlaceOrder
    reply_to: AnyRecipient
    is_resent: bool = False
    """Whether an earlier manager may have taken it in already."""


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
    """The place in line, should the amendment cost the order its old one."""


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


OrderRequest = CancelRequest | AmendRequest | ReleaseRequest | SettleRequest
"""What is asked about an order that is worked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitRecovery:
    """Edge to manager: answer ``Recovered`` when all open orders are worked again."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Manager's answer: how many there are."""

    orders: int
    """Of the symbols that are traded."""

    untraded_orders: int = 0
    """Of others, which can only end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHolds:
    """Desk to manager, answered with ``OrdersOnHold``."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersOnHold:
    """Manager's answer: how many open orders wait for a person."""

    counts: Mapping[Symbol, int]
    """For each symbol of which orders may be open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBook:
    """Desk to router."""

    limit: int
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSymbolStatus:
    """Desk to router, answered with a ``domain.readiness.SymbolStatus``.

    Where there is none, to the symbol's supervisor, who knows why.
    """

    reply_to: AnyRecipient
