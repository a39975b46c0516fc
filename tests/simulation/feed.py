"""The way from the simulated venue to the listeners, and what goes wrong on it."""

from dataclasses import dataclass, field, replace
from random import Random

from domain.market.updates import (
    DepthSnapshot,
    DepthUpdate,
    FeedConnected,
    FeedDisconnected,
    FeedMessage,
    SnapshotFailed,
    together,
)
from domain.ports.runtime import Clock, Recipient
from domain.values import Symbol
from tests.simulation.profile import Profile
from tests.simulation.venue import SimVenue


MS = 1_000_000
RECONNECT_MS = (20, 1_000)
SNAPSHOT_MS = (5, 300)


@dataclass
class Line:
    """What is on its way for one symbol."""

    venue: SimVenue
    recipient: Recipient[FeedMessage] | None = None
    is_connected: bool = False
    is_frozen: bool = False
    frozen_ns: int = 0
    """When it was frozen: what the venue said until then was told."""

    connects_at: int | None = None
    snapshot_at: int | None = None
    frames: list[tuple[int, DepthUpdate]] = field(default_factory=list)
    """(due, frame), in the order of delivery."""

    def tell(self, message: FeedMessage) -> None:
        if self.recipient is not None:
            self.recipient.tell(message)


class SimFeed:
    """The MarketFeed port over simulated venues."""

    def __init__(
        self,
        venues: dict[Symbol, SimVenue],
        *,
        rng: Random,
        clock: Clock,
        profile: Profile,
    ) -> None:
        self._rng = rng
        self._clock = clock
        self._profile = profile
        self.lines = {symbol: Line(venue) for symbol, venue in venues.items()}
        self.has_faults = True

    # The port.

    def subscribe(self, symbol: Symbol, recipient: Recipient[FeedMessage]) -> None:
        line = self.lines[symbol]
        line.recipient = recipient
        if line.is_connected:
            line.tell(FeedConnected(symbol=symbol))
        elif line.connects_at is None:
            line.connects_at = self._in_ms(RECONNECT_MS)

    def request_snapshot(self, symbol: Symbol) -> None:
        """Answer some time; asking twice before the answer is asking once."""
        line = self.lines[symbol]
        if line.snapshot_at is None:
            line.snapshot_at = self._in_ms(SNAPSHOT_MS)

    def renew(self, symbol: Symbol, cause: str) -> None:
        self.cut(symbol, cause)

    def as_of_ns(self, symbol: Symbol) -> int:
        """Say how far the line's stream was delivered; a frozen one says no more."""
        line = self.lines[symbol]
        if not line.is_connected:
            return 0
        last_ns = line.frozen_ns if line.is_frozen else self._clock.monotonic_ns()
        return min((frame.stated_ns for _, frame in line.frames), default=last_ns)

    def close(self) -> None:
        for line in self.lines.values():
            line.recipient = None

    # The world.

    def reset(self) -> None:
        """Lose all connections, as when the process is killed."""
        for symbol, line in list(self.lines.items()):
            self.lines[symbol] = Line(line.venue)

    def heal(self) -> None:
        """Let everything go well from now on."""
        self.has_faults = False
        for line in self.lines.values():
            line.is_frozen = False

    def freeze(self, symbol: Symbol) -> None:
        """Let the venue fall silent, though its connection stays."""
        line = self.lines[symbol]
        if not line.is_frozen:
            line.is_frozen, line.frozen_ns = True, self._clock.monotonic_ns()

    def silent_ns(self, symbol: Symbol) -> int:
        """Say for how long the venue has been silent."""
        line = self.lines[symbol]
        return self._clock.monotonic_ns() - line.frozen_ns if line.is_frozen else 0

    def cut(self, symbol: Symbol, cause: str) -> None:
        """Drop the connection and everything on its way; it comes back by itself."""
        line = self.lines[symbol]
        line.frames.clear()
        line.is_frozen = False
        line.connects_at = self._in_ms(RECONNECT_MS)
        if line.is_connected:
            line.is_connected = False
            line.tell(FeedDisconnected(symbol=symbol, cause=cause))

    def send(self, update: DepthUpdate) -> None:
        """Put a frame on its way, perhaps not the way it should be."""
        line = self.lines[update.symbol]
        if not line.is_connected or line.is_frozen:
            return
        profile, due = self._profile, self._clock.monotonic_ns() + self._ms(1, 5)
        if line.frames:
            due = max(due, line.frames[-1][0])
        if self._has(profile.gap):
            return
        if self._has(profile.late):
            due += self._ms(50, 1_500)
        update = replace(update, stated_ns=self._clock.monotonic_ns())
        line.frames.append((due, update))
        if self._has(profile.duplicate):
            line.frames.append((due, update))
        if self._has(profile.reorder) and len(line.frames) > 1:
            (due, last), (_, before) = line.frames[-1], line.frames[-2]
            line.frames[-2:] = [(due, last), (due, before)]

    def deliver(self) -> None:
        """Tell everything that is due."""
        now = self._clock.monotonic_ns()
        for symbol, line in self.lines.items():
            if line.connects_at is not None and line.connects_at <= now:
                line.connects_at = None
                line.is_connected = True
                line.tell(FeedConnected(symbol=symbol))
            due = [
                replace(update, received_ns=now)
                for at, update in line.frames
                if at <= now
            ]
            del line.frames[: len(due)]
            while due:
                at_once = due[: self._rng.randrange(1, len(due) + 1)]
                del due[: len(at_once)]
                line.tell(together(at_once))
            if line.snapshot_at is not None and line.snapshot_at <= now:
                line.snapshot_at = None
                line.tell(self._snapshot(line.venue))

    def next_due_ns(self) -> int | None:
        """Return when there is something to deliver."""
        times = [
            due
            for line in self.lines.values()
            for due in (line.connects_at, line.snapshot_at)
            if due is not None
        ]
        times += [line.frames[0][0] for line in self.lines.values() if line.frames]
        return min(times, default=None)

    def _snapshot(self, venue: SimVenue) -> DepthSnapshot | SnapshotFailed:
        if self._has(self._profile.snapshot_failure):
            return SnapshotFailed(symbol=venue.symbol, cause="simulated")
        is_old = self._has(self._profile.snapshot_old)
        return venue.snapshot(self._rng.randrange(1, 6) if is_old else 0)

    def _has(self, chance: float) -> bool:
        return self.has_faults and chance > 0 and self._rng.random() < chance

    def _ms(self, least: int, most: int) -> int:
        return self._rng.randrange(least, most) * MS

    def _in_ms(self, bounds: tuple[int, int]) -> int:
        return self._clock.monotonic_ns() + self._ms(*bounds)
