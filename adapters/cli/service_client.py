"""Calls the running service, from another terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    SSLError,
)

from adapters.cli.failures import (
    BusyError,
    CommandError,
    NotAllowedError,
    NotReachableError,
    OutcomeUnknownError,
    RefusedError,
)
from adapters.clock import pause
from adapters.configuration.switch_settings import ServiceLocation
from adapters.http.service_addresses import url_of_address


TIMEOUT_SECONDS: Final = 10.0
TRIES: Final = 3
"""Of a call that may be repeated."""

PAUSE_SECONDS: Final = 1.0
"""Before it is repeated: what the service asks for in ``Retry-After``."""

_ERRORS_FROM: Final = 400
_SERVER_ERRORS_FROM: Final = 500
"""A proxy's 502 or 504 says only that it has no answer for us."""

_NOT_ALLOWED: Final = frozenset({401, 403})
_TOO_MANY_REQUESTS: Final = 429
_NOTHING_DONE: Final = frozenset(
    {"STORE_UNAVAILABLE", "STOPPING", "TOO_MANY_CONNECTIONS", "TOO_MANY_LISTENERS"}
)
"""Codes of a 503 to a call that was certainly not carried out."""

_NEVER_SENT: Final = (
    ConnectTimeoutError,
    LocationValueError,
    NewConnectionError,
    SSLError,
)

Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the service."""

    method: str
    path: str
    """Below ``/api/v1``."""

    is_ours: Callable[[Members], bool]
    """Whether an answer can be the service's, because another program may be listening
    there."""

    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    key: str | None = None
    """Its idempotency key."""

    tries: int = 1
    """How often it may be sent in all, when no answer comes."""

    look_at: str = ""
    """Path that shows whether it was carried out."""

    @property
    def changes_something(self) -> bool:
        """Whether it matters that it may have been carried out without an answer."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the service answered."""

    status: int
    body: bytes
    """As it came."""

    members: Members


class ServiceClient:
    """Speaks to one service."""

    def __init__(
        self,
        place: ServiceLocation,
        pause: Callable[[float], None] = pause,
    ) -> None:
        """Call nobody yet.

        Args:
            place: where the service is.
            pause: waits for so many seconds.
        """
        self.url: Final = place.url or url_of_address(place.host, place.port)
        self._pause: Final = pause
        self._http: Final = urllib3.PoolManager(retries=False)

    def call(self, call: Call) -> Reply:
        """Call the service, again if no answer comes and the call allows it.

        Raises:
            RefusedError: the service refuses.
            NotAllowedError: the caller may not do this.
            NotReachableError: the service does not answer; nothing was carried out.
            OutcomeUnknownError: it was called, and may have carried the call out.
        """
        doubt: OutcomeUnknownError | None = None
        failure: CommandError
        for left in reversed(range(call.tries)):
            try:
                return self._try(call)
            except OutcomeUnknownError as error:
                failure = doubt = error
            except NotReachableError as error:
                if doubt is None and not isinstance(error, BusyError):
                    raise  # nobody is there: say so at once
                failure = doubt or error
            if left:
                self._pause(PAUSE_SECONDS)
        raise failure

    def open(
        self, path: str, headers: Mapping[str, str], silence_seconds: float
    ) -> BaseHTTPResponse:
        """Begin to read an answer that goes on for as long as both sides want.

        Args:
            path: below ``/api/v1``.
            headers: of the request.
            silence_seconds: after which the connection counts as lost.

        Raises:
            RefusedError: the service refuses.
            NotAllowedError: the caller may not do this.
            NotReachableError: the service does not answer.
        """
        call = Call(method="GET", path=path, is_ours=bool)
        url = self._url_of(call)
        timeout = urllib3.Timeout(connect=TIMEOUT_SECONDS, read=silence_seconds)
        try:
            answer = self._http.request(
                "GET", url, headers=headers, timeout=timeout, preload_content=False
            )
        except HTTPError as error:
            raise self._lost(call, error) from error
        if answer.status >= _ERRORS_FROM:
            raise self._refusal(call, answer.status, _members(answer.data))
        return answer

    def _try(self, call: Call) -> Reply:
        headers = {} if call.key is None else {"Idempotency-Key": call.key}
        try:
            answer = self._http.request(
                call.method,
                self._url_of(call),
                json=call.body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
            )
        except HTTPError as error:
            raise self._lost(call, error) from error
        members = _members(answer.data)
        is_read = members is not None and ("detail" in members or call.is_ours(members))
        if not is_read or members is None:
            raise self._not_ours(call, answer.status)
        if answer.status >= _ERRORS_FROM:
            raise self._refusal(call, answer.status, members)
        return Reply(status=answer.status, body=answer.data, members=members)

    def _url_of(self, call: Call) -> str:
        query = f"?{urlencode(call.query)}" if call.query else ""
        return f"{self.url}/api/v1{call.path}{query}"

    def _lost(self, call: Call, error: HTTPError) -> CommandError:
        """Say that no answer came."""
        kind, url = type(error).__name__, self._url_of(call)
        if isinstance(error, _NEVER_SENT):
            return NotReachableError(f"no service answers at {url} ({kind})")
        return self._in_doubt(call, f"no answer from {url} ({kind})")

    def _in_doubt(self, call: Call, why: str) -> CommandError:
        if not call.changes_something:
            return BusyError(why)
        advice = f"look at GET {self.url}/api/v1{call.look_at}, and try again"
        return OutcomeUnknownError(why, advice)

    def _not_ours(self, call: Call, status: int) -> CommandError:
        """Say that another program answered, not the service."""
        url = self._url_of(call)
        words = f"HTTP {status} from {url}, and not in the service's words"
        if status in _NOT_ALLOWED:
            return NotAllowedError(words)
        if status >= _SERVER_ERRORS_FROM:
            return self._in_doubt(call, words)
        why = f"HTTP {status} from another program"
        return NotReachableError(f"no service answers at {url} ({why})")

    def _refusal(
        self, call: Call, status: int, members: Members | None
    ) -> CommandError:
        """Say what the service did not do, and why."""
        if members is None or "code" not in members:
            return self._not_ours(call, status)
        code, detail = str(members["code"]), str(members.get("detail"))
        words = f"{code}: {detail}"
        if status in _NOT_ALLOWED:
            return NotAllowedError(words)
        if status == _TOO_MANY_REQUESTS or code in _NOTHING_DONE:
            return BusyError(words)
        if status >= _SERVER_ERRORS_FROM:
            return self._in_doubt(call, words)
        return RefusedError(code, detail)


def _members(body: bytes) -> Members | None:
    """Return an answer's members; None when it cannot be the service's."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None
