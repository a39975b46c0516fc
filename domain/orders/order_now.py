"""Why an open order does not fill now, from what those who work it know."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.market.touch import Touch
from domain.orders.child_order import ChildOrder
from domain.orders.order import Order
from domain.reasons import BookState, WaitReason
from domain.values import Side, difference
from domain.venue.answers import TradingPause


class Obstacle(StrEnum):
    """What keeps an order from being filled; the first that holds, in this order."""

    ENDED = "ENDED"
    """It has ended."""

    ON_HOLD = "ON_HOLD"
    """A person has to look at it."""

    CHILD_UNKNOWN = "CHILD_UNKNOWN"
    """The venue has not said what became of its child, and is being asked."""

    CHILD_IN_FLIGHT = "CHILD_IN_FLIGHT"
    """Its child is on its way to the disk or the venue, or the answer is."""

    PAUSED = "PAUSED"
    """Somebody has paused it."""

    NOT_WORKED = "NOT_WORKED"
    """Nobody works it at the moment: it is being picked up, or rests after failures."""

    SYMBOL_NOT_TRADED = "SYMBOL_NOT_TRADED"
    """This run does not trade its symbol, or its book is being started."""

    RETRY_BACKOFF = "RETRY_BACKOFF"
    """The last child was refused, and the next one waits."""

    TRADING_PAUSED = "TRADING_PAUSED"
    """No child of the symbol may leave."""

    BOOK_UNUSABLE = "BOOK_UNUSABLE"
    """The book is out of step."""

    LIMIT_NOT_REACHED = "LIMIT_NOT_REACHED"
    """No level is as good as its limit."""

    TAKEN = "TAKEN"
    """What is as good as its limit has been taken, by this order or by others."""

    BELOW_MINIMUM = "BELOW_MINIMUM"
    """There is something for it, but less than a child may have."""

    NOT_RELEASED = "NOT_RELEASED"
    """Its algorithm does not release enough of it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildNow:
    """The child in flight."""

    child: ChildOrder
    is_sent: bool
    """Whether it may have left."""

    problem: str = ""
    """Why its outcome is unknown; empty if it is not."""

    asked_again_at: datetime | None = None
    """When the venue is asked again what became of it; None: at once, or not at all."""

    silence_final_at: datetime | None = None
    """From when on "no such order" means that it never arrived; None: not in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkNow:
    """What the order's executor knows."""

    order: Order
    """After all steps taken, some of which may not be on disk yet."""

    child: ChildNow | None = None
    next_try_at: datetime | None = None
    """When the next child may leave after a refusal; None: it need not wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketNow:
    """What the symbol's router knows."""

    book_state: BookState
    detail: str = ""
    """Why the book is not in step, in words."""

    pause: TradingPause | None = None
    touch: Touch | None = None
    """None if the book is not usable."""

    available: Decimal | None = None
    """What nobody has taken at the limit or better, in base; None without a book."""

    is_waiting: bool = False
    """Whether the order waits to be offered something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """When the touch was last as good as an order's limit."""

    at: datetime
    update_id: int
    """Of the book then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNow:
    """Why an order does not fill now."""

    order: Order
    obstacle: Obstacle
    distance: Decimal | None
    """From the best price that it could take to its limit, in quote: what the market
    has to move by. Zero or below: the limit is reached. None: no such price."""

    work: WorkNow | None
    market: MarketNow | None


def order_now(order: Order, work: WorkNow | None, market: MarketNow | None) -> OrderNow:
    """Say why an order does not fill now.

    Args:
        order: as it is on disk.
        work: what its executor knows; None if there is none, or it does not answer.
        market: what its router knows; None as above.
    """
    order = order if work is None else work.order
    return OrderNow(
        order=order,
        obstacle=_obstacle(order, work, market),
        distance=_distance(order, market),
        work=work,
        market=market,
    )


def _obstacle(order: Order, work: WorkNow | None, market: MarketNow | None) -> Obstacle:
    found = _of_order(order, work)
    if found is not None:
        return found
    return _of_market(order, market)


def _of_order(order: Order, work: WorkNow | None) -> Obstacle | None:
    if order.status.is_final:
        return Obstacle.ENDED
    if order.is_on_hold:
        return Obstacle.ON_HOLD
    if order.reason is WaitReason.CHILD_UNKNOWN:
        return Obstacle.CHILD_UNKNOWN
    if order.at_venue or (work is not None and work.child is not None):
        return Obstacle.CHILD_IN_FLIGHT
    if order.is_paused or work is None:
        return Obstacle.PAUSED if order.is_paused else Obstacle.NOT_WORKED
    return None if work.next_try_at is None else Obstacle.RETRY_BACKOFF


def _of_market(order: Order, market: MarketNow | None) -> Obstacle:
    if market is None:
        return Obstacle.SYMBOL_NOT_TRADED
    if market.pause is not None:
        return Obstacle.TRADING_PAUSED
    if market.book_state is not BookState.SYNCED:
        return Obstacle.BOOK_UNUSABLE
    distance = _distance(order, market)
    if distance is None or distance > 0:
        return Obstacle.LIMIT_NOT_REACHED
    if not market.available:
        return Obstacle.TAKEN
    return Obstacle.BELOW_MINIMUM if market.is_waiting else Obstacle.NOT_RELEASED


def _distance(order: Order, market: MarketNow | None) -> Decimal | None:
    touch = None if market is None else market.touch
    best = None if touch is None else touch.far(order.side)
    if best is None:
        return None
    if order.side is Side.SELL:
        return difference(order.price, best)
    return difference(best, order.price)
