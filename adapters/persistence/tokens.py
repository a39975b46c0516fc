"""The tokens of the service's clients, on disk."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import peewee

from adapters.access.audit_log import AuditEntry
from adapters.access.callers import CONSOLE
from adapters.access.live_tokens import LiveToken, LiveTokens
from adapters.access.scopes import Scope
from adapters.persistence.audit_trail import insert_statement, row_of
from adapters.persistence.backends import Backend, backend_of
from adapters.persistence.cell_values import Row, one_of, time, write_time
from adapters.persistence.failures import Translated
from adapters.persistence.owned_database import claim_database
from adapters.persistence.schema import is_current, migrate, require_current
from adapters.persistence.tables import TokenRow
from domain.errors import TradeExecutorError


logger = logging.getLogger(__name__)

_SCOPES: Final = {scope.value: scope for scope in Scope}
_DIGEST_BYTES: Final = 32


class TokenNameTakenError(TradeExecutorError):
    """There is, or was, a token of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is or was a token named {name}; a name is given only once, so that "
            "the audit trail stays clear"
        )


class UnknownTokenError(TradeExecutorError):
    """There never was a token of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no token named {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """What is known of a token; not the token itself."""

    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """Read a row: name, scope, created_at, revoked_at."""
        name, scope, created_at, revoked_at = row
        return cls(
            name=name,
            scope=one_of("scope", scope, _SCOPES),
            created_at=time("created_at", created_at),
            revoked_at=None if revoked_at is None else time("revoked_at", revoked_at),
        )


class SqlTokens:
    """Reads and writes tokens; implements ``adapters.access.live_tokens.TokenSource``.

    The service's writer and readers know nothing of it. Any thread may call.
    """

    def __init__(self, backend: Backend) -> None:
        self._shown: Final = backend.shown
        self._readers: Final = backend.readers()
        self._database: Final = backend.writer()
        self._logged: Final[set[str]] = set()

    def live(self) -> Sequence[LiveToken]:
        """Read the tokens that were not revoked; leave out unreadable ones.

        Raises:
            StoreUnavailableError: the database is out of reach.
        """
        query = TokenRow.select(TokenRow.name, TokenRow.digest, TokenRow.scope)
        query = query.where(TokenRow.revoked_at.is_null()).order_by(TokenRow.name)
        found = []
        for row in self._rows(query):
            try:
                found.append(_live(row))
            except ValueError as error:
                self._log_once(str(row[0]), error)
        return found

    def all(self) -> Sequence[StoredToken]:
        """Read all tokens that there ever were, the oldest first.

        Raises:
            StoreUnavailableError: the database is out of reach.
        """
        query = TokenRow.select(
            TokenRow.name, TokenRow.scope, TokenRow.created_at, TokenRow.revoked_at
        )
        rows = self._rows(query.order_by(TokenRow.created_at, TokenRow.name))
        return [StoredToken.of(row) for row in rows]

    def create(self, name: str, digest: bytes, scope: Scope, at: datetime) -> None:
        """Keep a new token.

        Args:
            name: of whoever will use it.
            digest: of the token.
            scope: what it lets them do.
            at: the time now.

        Raises:
            TokenNameTakenError: a token has, or had, that name.
            StoreUnavailableError: the database is locked, full or out of reach.
        """
        row = {
            TokenRow.name: name,
            TokenRow.digest: digest.hex(),
            TokenRow.scope: scope.value,
            TokenRow.created_at: write_time(at),
        }
        with Translated(self._shown), self._database.connection_context():
            try:
                with self._database.atomic():
                    TokenRow.insert(row).execute(self._database)
                    self._note(f"token create {name} --scope {scope}", at)
            except peewee.IntegrityError:
                raise TokenNameTakenError(name) from None

    def revoke(self, name: str, at: datetime) -> None:
        """Let nobody in with a token any more; one revoked before stays so.

        Raises:
            UnknownTokenError: there never was one of that name.
            StoreUnavailableError: the database is locked, full or out of reach.
        """
        database = self._database
        with Translated(self._shown), database.connection_context(), database.atomic():
            known = TokenRow.select().where(TokenRow.name == name)
            if not known.exists(database):
                raise UnknownTokenError(name)
            good = (TokenRow.name == name) & TokenRow.revoked_at.is_null()
            update = TokenRow.update(revoked_at=write_time(at)).where(good)
            if update.execute(database):
                self._note(f"token revoke {name}", at)

    def _note(self, command: str, at: datetime) -> None:
        """Write to the audit trail, in the transaction under way."""
        entry = AuditEntry(at=at, caller=CONSOLE.name, peer="", call=command)
        statement = insert_statement(self._database.param)
        self._database.execute_sql(statement, row_of(entry))

    def close(self) -> None:
        """Close the connections that are kept for reading."""
        self._readers.close_idle()  # type: ignore[attr-defined]  # the pool's own

    def _rows(self, query: Any) -> Sequence[Row]:
        with Translated(self._shown), self._readers.connection_context():
            rows: Sequence[Row] = list(query.tuples().execute(self._readers))
            return rows

    def _log_once(self, name: str, error: ValueError) -> None:
        if name not in self._logged:
            self._logged.add(name)
            logger.critical("Token not readable name=%s problem=%s", name, error)


def open_tokens(url: str, *, is_new: bool = False) -> SqlTokens:
    """Open the tokens in the service's database, whether a service runs or not.

    Args:
        url: of the database.
        is_new: whether to make or update the database first if that is needed; no
            service can be running on it then.

    Raises:
        ConfigurationError: the database cannot be used, or has no tables for tokens.
        StoreUnavailableError: it is locked, full or out of reach for now.
    """
    backend = backend_of(url)
    if not is_new:
        require_current(backend)
    elif not is_current(backend):
        claim = claim_database(url)
        try:
            migrate(backend)
        finally:
            claim.give_back()
    return SqlTokens(backend)


def open_live_tokens(url: str, stack: ExitStack) -> LiveTokens:
    """Read the service's tokens, and go on reading them.

    Args:
        url: of the database, which is open already.
        stack: ends that.

    Raises:
        StoreUnavailableError: they cannot be read.
    """
    source = SqlTokens(backend_of(url))
    stack.callback(source.close)
    tokens = LiveTokens(source)
    tokens.start()
    stack.callback(tokens.close)
    return tokens


def _live(row: Row) -> LiveToken:
    name, digest, scope = row
    found = bytes.fromhex(digest)
    if len(found) != _DIGEST_BYTES:
        raise ValueError(f"its digest has {len(found)} bytes, not {_DIGEST_BYTES}")
    return LiveToken(name=name, digest=found, scope=one_of("scope", scope, _SCOPES))
