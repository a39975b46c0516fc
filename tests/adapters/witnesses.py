"""Hand-written stand-ins for the ports that the feed needs."""

import queue
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from domain.market.updates import Burst, FeedMessage


WAIT_SECONDS = 5.0

Message = TypeVar("Message", bound=FeedMessage)


class Inbox:
    """A recipient that keeps what it is told, in order, and takes bursts apart."""

    def __init__(self) -> None:
        self.is_gone = False
        self.bursts: list[Burst] = []
        self._queue: queue.SimpleQueue[FeedMessage] = queue.SimpleQueue()

    def tell(self, message: FeedMessage) -> bool:
        if isinstance(message, Burst):
            self.bursts.append(message)
            for event in message.events:
                self._queue.put(event)
        else:
            self._queue.put(message)
        return not self.is_gone

    def next(self) -> FeedMessage:
        return self._queue.get(timeout=WAIT_SECONDS)

    def next_of(self, kind: type[Message]) -> Message:
        message = self.next()
        assert isinstance(message, kind), message
        return message

    def is_empty(self) -> bool:
        return self._queue.empty()


class Counts:
    """A meter to look at."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.seconds: list[tuple[str, float]] = []
        self._changed = threading.Condition()

    def count(self, name: str, amount: int = 1, *, kind: str = "") -> None:
        del kind
        with self._changed:
            self.counts[name] += amount
            self.calls[name] += 1
            self._changed.notify_all()

    def observe_seconds(self, name: str, seconds: float) -> None:
        self.seconds.append((name, seconds))

    def wait_for(self, name: str, at_least: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: self.counts[name] >= at_least, WAIT_SECONDS
            ), f"{name} stayed at {self.counts[name]}"

    def wait_for_ticks(self) -> None:
        """Wait until a connection has looked after itself, at the clock of now."""
        with self._changed:
            before = self.calls["feed_frames"]
            # the first may have read the clock before
            assert self._changed.wait_for(
                lambda: self.calls["feed_frames"] >= before + 2, WAIT_SECONDS
            ), "no connection looks after itself"


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._start = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
        self.passed_ns = 0

    def now(self) -> datetime:
        return self._start + timedelta(microseconds=self.passed_ns // 1000)

    def monotonic_ns(self) -> int:
        return self.passed_ns

    def advance(self, seconds: float) -> None:
        self.passed_ns += round(seconds * 1_000_000_000)

    def set_by(self, step: timedelta) -> None:
        """Set the wall clock; the monotonic one goes on as ever."""
        self._start += step
