"""Tokens for tests of the HTTP interface."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.access.live_tokens import LiveToken
from adapters.access.scopes import Scope
from adapters.access.token_text import digest_of, make_token
from domain.errors import StoreUnavailableError


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
