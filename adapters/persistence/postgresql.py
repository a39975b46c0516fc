"""PostgreSQL through psycopg 3, an optional dependency."""

import contextlib
from collections.abc import Mapping
from typing import Any, Final

import peewee
from playhouse.pool import PooledPostgresqlDatabase

from adapters.persistence.abandoned_sessions import end_abandoned, holders
from adapters.persistence.event_positions import POSTGRESQL
from adapters.persistence.failures import DATABASE_ERRORS
from adapters.persistence.service_claim import Claim
from adapters.persistence.session_lock import LockWatch, SessionLock
from adapters.persistence.tables import READ_TENURE
from domain.errors import ConfigurationError


LOCK_TIMEOUT_MS: Final = 1_500
"""How long a statement may wait for a lock."""

STATEMENT_TIMEOUT_MS: Final = 10_000
"""How long one statement may take; a page of recovery takes far less."""

ANSWER_SECONDS: Final = 12.0
"""How long we wait for a server that does not keep to its own limits either."""

LOCK_ANSWER_SECONDS: Final = 3.0
"""The same, for the session that holds the service's lock."""

IDLE_TIMEOUT_MS: Final = 2_000
"""How long we may be idle inside a transaction before the server ends it: a process
stopped there would keep its successor out or, in a takeover, block its predecessor."""

_IDLE: Final = f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS}"

LOCK_ATTEMPT_MS: Final = 2_000
LOCK_ATTEMPTS: Final = 15
"""How long opening the database waits for a transaction under way: longer than a live
writer can take for it. A COMMIT that waits in the server may take any time."""

MIGRATION_STATEMENT_MS: Final = 30 * 60_000
"""How long one statement of a migration may take: it may process every row that was
ever written."""

_CLIENT_CHECK_MS: Final = 2_000
"""How often the server checks, during a long statement, that we are still connected."""

LOCK_IDLE_MS: Final = 5_000
"""After this the server ends an idle session of the service's lock; ours is used every
second. A session that was cut off would keep the next service out for hours."""

PING_SECONDS: Final = 1.0
"""How long an idle reader's connection may take to show that it is alive."""

_SHARE: Final = " FOR SHARE"
_BEGIN: Final = f"BEGIN; {READ_TENURE}{_SHARE}"
_READ_COMMITTED: Final = r"-c default_transaction_isolation=read\ committed"
"""Whatever the server's default is: who has waited for another transaction (a writer
for a takeover, a takeover for an intent) must see what that one has committed."""

_MARK: Final = "trade_executor.settings"
_SET: Final = "set"
"""A setting without effect: a session that has it has our other ones as well."""

_LOCK_NOT_AVAILABLE: Final = "55P03"

_REACH: Final = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 2_000,
    "application_name": "trade-executor",
}
"""In seconds, but the user timeout in ms. A server that is gone is noticed in ~2 s."""

_KEEPALIVES: Final = (
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)
"""The same for the server, which otherwise notices only after two hours."""

_MIGRATION_LOCK: Final = 0x7472_6164_6521
"""Any number that no other program of this server uses; held while tables are made."""

_PASSING: Final = (
    "starting up",
    "shutting down",
    "too many",
    "recovery",
    "idle-in-transaction",
)
"""In the messages of a server that refuses us now, but will accept us later."""


class _BoundedAdapter(peewee.Psycopg3Adapter):
    def connect(self, db: Any, **params: Any) -> Any:
        from adapters.persistence.bounded_connection import BoundedConnection

        answer_seconds = params.pop("answer_seconds")
        connection = BoundedConnection.connect(dbname=db.database, **params)
        connection.answer_seconds = answer_seconds
        return connection


class _Bounded(peewee.PostgresqlDatabase):
    psycopg3_adapter = _BoundedAdapter


class _BoundedPool(PooledPostgresqlDatabase):
    """Checks idle connections quickly; if one was cut, drops all that were idle."""

    psycopg3_adapter = _BoundedAdapter

    def _is_closed(self, connection: Any) -> bool:
        usual, connection.answer_seconds = connection.answer_seconds, PING_SECONDS
        is_closed: bool = super()._is_closed(connection)  # type: ignore[no-untyped-call]  # Peewee has no types
        connection.answer_seconds = usual
        if is_closed:
            idle, self._connections = self._connections, []
            for _, _, other in idle:
                self._close_raw(other)  # type: ignore[no-untyped-call]  # the same
        return is_closed


class PostgresqlBackend:
    """A database on a server."""

    def __init__(self, url: str) -> None:
        """Read the URL.

        Raises:
            ConfigurationError: when it is not a valid URL, or psycopg is missing.
        """
        found = _parameters(url)
        self._name: Final = found.pop("dbname")
        self._own_options: Final = found.pop("options", "")
        self._parameters: Final[dict[str, Any]] = {**_REACH, **found}
        host = found.get("host", "localhost")
        port = found.get("port", "5432")
        self.shown: Final = f"postgresql://{host}:{port}/{self._name}"

    positions: Final = POSTGRESQL
    row_lock: Final = _SHARE

    def migrator(self) -> peewee.Database:
        """Make a database for migrating and taking over, which may take long."""
        return self._bounded(_IDLE, ANSWER_SECONDS)

    def lock(self, database: peewee.Database) -> None:
        """Wait for other migrating processes."""
        self.bound_lock_waits(database)
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))

    def expect_long_statements(self, database: peewee.Database) -> None:
        """Let the statements of this transaction take long, and wait for as long."""
        database.execute_sql(f"SET LOCAL statement_timeout = {MIGRATION_STATEMENT_MS}")
        # Somewhat longer, so that the server can report that it ended the statement.
        seconds = MIGRATION_STATEMENT_MS / 1_000 + ANSWER_SECONDS
        database.connection().answer_seconds = seconds
        # Otherwise the server would go on after our end, and hold its locks until then.
        # Before version 14, and on some systems, it cannot check.
        with contextlib.suppress(*DATABASE_ERRORS), database.atomic():
            database.execute_sql(
                f"SET LOCAL client_connection_check_interval = {_CLIENT_CHECK_MS}"
            )

    def begin(self, cursor: Any) -> tuple[Any, Any]:
        """Start a writing transaction; return epoch and owner, and where events stand.

        The tenure is locked against a raise.
        """
        cursor.execute(_BEGIN)  # both statements in one round trip
        cursor.nextset()
        tenure = cursor.fetchone()
        cursor.execute(POSTGRESQL.begin)
        return tenure, cursor.fetchone()

    def bound_lock_waits(self, database: peewee.Database) -> None:
        """Limit how long the transaction waits for locks to one attempt's time."""
        database.execute_sql(f"SET LOCAL lock_timeout = {LOCK_ATTEMPT_MS}")
        # Longer, or its error would hide that a lock was waited for.
        database.execute_sql(f"SET LOCAL statement_timeout = {5 * LOCK_ATTEMPT_MS}")

    @property
    def lock_attempts(self) -> int:
        """Return how often an opening transaction is tried."""
        return LOCK_ATTEMPTS

    def end_abandoned(self) -> None:
        """End the sessions that hold locks although their client is gone.

        Raises:
            Exception: what the driver says when the server is out of reach.
        """
        end_abandoned(self._bounded("", ANSWER_SECONDS), IDLE_TIMEOUT_MS)

    def lock_holders(self) -> str:
        """Return the SQL that ends the sessions with locks; empty when unknown."""
        try:
            pids = holders(self._bounded("", ANSWER_SECONDS))
        except DATABASE_ERRORS:
            return ""
        return ", ".join(f"pg_terminate_backend({pid})" for pid in pids)

    def prepare(self, database: peewee.Database) -> None:
        """Do nothing: the server is durable by default."""

    def writer(self) -> peewee.Database:
        """Make the writer's database."""
        return self._bounded(f"-c synchronous_commit=on {_IDLE}", ANSWER_SECONDS)

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
    """The server's lock ends with its session, even if the process lives on."""

    def claim(self) -> Claim:
        """Take an advisory lock on a connection that stays open; it ends with us.

        Raises:
            ConfigurationError: when another process has it, or when something between
                us and the server does not pass our sessions' settings on.
        """
        quick = f"-c statement_timeout={LOCK_TIMEOUT_MS}"
        database = self._bounded(quick, LOCK_ANSWER_SECONDS)
        self._require_own_settings(database)
        lock = SessionLock(database, LOCK_IDLE_MS)
        if not lock.take():
            msg = f"--database {self.shown}: another running service has it"
            raise ConfigurationError(msg)
        watch = LockWatch(lock)
        return Claim(keep=watch.look, give_back=watch.close)

    def identity(self) -> object:
        """Return None: a connection cannot outlive its database."""
        return None

    def goes_on(
        self,
        database: peewee.Database,  # noqa: ARG002 - as every backend
        opened: object,  # noqa: ARG002 - likewise
        error: BaseException,  # noqa: ARG002 - likewise
    ) -> bool:
        """Close every connection: its end rolls back, whatever was wrong."""
        return False

    def rescue(self, database: peewee.Database, opened: object) -> None:
        """Do nothing: the server has saved it."""

    def is_lock_held(self, error: Exception) -> bool:
        """Whether another session held a lock for too long."""
        cause = getattr(error, "orig", error)
        return getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE

    def is_misconfigured(self, error: Exception) -> bool:
        """Whether the server refuses us, rather than being out of reach.

        psycopg gives no code for a failed connection, only the server's message;
        ``FATAL`` in it means that a server answered and refused.
        """
        # Internal, to the driver, are a read-only server and a session that was ended.
        if not isinstance(error, peewee.OperationalError | peewee.InternalError):
            return True
        said = str(error)
        return "FATAL" in said and not any(word in said for word in _PASSING)

    def _bounded(self, option: str, answer_seconds: float) -> peewee.Database:
        """Make a database whose one connection is used by one thread at a time."""
        return _Bounded(
            self._name,
            prefer_psycopg3=True,
            thread_safe=False,
            answer_seconds=answer_seconds,
            options=self._options(option),
            **self._parameters,
        )

    def _require_own_settings(self, database: peewee.Database) -> None:
        with database.connection_context():
            found = database.execute_sql(f"SELECT current_setting('{_MARK}', true)")
            if found.fetchone() != (_SET,):
                msg = (
                    f"--database {self.shown}: a pooler or proxy drops the settings of "
                    "our sessions; name the server itself"
                )
                raise ConfigurationError(msg)

    def _options(self, more: str) -> str:
        return (
            f"-c {_MARK}={_SET} "
            f"-c lock_timeout={LOCK_TIMEOUT_MS} "
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS} "
            f"{_KEEPALIVES} {more} {self._own_options} {_READ_COMMITTED}"
        )


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
    """Refuse parts that come from a password with an unescaped / or @.

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
