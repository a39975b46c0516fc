"""Orders as they are read back from disk: to be worked, looked into, or listed."""

from dataclasses import dataclass
from datetime import datetime

from domain.market.touch import Touch
from domain.orders.child_order import ChildOrder, ChildStatus, Fill
from domain.orders.order import Order, StepDetail
from domain.orders.order_now import Reached
from domain.values import OrderId, Side, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An open order as an executor picks it up, with the intent without a result."""

    order: Order
    unresolved: ChildOrder | None
    never_sent: int = 0
    """How many of its children certainly did not reach the venue; counted for IOC and
    FOK orders only."""

    is_new: bool = False
    """Whether it was accepted just now, and is not picked up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildHistory:
    """Everything on disk about one child, and its order as it is now."""

    order: Order
    child: ChildOrder | None
    """None if the order never intended it."""

    status: ChildStatus | None
    """Of the child."""

    fills: tuple[Fill, ...]
    """Of the child, by ascending number."""

    holds: tuple[str, ...]
    """Why the order was put on hold, each time."""

    stated: StepDetail | None = None
    """What an operator has stated of it, total quantity and average price; None if
    nobody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChild:
    """A child as it was intended, and what became of it."""

    child: ChildOrder
    status: ChildStatus
    reason: str
    """The venue's words if it did not fill all of it; ours if it was not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTouches:
    """The touch when an order came and when it ended.

    None where the book was not usable, while the order is open, and for what was before
    they were recorded.
    """

    arrival: Touch | None
    end: Touch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrderKey:
    """Which order is open."""

    order_id: OrderId
    symbol: Symbol
    sequence: int
    """Its rank by acceptance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPast:
    """What happened to an order that bears on why it does not fill now."""

    hold: str | None
    """Why it was put on hold last, in words; None if it never was."""

    reached: Reached | None
    """When the touch was last seen as good as its limit, or it was last offered
    something; None if that is not known of the last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """A page of orders for a client."""

    orders: tuple[Order, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders a client wants to see, newest first."""

    status: str | None = None
    symbol: Symbol | None = None
    side: Side | None = None
    client_order_id: str | None = None
    since: datetime | None = None
    """Accepted at this time or later."""

    until: datetime | None = None
    """Accepted before this time."""

    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedFill:
    """A fill, with what its order says of it."""

    fill: Fill
    symbol: Symbol
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class FillFilter:
    """Which orders' fills a client wants to see, those executed last first."""

    symbol: Symbol | None = None
    since: datetime | None = None
    """Executed at this time or later."""

    until: datetime | None = None
    """Executed before this time."""

    limit: int = 50
    cursor: str | None = None
