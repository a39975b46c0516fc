"""Between listener, router and executor: who waits, who is offered what."""

from dataclasses import dataclass
from decimal import Decimal

from actors.runtime.addresses import AnyRecipient
from domain.matching.matcher import WaitingOrder
from domain.orders.child_order import Slice
from domain.reasons import BookState
from domain.values import OrderId, Symbol


CREDIT_WINDOW = 256
"""Updates that may be on their way from the listener; beyond it, it merges."""

CREDIT_STEP = 64
"""Updates after which the router grants as many more."""


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

    children: int
    """Intended so far. As many as when an offer was made: nothing came of it."""

    executor: AnyRecipient
    may_wait: bool = False
    """Whether an IOC or FOK order waits while the book is out of step: it came to a
    book once, and was not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Router to executor: these slices are yours, and nobody else's."""

    order_id: OrderId
    ticket: int
    slices: tuple[Slice, ...]
    """Empty: an IOC or FOK order found nothing."""

    book_state: BookState
    is_paused: bool
    """Whether there are no slices because no child order may leave."""

    touch: Decimal | None
    """Best price of the book that the slices are of; None on an empty side."""

    received_ns: int
    """When the frame that caused the offer came in; 0 when no frame did."""

    as_of_ns: int
    """As of when the venue's book is known that the slices are of, monotonic. The age
    of the offer counts from then, however long it takes on its way."""

    router: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchOn:
    """Router to itself: serve the next orders; there were too many to do at once."""

    received_ns: int
    """Of the frame that began it."""

    as_of_ns: int
    """Of the offers that it began with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Executor to router: what it was offered was never sent; others may have it."""

    order_id: OrderId
    ticket: int
    """Of the offer."""

    slices: tuple[Slice, ...]
    """Of the offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildNeverSent:
    """Executor to router: a child that it found on disk was never sent.

    Stands for the Release of the offer, which its predecessor took along.
    """

    order_id: OrderId
    children: int
    """Intended before that child: as many as when the offer was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Executor to router: offer this order nothing any more."""

    order_id: OrderId
    ticket: int
    """The next one after the executor's enlistment; comes back in the answer."""

    children: int
    """As in Enlist."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Router to executor: no further offer is on its way."""

    order_id: OrderId
    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterStarted:
    """Supervisor, or router, to executor: enlist, whatever you did before.

    A router without orders is there; or the rules by which it matches are others.
    """

    symbol: Symbol
