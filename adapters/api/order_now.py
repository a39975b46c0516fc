"""Why an order does not fill now, and the limits that wait, as answers have them."""

from typing import Self

from msgspec import Struct

from adapters.api.amounts import Amount
from adapters.api.evidence import TouchAnswer
from adapters.api.times import Time, time_or_none, time_text
from domain.matching.open_limits import OpenLimit, OpenLimits
from domain.orders.order_now import ChildNow, Obstacle, OrderNow, Reached
from domain.orders.stored_orders import OrderPast
from domain.reasons import BookState
from domain.venue.answers import PauseReason


class ChildNowAnswer(Struct, frozen=True, kw_only=True):
    """The child order in flight."""

    child_id: str
    quantity: Amount
    since: Time
    """When it was intended."""

    sent: bool
    """Whether it may have left for the venue."""

    problem: str | None
    """Why its outcome is unknown; null if it is not."""

    asked_again_at: Time | None
    """When the venue is asked again what became of it; null: now, or not at all."""

    silence_final_at: Time | None
    """From when on the venue's "no such order" means that it never arrived; null if its
    outcome is not unknown."""

    @classmethod
    def or_none(cls, now: ChildNow | None) -> Self | None:
        """Show the child in flight, if there is one."""
        if now is None:
            return None
        child = now.child
        return cls(
            child_id=child.child_id,
            quantity=Amount(child.quantity),
            since=time_text(child.intended_at),
            sent=now.is_sent,
            problem=now.problem or None,
            asked_again_at=time_or_none(now.asked_again_at),
            silence_final_at=time_or_none(now.silence_final_at),
        )


class ReachedAnswer(Struct, frozen=True, kw_only=True):
    """When the touch was last as good as the limit."""

    at: Time
    update_id: int
    """Of the book then."""

    @classmethod
    def or_none(cls, reached: Reached | None) -> Self | None:
        """Show when that was, if it ever was."""
        if reached is None:
            return None
        return cls(at=time_text(reached.at), update_id=reached.update_id)


class OrderNowAnswer(Struct, frozen=True, kw_only=True):
    """Why an order does not fill now."""

    obstacle: Obstacle
    """The first thing that keeps it from being filled."""

    distance: Amount | None
    """What the market has to move by, in the quote asset, until its limit is reached.
    Zero or below: it is. Null without a usable book."""

    touch: TouchAnswer | None
    """Null without a usable book."""

    available: Amount | None
    """What nobody has taken at its limit or better, in the base asset; null without a
    book."""

    book_state: BookState | None
    """Null if nobody says."""

    detail: str | None
    """Why the book is not usable, in words."""

    pause: PauseReason | None
    """Why no child order of the symbol may leave."""

    next_try_at: Time | None
    """When the next child order may leave after a refusal; null: it need not wait."""

    child: ChildNowAnswer | None
    """In flight; null if none is."""

    hold: str | None
    """Why the order is on hold, in words; null if it is not."""

    last_reached: ReachedAnswer | None
    """To the second, of the last day; or when it was last offered something."""

    @classmethod
    def of(cls, now: OrderNow, past: OrderPast) -> Self:
        """Show why an order does not fill."""
        market, work = now.market, now.work
        pause = None if market is None else market.pause
        return cls(
            obstacle=now.obstacle,
            distance=Amount.or_none(now.distance),
            touch=TouchAnswer.or_none(None if market is None else market.touch),
            available=Amount.or_none(None if market is None else market.available),
            book_state=None if market is None else market.book_state,
            detail=None if market is None else market.detail or None,
            pause=None if pause is None else pause.reason,
            next_try_at=time_or_none(None if work is None else work.next_try_at),
            child=ChildNowAnswer.or_none(None if work is None else work.child),
            hold=past.hold if now.order.is_on_hold else None,
            last_reached=ReachedAnswer.or_none(past.reached),
        )


class OpenLimitAnswer(Struct, frozen=True, kw_only=True):
    """All waiting orders of one side with the same limit."""

    price: Amount
    quantity: Amount
    """What is left of them, in the base asset."""

    orders: int
    """How many they are."""

    @classmethod
    def of(cls, one: OpenLimit) -> Self:
        """Show a limit."""
        return cls(
            price=Amount(one.price), quantity=Amount(one.quantity), orders=one.orders
        )


class OpenLimitsAnswer(Struct, frozen=True, kw_only=True):
    """The limits at which orders of a symbol wait."""

    symbol: str
    orders: int
    """How many wait, including those at limits that are not listed."""

    sells: list[OpenLimitAnswer]
    """The lowest limit first."""

    buys: list[OpenLimitAnswer]
    """The highest limit first."""

    @classmethod
    def of(cls, limits: OpenLimits, most: int) -> Self:
        """Show at most so many limits of each side."""
        every = (*limits.sells, *limits.buys)
        return cls(
            symbol=limits.symbol,
            orders=sum(one.orders for one in every),
            sells=[OpenLimitAnswer.of(one) for one in limits.sells[:most]],
            buys=[OpenLimitAnswer.of(one) for one in limits.buys[:most]],
        )
