"""The audit trail, as answers have it."""

from typing import Self

from msgspec import Struct

from adapters.access.audit_log import AuditEntry
from adapters.api.times import Time, time_text


class AuditEntryAnswer(Struct, frozen=True, kw_only=True):
    """A call that may have changed something."""

    at: Time
    """When it came."""

    caller: str
    """The name of its token; `loopback` without one."""

    peer: str
    """The address that it came from."""

    call: str
    """Method and path, with the query."""

    order_id: str | None
    """The order that it named or placed."""

    status: int | None
    """Of its answer."""

    code: str | None
    """Of the refusal, if it was refused."""

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Show an entry."""
        return cls(
            at=time_text(entry.at),
            caller=entry.caller,
            peer=entry.peer,
            call=entry.call,
            order_id=entry.order_id,
            status=entry.status,
            code=entry.code,
        )
