"""Tokens, as the command line lists them; no call returns them."""

from datetime import datetime
from typing import Self

from msgspec import Struct

from adapters.api.times import Time, time_or_none, time_text


class TokenAnswer(Struct, frozen=True, kw_only=True):
    """What is known of a token."""

    name: str
    scope: str
    created_at: Time
    revoked_at: Time | None

    @classmethod
    def of(
        cls, name: str, scope: str, created_at: datetime, revoked_at: datetime | None
    ) -> Self:
        """Show a token."""
        return cls(
            name=name,
            scope=scope,
            created_at=time_text(created_at),
            revoked_at=time_or_none(revoked_at),
        )
