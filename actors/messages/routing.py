"""Messages between listener, router and executor: updates, enlistments, offers."""

from dataclasses import dataclass

from actors.runtime.addresses import AnyRecipient
from domain.market.touch import Touch
from domain.matching.matcher import WaitingOrder
from domain.orders.child_order import Slice
from domain.reasons import BookState
from domain.values import OrderId, Symbol


CREDIT_WINDOW = 256
"""Updates that may be on their way from the listener; beyond that, it merges them."""

CREDIT_STEP = 64
"""After this many updates the router grants as many more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Router to listener: this many more updates may be on their way."""

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
    """Counts the executor's enlistments; the offer carries it back."""

    children: int
    """Children intended so far. If unchanged since an offer, no child came of it."""

    executor: AnyRecipient
    may_wait: bool = False
    """Whether an IOC or FOK order waits while the book is out of step, because it was
    enlisted before without being tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Router to executor: these slices are reserved for your order alone."""

    order_id: OrderId
    ticket: int
    slices: tuple[Slice, ...]
    """Empty: an IOC or FOK order found nothing."""

    book_state: BookState
    is_paused: bool
    """Whether there are no slices because no child order may leave."""

    touch: Touch | None
    """Of the book that the slices are of; None if that is out of step."""

    received_ns: int
    """When the frame that caused the offer came in; 0 when no frame did."""

    as_of_ns: int
    """The time of the venue's book that the slices are of, monotonic. The age of the
    offer counts from then, however long the offer is on its way."""

    router: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchOn:
    """Router to itself: serve the next orders; there were too many for one go."""

    received_ns: int
    """When the frame that began the matching came in."""

    as_of_ns: int
    """Of the offers that began the matching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """Executor to router: the offered slices were never sent; others may have them."""

    order_id: OrderId
    ticket: int
    """Of the offer."""

    slices: tuple[Slice, ...]
    """Of the offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildNeverSent:
    """Executor to router: a child that it found on disk was never sent.

    Replaces the GiveBack of the offer, which was lost with its predecessor.
    """

    order_id: OrderId
    children: int
    """Children intended before that child: as many as when the offer was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Executor to router: make this order no more offers."""

    order_id: OrderId
    ticket: int
    """The next after the executor's enlistment; the answer carries it back."""

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
    """Supervisor, or router, to executor: enlist again, whatever you did before.

    There is a new router without orders, or the rules by which it matches have changed.
    """

    symbol: Symbol
