"""Where child orders go; the gateway's port."""

from datetime import datetime
from typing import Protocol

from domain.orders.child_order import ChildOrder
from domain.values import Symbol
from domain.venue.answers import (
    Account,
    Since,
    TradingPause,
    VenueActivity,
    VenueAnswer,
)


class Permit(Protocol):
    """Whether one child may leave; others revoke it at any time. Never blocks."""

    def refusal(self) -> str | None:
        """Say why the child may not leave; None when it may, as things are now."""
        ...

    def claim(self) -> str | None:
        """Let the child leave: nothing that takes time comes before its first byte.

        Returns:
            Why it may not; None when it may. Then it counts as sent.
        """
        ...

    def give_back(self) -> None:
        """Note that what was sent is certainly not executed, nor will be.

        To be sent again, it must be claimed again.
        """
        ...


class Venue(Protocol):
    """Where child orders go. Calls block, for a bounded time; any thread may call.

    Nothing is raised for what a network, a venue or an account can do: that is in the
    answers. No call repeats a request that may have been executed.
    """

    def place(self, child: ChildOrder, permit: Permit) -> VenueAnswer:
        """Send the child, LIMIT at its price, IOC or FOK, under its own id, once.

        Args:
            child: whose intent is on disk.
            permit: claimed after each stamp, as the last thing before the request is
                written. A child that may not leave is answered NEVER_SENT with the
                permit's word as the reason.
        """
        ...

    def look_up(
        self, child: ChildOrder, *, since: datetime, thoroughly: bool
    ) -> VenueAnswer:
        """Ask what became of a child that may have been sent.

        Args:
            child: that may have been sent.
            since: when it was intended, at the latest.
            thoroughly: search open orders and trades, too, when the venue does not
                know its id. Costs much more of the venue's limits.

        Returns:
            A result once the venue has ended it and its trades add up to what it
            says was executed. ``is_absent`` when everything asked was silent.
        """
        ...

    def probe(self) -> TradingPause | None:
        """Find out whether orders could be sent now: clock, keys, permission.

        Asked while trading is paused, seldom. Sends nothing while the venue said to
        be silent.
        """
        ...

    def account(self) -> Account | None:
        """Read the balances; None when they could not be read."""
        ...

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        """Read what the venue has recorded of the account in one symbol.

        Returns:
            The trades since then, as far as they could be read at once, and the open
            children; None when that was nothing. Gives way to orders and look-ups.
        """
        ...

    def close(self) -> None:
        """End all connections; later calls answer that nothing was sent."""
        ...
