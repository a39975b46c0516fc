"""Who asks, and whether in time.

request-security.md (read 2026-07-21): `timestamp` less than a second ahead, and at
most `recvWindow` (5000 ms unless sent) behind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.rest.parameters import (
    MICROSECONDS_FROM,
    VenueError,
    illegal,
    missing,
)
from adapters.simulated_exchange.trading.account_keys import ApiKey
from adapters.simulated_exchange.trading.accounts import TraderAccount


RECV_WINDOW_MS, RECV_WINDOW_MS_MAX = Decimal(5000), 60_000
AHEAD_MS_MAX = 1000
WINDOW_DECIMALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatedClient:
    """A client whose request is authentic."""

    key: ApiKey
    until_us: int
    """The request is void after this moment, microseconds since 1970 UTC."""

    @property
    def account(self) -> TraderAccount:
        """The account that the key speaks for."""
        return self.key.account


def check_signature(key: ApiKey, payload: bytes, signature: str) -> None:
    """Let a signed request pass.

    Raises:
        VenueError: -1102 without signature, -1022 with a wrong one.
    """
    if not signature:
        raise missing("signature")
    if not key.verifier.accepts(payload, signature):
        raise VenueError(-1022, "Signature for this request is not valid.")


def check_time(
    key: ApiKey, parameters: Iterable[tuple[str, str]], clock: WallClock
) -> AuthenticatedClient:
    """Let a request pass that comes in time.

    Raises:
        VenueError: -1102 without timestamp, -1021 for one too early or too late.
    """
    values = dict(parameters)
    stamp_us = _read_stamp(values.get("timestamp", ""))
    window_us = int(_read_window(values.get("recvWindow")) * 1000)
    now_us = clock() * 1000
    if stamp_us >= now_us + AHEAD_MS_MAX * 1000:
        text = f"Timestamp for this request was {AHEAD_MS_MAX}ms ahead of the"
        raise VenueError(-1021, text + " server's time.")
    # The clock shows whole milliseconds, so a stamp within this one is in time.
    if now_us - stamp_us > window_us and now_us // 1000 > stamp_us // 1000:
        text = "Timestamp for this request is outside of the recvWindow."
        raise VenueError(-1021, text)
    return AuthenticatedClient(key=key, until_us=stamp_us + window_us)


def _read_stamp(text: str) -> int:
    if not text:
        raise missing("timestamp")
    if not (text.isascii() and text.isdigit()):
        raise illegal("timestamp", "^[0-9]{1,20}$")
    stamp = int(text)
    return stamp if stamp >= MICROSECONDS_FROM else stamp * 1000


def _read_window(text: str | None) -> Decimal:
    if text is None:
        return RECV_WINDOW_MS
    try:
        window = Decimal(text)
    except InvalidOperation:
        raise illegal("recvWindow", "^[0-9]{1,5}(\\.[0-9]{1,3})?$") from None
    if not window.is_finite() or window < 0 or window > RECV_WINDOW_MS_MAX:
        raise VenueError(-1131, f"recvWindow must be less than {RECV_WINDOW_MS_MAX}.")
    exponent = window.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > WINDOW_DECIMALS:
        raise VenueError(-1111, "Parameter 'recvWindow' has too much precision.")
    return window
