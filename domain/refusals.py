"""A refusal is a value with a reason code."""

from dataclasses import dataclass
from typing import Final

from domain.reasons import RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The answer "no", with everything a client needs to correct the request."""

    code: RefusalCode
    detail: str
    """One sentence with the limit and the value."""

    field: str | None = None
    """The offending field as the client named it, if there is one."""


STOPPING: Final = Refusal(
    code=RefusalCode.STOPPING, detail="the service is being stopped"
)
