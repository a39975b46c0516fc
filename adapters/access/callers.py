"""Who makes a call."""

from dataclasses import dataclass
from typing import Final

from adapters.access.scopes import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a call, as far as the service knows."""

    name: str
    """Of the token; names of tokens are never used again."""

    scope: Scope | None
    """None: nothing at all."""

    has_token: bool = True


LOOPBACK: Final = Caller(name="loopback", scope=Scope.ADMIN, has_token=False)
"""Whoever shows no token where none is needed."""

VISITOR: Final = Caller(name="visitor", scope=Scope.READ, has_token=False)
"""Whoever shows no token, and reads what is open to everybody."""

NOBODY: Final = Caller(name="nobody", scope=None, has_token=False)
"""A call that was not judged yet."""

CONSOLE: Final = Caller(name="console", scope=Scope.ADMIN, has_token=False)
"""Whoever can write to the database itself, from the command line."""

RESERVED_NAMES: Final = frozenset(
    one.name for one in (LOOPBACK, VISITOR, NOBODY, CONSOLE)
)
"""No token has them."""
