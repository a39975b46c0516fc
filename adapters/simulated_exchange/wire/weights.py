"""Request weight and connects of each client address, as the venue counts them.

rest-api.md, LIMITS (read 2026-07-21): 6000 weight in each calendar minute, 429 over
it, 418 and a ban for those who go on, from two minutes up to three days.
"""

from collections import deque
from dataclasses import dataclass

from adapters.simulated_exchange.clock import WallClock


WEIGHT_MAX = 6000
MINUTE_MS = 60_000
WARNINGS_MAX = 10
"""Answers of 429 within a minute, after which the address is banned."""
BAN_MS = 120_000
BAN_MS_MAX = 3 * 86_400_000
CONNECTS_MAX = 300
CONNECTS_WINDOW_MS = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The meter's answer about one request."""

    used: int
    """Weight used in this minute, this request included."""
    retry_after_seconds: int = 0
    """Above zero when the request must not be served."""
    banned_until_ms: int = 0


class WeightMeter:
    """Weight used by each address in the present calendar minute."""

    def __init__(self, clock: WallClock, *, enforce: bool) -> None:
        """Count always; refuse only when enforcing."""
        self._clock = clock
        self._enforce = enforce
        self._minute = 0
        self._used: dict[str, int] = {}
        self._warnings: dict[str, int] = {}
        self._banned_until_ms: dict[str, int] = {}
        self._ban_ms: dict[str, int] = {}

    def charge(self, address: str, weight: int) -> Admission:
        """Count a request and say whether it may be served."""
        now_ms = self._clock()
        self._turn_minute(now_ms // MINUTE_MS)
        used = self._used[address] = self._used.get(address, 0) + weight
        if not self._enforce:
            return Admission(used=used)
        if self._banned_until_ms.get(address, 0) > now_ms:
            return self._banned(address, used, now_ms)
        if used <= WEIGHT_MAX:
            return Admission(used=used)
        warnings = self._warnings[address] = self._warnings.get(address, 0) + 1
        if warnings > WARNINGS_MAX:
            ban_ms = self._ban_ms.get(address, BAN_MS)
            self._ban_ms[address] = min(ban_ms * 2, BAN_MS_MAX)
            self._banned_until_ms[address] = now_ms + ban_ms
            return self._banned(address, used, now_ms)
        left_ms = MINUTE_MS - now_ms % MINUTE_MS
        return Admission(used=used, retry_after_seconds=-(-left_ms // 1000))

    def used(self, address: str) -> int:
        """Return the weight used in this minute."""
        self._turn_minute(self._clock() // MINUTE_MS)
        return self._used.get(address, 0)

    def refund(self, address: str, weight: int) -> int:
        """Take back the weight of a call that turned out free; return what is used."""
        used = self._used[address] = max(self._used.get(address, 0) - weight, 0)
        return used

    def _banned(self, address: str, used: int, now_ms: int) -> Admission:
        until_ms = self._banned_until_ms[address]
        seconds = -(-(until_ms - now_ms) // 1000)
        return Admission(
            used=used, retry_after_seconds=seconds, banned_until_ms=until_ms
        )

    def _turn_minute(self, minute: int) -> None:
        if minute != self._minute:
            self._minute = minute
            self._used.clear()
            self._warnings.clear()


class ConnectMeter:
    """Connection attempts of each address in the last five minutes."""

    def __init__(self, clock: WallClock, *, enforce: bool) -> None:
        """Refuse only when enforcing."""
        self._clock = clock
        self._enforce = enforce
        self._attempts: dict[str, deque[int]] = {}

    def allow(self, address: str) -> bool:
        """Count an attempt and say whether it may connect."""
        now_ms = self._clock()
        attempts = self._attempts.setdefault(address, deque(maxlen=CONNECTS_MAX + 1))
        attempts.append(now_ms)
        while attempts[0] <= now_ms - CONNECTS_WINDOW_MS:
            attempts.popleft()
        return not self._enforce or len(attempts) <= CONNECTS_MAX
