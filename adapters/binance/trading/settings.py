"""What can be set about trading at Binance; every default has its reason."""

from dataclasses import dataclass
from datetime import timedelta

from domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingSettings:
    """How the venue is spoken to."""

    timeout_seconds: float = 5.0
    """For each wait for bytes of an answer. The SDK's own second is shorter than what
    the venue takes under load, and each timeout is an order whose outcome is unknown.
    """

    connect_seconds_max: float = 2.5
    """For TCP, and again for TLS: a first packet that was lost is sent again after a
    second. Nothing is in doubt when it fails."""

    unconfirmed_seconds_max: float = 3.0
    """How long the other end may leave what was sent unconfirmed. A venue that is slow
    to answer confirms within a round trip; this is a path that is dead, and after it
    nothing of the request is sent again by the kernel either."""

    idle_seconds_max: float = 5.0
    """How long after the last byte from the venue a connection may be used. Routers
    and firewalls forget quiet connections after 30 to 350 s, without a word to either
    end: an order on such a one is in doubt for as long as that takes to resolve."""

    warm_connections: int = 2
    """Kept in use by pings, two a window of ``idle_seconds_max``, so that an order
    after a quiet time need not connect: less than one percent of the weight."""

    answer_seconds_max: float = 15.0
    """For a whole answer, however it dribbles in."""

    receive_window: timedelta = timedelta(milliseconds=5000)
    """How old a request may be when the venue looks at it. The venue's default, said
    aloud: it bounds how late a lost request can still be executed."""

    connections: int = 8
    """Kept open; one for each thread that sends at the same time."""

    offset_age_max: timedelta = timedelta(minutes=10)
    """After this the difference between the clocks is measured again."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigurationError: saying which setting it is.
        """
        if not timedelta(0) < self.receive_window <= timedelta(seconds=60):
            raise ConfigurationError("receive_window must be above 0 and at most 60 s")
        seconds = (
            self.timeout_seconds,
            self.answer_seconds_max,
            self.connect_seconds_max,
            self.unconfirmed_seconds_max,
            self.idle_seconds_max,
        )
        if min(seconds) <= 0:
            raise ConfigurationError("timeouts must be above 0")
        if self.connections < 1:
            raise ConfigurationError("connections: at least one is needed")


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
    """Between attempts while the venue refuses the keys: more would look like an
    attack, and end in a ban."""
