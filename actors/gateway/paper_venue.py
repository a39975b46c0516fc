"""A venue on paper: fills a child order at the very slices it was made of."""

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
"""Why a child ended that was on disk when the service was killed."""


class PaperVenue:
    """Implements ``domain.ports.venue.Venue``: fills each child as it was taken.

    Never blocks, and keeps nothing: what it filled without anybody writing it down was
    never filled.
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
                update_id=part.update_id,
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
        """Say that the child was never filled: or somebody had written that down."""
        del since, thoroughly
        return VenueAnswer(result=lifecycle.never_sent(child, NEVER_FILLED))

    def probe(self) -> TradingPause | None:
        """Find nothing in the way."""
        return None

    def account(self) -> Account | None:
        """Know of no balances: paper has no end."""
        return None

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        """Know of nothing: what was filled on paper is on our disk only."""
        del symbol, since
        return None

    def close(self) -> None:
        """Do nothing."""
