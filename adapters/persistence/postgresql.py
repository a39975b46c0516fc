"""PostgreSQL through psycopg 3, an optional dependency."""

from collections.abc import Mapping
from typing import Any, Final

import peewee
from playhouse.pool import PooledPostgresqlDatabase

from adapters.persistence.claim import Claim
from adapters.persistence.session_lock import LockWatch, SessionLock
from adapters.persistence.tables import READ_TENURE
from domain.errors import ConfigurationError


LOCK_TIMEOUT_MS: Final = 1_500
"""How long a lock may keep a caller waiting."""

STATEMENT_TIMEOUT_MS: Final = 10_000
"""How long one statement may take; recovery reads in pages far below this."""

ANSWER_SECONDS: Final = 12.0
"""How long a server may keep us waiting that does not even keep to its own limits."""

LOCK_ANSWER_SECONDS: Final = 3.0
"""The same, of the session that has the service's lock."""

IDLE_TIMEOUT_MS: Final = 2_000
"""How long we may do nothing inside a transaction: the server ends one that was stopped
there, or it would keep its successor out; or, in a takeover, halt whom it succeeds."""

_IDLE: Final = f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS}"

TAKEOVER_ATTEMPT_MS: Final = 2_000
TAKEOVER_ATTEMPTS: Final = 15
"""How long a successor waits for a transaction that is under way: longer than a live
writer can take for it. A COMMIT that waits in the server may take any time."""

_BEGIN: Final = f"""
    BEGIN ISOLATION LEVEL READ COMMITTED;
    {READ_TENURE} FOR SHARE
"""
_LOCK_NOT_AVAILABLE: Final = "55P03"

_REACH: Final = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 2_000,
    "application_name": "trade-executor",
}
"""Seconds, but the user timeout, in ms. A server that is gone is noticed in ~2 s."""

_MIGRATION_LOCK: Final = 0x7472_6164_6521
"""Any number that no other program of this server uses; held while tables are made."""

_PASSING: Final = (
    "starting up",
    "shutting down",
    "too many",
    "recovery",
    "idle-in-transaction",
)
"""What a server says no for that will say yes later."""


class _BoundedAdapter(peewee.Psycopg3Adapter):
    def connect(self, db: Any, **params: Any) -> Any:
        from adapters.persistence.bounded_connection import BoundedConnection

        answer_seconds = params.pop("answer_seconds")
        connection = BoundedConnection.connect(dbname=db.database, **params)
        connection.answer_seconds = answer_seconds
        return connection


class _Bounded(peewee.PostgresqlDatabase):
    psycopg3_adapter = _BoundedAdapter


class _Writer(_Bounded):
    """Whoever comes to write first ends what of ours was left in a transaction.

    A connection that was cut has no end in the server before it notices, and would
    keep from us what it had locked: rows that we are going to write again.
    """

    def _initialize_connection(self, connection: Any) -> None:
        with connection.cursor() as cursor:
            _end_abandoned(cursor)


class _BoundedPool(PooledPostgresqlDatabase):
    psycopg3_adapter = _BoundedAdapter


class PostgresqlBackend:
    """A database on a server."""

    def __init__(self, url: str) -> None:
        """Read the URL.

        Raises:
            ConfigurationError: when it is not one, or psycopg is not installed.
        """
        found = _parameters(url)
        self._name: Final = found.pop("dbname")
        self._own_options: Final = found.pop("options", "")
        self._parameters: Final[dict[str, Any]] = {**_REACH, **found}
        host = found.get("host", "localhost")
        port = found.get("port", "5432")
        self.shown: Final = f"postgresql://{host}:{port}/{self._name}"

    def migrator(self) -> peewee.Database:
        """Make a database for migrating and taking over, which may take long."""
        return peewee.PostgresqlDatabase(
            self._name,
            prefer_psycopg3=True,
            options=self._options(_IDLE),
            **self._parameters,
        )

    def lock(self, database: peewee.Database) -> None:
        """Wait for other migrating processes."""
        database.execute_sql("SET LOCAL lock_timeout = 10000")
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))

    def begin(self, cursor: Any) -> Any:
        """Start a writing transaction; return epoch and owner, locked against a raise.

        Read committed: who waited for a raise must see the raised row.
        """
        cursor.execute(_BEGIN)  # both statements in one round trip
        cursor.nextset()
        return cursor.fetchone()

    def wait_for_writers(self, database: peewee.Database) -> None:
        """Lock the tenure once the transactions that share it have ended.

        One that waits for us, its client, is ended: nobody will.
        """
        database.execute_sql(f"SET LOCAL lock_timeout = {TAKEOVER_ATTEMPT_MS}")
        # Later, or it would hide what was waited for.
        database.execute_sql(f"SET LOCAL statement_timeout = {2 * TAKEOVER_ATTEMPT_MS}")
        for attempts_left in reversed(range(TAKEOVER_ATTEMPTS)):
            with database.cursor() as cursor:
                _end_abandoned(cursor)
            try:
                with database.atomic():
                    database.execute_sql(f"{READ_TENURE} FOR UPDATE")
            except peewee.OperationalError as error:
                if not self.is_lock_held(error) or not attempts_left:
                    raise
            else:
                return

    def prepare(self, database: peewee.Database) -> None:
        """Do nothing: the server is durable as it comes."""

    def writer(self) -> peewee.Database:
        """Make the writer's database."""
        return self._bounded(
            f"-c synchronous_commit=on {_IDLE}", ANSWER_SECONDS, kind=_Writer
        )

    def readers(self) -> peewee.Database:
        """Make the readers' database; a write through it fails."""
        database: peewee.Database = _BoundedPool(  # type: ignore[no-untyped-call]  # Peewee has no types
            self._name,
            prefer_psycopg3=True,
            answer_seconds=ANSWER_SECONDS,
            max_connections=0,
            options=self._options("-c default_transaction_read_only=on"),
            **self._parameters,
        )
        return database

    claim_ends_with_process: Final = False
    """A lock of the server's: it ends with its session, whatever the process does."""

    def claim(self) -> Claim:
        """Take an advisory lock on a connection that is kept; it ends with us.

        Raises:
            ConfigurationError: when another process has it.
        """
        quick = f"-c statement_timeout={LOCK_TIMEOUT_MS}"
        lock = SessionLock(self._bounded(quick, LOCK_ANSWER_SECONDS))
        if not lock.take():
            msg = f"--database {self.shown}: another running service has it"
            raise ConfigurationError(msg)
        watch = LockWatch(lock)
        return Claim(keep=watch.look, give_back=watch.close)

    def identity(self) -> object:
        """Tell nothing: a connection cannot outlive its database."""
        return None

    def rescue(self, database: peewee.Database, opened: object) -> None:
        """Do nothing: the server has it."""

    def is_lock_held(self, error: Exception) -> bool:
        """Whether a lock was held for too long, by another session."""
        cause = getattr(error, "orig", error)
        return getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE

    def is_misconfigured(self, error: Exception) -> bool:
        """Whether the server refuses us rather than being out of reach.

        psycopg gives no code for a failed connection, only the server's sentence;
        ``FATAL`` in it means that a server was there and said no.
        """
        if not isinstance(error, peewee.OperationalError):
            return True
        said = str(error)
        return "FATAL" in said and not any(word in said for word in _PASSING)

    def _bounded(
        self, option: str, answer_seconds: float, kind: type[_Bounded] = _Bounded
    ) -> peewee.Database:
        """Make a database whose one connection is used by one thread at a time."""
        return kind(
            self._name,
            prefer_psycopg3=True,
            thread_safe=False,
            answer_seconds=answer_seconds,
            options=self._options(option),
            **self._parameters,
        )

    def _options(self, more: str) -> str:
        return (
            f"-c lock_timeout={LOCK_TIMEOUT_MS} "
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS} {more} {self._own_options}"
        )


def _end_abandoned(cursor: Any) -> None:
    """End the sessions of ours that wait for their client inside a transaction.

    The server's own limit does not see all of them: it does not run while a pipeline is
    open, nor when a part of the next message has come. Those that only read lock
    nothing, and have no transaction number.
    """
    cursor.execute(f"""
        SELECT pg_stat_clear_snapshot();
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user
        AND application_name = current_setting('application_name')
        AND pid <> pg_backend_pid()
        AND backend_xid IS NOT NULL AND wait_event = 'ClientRead'
        AND clock_timestamp() - state_change > {IDLE_TIMEOUT_MS} * interval '1 ms'
    """)  # noqa: S608 - constants


def _parameters(url: str) -> dict[str, str]:
    try:
        import psycopg.conninfo
    except ImportError as error:
        msg = (
            "--database postgresql://... needs psycopg: "
            "pip install 'trade-executor[postgres]'"
        )
        raise ConfigurationError(msg) from error
    try:
        given = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        # Without the cause: the library's text may hold the password.
        msg = "--database: this is not a URL that PostgreSQL understands"
        raise ConfigurationError(msg) from None
    found = {key: str(value) for key, value in given.items() if value is not None}
    if not found.get("dbname"):
        msg = "--database: a PostgreSQL URL ends in /name of the database"
        raise ConfigurationError(msg)
    _require_plain_parts(found)
    return found


def _require_plain_parts(found: Mapping[str, str]) -> None:
    """Refuse what a password with an unescaped / or @ looks like once it is split.

    Otherwise a part of it would be shown as host, port or name.
    """
    ports = found.get("port", "").replace(",", "")
    if "@" in found["dbname"] + found.get("host", "") or (
        ports and not ports.isdigit()
    ):
        msg = (
            "--database: host, port or name cannot be read; "
            "percent-encode special characters of the user and the password"
        )
        raise ConfigurationError(msg)
