"""Retries the transactions of an opening while another session holds their locks."""

from collections.abc import Callable
from typing import TypeVar

import peewee

from adapters.persistence.backends import Backend
from adapters.persistence.failures import DATABASE_ERRORS, first_line
from domain.errors import ConfigurationError, StoreUnavailableError


T = TypeVar("T")


def retry_while_locked(backend: Backend, transaction: Callable[[], T]) -> T:
    """Run a transaction, and retry it while another session holds a lock it needs.

    Raises:
        ConfigurationError: the database cannot be used.
        StoreUnavailableError: it is out of reach for now, or that lock stays held.
    """
    for attempts_left in reversed(range(backend.lock_attempts)):
        try:
            return transaction()
        except DATABASE_ERRORS as last:
            error = _first_of(last)
            if not backend.is_lock_held(error):
                raise opening_error(backend, error) from last
            if not attempts_left:
                raise _held_too_long(backend) from last
        try:
            backend.end_abandoned()
        except DATABASE_ERRORS as error:
            raise opening_error(backend, error) from error
    raise AssertionError("a transaction is tried at least once")


def _first_of(error: Exception) -> Exception:
    """Return the first error of a chain.

    A transaction that a full disk or a lost session has undone cannot be rolled back;
    the failed rollback is a second error, which does not say why.
    """
    first, before = error, error.__context__
    while before is not None:
        if isinstance(before, peewee.PeeweeException):  # not the driver's error in it
            first = before
        before = before.__context__
    return first


def opening_error(backend: Backend, error: Exception) -> Exception:
    """Translate an error from before the database was open."""
    message = f"--database {backend.shown}: {first_line(error)}"
    if backend.is_misconfigured(error):
        return ConfigurationError(message)
    return StoreUnavailableError(message)


def _held_too_long(backend: Backend) -> StoreUnavailableError:
    holders = backend.lock_holders()
    how = f"its session in the server ({holders})" if holders else "its session"
    return StoreUnavailableError(
        f"--database {backend.shown}: another service is in the middle of a "
        f"transaction and does not end it; end that process, or {how}, and start again"
    )
