"""What differs between the databases: how to reach, open, lock and prepare them."""

from typing import Any, Protocol

import peewee

from adapters.persistence.event_positions import PositionDialect
from adapters.persistence.postgresql import PostgresqlBackend
from adapters.persistence.service_claim import Claim
from adapters.persistence.sqlite import SqliteBackend
from domain.errors import ConfigurationError


class Backend(Protocol):
    """A database that a URL names. Making one touches nothing."""

    @property
    def shown(self) -> str:
        """The URL without its password, for messages."""
        ...

    @property
    def positions(self) -> PositionDialect:
        """How order events get their positions."""
        ...

    @property
    def row_lock(self) -> str:
        """Put after a SELECT, keeps others from changing its rows; may be empty."""
        ...

    def begin(self, cursor: Any) -> tuple[Any, Any]:
        """Start a writing transaction.

        Returns:
            Epoch and owner of the tenure, locked until the transaction ends, or None
            when there is none; then what ``PositionDialect.begin`` reads.
        """
        ...

    def migrator(self) -> peewee.Database:
        """Make a database for one thread that may create missing files and tables."""
        ...

    def lock(self, database: peewee.Database) -> None:
        """In a transaction: keep other migrating processes out until it ends."""
        ...

    def expect_long_statements(self, database: peewee.Database) -> None:
        """In a migrating transaction: let one statement run as long as it takes."""
        ...

    def bound_lock_waits(self, database: peewee.Database) -> None:
        """In an opening transaction: limit waiting for locks to one attempt's time."""
        ...

    @property
    def lock_attempts(self) -> int:
        """Return how often an opening transaction is tried while a lock is held."""
        ...

    def end_abandoned(self) -> None:
        """Free locks whose holder is out of reach, by ending its session.

        Raises:
            Exception: what the driver says when the database is out of reach.
        """
        ...

    def lock_holders(self) -> str:
        """Say how to end the sessions that hold locks; empty when that is unknown."""
        ...

    def prepare(self, database: peewee.Database) -> None:
        """After migrating: make settings that the database keeps."""
        ...

    def writer(self) -> peewee.Database:
        """Make a database whose one connection is used by one thread at a time."""
        ...

    def readers(self) -> peewee.Database:
        """Make a database with a pool of connections, for any thread."""
        ...

    @property
    def claim_ends_with_process(self) -> bool:
        """Whether a free claim proves that its last holder has ended."""
        ...

    def claim(self) -> Claim:
        """Keep other services off this database.

        Raises:
            ConfigurationError: another process has it.
            Exception: what the driver says when the database is out of reach.
        """
        ...

    def identity(self) -> object:
        """Identify the database that the URL leads to now, to notice a replacement."""
        ...

    def goes_on(
        self, database: peewee.Database, opened: object, error: BaseException
    ) -> bool:
        """After an error: roll back, if the connection is better kept than closed.

        Args:
            database: may be closed.
            opened: its identity when it was connected.
            error: the driver's, or what it became.
        """
        ...

    def rescue(self, database: peewee.Database, opened: object) -> None:
        """Before a connection is closed: save what was committed on it.

        Args:
            database: connected.
            opened: its identity when it was connected.

        Raises:
            UnsavedError: it cannot be saved now, and closing would lose it.
            Exception: what the driver says; the connection must not be used again, and
                should not be closed yet. A crash would lose nothing.
        """
        ...

    def is_lock_held(self, error: Exception) -> bool:
        """Whether another session held a lock for longer than we wait for one."""
        ...

    def is_misconfigured(self, error: Exception) -> bool:
        """Whether an error on opening persists until the operator acts."""
        ...


def backend_of(url: str) -> Backend:
    """Choose the backend by the scheme of the URL.

    Raises:
        ConfigurationError: when the URL cannot be used.
    """
    scheme, separator, _ = url.partition("://")
    if scheme == "sqlite":
        return SqliteBackend(url)
    if scheme == "postgresql":
        return PostgresqlBackend(url)
    msg = (
        "--database wants sqlite:///file.db, sqlite:////absolute/file.db or "
        "postgresql://user:password@host/name"
    )
    if separator:
        msg += f", not {scheme}://"
    raise ConfigurationError(msg)
