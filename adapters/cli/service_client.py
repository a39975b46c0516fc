"""Calls the running service, from another terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
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

from adapters.api.bodies import decoder_of
from adapters.api.problems import ProblemAnswer
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

A = TypeVar("A")

_read_problem: Final = decoder_of(ProblemAnswer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[A]):
    """One call of the service."""

    method: str
    path: str
    """Below ``/api/v1``."""

    read: Callable[[bytes], A]
    """Reads the answer. What it cannot read is not the service's: another program may
    be listening there."""

    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    key: str | None = None
    """Its idempotency key."""

    tries: int = 1
    """How often it may be sent in all, when no answer comes."""

    timeout_seconds: float = TIMEOUT_SECONDS
    """How long one answer may take; longer than the service takes at most."""

    look_at: str = ""
    """Path that shows whether it was carried out."""

    is_harmless: bool = False
    """Whether it changes nothing, although it is no GET."""

    @property
    def changes_something(self) -> bool:
        """Whether it matters that it may have been carried out without an answer."""
        return self.method != "GET" and not self.is_harmless


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[A]):
    """What the service answered."""

    status: int
    body: bytes
    """As it came."""

    answer: A
    """The same, read."""


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
        self._own: Final = (
            {"Authorization": f"Bearer {place.token}"} if place.token else {}
        )

    def call(self, call: Call[A]) -> Reply[A]:
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
        call = Call(method="GET", path=path, read=_read_problem)
        url = self._url_of(call)
        timeout = urllib3.Timeout(connect=TIMEOUT_SECONDS, read=silence_seconds)
        try:
            answer = self._http.request(
                "GET",
                url,
                headers={**self._own, **headers},
                timeout=timeout,
                preload_content=False,
            )
        except HTTPError as error:
            raise self._lost(call, error) from error
        if answer.status >= _ERRORS_FROM:
            raise self._refusal(call, answer.status, answer.data)
        return answer

    def _try(self, call: Call[A]) -> Reply[A]:
        headers = {} if call.key is None else {"Idempotency-Key": call.key}
        try:
            answer = self._http.request(
                call.method,
                self._url_of(call),
                json=call.body,
                headers={**self._own, **headers},
                timeout=urllib3.Timeout(
                    connect=TIMEOUT_SECONDS, read=call.timeout_seconds
                ),
            )
        except HTTPError as error:
            raise self._lost(call, error) from error
        if answer.status >= _ERRORS_FROM:
            raise self._refusal(call, answer.status, answer.data)
        try:
            read = call.read(answer.data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._not_ours(call, answer.status) from error
        return Reply(status=answer.status, body=answer.data, answer=read)

    def _url_of(self, call: Call[Any]) -> str:
        query = f"?{urlencode(call.query)}" if call.query else ""
        return f"{self.url}/api/v1{call.path}{query}"

    def _lost(self, call: Call[Any], error: HTTPError) -> CommandError:
        """Say that no answer came."""
        kind, url = type(error).__name__, self._url_of(call)
        if isinstance(error, _NEVER_SENT):
            return NotReachableError(f"no service answers at {url} ({kind})")
        return self._in_doubt(call, f"no answer from {url} ({kind})")

    def _in_doubt(self, call: Call[Any], why: str) -> CommandError:
        if not call.changes_something:
            return BusyError(why)
        advice = f"look at GET {self.url}/api/v1{call.look_at}, and try again"
        return OutcomeUnknownError(why, advice)

    def _not_ours(self, call: Call[Any], status: int) -> CommandError:
        """Say that another program answered, not the service."""
        url = self._url_of(call)
        words = f"HTTP {status} from {url}, and not in the service's words"
        if status in _NOT_ALLOWED:
            return NotAllowedError(words)
        if status >= _SERVER_ERRORS_FROM:
            return self._in_doubt(call, words)
        why = f"HTTP {status} from another program or version"
        return NotReachableError(f"no service answers at {url} ({why})")

    def _refusal(self, call: Call[Any], status: int, body: bytes) -> CommandError:
        """Say what the service did not do, and why."""
        try:
            problem = _read_problem(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._not_ours(call, status)
        words = f"{problem.code}: {problem.detail}"
        if status in _NOT_ALLOWED:
            return NotAllowedError(words)
        if status == _TOO_MANY_REQUESTS or problem.code in _NOTHING_DONE:
            return BusyError(words)
        if status >= _SERVER_ERRORS_FROM:
            return self._in_doubt(call, words)
        return RefusedError(problem.code, problem.detail)
