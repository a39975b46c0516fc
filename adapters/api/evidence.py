"""What the book showed when an order came, was worked and ended, as answers have it."""

from datetime import UTC, datetime
from typing import Self

from msgspec import Struct

from adapters.api.amounts import Amount
from adapters.api.times import Time, time_text
from domain.market.price_path import PricePoint
from domain.market.touch import Touch
from domain.orders.child_order import ChildStatus, Slice
from domain.orders.stored_orders import OrderTouches, StoredChild


class TouchAnswer(Struct, frozen=True, kw_only=True):
    """Best bid and best ask of a book. A side that was empty is null."""

    bid: Amount | None
    bid_quantity: Amount | None
    """As the venue stated it, whatever had been taken of it."""

    ask: Amount | None
    ask_quantity: Amount | None
    update_id: int
    """Of the book: the last update of the venue that is in it."""

    as_of: Time
    """As of when the book is known to have been like that."""

    @classmethod
    def or_none(cls, touch: Touch | None) -> Self | None:
        """Show a touch, where one was recorded."""
        if touch is None:
            return None
        return cls(
            bid=Amount.or_none(touch.bid),
            bid_quantity=Amount.or_none(touch.bid_quantity),
            ask=Amount.or_none(touch.ask),
            ask_quantity=Amount.or_none(touch.ask_quantity),
            update_id=touch.update_id,
            as_of=time_text(touch.as_of),
        )


class OrderTouchesAnswer(Struct, frozen=True, kw_only=True):
    """The touch when an order came and when it ended.

    Null where the book was not usable, and for orders of earlier versions.
    """

    arrival: TouchAnswer | None
    """At the order's `created_at`."""

    end: TouchAnswer | None
    """At its last step; null while it is open."""

    @classmethod
    def of(cls, touches: OrderTouches) -> Self:
        """Show the touches of an order."""
        return cls(
            arrival=TouchAnswer.or_none(touches.arrival),
            end=TouchAnswer.or_none(touches.end),
        )


class OfferedLevelAnswer(Struct, frozen=True, kw_only=True):
    """A level of the book of which a part was set aside for a child order."""

    price: Amount
    quantity: Amount
    """The part, in the base asset."""

    update_id: int
    """Of the venue's statement about the level."""

    stated: Amount | None
    """What that says is there; null for children of earlier versions."""

    taken_before: Amount | None
    """What had been set aside of it for orders before; null as above."""

    @classmethod
    def of(cls, part: Slice) -> Self:
        """Show a part of a level."""
        return cls(
            price=Amount(part.price),
            quantity=Amount(part.quantity),
            update_id=part.update_id,
            stated=Amount.or_none(part.stated),
            taken_before=Amount.or_none(part.taken_before),
        )


class PricePointAnswer(Struct, frozen=True, kw_only=True):
    """Best bid and best ask in one second. A side that was empty is null."""

    at: Time
    """The second; the prices are of some moment within it."""

    bid: Amount | None
    ask: Amount | None
    update_id: int
    """Of the book: the last update of the venue that is in it."""

    @classmethod
    def of(cls, point: PricePoint) -> Self:
        """Show a point of a price path."""
        return cls(
            at=time_text(datetime.fromtimestamp(point.second, UTC)),
            bid=Amount.or_none(point.bid),
            ask=Amount.or_none(point.ask),
            update_id=point.update_id,
        )


class ChildAnswer(Struct, frozen=True, kw_only=True):
    """A child order: what the book offered for it, and what became of it."""

    child_id: str
    """The client order id that the venue saw."""

    price: Amount
    """Its limit, in the quote asset."""

    quantity: Amount
    status: ChildStatus
    reason: str | None
    """Why it did not fill all: the venue's words, or ours if it was not sent."""

    intended_at: Time
    touch: TouchAnswer | None
    """When it was offered; null for children of earlier versions."""

    levels: list[OfferedLevelAnswer]
    """Best first; their quantities sum to the child's."""

    @classmethod
    def of(cls, stored: StoredChild) -> Self:
        """Show a child order."""
        child = stored.child
        return cls(
            child_id=child.child_id,
            price=Amount(child.price),
            quantity=Amount(child.quantity),
            status=stored.status,
            reason=stored.reason or None,
            intended_at=time_text(child.intended_at),
            touch=TouchAnswer.or_none(child.touch),
            levels=[OfferedLevelAnswer.of(part) for part in child.slices],
        )
