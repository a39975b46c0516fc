"""An order, its statuses and the one table of legal transitions between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.reasons import EndReason, WaitReason
from domain.values import (
    ZERO,
    ChildId,
    OrderId,
    Side,
    Symbol,
    TimeInForce,
    average_price,
)


class OrderStatus(StrEnum):
    """The status of an order, in the words of FIX and Binance."""

    PENDING_NEW = "PENDING_NEW"
    """Being recorded; the client has no answer yet."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    PENDING_CANCEL = "PENDING_CANCEL"
    """Being cancelled while a child order may still fill."""

    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return self in _FINAL


class OrderStep(StrEnum):
    """What can happen to an order; also the kind of the event that describes it."""

    ACCEPTED = "ACCEPTED"
    CHILD_INTENDED = "CHILD_INTENDED"
    PART_FILLED = "PART_FILLED"
    FILLED = "FILLED"
    CHILD_UNKNOWN = "CHILD_UNKNOWN"
    CHILD_ENDED = "CHILD_ENDED"
    AMENDED = "AMENDED"
    SETTLED_BY_HAND = "SETTLED_BY_HAND"
    """An operator has stated what became of a child; the steps that follow have what
    was executed."""

    HELD = "HELD"
    """It takes no offers: something the venue or the disk says cannot be true."""

    RELEASED = "RELEASED"
    """It takes offers again."""

    PAUSED = "PAUSED"
    """It takes no offers: somebody wants it so."""

    RESUMED = "RESUMED"
    """It takes offers again, unless something else keeps it."""

    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


BOOKING_STEPS: Final = frozenset({OrderStep.PART_FILLED, OrderStep.FILLED})
"""Each books one fill."""

_FINAL: Final = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
    }
)


WORKING: Final = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)
"""The statuses in which an order takes offers."""


def _table() -> Mapping[tuple[OrderStatus, OrderStep], OrderStatus]:
    at, do = OrderStatus, OrderStep
    table = {
        (at.PENDING_NEW, do.ACCEPTED): at.NEW,
        (at.PENDING_NEW, do.REJECTED): at.REJECTED,
    }
    for open_status in WORKING:
        table[open_status, do.CHILD_INTENDED] = open_status
        table[open_status, do.PART_FILLED] = at.PARTIALLY_FILLED
        table[open_status, do.FILLED] = at.FILLED
        table[open_status, do.CHILD_UNKNOWN] = open_status
        table[open_status, do.CHILD_ENDED] = open_status
        table[open_status, do.AMENDED] = open_status
        table[open_status, do.SETTLED_BY_HAND] = open_status
        table[open_status, do.HELD] = open_status
        table[open_status, do.RELEASED] = open_status
        table[open_status, do.PAUSED] = open_status
        table[open_status, do.RESUMED] = open_status
        table[open_status, do.CANCEL_REQUESTED] = at.PENDING_CANCEL
        table[open_status, do.CANCELED] = at.CANCELED
        table[open_status, do.EXPIRED] = at.EXPIRED
        table[open_status, do.REJECTED] = at.REJECTED
    # A child in flight may still fill an order that is being cancelled.
    table[at.PENDING_CANCEL, do.PART_FILLED] = at.PENDING_CANCEL
    table[at.PENDING_CANCEL, do.FILLED] = at.FILLED
    table[at.PENDING_CANCEL, do.CHILD_UNKNOWN] = at.PENDING_CANCEL
    table[at.PENDING_CANCEL, do.CHILD_ENDED] = at.PENDING_CANCEL
    table[at.PENDING_CANCEL, do.SETTLED_BY_HAND] = at.PENDING_CANCEL
    table[at.PENDING_CANCEL, do.HELD] = at.PENDING_CANCEL
    table[at.PENDING_CANCEL, do.CANCELED] = at.CANCELED
    table[at.PENDING_CANCEL, do.EXPIRED] = at.EXPIRED
    return MappingProxyType(table)


TRANSITIONS: Final = _table()
"""(status, step) -> status. What is not in here cannot happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client asked for, and how far it got.

    At every instant ``filled + at_venue + waiting == quantity``.
    """

    order_id: OrderId
    sequence: int
    """Rank by acceptance; the earlier of two equal limits is served first."""

    client_order_id: str | None
    symbol: Symbol
    side: Side
    quantity: Decimal
    """In base."""

    price: Decimal
    """The limit, in quote: sell at this or higher, buy at this or lower."""

    time_in_force: TimeInForce
    expires_at: datetime | None
    """Aware UTC; set for GTD only."""

    created_at: datetime
    updated_at: datetime
    status: OrderStatus = OrderStatus.PENDING_NEW
    reason: EndReason | WaitReason | None = None
    """Why it ended; while it is open, why it does less than it could."""

    filled: Decimal = ZERO
    """In base."""

    filled_quote: Decimal = ZERO
    """Sum of price x quantity over the fills, in quote, exact."""

    at_venue: Decimal = ZERO
    """In base; open in the child order that is in flight, 0 when none is."""

    children: int = 0
    """Child orders intended so far; the last one's counter."""

    version: int = 0
    """Steps taken so far."""

    is_paused: bool = False
    """Whether it takes no offers until it is resumed. The reason tells it, unless there
    is one that matters more."""

    def __post_init__(self) -> None:
        """Check what is always true: no more is filled or sent than was ordered."""
        assert self.quantity.is_finite(), f"quantity {self.quantity} is not finite"
        assert self.price.is_finite(), f"price {self.price} is not finite"
        assert self.filled.is_finite(), f"filled {self.filled} is not finite"
        assert self.filled_quote.is_finite(), (
            f"filled_quote {self.filled_quote} is not finite"
        )
        assert self.at_venue.is_finite(), f"at_venue {self.at_venue} is not finite"
        assert self.quantity > 0, f"quantity {self.quantity} is not above 0"
        assert self.filled >= 0, f"filled {self.filled} is below 0"
        assert self.at_venue >= 0, f"at_venue {self.at_venue} is below 0"
        assert self.filled + self.at_venue <= self.quantity, (
            f"filled {self.filled} and at_venue {self.at_venue} are above "
            f"quantity {self.quantity}"
        )

    @property
    def remaining(self) -> Decimal:
        """What is not filled, in base."""
        return self.quantity - self.filled

    @property
    def waiting(self) -> Decimal:
        """What is neither filled nor in flight, in base."""
        return self.quantity - self.filled - self.at_venue

    @property
    def is_on_hold(self) -> bool:
        """Whether it takes no offers until a person has looked at it."""
        return self.reason is WaitReason.ON_HOLD

    @property
    def average_price(self) -> Decimal | None:
        """Average price got, in quote; None before the first fill."""
        return average_price(self.filled_quote, self.filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDetail:
    """What a step was about; None where it does not apply."""

    quantity: Decimal | None = None
    """In base."""

    price: Decimal | None = None
    """In quote."""

    update_id: int | None = None
    """The level statement that caused the step."""

    child_id: ChildId | None = None
    reason: str | None = None


NO_DETAIL: Final = StepDetail()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """One step of an order: what, when, why. ``(order_id, number)`` is unique."""

    order_id: OrderId
    number: int
    """The order's version after the step; 1 is the acceptance."""

    step: OrderStep
    status: OrderStatus
    """After the step."""

    occurred_at: datetime
    detail: StepDetail = NO_DETAIL
