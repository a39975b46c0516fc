"""Where child orders go: the trading side of a venue; the gateway's port.

Paper is one, too. Prices, rules and limits are no part of it: a ``VenueConnection``
(``venue_connection.py``) bundles it with those.
"""

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
    """Whether one child may leave; it can be revoked at any time. Never blocks."""

    def refusal(self) -> str | None:
        """Say why the child may not leave; None if it may, as of now."""
        ...

    def claim(self) -> str | None:
        """Claim the permit, right before the first byte of the request is written.

        Returns:
            Why the child may not leave; None if it may. Then it counts as sent.
        """
        ...

    def give_back(self) -> None:
        """Note that what was sent was certainly not executed, and never will be.

        To be sent again, the permit must be claimed again.
        """
        ...


class Venue(Protocol):
    """Where child orders go. Calls block, for a bounded time; any thread may call.

    Nothing is raised for trouble of the network, the venue or the account: the answers
    say it. No call repeats a request that may have been executed.
    """

    def place(self, child: ChildOrder, permit: Permit) -> VenueAnswer:
        """Send the child, LIMIT at its price, IOC or FOK, under its own id, once.

        The venue has to keep the id, unique for the account, and name it in all that it
        says of the child: by nothing else is a child looked up, or known in reports,
        trades and open orders. It has up to 36 characters (``ChildId``). What an
        adapter makes of it for a venue that takes fewer has to lead back to it, after a
        restart, too.

        Args:
            child: its intent is on disk.
            permit: claimed after each stamp, as the last thing before the request is
                written. A child that may not leave is answered NEVER_SENT, with the
                permit's reason.
        """
        ...

    def look_up(
        self, child: ChildOrder, *, since: datetime, thoroughly: bool
    ) -> VenueAnswer:
        """Ask what became of a child that may have been sent.

        Args:
            child: the one that may have been sent.
            since: when it was intended, at the latest.
            thoroughly: also search open orders and trades if the venue does not know
                its id. Costs much more of the venue's limits.

        Returns:
            A result once the venue has ended the order and its trades add up to what it
            says was executed. ``is_absent`` if nothing that was asked knows of it.
        """
        ...

    def probe(self) -> TradingPause | None:
        """Find out whether orders could be sent now: clock, keys, permission.

        Called while trading is paused, rarely. Sends nothing while the venue wants no
        requests.
        """
        ...

    def account(self) -> Account | None:
        """Read the balances; None if they could not be read."""
        ...

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        """Read what the venue has recorded of the account in one symbol.

        Returns:
            The trades since then, as far as they could be read at once, and the open
            children; None if nothing could be read. Gives way to orders and look-ups.
        """
        ...

    def close(self) -> None:
        """Close all connections; later calls answer that nothing was sent."""
        ...
