"""Settings of trading at Binance; every default has its reason."""

from dataclasses import dataclass
from datetime import timedelta

from adapters.network.http_transport import TransportSettings
from domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingSettings(TransportSettings):
    """How requests are sent to the venue."""

    receive_window: timedelta = timedelta(milliseconds=5000)
    """How old a request may be when the venue checks it. The venue's default, made
    explicit: it limits how late a lost request can still be executed."""

    offset_age_max: timedelta = timedelta(minutes=10)
    """After this the difference between the clocks is measured again."""

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ConfigurationError: names the setting that cannot work.
        """
        if not timedelta(0) < self.receive_window <= timedelta(seconds=60):
            raise ConfigurationError("receive_window must be above 0 and at most 60 s")
        TransportSettings.__post_init__(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStreamSettings:
    """How the connection for the user's events is used. Times are in seconds."""

    receive_window_ms: int = 5000
    answer_wait_seconds: float = 10.0
    """How long the server may take to confirm the subscription."""

    age_max_seconds: float = 23 * 3600 + 50 * 60
    """The venue cuts at 24 hours."""

    backoff_first_seconds: float = 0.25
    backoff_max_seconds: float = 30.0
    refused_seconds: float = 60.0
    """Pause between attempts while the venue refuses the keys: more frequent ones would
    look like an attack, and end in a ban."""
