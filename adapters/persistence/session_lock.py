"""The advisory lock that refuses a second service at its start, held by a session.

The server drops it with the session, which may end unnoticed: by an administrator, an
idle limit, a pooler, a firewall that drops connections. So it is checked all the time,
which also keeps the session from being idle, and is taken again when it is lost.
"""

import logging
import threading
from typing import Final

import peewee

from adapters.persistence.failures import DATABASE_ERRORS, first_line


SERVICE_LOCK: Final = 0x7472_6164
"""Any number that no other program of this server uses."""

REST_LOOKS: Final = 10
"""This many checks are skipped after one that could not take the lock."""

MOMENT_SECONDS: Final = 1.0
"""How long ``close`` waits for a check that is under way."""

START_LOOK_SECONDS: Final = 1.0
"""How often we check by ourselves until the first check is requested: a migration, or a
venue that is slow to answer, can delay that for minutes."""

_ENDS_IDLE_SESSIONS: Final = 140_000
"""First version of the server with ``idle_session_timeout``."""

_TAKE: Final = "SELECT pg_try_advisory_lock(%s, hashtext(current_schema()))"

_HELD_BY_ANOTHER: Final = "another session holds it, and the epoch decides"

logger = logging.getLogger(__name__)


class SessionLock:
    """An advisory lock on a connection of its own; used by one thread at a time."""

    def __init__(self, database: peewee.Database, idle_ms: int) -> None:
        """Make a lock that is not held yet.

        Args:
            database: with the lock's connection.
            idle_ms: after which the server ends the session if it is idle.
        """
        self._database: Final = database
        self._idle_ms: Final = idle_ms
        self._problem = ""
        self._rests = 0

    def take(self) -> bool:
        """Take the lock on a new connection; return False if another session has it.

        Raises:
            Exception: what the driver says when the server is out of reach.
        """
        self._database.connect()
        if self._database.connection().info.server_version >= _ENDS_IDLE_SESSIONS:
            self._database.execute_sql(f"SET idle_session_timeout = {self._idle_ms}")
        (is_ours,) = self._database.execute_sql(_TAKE, (SERVICE_LOCK,)).fetchone()
        if not is_ours:
            self.close()
        return bool(is_ours)

    def keep(self) -> None:
        """Keep the session alive; take the lock again if it has ended."""
        if self._rests:
            self._rests -= 1
        elif not self._is_held():
            self._retake()

    def close(self) -> None:
        """Give the lock back."""
        self._database.close()

    def _is_held(self) -> bool:
        """Whether the session is alive, and so has the lock."""
        if self._database.is_closed():
            return False
        try:
            self._database.execute_sql("SELECT 1")
        except DATABASE_ERRORS as error:
            self._lose(first_line(error))
            return False
        return True

    def _retake(self) -> None:
        try:
            is_ours = self.take()
        except DATABASE_ERRORS as error:
            self._lose(first_line(error))
            self._rests = REST_LOOKS
            return
        if not is_ours:
            self._lose(_HELD_BY_ANOTHER)
            self._rests = REST_LOOKS
            return
        self._problem = ""
        logger.warning("Database lock held again")

    def _lose(self, problem: str) -> None:
        try:
            self.close()
        except DATABASE_ERRORS:
            logger.debug("Lost connection not closed", exc_info=True)
        if problem != self._problem:
            logger.warning("Database lock lost problem=%s", problem)
        self._problem = problem


class LockWatch:
    """Checks a lock in a thread of its own, for which nobody waits.

    A check that hangs does not delay writing: what decides is the epoch.
    """

    def __init__(self, lock: SessionLock) -> None:
        """Start: check by ourselves until ``look`` is called, then only at each call.

        A service that has lost the database stops calling it, and must not take the
        lock again.
        """
        self._lock: Final = lock
        self._wanted: Final = threading.Event()
        self._is_over = False
        self._thread: Final = threading.Thread(
            target=self._run, name="database-lock", daemon=True
        )
        self._thread.start()

    def look(self) -> None:
        """Request a check of the lock, which takes it again if it is lost."""
        self._wanted.set()

    def close(self) -> None:
        """Give the lock back; if that hangs, the lock ends with the process."""
        self._is_over = True
        self._wanted.set()
        self._thread.join(MOMENT_SECONDS)
        if not self._thread.is_alive():
            self._lock.close()

    def _run(self) -> None:
        while not self._wanted.wait(START_LOOK_SECONDS):
            self._lock.keep()
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._is_over:
                return
            self._lock.keep()
