"""Between listener, router and executor: who waits, who is offered what."""

from dataclasses import dataclass

from actors.runtime.addresses import AnyRecipient
from domain.execution import Slice
from domain.matching import WaitingOrder
from domain.reasons import BookState
from domain.values import OrderId, Side, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Router to listener: so many more updates may be on their way."""

    updates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSuspect:
    """Router to listener: the book cannot be right; get in step again."""

    state: BookState
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlist:
    """Executor to router: match this order, or let it wait.

    Replaces what the router knew of the order.
    """

    waiting: WaitingOrder
    ticket: int
    """Counts the executor's enlistments; comes back in the offer."""

    executor: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Router to executor: these slices are yours, and nobody else's."""

    order_id: OrderId
    ticket: int
    slices: tuple[Slice, ...]
    """Empty: an IOC or FOK order found nothing."""

    book_state: BookState
    received_ns: int
    """When the frame that caused the offer came in; 0 when no frame did."""

    epoch: int
    """Counts the router's books; slices of an earlier book cannot be given back."""

    router: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Executor to router: these slices were never sent; others may have them."""

    side: Side
    """Of the order they were meant for."""

    slices: tuple[Slice, ...]
    epoch: int
    """Of the offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Executor to router: offer this order nothing any more."""

    order_id: OrderId
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Router to executor: no further offer is on its way."""

    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterStarted:
    """Supervisor to executor: a router without orders is there; enlist."""

    symbol: Symbol
