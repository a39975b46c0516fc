"""What became of many orders at once, as answers have it."""

from msgspec import Struct

from adapters.api.amounts import Amount
from adapters.api.orders import OrderAnswer
from adapters.api.problems import ProblemAnswer
from domain.values import Side


SHOWN_MAX = 100
"""Orders that an answer names; it counts all of them."""

CANCEL_ALL_SECONDS = 20.0
"""How long one call asks orders to end. A client should wait longer for its answer, for
the last orders that were asked have a time of their own."""


class PendingCancelAnswer(Struct, frozen=True, kw_only=True):
    """An order that is being cancelled while its child order may still fill."""

    id: str
    symbol: str
    side: Side
    may_fill: Amount
    """At most so much, in the base asset."""


class FailedCancelAnswer(Struct, frozen=True, kw_only=True):
    """An order of which it is not known that it will be cancelled."""

    id: str
    symbol: str
    code: str
    """With `TIMEOUT`, it may be cancelled all the same."""

    detail: str


class CancelAllAnswer(Struct, frozen=True, kw_only=True):
    """What became of the orders that were open when the call came."""

    symbol: str | None
    """Null: of all symbols."""

    complete: bool
    """Whether all of them were asked; if not, there were too many for one call."""

    next_before_sequence: int | None
    """Call again with this `before_sequence` for the rest; null when `complete`."""

    up_to_sequence: int
    """The rank of the newest order that was open; 0 if there was none. Orders accepted
    later have a higher one, and are not touched."""

    asked: int
    """How many orders were asked to end."""

    canceled: int
    pending: int
    """Being cancelled, while a child order may still fill."""

    ended: int
    """Ended by themselves in the meantime, such as filled."""

    failed: int
    may_fill: list[PendingCancelAnswer]
    """The first 100 of those pending."""

    failures: list[FailedCancelAnswer]
    """The first 100 of those failed."""


class BulkResultAnswer(Struct, frozen=True, kw_only=True):
    """What became of one order of several, as if it had been placed alone."""

    status: int
    """201: it is on disk. 200: it is a repeated one. Else: its `problem` says why."""

    order: OrderAnswer | None
    problem: ProblemAnswer | None


class BulkAnswer(Struct, frozen=True, kw_only=True):
    """What became of several orders."""

    results: list[BulkResultAnswer]
    """One for each order, in the order given."""
