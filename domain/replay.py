"""What goes into a replay of a recorded market, and what comes out."""

from dataclasses import dataclass

from domain.market.updates import BookView, FeedMessage
from domain.orders.commands import PlaceOrder
from domain.refusals import Refusal
from domain.values import OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFrame:
    """One recorded frame."""

    received_ns: int
    """Receipt time, nanoseconds since 1970 UTC."""

    message: FeedMessage | None
    """What it says about the symbol; None if it is about something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOrder:
    """An order that arrives during the replay."""

    order_id: OrderId
    command: PlaceOrder
    at_ns: int
    """Arrives just before the first frame received this long after the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOutcome:
    """What was left when the recording ended."""

    frames: int
    book: BookView
    refusals: dict[OrderId, Refusal]
    """Orders that were not taken in."""
