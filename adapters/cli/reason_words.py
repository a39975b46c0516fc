"""Why an order does not fill now, in words for a terminal."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.api.order_now import OrderNowAnswer
from adapters.api.orders import OrderAnswer
from adapters.cli.order_tables import time_of
from domain.orders.order_now import Obstacle
from domain.values import Side


Say = Callable[[OrderAnswer, OrderNowAnswer], str]


def reason_words(order: OrderAnswer, now: OrderNowAnswer) -> str:
    """Say it in one line; empty if the order has ended."""
    say = _WORDS.get(now.obstacle)
    return f"not filled now: {now.obstacle}" if say is None else say(order, now)


def _child(_order: OrderAnswer, now: OrderNowAnswer) -> str:
    child = now.child
    if child is None:  # answered in the meantime
        return "its child order is on its way"
    number = child.child_id.rpartition("-")[2]
    if child.problem is None:
        return f"child {number} of {child.quantity} is on its way"
    return f"nobody knows yet what became of child {number}: {child.problem}"


def _refused(_order: OrderAnswer, now: OrderNowAnswer) -> str:
    when = "soon" if now.next_try_at is None else f"at {time_of(now.next_try_at)} UTC"
    return f"its last child order was refused; next try {when}"


def _book(_order: OrderAnswer, now: OrderNowAnswer) -> str:
    words = f"the book is {now.book_state}"
    return f"{words}: {now.detail}" if now.detail else words


def _limit(order: OrderAnswer, now: OrderNowAnswer) -> str:
    is_sell, touch = order.side is Side.SELL, now.touch
    side = "bid" if is_sell else "ask"
    best = touch and (touch.bid if is_sell else touch.ask)
    if best is None:
        return f"waits: there is no {side}"
    words = f"waits: the best {side} is {best}, {now.distance} short of {order.price}"
    if now.last_reached is not None:
        words += f"; last reached {time_of(now.last_reached.at)} UTC"
    return words


_WORDS: Final[Mapping[Obstacle, Say]] = MappingProxyType(
    {
        Obstacle.ENDED: lambda *_: "",
        Obstacle.ON_HOLD: lambda _, now: f"on hold, a person has to look: {now.hold}",
        Obstacle.CHILD_UNKNOWN: _child,
        Obstacle.CHILD_IN_FLIGHT: _child,
        Obstacle.PAUSED: lambda *_: "paused; unpause lets it go on",
        Obstacle.NOT_WORKED: lambda *_: "it is being picked up",
        Obstacle.RETRY_BACKOFF: _refused,
        Obstacle.TRADING_PAUSED: lambda _, now: (
            f"no child order of the symbol may leave: {now.pause}"
        ),
        Obstacle.BOOK_UNUSABLE: _book,
        Obstacle.LIMIT_NOT_REACHED: _limit,
        Obstacle.TAKEN: lambda *_: (
            "what is as good as its limit is taken; it waits for new levels"
        ),
        Obstacle.BELOW_MINIMUM: lambda _, now: (
            f"there is {now.available} for it, less than a child order may have"
        ),
    }
)
