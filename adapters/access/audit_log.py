"""Notes who made which call that may change something, without ever waiting for it.

Calls are put into a queue, and a thread of its own writes them, many at a time, in
short transactions beside the service's own. So an order's intake is not slowed, and
trading goes on while the audit trail is locked. What was put within the last second or
so before the process is killed is missing from the trail; what the calls did is not.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from domain.ports.observing import Meter
from domain.ports.runtime import Clock


logger = logging.getLogger(__name__)

JOIN_SECONDS: Final = 0.5
"""Calls of such a time are written together."""

BATCH_MAX: Final = 500
"""Rows in one transaction: others wait for it on SQLite."""

WAITING_MAX: Final = 50_000
"""Kept while nothing can be written: some 30 MB. Beyond it, calls are not noted."""

CLOSE_SECONDS: Final = 2.0
"""How long a stop waits until everything is written."""

FORGET_SECONDS: Final = 3600.0
"""Between two looks for what is too old."""

FORGET_BATCHES_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A call that may have changed something."""

    at: datetime
    """When it came."""

    caller: str
    """Name of its token, ``loopback``, or ``console`` for the command line itself."""

    peer: str
    """The address that it came from; empty for the command line."""

    call: str
    """Method and path, with the query; or the command."""

    order_id: str | None = None
    status: int | None = None
    """Of the answer; None if it got none."""

    code: str | None = None
    """Of the refusal, if it was refused."""


class AuditTrail(Protocol):
    """Where entries are kept."""

    def append(self, entries: Sequence[AuditEntry]) -> None:
        """Write entries, all or none.

        Raises:
            StoreUnavailableError: they cannot be written now.
        """
        ...

    def forget_before(self, moment: datetime, limit: int) -> int:
        """Delete so many of the oldest entries that are older; return how many.

        Raises:
            StoreUnavailableError: that cannot be done now.
        """
        ...


class AuditLog:
    """Takes entries from any thread, and has them written."""

    def __init__(
        self, trail: AuditTrail, clock: Clock, kept: timedelta | None, meter: Meter
    ) -> None:
        """Write nothing yet.

        Args:
            trail: used by the thread of ``start`` only.
            clock: says what is too old.
            kept: how long entries are; None: for ever.
            meter: counts entries that were lost.
        """
        self._trail: Final = trail
        self._clock: Final = clock
        self._kept = kept
        self._meter: Final = meter
        self._calls: Final[deque[Callable[[], AuditEntry]]] = deque()
        self._entries: Final[deque[AuditEntry]] = deque()
        self._is_writable = True
        self._forgot_at = time.monotonic() - FORGET_SECONDS
        self._is_over: Final = threading.Event()
        self._thread: Final = threading.Thread(
            target=self._run, name="audit", daemon=True
        )

    @property
    def waiting(self) -> int:
        """How many entries are not written yet."""
        return len(self._calls) + len(self._entries)

    def put(self, call: Callable[[], AuditEntry]) -> None:
        """Note a call; returns at once.

        Args:
            call: makes the entry, in our thread and about half a second later.
        """
        if self.waiting < WAITING_MAX:
            self._calls.append(call)
        else:
            self._meter.count("audit_entries_lost")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what is left, for a while at most, and end the thread."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)
        if left := self.waiting:
            logger.error("Audit entries lost at the stop count=%s", left)

    def write(self) -> None:
        """Write what was put so far; keep it when that cannot be done."""
        while self._calls:
            self._take(self._calls.popleft())
        try:
            while self._entries:
                self._write_some()
        except Exception as error:  # noqa: BLE001 - whatever it is, trading goes on
            if self._is_writable:
                self._is_writable = False
                logger.warning("Audit trail not writable, entries wait error=%s", error)
            return
        if not self._is_writable:
            self._is_writable = True
            logger.info("Audit trail writable again")

    def forget(self) -> None:
        """Delete what is too old, if it is time for that."""
        is_time = time.monotonic() - self._forgot_at >= FORGET_SECONDS
        if self._kept is None or not is_time:
            return
        self._forgot_at = time.monotonic()
        before = self._clock.now() - self._kept
        try:
            for _ in range(FORGET_BATCHES_MAX):
                if not self._trail.forget_before(before, BATCH_MAX):
                    break
        except Exception as error:  # noqa: BLE001 - as above
            logger.warning("Old audit entries not deleted error=%s", error)

    def _take(self, call: Callable[[], AuditEntry]) -> None:
        try:
            self._entries.append(call())
        except Exception:  # a bug, which must not end the thread and so the service
            logger.exception("Audit entry not made")
            self._meter.count("audit_entries_lost")

    def _write_some(self) -> None:
        some = [self._entries[at] for at in range(min(BATCH_MAX, len(self._entries)))]
        self._trail.append(some)
        for _ in some:
            self._entries.popleft()

    def _run(self) -> None:
        while not self._is_over.wait(JOIN_SECONDS):
            self.write()
            self.forget()
        self.write()
