"""Records of orders: what the ledger writes, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.market.touch import Touch
from domain.orders.child_order import ChildOrder, ChildResult, Fill
from domain.orders.commands import PlaceOrder
from domain.orders.order import BOOKING_STEPS, Order, OrderEvent, OrderStep
from domain.refusals import Refusal
from domain.values import format_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order that was accepted, to be written once."""

    order: Order
    event: OrderEvent
    idempotency_key: str | None
    fingerprint: str
    """Of the request: tells a repeated one from another one with the same key."""

    touch: Touch | None = None
    """When the order was taken in; None if the book was not usable."""

    refusal: Refusal | None = None
    """If set, the order is not to be written and this is the answer, unless the request
    was accepted before: a repeated request is always answered like the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """One or more steps of an order that is on disk.

    It is written only on top of the version that it follows, so that no change of an
    order can overtake another. Writing it a second time changes nothing.
    """

    order: Order
    """After the steps."""

    events: tuple[OrderEvent, ...]
    intent: ChildOrder | None = None
    """A child order that is about to leave."""

    result: ChildResult | None = None
    """The final answer on a child order."""

    fills: tuple[Fill, ...] = ()
    touch: Touch | None = None
    """When the order ended; None while it is open, or if the book was not usable."""

    @property
    def follows(self) -> int:
        """The version of the order that has to be on disk already."""
        return self.events[0].number - 1

    @property
    def steps(self) -> Iterator[tuple[OrderEvent, Fill | None]]:
        """Return each event, with the fill that it books."""
        fills = iter(self.fills)
        for event in self.events:
            yield event, next(fills, None) if event.step in BOOKING_STEPS else None

    @property
    def is_intent(self) -> bool:
        """Whether it is the intent of a child and nothing else.

        Then the child and the order before it say all of it; see ``intended``.
        """
        if self.intent is None or self.result is not None or len(self.events) > 1:
            return False
        event = self.events[0]
        is_of_intent = event.step is OrderStep.CHILD_INTENDED
        return is_of_intent and event.occurred_at == self.intent.intended_at


Record = NewOrder | OrderChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The record is on disk.

    ``order`` is the order to show the client; for a repeated request, the one that the
    first request made, with ``repeated`` set.
    """

    order: Order
    repeated: bool = False
    was_there: bool = False
    """This very record may have been written before, by an actor that was then killed:
    the order may have gone on since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredecessorMissing:
    """The change is not on disk, because the one that it follows is not."""

    order: Order
    """As it is on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted:
    """The record is not on disk, and never can be: it contradicts what is there.

    Either another record is in its place, or the database refuses its content.
    """

    problem: str
    """One sentence for the operator."""


RecordOutcome = Stored | Refusal | PredecessorMissing | Contradicted
"""A refusal only for a ``NewOrder`` whose key belongs to another request; a missing
predecessor only for an ``OrderChange``."""


def why_not_next(
    change: OrderChange, there: Order | None
) -> PredecessorMissing | Contradicted | None:
    """Say why a change does not follow what is on disk.

    Args:
        change: the one to be written.
        there: the order as it is on disk; None if it is not.

    Returns:
        None if the change may be on disk already: then what is there in its place has
        to be compared with it.
    """
    if there is None:
        return Contradicted(problem="the order is not on disk")
    if there.version < change.follows:
        return PredecessorMissing(order=there)
    if there.version < change.order.version:
        return other_record(there.version)
    return None


def other_record(version: int) -> Contradicted:
    """Say that somebody else's step is on disk in place of ours."""
    return Contradicted(problem=f"another record is on disk as version {version}")


def fingerprint(command: PlaceOrder) -> str:
    """Make a text of a request that is the same for equal requests, and only those.

    It is on disk with each order, and a repeated request is compared with it for ever.
    So it never changes for a request that could be made before: what a new field adds
    is left out while that is not set. Else every repetition of an older request would
    be refused (409).
    """
    expires_at = command.expires_at.isoformat() if command.expires_at else ""
    return "|".join(
        (
            command.symbol,
            command.side,
            format_amount(command.quantity),
            format_amount(command.price),
            command.time_in_force,
            expires_at,
            command.client_order_id or "",
        )
    )
