"""Settings of Binance's market data; every default has its reason."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from adapters.network.connection_liveness import LivenessSettings
from domain.errors import ConfigurationError


class StreamKind(StrEnum):
    """The part of a stream's name after the symbol."""

    DEPTH = "depth@100ms"
    BOOK_TICKER = "bookTicker"


PULSE: Final = "avgPrice"
"""The stream that carries a time once a second, for a feed whose own streams do not.

A connection delivers in order, so one symbol's time holds for the others, too."""

STREAMS_PER_CONNECTION_MAX: Final = 1024
"""The venue's limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings(LivenessSettings):
    """How the feed uses its connections. Times are in seconds."""

    streams: frozenset[StreamKind] = frozenset({StreamKind.DEPTH})
    symbols_per_connection: int = 200
    gather_seconds: float = 0.05
    """Subscriptions closer together than this share the first connection."""

    connect_timeout_seconds: float = 5.0
    """For each wait while connecting."""

    connect_seconds_max: float = 10.0
    """For connecting as a whole, however slowly the answers come in."""

    tick_seconds: float = 0.25
    """How often a connection does its maintenance while nothing arrives."""

    answer_wait_seconds: float = 10.0
    """How long the server may take to confirm a subscription."""

    age_max_seconds: float = 23 * 3600 + 50 * 60
    """The venue cuts at 24 hours."""

    handover_seconds: float = 10.0
    """How long the old connection stays because of quiet symbols."""

    stable_seconds: float = 10.0
    """A connection that lived this long was good, so the back-off is reset."""

    renew_age_min_seconds: float = 2.0
    """A newer connection is not renewed: many symbols may ask at once."""

    backoff_first_seconds: float = 0.25
    backoff_max_seconds: float = 30.0

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ConfigurationError: names the setting that cannot work.
        """
        if not self.streams:
            raise ConfigurationError("streams: at least one kind is needed")
        most = STREAMS_PER_CONNECTION_MAX // len(self.streams)
        if not 1 <= self.symbols_per_connection <= most:
            raise ConfigurationError(f"symbols_per_connection must be 1 to {most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSettings:
    """How snapshots are fetched."""

    depth: int | None = None
    """Levels a side; None chooses by the number of symbols."""

    workers: int = 4
    weight_per_minute: int = 4200
    """Of the venue's 6000 per IP; the rest is for orders and other programs."""

    connect_timeout_seconds: float = 3.0
    read_timeout_seconds: float = 5.0
    """For each wait for bytes of an answer."""

    answer_seconds_max: float = 30.0
    """For a whole answer, however slowly it comes in; the largest are all symbols'
    rules, some megabytes."""

    pause_max_seconds: float = 30.0
    """Requests wait through a shorter pause and are refused during a longer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDataSettings:
    """All settings of the market data."""

    feed: FeedSettings = field(default_factory=FeedSettings)
    snapshots: SnapshotSettings = field(default_factory=SnapshotSettings)
