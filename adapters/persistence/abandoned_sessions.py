"""Ends database sessions that the server keeps although their client is gone.

A process that was stopped, or whose connection was cut, leaves its transaction open in
the server, and its locks held. ``idle_in_transaction_session_timeout`` ends most such
sessions, but not in the middle of a pipeline, in which psycopg sends many rows at once,
nor once a part of the next message has arrived.
"""

import logging
from collections.abc import Sequence
from typing import Final

import peewee

from adapters.clock import pause
from adapters.persistence.failures import DATABASE_ERRORS


LOOK_AGAIN_SECONDS: Final = 0.2
"""Pause between two looks. A session whose state has changed in between is alive: the
server knows when its last message came, not since when it waits."""

_TENURES: Final = "SELECT to_regclass('tenures')::oid"
"""Every writing transaction locks a row of this table; reading ones do not."""

_HOLDERS: Final = """
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'relation' AND relation = %s AND granted
    AND mode <> 'AccessShareLock' AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_ABANDONED: Final = f"""
    SELECT pid, state_change {_HOLDERS}
    AND wait_event IN ('ClientRead', 'ClientWrite')
    AND clock_timestamp() - state_change > %s * interval '1 ms'
"""

logger = logging.getLogger(__name__)


def end_abandoned(database: peewee.Database, idle_ms: int) -> None:
    """End the sessions that wait for their client inside a writing transaction.

    Of any user, because they hold locks on our tables. Those that we have no right to
    see or end are left alone.

    Args:
        database: on a connection of its own, which is opened and closed here.
        idle_ms: for how long they must have been waiting.

    Raises:
        Exception: what the driver says when the server is out of reach.
    """
    with database.connection_context():
        tenures = _oid_of_tenures(database)
        # Sessions show under the user who logged in, whatever role they have taken on.
        database.execute_sql("SET ROLE NONE")
        found = _look(database, tenures, idle_ms)
        if not found:
            return
        pause(LOOK_AGAIN_SECONDS)
        for pid, _ in found & _look(database, tenures, idle_ms):
            _end(database, pid)


def holders(database: peewee.Database) -> Sequence[int]:
    """List the server's process ids of all sessions in a writing transaction."""
    with database.connection_context():
        tenures = _oid_of_tenures(database)
        found = database.execute_sql(f"SELECT DISTINCT pid {_HOLDERS}", (tenures,))
        return [pid for (pid,) in found.fetchall()]


def _oid_of_tenures(database: peewee.Database) -> object:
    """Find the table as the writing role sees it; None: it does not exist yet."""
    (oid,) = database.execute_sql(_TENURES).fetchone()
    return oid


def _look(
    database: peewee.Database, tenures: object, idle_ms: int
) -> set[tuple[int, object]]:
    found = database.execute_sql(_ABANDONED, (tenures, idle_ms))
    return {(pid, state_change) for pid, state_change in found.fetchall()}


def _end(database: peewee.Database, pid: int) -> None:
    try:
        database.execute_sql("SELECT pg_terminate_backend(%s)", (pid,))
    except DATABASE_ERRORS as error:
        logger.warning("Abandoned database session left pid=%s cause=%s", pid, error)
    else:
        logger.warning("Abandoned database session ended pid=%s", pid)
