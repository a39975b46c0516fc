"""Stands before every endpoint: who may call it, and what is noted of the call."""

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from adapters.access.audit_log import AuditEntry, AuditLog
from adapters.access.call_limits import CallLimits
from adapters.access.callers import Caller
from adapters.access.scopes import Scope
from adapters.api.codes import Code
from adapters.api.order_calls import VALIDATE_ONLY
from adapters.http.audited_calls import AuditedCall
from adapters.http.authentication import token_missing
from adapters.http.callers import caller_of
from adapters.http.deferred_response import DeferredResponse
from adapters.http.error_responses import error_response
from adapters.http.problems import Problem, ProblemError
from adapters.http.request_reading import Request
from adapters.http.response import Response
from adapters.http.routes import Route
from domain.ports.runtime import Clock


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


DRY_RUN: Final = f"{VALIDATE_ONLY.name}=true"
"""In the query of a call that changes nothing. Where it does not belong, the call is
refused, and changes nothing either."""


class Doors:
    """Lets callers do what their scope includes, and notes what may change something.

    A call that got no further than ``AccessGuard`` is not noted: whoever has no token
    could fill the disk.
    """

    def __init__(self, limits: CallLimits, audit: AuditLog, clock: Clock) -> None:
        """Let nobody in yet.

        Args:
            limits: of calls by one token.
            audit: is told of each call that is no read.
            clock: says when it came.
        """
        self._limits: Final = limits
        self._audit: Final = audit
        self._clock: Final = clock

    def pass_through(
        self, route: Route, request: Request, **variables: str
    ) -> Response | DeferredResponse:
        """Call an endpoint, if the caller may do that.

        Raises:
            ProblemError: 429 if they call too often, which is not noted; 401 if nobody
                knows who calls, 403 if they may not do this; or as the endpoint raises.
                A call that is noted raises nothing.
        """
        environ = request.environ
        if route.is_limited:
            self._check_limit(route, caller_of(environ))
        if route.method == "GET" or DRY_RUN in environ.get("QUERY_STRING", ""):
            _admit(route, environ)
            return route.endpoint(request, **variables)
        audited = AuditedCall(environ, variables.get("order_id"), self._clock.now())
        answer: Response | DeferredResponse
        try:
            _admit(route, environ)
            answer = route.endpoint(request, **variables)
        except Exception as error:  # noqa: BLE001 - every error has its answer
            answer = error_response(request, error)
        if isinstance(answer, DeferredResponse):
            answer.watch(audited.answered, partial(self._note_later, audited, request))
        else:
            audited.answered(answer)
            self._audit.put(audited.entry)
        return answer

    def _check_limit(self, route: Route, caller: Caller) -> None:
        is_write = route.method != "GET"
        seconds = self._limits.retry_after(caller, is_write=is_write)
        if seconds is not None:
            raise ProblemError(_too_many_calls(caller, seconds))

    def _note_later(
        self, audited: AuditedCall, request: Request, answer: DeferredResponse
    ) -> None:
        """Note a call whose outcome is there, even if its client has gone meanwhile."""

        def entry() -> AuditEntry:
            if audited.response is None:
                audited.answered(answer.respond(request))
            return audited.entry()

        self._audit.put(entry)


def _admit(route: Route, environ: "WSGIEnvironment") -> None:
    caller = caller_of(environ)
    if caller.scope is None:
        raise ProblemError(token_missing())
    if not caller.scope.includes(route.scope):
        raise ProblemError(_too_narrow(caller, caller.scope, route.scope))


def _too_narrow(caller: Caller, scope: Scope, needed: Scope) -> Problem:
    return Problem(
        status=HTTPStatus.FORBIDDEN,
        code=Code.SCOPE_TOO_NARROW,
        detail=f"{caller.name} may only {scope}; this call needs the scope {needed}",
    )


def _too_many_calls(caller: Caller, seconds: int) -> Problem:
    return Problem(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code=Code.TOO_MANY_CALLS,
        detail=f"{caller.name} makes more calls a second than a token may",
        retry_after=seconds,
    )
