"""Judges calls by what their caller may do, once it is known what they ask for."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from adapters.access.callers import Caller
from adapters.access.scopes import Scope
from adapters.api.codes import Code
from adapters.http.authentication import token_missing
from adapters.http.callers import caller_of
from adapters.http.problems import Problem, ProblemError
from adapters.http.routes import Route


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Doors:
    """Stands before every endpoint."""

    def admit(self, route: Route, environ: "WSGIEnvironment") -> None:
        """Let a call in.

        Raises:
            ProblemError: 401 if nobody knows who calls, 403 if they may not do this.
        """
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
