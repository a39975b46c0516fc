"""What the push stream tells."""

from enum import StrEnum
from typing import Final, Self

from msgspec import UNSET, Struct, UnsetType

from adapters.api.orders import FillAnswer, OrderAnswer, OrderEventAnswer
from adapters.api.service import IntakeAnswer
from adapters.api.times import Time
from domain.orders.committed import Position
from domain.readiness import Readiness, ServiceState


class Topic(StrEnum):
    """What a client can ask for."""

    ORDERS = "orders"
    """The steps of orders, each with the order after it."""

    FILLS = "fills"
    """The steps that book a fill, each with it."""

    SYMBOLS = "symbols"
    """Whether each symbol can trade, and why not."""

    HALT = "halt"
    """The halt switch."""

    SERVICE = "service"
    """Whether orders are taken in, and what the service trades on."""


BOOK: Final = "book"
"""The topic ``book:BTCUSDT``: the best levels of its book."""

BOOKS_MAX: Final = 8
"""That one client may ask for."""

LEVELS: Final = (5, 20, 100, 500)
"""How many of them on each side there can be; few choices, so that clients share."""

LEVELS_DEFAULT: Final = 20


class PositionAnswer(Struct, frozen=True, kw_only=True):
    """Where the client is in the stream: where it begins, or after what it skips."""

    position: str
    """Such as `0-4711`."""


class PushedEventAnswer(OrderEventAnswer, frozen=True, kw_only=True):
    """A step of an order."""

    order: OrderAnswer | UnsetType | None = UNSET
    """With the topic `orders`: the order as it is after this step. Null if further
    steps were committed with it, or by the time that it was read; they follow, and the
    last one has the order."""

    fill: FillAnswer | UnsetType = UNSET
    """With the topic `fills`: what this step has booked, if it has."""


class HeartbeatAnswer(Struct, frozen=True, kw_only=True):
    """There is nothing new."""

    time: Time
    """The service's."""

    last_event_at: Time | None
    """When the last event that the stream has seen occurred; null: it has seen none."""

    age_seconds: float | None
    """How old that is, by the service's clock; 0 if the clock was set back."""


class ServiceAnswer(Struct, frozen=True, kw_only=True):
    """How the service is now."""

    status: ServiceState
    market: str
    """Where prices come from, such as `simulated`."""

    venue: str
    """Where child orders go, such as `paper`."""

    real_money: bool
    """Whether child orders move real money."""

    intake: IntakeAnswer
    orders_on_hold: int | None
    """How many open orders wait for a person; null if nobody could say in time."""

    commit_seconds: float | None
    """How long the last commit to the database took; null before the first, or if
    nobody could say in time."""

    position: str | None
    """Of the last step that the stream has seen; null: nobody knows."""

    time: Time
    """The service's, when this was read. That alone is no reason to tell it anew."""

    @classmethod
    def of(cls, readiness: Readiness, position: Position | None, time: Time) -> Self:
        """Show how the service is."""
        problem = readiness.intake_problem
        on_hold, commit_ns = readiness.orders_on_hold, readiness.commit_ns
        return cls(
            status=readiness.state,
            market=readiness.market,
            venue=readiness.venue,
            real_money=readiness.is_real_money,
            intake=IntakeAnswer(ok=problem is None, problem=problem),
            orders_on_hold=None if on_hold is None else sum(on_hold.values()),
            commit_seconds=None if commit_ns is None else round(commit_ns / 1e9, 6),
            position=None if position is None else str(position),
            time=time,
        )


class UnansweredAnswer(Struct, frozen=True, kw_only=True):
    """What was told of something may be wrong by now: nobody could say in time."""

    topic: str
    """Of what, such as `halt`."""

    detail: str
