"""The venue's limits on this process: one breaker for market data and orders alike.

Source: Binance spot API documentation, limits (2026-07-21): windows follow the
calendar; weight is counted per IP, orders per account; after 429 or 418 nothing may be
sent before ``Retry-After`` has passed; a websocket accepts 5 messages a second from us.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final

from adapters.network.paced_sender import Pace
from adapters.network.pacing import MINUTE_SECONDS, SECOND_NS, CalendarBudget
from domain.ports.runtime import Clock
from domain.venue.answers import PauseReason, TradingPause
from domain.venue.limit_use import LimitUse


logger = logging.getLogger(__name__)

WEIGHT_HEADER: Final = "X-MBX-USED-WEIGHT-1M"
ORDER_HEADER: Final = "X-MBX-ORDER-COUNT-"
_LETTERS: Final = {1: "S", 60: "M", 3600: "H", 86_400: "D"}
_RESERVE_MAX: Final = 1000
_DIGITS_MAX: Final = 12

WEBSOCKET_PACE: Final = Pace(messages_max=4, span_seconds=1.2)

PAUSE_SECONDS_MAX: Final = 3 * 86_400.0
"""The longest ban there is."""

_KEPT_ABOVE_SECONDS: Final = 60.0
"""A ban lasts two minutes or more. A shorter pause is at most the rest of a window, and
not worth a failed start: one request too many does no harm."""


class LimitKind(StrEnum):
    """What the venue counts."""

    WEIGHT = "REQUEST_WEIGHT"
    REQUESTS = "RAW_REQUESTS"
    ORDERS = "ORDERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """One limit of the venue."""

    kind: LimitKind
    unit_seconds: int
    """1, 60, 3600 or 86400."""

    units: int
    limit: int


DEFAULT_LIMITS: Final = (
    RateLimit(kind=LimitKind.WEIGHT, unit_seconds=60, units=1, limit=6000),
    RateLimit(kind=LimitKind.ORDERS, unit_seconds=1, units=10, limit=50),
    RateLimit(kind=LimitKind.ORDERS, unit_seconds=86_400, units=1, limit=160_000),
    RateLimit(kind=LimitKind.REQUESTS, unit_seconds=60, units=5, limit=61_000),
)
"""Until the exchange info has been read: the lowest documented figures."""


class Use(Enum):
    """The purpose of a request: the share of the limit that it may use, in percent."""

    READ = 70
    """Market data: there is another snapshot next minute."""

    LOOK_UP = 85
    """Orders whose outcome is unknown, keys and balances."""

    ORDER = 95
    """The rest is for other programs behind the same address."""


class VenueLimits:
    """Says when a request may be sent. Usable from every thread; never blocks."""

    def __init__(self, *, clock: Clock, reads_per_minute: int | None = None) -> None:
        """Start with nothing used.

        Args:
            clock: for the windows and the pauses.
            reads_per_minute: weight per minute up to which reads may go until the venue
                has stated its limit; after that, or if not given, a share of the limit.
        """
        self._clock = clock
        self._reads_per_minute: int | None = None
        self._lock = threading.Lock()
        self._measured: tuple[datetime, int] | None = None
        self._weight = CalendarBudget(limit=0)
        self._requests = CalendarBudget(limit=0)
        self._orders: dict[str, CalendarBudget] = {}
        self._orders_in_flight = 0
        self._paused_until_ns = 0
        self._pause_reason = PauseReason.RATE_LIMITED
        self._pause_words = ""
        self._keep: Callable[[datetime], object] = lambda _until: None
        self._kept_until_ns = 0
        self.set_limits(DEFAULT_LIMITS)
        self._reads_per_minute = reads_per_minute

    def set_limits(self, limits: Iterable[RateLimit]) -> None:
        """Take the venue's figures; kinds that are not given stay as they are."""
        with self._lock:
            self._reads_per_minute = None  # from now on a share of the stated limit
            for limit in limits:
                self._set_limit(limit)

    def set_time(self, venue_now: datetime) -> None:
        """Take the venue's time, by which the windows go."""
        with self._lock:
            self._measured = venue_now, self._clock.monotonic_ns()

    def claim(self, weight: int, use: Use = Use.READ) -> float:
        """Claim a request; return 0, or the seconds after which to ask again."""
        with self._lock:
            now = self._now()
            wait = self._pause_seconds() or self._wait(weight, use, now)
            if not wait:
                self._weight.spend(weight, now)
                self._requests.spend(1, now)
            return wait

    def claim_order(self, weight: int = 1) -> TradingPause | None:
        """Claim the placing of an order, to be settled once it is answered.

        Returns:
            None when it may be sent now.
        """
        with self._lock:
            if pause := self._standing_pause():
                return pause
            now = self._now()
            wait = self._wait(weight, Use.ORDER, now)
            for budget in self._orders.values():
                most = _without_reserve(budget.limit) - self._orders_in_flight
                wait = max(wait, self._wait_for_order(budget, most, now))
            if wait:
                detail = "the venue's limits are nearly used up"
                return _pause(PauseReason.LIMIT_NEAR, detail, wait)
            self._weight.spend(weight, now)
            self._requests.spend(1, now)
            self._orders_in_flight += 1
            return None

    def settle_order(
        self, headers: Mapping[str, str], *, was_sent: bool, left_ns: int
    ) -> None:
        """Settle an order's claim by the counts in the answer's headers.

        The venue takes filled orders off, so its count may be below ours; but it may
        also be older, because answers overtake each other. An order that left in an
        earlier window may have arrived in this one, so it counts in this one.

        Args:
            headers: of the answer.
            was_sent: whether the order may have reached the venue.
            left_ns: monotonic, when its request left.
        """
        with self._lock:
            now = self._now()
            self._orders_in_flight -= 1
            for name, budget in self._orders.items():
                counted = _number(headers.get(ORDER_HEADER + name))
                is_of_window = budget.is_of_window(now, self._age_seconds(left_ns))
                if counted is not None and is_of_window:
                    budget.correct(counted, now, left_ns)
                elif was_sent:
                    budget.correct(budget.used(now) + 1, now, left_ns)

    def used(self) -> list[LimitUse]:
        """Return what is used of each limit in its present window."""
        with self._lock:
            now = self._now()
            budgets = [
                (LimitKind.WEIGHT, self._weight),
                (LimitKind.REQUESTS, self._requests),
                *((LimitKind.ORDERS, budget) for budget in self._orders.values()),
            ]
            return [
                LimitUse(
                    limit=kind.lower(),
                    window_seconds=budget.span_seconds,
                    used=budget.used(now),
                    most=budget.limit,
                )
                for kind, budget in budgets
            ]

    def is_scarce(self) -> bool:
        """Whether half of the minute's weight for reads is used."""
        with self._lock:
            return self._weight.used(self._now()) > self._most_weight(Use.READ) // 2

    def learn(self, headers: Mapping[str, str], left_ns: int) -> None:
        """Take the counts in the headers of any reply.

        Args:
            headers: of the answer.
            left_ns: monotonic, when its request left, at the earliest.
        """
        used = _number(headers.get(WEIGHT_HEADER))
        if used is None:
            return
        with self._lock:
            now = self._now()
            if self._weight.is_of_window(now, self._age_seconds(left_ns)):
                self._weight.learn(used, now)

    def pause(
        self,
        seconds: float,
        reason: PauseReason = PauseReason.RATE_LIMITED,
        *,
        words: str = "",
    ) -> None:
        """Send nothing for some time, three days at most.

        Args:
            seconds: from now.
            reason: what kind of pause it is.
            words: the venue's own, for the operator.
        """
        seconds = min(seconds, PAUSE_SECONDS_MAX)
        logger.warning(
            "Venue wants no requests for a while seconds=%s reason=%s words=%s",
            seconds,
            reason,
            words,
        )
        until_ns = self._clock.monotonic_ns() + round(seconds * SECOND_NS)
        with self._lock:
            if until_ns > self._paused_until_ns:
                self._paused_until_ns = until_ns
                self._pause_reason, self._pause_words = reason, words
            # Of a burst of equal answers, recording the first is enough.
            is_news = until_ns > self._kept_until_ns + SECOND_NS
            is_news = is_news and seconds > _KEPT_ABOVE_SECONDS
            if is_news:
                self._kept_until_ns = until_ns
        if is_news:
            self._keep(self._clock.now() + timedelta(seconds=seconds))

    def remember(
        self, until: datetime | None, keep: Callable[[datetime], object]
    ) -> None:
        """Continue the pause that an earlier process recorded, and record new ones.

        Args:
            until: its end by the wall clock, if there is one. Ignored if it is over, or
                too far off to be true.
            keep: called with the end of each new pause that is as long as a ban, in
                the thread that met it.
        """
        if until is not None:
            left = (until - self._clock.now()).total_seconds()
            if 0 < left <= PAUSE_SECONDS_MAX:
                self.pause(left)
        self._keep = keep

    def pause_seconds(self) -> float:
        """Return how much of the pause is left; 0 when there is none."""
        with self._lock:
            return self._pause_seconds()

    def standing_pause(self) -> TradingPause | None:
        """Return the pause in force, with the time left of it."""
        with self._lock:
            return self._standing_pause()

    def venue_now(self) -> datetime:
        """Return our best estimate of the venue's time."""
        with self._lock:
            return self._now()

    def _set_limit(self, limit: RateLimit) -> None:
        span = limit.unit_seconds * limit.units
        if limit.kind is LimitKind.ORDERS:
            name = f"{limit.units}{_LETTERS[limit.unit_seconds]}"
            budget = self._orders.setdefault(
                name, CalendarBudget(limit=0, span_seconds=span)
            )
        elif limit.kind is LimitKind.REQUESTS:
            budget = self._requests
            budget.span_seconds = span
        elif span == MINUTE_SECONDS:
            budget = self._weight
        else:
            return  # no header says how much of it is used
        budget.limit = limit.limit

    def _wait(self, weight: int, use: Use, now: datetime) -> float:
        return max(
            self._weight.wait_seconds(weight, now, at_most=self._most_weight(use)),
            self._requests.wait_seconds(
                1, now, at_most=self._requests.limit * use.value // 100
            ),
        )

    def _most_weight(self, use: Use) -> int:
        most = self._weight.limit * use.value // 100
        if use is Use.READ and self._reads_per_minute is not None:
            return min(self._reads_per_minute, most)
        return most

    @staticmethod
    def _wait_for_order(budget: CalendarBudget, most: int, now: datetime) -> float:
        if most <= 0:
            # all that may be sent are under way: their answers will tell more
            return float(budget.span_seconds - now.timestamp() % budget.span_seconds)
        return budget.wait_seconds(1, now, at_most=most)

    def _now(self) -> datetime:
        """Return the venue's time; once known, independent of our wall clock."""
        if self._measured is None:
            return self._clock.now()
        told, then_ns = self._measured
        return told + timedelta(seconds=self._age_seconds(then_ns))

    def _age_seconds(self, then_ns: int) -> float:
        return (self._clock.monotonic_ns() - then_ns) / SECOND_NS

    def _pause_seconds(self) -> float:
        left_ns = self._paused_until_ns - self._clock.monotonic_ns()
        return max(0.0, left_ns / SECOND_NS)

    def _standing_pause(self) -> TradingPause | None:
        left = self._pause_seconds()
        if not left:
            return None
        detail = "the venue wants no requests for now"
        if self._pause_words:
            detail = f"{detail}: {self._pause_words}"
        return _pause(self._pause_reason, detail, left)


def _pause(reason: PauseReason, detail: str, seconds: float) -> TradingPause:
    return TradingPause(
        reason=reason, detail=detail, duration=timedelta(seconds=seconds)
    )


def _without_reserve(limit: int) -> int:
    """Leave a tenth, or a thousand, for orders that a person places besides ours."""
    return max(1, limit - max(1, min(limit // 10, _RESERVE_MAX)))


def _number(text: str | None) -> int | None:
    is_number = text is not None and text.isdecimal() and len(text) <= _DIGITS_MAX
    return int(text) if text is not None and is_number else None
