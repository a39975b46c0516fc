"""Where prices come from; the listeners' port."""

from typing import Protocol

from domain.market.updates import FeedMessage
from domain.ports.runtime import Recipient
from domain.values import Symbol


class MarketFeed(Protocol):
    """Prices from a market. No call blocks; answers are told to the recipient."""

    def subscribe(self, symbol: Symbol, recipient: Recipient[FeedMessage]) -> None:
        """Send everything about the symbol to ``recipient`` from now on.

        Replaces an earlier recipient. ``FeedConnected`` is the first message, as soon
        as updates flow (at once when they already do).
        """
        ...

    def request_snapshot(self, symbol: Symbol) -> None:
        """Have a ``DepthSnapshot`` or a ``SnapshotFailed`` sent to the recipient."""
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
