"""All that the service has of one venue, bundled; the port of ``run.py``.

Its trading side, where child orders go, is a ``Venue`` (``venue.py``); paper is a
``Venue`` without a connection.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from domain.market.public_trades import PublicTrades
from domain.market.updates import Level
from domain.ports.market_feed import MarketFeed
from domain.ports.runtime import Recipient
from domain.ports.venue import Venue
from domain.values import Symbol
from domain.venue.answers import UserStreamMessage
from domain.venue.limit_use import LimitUse
from domain.venue.symbol_rules import SymbolRules


class VenueConnection(Protocol):
    """A venue's prices, its rules, its limits on us, and our account there.

    Whatever goes to the venue through any part of it counts against the same limits.
    """

    @property
    def address(self) -> str:
        """Where requests go, as a URL; a ban is kept under it."""
        ...

    @property
    def market_address(self) -> str:
        """Where prices come from, as a URL for people to read."""
        ...

    @property
    def feed(self) -> MarketFeed:
        """Prices."""
        ...

    @property
    def venue(self) -> Venue | None:
        """Where child orders go; None without an account: they are filled on paper."""
        ...

    @property
    def concurrent_calls(self) -> int:
        """Calls about child orders that may be under way at once; each may block."""
        ...

    @property
    def records_since(self) -> datetime | None:
        """When we started the venue, if it was us.

        Then it knows nothing from before, and ends with us. None: it remembers.
        """
        ...

    def rules(
        self, symbols: Collection[Symbol], *, was_listed: Callable[[Symbol], bool]
    ) -> Mapping[Symbol, SymbolRules]:
        """Read what orders on these symbols must look like. Blocks.

        Args:
            symbols: those to read.
            was_listed: whether the venue must have known a symbol once. If it has
                forgotten such a symbol, that is DELISTED.

        Raises:
            ConfigurationError: naming the symbols that the venue does not know.
            VenueUnavailableError: it does not answer, or wants no requests.
        """
        ...

    def known_rules(self, symbols: Collection[Symbol]) -> Mapping[Symbol, SymbolRules]:
        """Read the same for those of the symbols that the venue knows. Blocks.

        Raises:
            VenueUnavailableError: it does not answer, or wants no requests.
        """
        ...

    def best_bid(self, symbol: Symbol) -> Level | None:
        """Ask for the current best bid; None if there is none, or no answer. Blocks.

        Returns:
            (price, quantity).
        """
        ...

    def remember_ban(
        self, until: datetime | None, keep: Callable[[datetime], object]
    ) -> None:
        """Respect a ban that an earlier process was given, and have new ones kept.

        Args:
            until: its end by the wall clock; None: there was none.
            keep: called with the end of each new ban, in the thread that was given it.
        """
        ...

    def limits_used(self) -> Sequence[LimitUse]:
        """Return what is used of the venue's limits now; does not ask it."""
        ...

    def account_events(
        self, recipient: Recipient[UserStreamMessage]
    ) -> AbstractContextManager[None]:
        """Pass on the account's events while this context is entered.

        Its connections are kept alive meanwhile. Does nothing without an account.
        """
        ...

    def public_trades(
        self, symbols: Collection[Symbol], recipient: Recipient[PublicTrades]
    ) -> AbstractContextManager[None]:
        """Pass on all trades of these symbols while this context is entered.

        Some may be missed, while a connection is made anew: their ids say so.
        """
        ...

    def close(self) -> None:
        """Close all connections; nothing is passed on or sent afterwards."""
        ...
