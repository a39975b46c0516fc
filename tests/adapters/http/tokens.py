"""Tokens for tests of the HTTP interface."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.access.audit_log import AuditEntry
from adapters.access.live_tokens import LiveToken
from adapters.access.scopes import Scope
from adapters.access.token_text import digest_of, make_token
from domain.errors import StoreUnavailableError
from domain.pages import Page, PageWanted


@dataclass(slots=True)
class Tokens:
    """A source of tokens that can be changed, and can be out of reach."""

    known: dict[str, LiveToken] = field(default_factory=dict)
    is_out_of_reach: bool = False

    def live(self) -> Sequence[LiveToken]:
        if self.is_out_of_reach:
            raise StoreUnavailableError("out of reach")
        return list(self.known.values())

    def make(self, scope: Scope, name: str | None = None) -> str:
        """Add a token, and return it."""
        token, name = make_token(), name or scope.value
        self.known[name] = LiveToken(name=name, digest=digest_of(token), scope=scope)
        return token

    def revoke(self, name: str) -> None:
        del self.known[name]


@dataclass(slots=True)
class Trail:
    """An audit trail in memory, which can be locked."""

    entries: list[AuditEntry] = field(default_factory=list)
    is_locked: bool = False
    forgotten: list[datetime] = field(default_factory=list)

    def append(self, entries: Sequence[AuditEntry]) -> None:
        if self.is_locked:
            raise StoreUnavailableError("locked")
        self.entries += entries

    def forget_before(self, moment: datetime, limit: int) -> int:
        self.forgotten.append(moment)
        old = [entry for entry in self.entries if entry.at < moment][:limit]
        self.entries = [entry for entry in self.entries if entry not in old]
        return len(old)

    def page(self, wanted: PageWanted) -> Page[AuditEntry]:
        return Page(items=tuple(reversed(self.entries))[: wanted.limit])
