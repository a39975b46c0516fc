"""The armed faults: what they do to the next events and requests.

Everything is counted or timed from the moment of arming, or drawn from a seeded chance
of the fault's own, so a fault does the same each time. Depth faults count and draw for
each stream by itself: two clients of one stream see the same fault.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from msgspec import to_builtins

from adapters.simulated_exchange.faults.fault_quota import FaultQuota
from adapters.simulated_exchange.faults.fault_requests import (
    AnyFault,
    Delay,
    DepthFault,
    DrawnFault,
    Duplicate,
    Gap,
    HttpError,
    SilenceFault,
    StaleSnapshot,
)
from adapters.simulated_exchange.market.source import VisibleBook
from adapters.simulated_exchange.market.symbols import of_stream


DEPTH_SUFFIXES = ("@depth", "@depth@100ms")


@dataclass(slots=True)
class _ArmedDepth:
    """A depth fault and how far it has come on each stream."""

    fault: DepthFault
    quotas: dict[str, FaultQuota] = field(default_factory=dict)
    held: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class _ArmedStale:
    """A stale snapshot: the books as they were, and answers still to give."""

    fault: StaleSnapshot
    books: dict[str, VisibleBook]
    quota: FaultQuota


@dataclass(slots=True)
class _ArmedHttp:
    fault: HttpError
    quota: FaultQuota


@dataclass(slots=True)
class _ArmedUntil:
    """A fault that lasts until a moment of the loop's clock."""

    fault: SilenceFault | Delay
    until: float


class Faults:
    """Every armed fault of the exchange."""

    def __init__(self, seed: int = 1) -> None:
        """Start with none; the seed decides what is left to chance."""
        self._seed = seed
        self.applied: Counter[str] = Counter()
        """Name of a switch -> how often it has done something."""
        self._depth: list[_ArmedDepth] = []
        self._stale: list[_ArmedStale] = []
        self._http: list[_ArmedHttp] = []
        self._timed: list[_ArmedUntil] = []

    def note(self, fault: AnyFault) -> None:
        """Count that a fault has done something."""
        self.applied[str(fault.__struct_config__.tag)] += 1

    def clear(self) -> None:
        """Disarm everything; what was applied stays counted."""
        for armed in (self._depth, self._stale, self._http, self._timed):
            armed.clear()

    def arm_depth(self, fault: DepthFault) -> None:
        """Arm a fault of diff depth events."""
        self._depth.append(_ArmedDepth(fault))

    def arm_stale(self, fault: StaleSnapshot, books: dict[str, VisibleBook]) -> None:
        """Arm stale answers from these books, whose ids are set back."""
        dated = {
            symbol: replace(
                book,
                last_update_id=max(book.last_update_id - fault.behind, 0),
                body=None,
            )
            for symbol, book in books.items()
        }
        self._stale.append(_ArmedStale(fault, dated, self._quota(fault)))

    def arm_http(self, fault: HttpError) -> None:
        """Arm refusals of REST requests."""
        self._http.append(_ArmedHttp(fault, self._quota(fault)))

    def arm_until(self, fault: SilenceFault | Delay, until: float) -> None:
        """Arm a fault that lasts until a moment (loop time)."""
        self._timed.append(_ArmedUntil(fault, until))

    def describe(self) -> list[object]:
        """Return the armed faults as JSON values."""
        requests: list[AnyFault] = [
            *(armed.fault for armed in self._depth),
            *(armed.fault for armed in self._stale),
            *(armed.fault for armed in self._http),
            *(armed.fault for armed in self._timed),
        ]
        return [to_builtins(request) for request in requests]

    def shape(self, stream: str, data: bytes) -> tuple[bytes, ...]:
        """Return what is sent in place of a payload: nothing, one or two."""
        if not self._depth or not stream.endswith(DEPTH_SUFFIXES):
            return (data,)
        symbol = of_stream(stream)
        for armed in self._depth:
            if not _concerns(armed.fault.symbol, symbol):
                continue
            quota = armed.quotas.get(stream)
            if quota is None:
                quota = armed.quotas[stream] = self._quota(armed.fault, stream)
            if stream in armed.held or quota.hit():
                return self._apply_depth(armed, stream, data)
        return (data,)

    def _quota(self, fault: DrawnFault, stream: str = "") -> FaultQuota:
        seed = self._seed if fault.seed is None else fault.seed
        source = f"{seed}:{fault.__struct_config__.tag}:{stream}"
        return FaultQuota(fault.count, fault.probability, source)

    def _apply_depth(
        self, armed: _ArmedDepth, stream: str, data: bytes
    ) -> tuple[bytes, ...]:
        match armed.fault:
            case Gap():
                frames: tuple[bytes, ...] = ()
            case Duplicate():
                frames = (data, data)
            case _ if stream not in armed.held:
                armed.held[stream] = data
                return ()
            case _:
                frames = (data, armed.held.pop(stream))
        self.note(armed.fault)
        return frames

    def due(self, stream: str, now: float) -> float | None:
        """Return when a payload may leave (loop time); None when it never does."""
        due = now
        if not self._timed:
            return due
        self._expire(now)
        symbol = of_stream(stream)
        for armed in self._timed:
            fault = armed.fault
            if not _concerns(fault.symbol, symbol):
                continue
            if isinstance(fault, SilenceFault):
                self.note(fault)
                if fault.after == "gap":
                    return None
                due = max(due, armed.until)
            elif fault.target == "streams":
                self.note(fault)
                due = max(due, now + fault.seconds)
        return due

    def pings_muted(self, now: float) -> bool:
        """Return whether pings are neither sent nor answered."""
        self._expire(now)
        return any(
            isinstance(armed.fault, SilenceFault) and not armed.fault.answer_pings
            for armed in self._timed
        )

    def rest_delay_seconds(self, symbol: str, now: float) -> float:
        """Return how late a REST answer must be."""
        self._expire(now)
        waits = [
            armed.fault.seconds
            for armed in self._timed
            if isinstance(armed.fault, Delay)
            and armed.fault.target == "rest"
            and _concerns(armed.fault.symbol, symbol)
        ]
        return max(waits, default=0.0)

    def _expire(self, now: float) -> None:
        if self._timed:
            self._timed = [armed for armed in self._timed if armed.until > now]

    def take_http_error(self, path: str, symbol: str) -> HttpError | None:
        """Return the refusal that this request gets, if one is armed for it."""
        for armed in self._http:
            fault = armed.fault
            is_meant = fault.path in {None, path} and _concerns(fault.symbol, symbol)
            if is_meant and armed.quota.hit():
                if armed.quota.is_used_up:
                    self._http.remove(armed)
                self.note(fault)
                return fault
        return None

    def take_stale_book(self, symbol: str, limit: int) -> VisibleBook | None:
        """Return the old book that this depth request gets, if one is armed."""
        for armed in self._stale:
            book = armed.books.get(symbol)
            if book is not None and armed.quota.hit():
                if armed.quota.is_used_up:
                    self._stale.remove(armed)
                self.note(armed.fault)
                return replace(book, bids=book.bids[:limit], asks=book.asks[:limit])
        return None


def _concerns(wanted: str | None, symbol: str) -> bool:
    return wanted is None or wanted == symbol
