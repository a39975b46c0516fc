"""A paper venue: fills a child order with exactly the slices it was made of."""

from collections.abc import Callable
from datetime import datetime

from domain.orders import lifecycle
from domain.orders.child_order import ChildOrder, ChildResult, ChildStatus, VenueFill
from domain.ports.venue import Permit
from domain.values import ZERO, Symbol
from domain.venue.answers import (
    Account,
    Since,
    TradingPause,
    VenueActivity,
    VenueAnswer,
)


NEVER_FILLED = "NEVER_FILLED"
"""Reason of a child whose intent was on disk when the service was killed."""


class PaperVenue:
    """Implements ``domain.ports.venue.Venue``: fills each child from its slices.

    Never blocks, and keeps no records: a fill that nobody wrote to disk never happened.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def place(self, child: ChildOrder, permit: Permit) -> VenueAnswer:
        """Fill the child."""
        if reason := permit.claim():
            return VenueAnswer(result=lifecycle.never_sent(child, reason))
        now = self._now()
        fills = tuple(
            VenueFill(
                price=part.price,
                quantity=part.quantity,
                fee=ZERO,
                fee_asset=None,
                trade_id=None,
                executed_at=now,
            )
            for part in child.slices
        )
        result = ChildResult(
            child_id=child.child_id,
            order_id=child.order_id,
            status=ChildStatus.DONE,
            fills=fills,
        )
        return VenueAnswer(result=result)

    def look_up(
        self, child: ChildOrder, *, since: datetime, thoroughly: bool
    ) -> VenueAnswer:
        """Answer that the child was never filled: a fill would be on our disk."""
        del since, thoroughly
        return VenueAnswer(result=lifecycle.never_sent(child, NEVER_FILLED))

    def probe(self) -> TradingPause | None:
        """Return None: orders can always be sent."""
        return None

    def account(self) -> Account | None:
        """Return None: paper has no account."""
        return None

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        """Return None: paper fills are on our disk only."""
        del symbol, since
        return None

    def close(self) -> None:
        """Do nothing."""
