"""What the audit trail says of a call, made from its request and its answer."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from adapters.access.audit_log import AuditEntry
from adapters.api.problems import ProblemAnswer
from adapters.http.callers import caller_of
from adapters.http.response import Response
from domain.values import read_order_id


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CALL_LENGTH_MAX: Final = 300

_REFUSED_FROM: Final = 400
_TOKEN: Final = re.compile(r"te_[0-9A-Za-z]+")
_HIDDEN: Final = "te_***"
_read_problem: Final = msgspec.json.Decoder(ProblemAnswer).decode


class AuditedCall:
    """A call that may change something, and its answer once there is one."""

    __slots__ = ("_at", "_environ", "_order_id", "response")

    def __init__(
        self, environ: "WSGIEnvironment", order_id: str | None, at: datetime
    ) -> None:
        """Note a call.

        Args:
            environ: of the call; nobody changes it any more.
            order_id: the order that its path names, if it does.
            at: when it came.
        """
        self._environ: Final = environ
        self._order_id: Final = order_id
        self._at: Final = at
        self.response: Response | None = None
        """Its answer; None: not yet."""

    def answered(self, response: Response) -> None:
        """Note its answer."""
        self.response = response

    def entry(self) -> AuditEntry:
        """Write it down; it has an answer now."""
        response, environ = self.response, self._environ
        assert response is not None
        status = int(response.status_line[:3])
        return AuditEntry(
            at=self._at,
            caller=caller_of(environ).name,
            peer=environ.get("REMOTE_ADDR", ""),
            call=_shown(environ),
            order_id=read_order_id(self._order_id or _placed_order(response)),
            status=status,
            code=_code(response) if status >= _REFUSED_FROM else None,
        )


def _shown(environ: "WSGIEnvironment") -> str:
    """Return method, path and query in visible ASCII, without a token put there."""
    path = quote(environ["PATH_INFO"].encode("latin-1", "replace"), safe="/:@")
    query = environ.get("QUERY_STRING", "")
    query = f"?{quote(query, safe='=&%,:+')}" if query else ""
    text = _TOKEN.sub(_HIDDEN, f"{environ['REQUEST_METHOD']} {path}{query}")
    return text[:CALL_LENGTH_MAX]


def _placed_order(response: Response) -> str:
    """Return the id of the order that an answer says was placed; empty: none."""
    for name, value in response.headers:
        if name == "Location":
            return value.rpartition("/")[2]
    return ""


def _code(response: Response) -> str | None:
    try:
        return _read_problem(response.body).code
    except msgspec.DecodeError:
        return None
