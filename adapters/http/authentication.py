"""Tells callers by their tokens, before anything else of a call is read.

A token comes in the header ``Authorization``, and nowhere else: an address is logged by
proxies and kept by browsers, and a cookie is sent by pages of others, too.
"""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from adapters.access.callers import LOOPBACK, VISITOR
from adapters.access.failure_limits import FailureLimits
from adapters.access.live_tokens import LiveTokens
from adapters.access.token_text import is_well_formed
from adapters.api.all_calls import CALLS
from adapters.api.codes import Code
from adapters.http.callers import set_caller
from adapters.http.log_throttle import LogThrottle
from adapters.http.problems import Problem
from domain.ports.observing import Meter


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger(__name__)

ALWAYS_OPEN: Final = frozenset(call.path for call in CALLS if call.is_open)
"""Whether the process answers, which whoever starts and stops it must know; and the
description of the API, which is the same everywhere."""

_READS: Final = frozenset({"GET", "HEAD"})
_HEADER: Final = "HTTP_AUTHORIZATION"
_SCHEME: Final = "bearer"


class Authentication:
    """Notes who calls, or says why a call is not let in; for the loop's thread."""

    def __init__(
        self,
        tokens: LiveTokens,
        *,
        needs_token: bool,
        open_paths: frozenset[str] = ALWAYS_OPEN,
        meter: Meter | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Refuse nobody yet.

        Args:
            tokens: that are good.
            needs_token: whether to refuse calls without one.
            open_paths: what can be read without one all the same.
            meter: counts wrong tokens.
            now: monotonic seconds.
        """
        self._tokens: Final = tokens
        self._needs_token: Final = needs_token
        self._open_paths: Final = open_paths
        self._meter: Final = meter
        self._failures: Final = FailureLimits(now)
        self._throttle: Final = LogThrottle(now)

    def refusal(self, environ: "WSGIEnvironment") -> Problem | None:
        """Note who calls; return why they are not let in, if they are not."""
        scheme, _, token = environ.pop(_HEADER, "").partition(" ")
        if scheme.lower() == _SCHEME:
            caller = self._tokens.caller(token.strip())
            if caller is None:
                return self._wrong(token.strip(), environ)
            set_caller(environ, caller)
        elif not self._needs_token:
            set_caller(environ, LOOPBACK)
        elif self._is_open(environ):
            set_caller(environ, VISITOR)
        else:
            return token_missing()
        return None

    def _is_open(self, environ: "WSGIEnvironment") -> bool:
        is_read = environ["REQUEST_METHOD"] in _READS
        return is_read and environ["PATH_INFO"] in self._open_paths

    def _wrong(self, token: str, environ: "WSGIEnvironment") -> Problem:
        peer = environ.get("REMOTE_ADDR", "")
        seconds = self._failures.retry_after(peer)
        if self._meter is not None:
            self._meter.count("wrong_tokens")
        unlogged = self._throttle.admit()
        if unlogged is not None:
            logger.warning("Wrong token peer=%s unlogged=%s", peer, unlogged)
        if seconds is not None:
            return _too_many_wrong(seconds)
        if is_well_formed(token):
            detail = "there is no such token, or it was revoked"
            return _not_let_in(Code.TOKEN_UNKNOWN, detail)
        detail = "the token is mistyped or not all there: its checksum is wrong"
        return _not_let_in(Code.TOKEN_MALFORMED, detail)


def token_missing() -> Problem:
    """Say that a call needs a token."""
    detail = "this call needs a token: Authorization: Bearer te_..."
    return _not_let_in(Code.TOKEN_MISSING, detail)


def _not_let_in(code: str, detail: str) -> Problem:
    return Problem(status=HTTPStatus.UNAUTHORIZED, code=code, detail=detail)


def _too_many_wrong(seconds: int) -> Problem:
    return Problem(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code=Code.TOO_MANY_WRONG_TOKENS,
        detail="too many wrong tokens from this address; a right one is let in at once",
        retry_after=seconds,
    )
