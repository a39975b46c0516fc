"""Child orders: what we send to the venue for an order, and what comes back."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.market.touch import Touch
from domain.values import ChildId, OrderId, Side, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of one level that the router set aside for one order."""

    price: Decimal
    """The level's price, in quote."""

    quantity: Decimal
    """In base; above zero."""

    update_id: int
    """Id of the statement it was taken from."""

    stated: Decimal | None = field(default=None, compare=False)
    """What the venue stated there, in base; None if that was not recorded."""

    taken_before: Decimal | None = field(default=None, compare=False)
    """How much of that statement had been set aside for orders before, in base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOrder:
    """One LIMIT order for the venue, IOC or FOK. Its record on disk is the intent."""

    child_id: ChildId
    order_id: OrderId
    symbol: Symbol
    side: Side
    price: Decimal
    """The order's limit: the venue may do better, never worse."""

    quantity: Decimal
    slices: tuple[Slice, ...]
    """What the router offered, best price first; quantities sum to ``quantity``."""

    intended_at: datetime
    """Aware UTC; the child left later than this, if it left at all."""

    touch: Touch | None = field(default=None, compare=False)
    """Of the book when it was offered; None if that was not recorded."""

    is_all_or_nothing: bool = field(default=False, compare=False)
    """For a FOK order. Not kept on disk: a child read from there is never sent."""

    @property
    def far_touch(self) -> Decimal | None:
        """Return the best price that it could take when it was offered, in quote."""
        return None if self.touch is None else self.touch.far(self.side)


class ChildStatus(StrEnum):
    """What is known of a child order."""

    INTENDED = "INTENDED"
    """On disk; may or may not have reached the venue."""

    DONE = "DONE"
    """The venue has ended it: filled, partly filled or not filled at all."""

    NEVER_SENT = "NEVER_SENT"
    """It certainly did not reach the venue."""

    REJECTED = "REJECTED"
    """The venue refused it; nothing was executed, and nothing will be."""

    SETTLED_BY_HAND = "SETTLED_BY_HAND"
    """An operator has stated what became of it."""


class FollowUp(StrEnum):
    """What an order does after a child that did not fill all of it."""

    GO_ON = "GO_ON"
    """It takes the next offer."""

    WAIT = "WAIT"
    """It takes none for a while, because the same would happen again."""

    WAIT_FOR_RULES = "WAIT_FOR_RULES"
    """The same, and until the venue's rules have been read again: a child broke one."""

    END = "END"
    """It ends: no child of it can ever be accepted."""

    @property
    def is_wait(self) -> bool:
        """Whether the order takes no offer for a while."""
        return self in (FollowUp.WAIT, FollowUp.WAIT_FOR_RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFill:
    """One execution as the venue reports it."""

    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str | None
    trade_id: int | None
    """The venue's trade id, unique for the symbol, from 0 to 2**63 - 1; None on paper.
    By it a fill is booked once, however often it is reported."""

    executed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildResult:
    """The final answer on a child order."""

    child_id: ChildId
    order_id: OrderId
    status: ChildStatus
    fills: tuple[VenueFill, ...]
    reason: str = ""
    """The venue's words if it did not fill all of it; ours if it was not sent."""

    follow_up: FollowUp = FollowUp.GO_ON


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution of an order, as kept for ever. ``(child_id, number)`` is unique."""

    order_id: OrderId
    child_id: ChildId
    number: int
    """1 for the first fill of the child."""

    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str | None
    trade_id: int | None
    update_id: int | None
    """Id of the statement of its level that the child was offered. None if it was
    executed at a price that the child was not offered, so at a better one."""

    executed_at: datetime
    stated: Decimal | None = None
    """What that statement says is there, in base; None as above, and for fills that
    were booked before it was recorded."""

    taken_before: Decimal | None = None
    """How much of that was set aside for orders before, or filled earlier by the same
    child, in base."""
