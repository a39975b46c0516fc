"""Where prices come from; the listeners' port."""

from typing import Protocol

from domain.market.updates import FeedMessage
from domain.ports.runtime import Recipient
from domain.values import Symbol


class MarketFeed(Protocol):
    """Prices from a market. No call blocks; answers are told to the recipient.

    What is told of a symbol must be as follows, or its book is wrong, or never there:

    * Ids are whole numbers above zero. Updates and snapshots share one sequence of
      them, which only grows, over reconnections, too: no id ever stands for two states
      of a book. Each update begins at the id behind the one before, or covers it; one
      that begins later is a gap, and costs the book until a new snapshot. Where the
      venue does not number like that, the adapter does, and reports a gap that it
      notices, by a checksum, say, as ``FeedDisconnected`` and ``FeedConnected``.
    * A level has the absolute quantity that is there now; zero removes it. Where the
      stream shows only so many levels, one that drops out of sight must be stated as
      zero: nobody would state it again, and it would be sold to for ever.
    * Between ``FeedConnected`` and ``FeedDisconnected`` nothing is left out.
    * A symbol has depth updates, with snapshots, or only its best prices.
    * Amounts are those that the domain counts with (``domain/values.py``).
    """

    def subscribe(self, symbol: Symbol, recipient: Recipient[FeedMessage]) -> None:
        """Send everything about the symbol to ``recipient`` from now on.

        Replaces an earlier recipient. ``FeedConnected`` is the first message, as soon
        as updates flow (at once when they already do).
        """
        ...

    def request_snapshot(self, symbol: Symbol) -> None:
        """Have a ``DepthSnapshot`` or a ``SnapshotFailed`` sent to the recipient.

        Asked for after the first update, and after each gap; then the answer must not
        be older than that update. Also asked for while a symbol is quiet, to find out
        whether its stream has died without a word: an id beyond the stream's says so.
        So an adapter whose venue sends snapshots by itself, and that answers with its
        own copy of the book, has to notice a dead stream in another way. It passes on
        no snapshot that was not asked for.
        """
        ...

    def renew(self, symbol: Symbol, cause: str) -> None:
        """Drop the connection that carries the symbol and make a new one."""
        ...

    def as_of_ns(self, symbol: Symbol) -> int | None:
        """Return up to when the symbol's stream is known, by the monotonic clock.

        Everything that the venue said of the symbol until then has been passed on. For
        a quiet symbol, another symbol's message or the answer to a ping proves it. Any
        thread may call.

        Returns:
            0 before the first message; None: up to now, where no venue can be silent.
        """
        ...

    def close(self) -> None:
        """End all connections; nothing is sent afterwards."""
        ...
