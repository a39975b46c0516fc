"""Migrates a database to the current tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playhouse.migrations import Runner

from adapters.persistence.backends import Backend
from adapters.persistence.failures import DATABASE_ERRORS
from adapters.persistence.lock_retries import opening_error, retry_while_locked
from domain.errors import ConfigurationError


MIGRATIONS: Final = Path(__file__).with_name("migrations")


def migrate(backend: Backend) -> None:
    """Apply all missing steps in one transaction.

    Safe to repeat, and to run in two processes at once: the second waits for the first.

    Raises:
        ConfigurationError: the database cannot be used, or a newer program made it.
        StoreUnavailableError: it is locked, full or out of reach for now.
    """
    database = backend.migrator()

    def bring_up_to_date() -> None:
        with database.connection_context():
            with database.atomic():
                backend.lock(database)
                runner = Runner(database, str(MIGRATIONS))
                if _missing_steps(runner, backend.shown):
                    backend.expect_long_statements(database)
                runner.up()
                if backend.positions.keep_growing:
                    database.execute_sql(backend.positions.keep_growing)
            backend.prepare(database)

    retry_while_locked(backend, bring_up_to_date)


def require_current(backend: Backend) -> None:
    """Check that nothing is missing, without writing.

    Raises:
        ConfigurationError: a step is missing, or a newer program made the database.
        StoreUnavailableError: the database is locked or out of reach for now.
    """
    database = backend.writer()
    try:
        with database.connection_context():
            runner = Runner(database, str(MIGRATIONS))
            if _missing_steps(runner, backend.shown):
                msg = (
                    f"--database {backend.shown}: its tables are missing or old; "
                    "open it for writing first"
                )
                raise ConfigurationError(msg)
    except DATABASE_ERRORS as error:
        raise opening_error(backend, error) from error


def is_current(backend: Backend) -> bool:
    """Whether the database is there and nothing is missing; reads only."""
    try:
        require_current(backend)
    except ConfigurationError:
        return False
    return True


def _missing_steps(runner: Runner, shown: str) -> Sequence[str]:
    """Return the names of missing steps; refuse a database with unknown ones."""
    steps = runner.status()
    unknown = [step.name for step in steps if step.path is None]
    if unknown:
        msg = (
            f"--database {shown}: made by a newer version of this program "
            f"(it has {unknown[-1]}); use that version"
        )
        raise ConfigurationError(msg)
    return [step.name for step in steps if step.applied is None]
