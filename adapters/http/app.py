"""The Flask application: which endpoint answers a call, and what errors become."""

import logging
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Request, Response, request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter

from adapters.http import halt_endpoints, order_endpoints, service_endpoints
from adapters.http.access_control import AccessControl, GuardedApplication
from adapters.http.halt_endpoints import HaltEndpoints
from adapters.http.on_hold_endpoints import OnHoldEndpoints
from adapters.http.order_endpoints import OrderEndpoints
from adapters.http.problems import (
    CODE_OF_STATUS,
    Code,
    Problem,
    ProblemError,
    failed,
    internal_error,
    shown,
)
from adapters.http.request_reading import BODY_BYTES_MAX
from adapters.http.service_endpoints import Scrape, ServiceEndpoints
from adapters.trading_environment import TradingEnvironment
from domain.errors import TradeExecutorError
from domain.ports.observing import Meter
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

NON_BLOCKING_CALLS: Final = (
    order_endpoints.NON_BLOCKING_CALLS
    | service_endpoints.NON_BLOCKING_CALLS
    | halt_endpoints.NON_BLOCKING_CALLS
)
"""(method, path) of calls that never wait."""

URGENT_CALLS: Final = service_endpoints.URGENT_CALLS | halt_endpoints.NON_BLOCKING_CALLS
"""(method, path) of calls that an operator in trouble needs."""


class _NoSessions(SessionInterface):
    """Skips the session that Flask prepares for each request, and we never use."""

    _NONE: Final = NullSession()

    def open_session(self, *_: object) -> SessionMixin:
        """Return the one session that all requests share."""
        return self._NONE


class _Application(Flask):
    session_interface = _NoSessions()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match the path only.

        The host has been judged before, and no URL is built from it.
        """
        if request is None:
            return None
        return self.url_map.bind(
            "", path_info=request.path, default_method=request.method
        )


def create_app(
    desk: OrderDesk,
    queries: OrderQueries,
    traded_on: TradingEnvironment,
    scrape: Scrape | None = None,
    meter: Meter | None = None,
    access: AccessControl | None = None,
) -> Flask:
    """Build the application.

    Args:
        desk: places, cancels and amends orders, and reads books.
        queries: reads orders.
        traded_on: where their fills come from.
        scrape: makes the page of ``/metrics``; without it there is none.
        meter: counts answers by class of status, and times calls.
        access: judges who may call; by default only ``localhost`` and IP addresses.
    """
    app = _Application(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.url_map.merge_slashes = False  # a doubled slash is a 404, not a redirect
    OrderEndpoints(desk, queries, traded_on).add_to(app)
    ServiceEndpoints(desk, scrape).add_to(app)
    OnHoldEndpoints(desk, queries).add_to(app)
    HaltEndpoints(desk).add_to(app)
    app.register_error_handler(ProblemError, _answer_problem)
    app.register_error_handler(TradeExecutorError, _answer_error)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_bug)
    app.wsgi_app = GuardedApplication(app.wsgi_app, access or AccessControl())  # type: ignore[method-assign] # as Flask's manual does
    if meter is not None:
        _measure(app, meter)
    return app


def _measure(app: Flask, meter: Meter) -> None:
    answer = app.wsgi_app

    def answer_measured(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        return answer(environ, _MeasuredStart(start_response, meter))

    app.wsgi_app = answer_measured  # type: ignore[method-assign] # as Flask's manual does


class _MeasuredStart:
    """A ``start_response`` that notes the time and the status of the answer.

    Not a nested function, whose annotations would be evaluated for each request.
    """

    __slots__ = ("_meter", "_start_response", "_started_ns")

    def __init__(self, start_response: "StartResponse", meter: Meter) -> None:
        self._start_response = start_response
        self._meter = meter
        self._started_ns = time.perf_counter_ns()

    def __call__(
        self, status: str, headers: list[tuple[str, str]], *error: Any
    ) -> Callable[[bytes], object]:
        elapsed_ns = time.perf_counter_ns() - self._started_ns
        self._meter.observe_seconds("http_request_seconds", elapsed_ns / 1e9)
        self._meter.count(f"http_responses_{status[0]}xx")
        return self._start_response(status, headers, *error)


def _answer_problem(error: ProblemError) -> Response:
    return error.problem.response()


def _answer_error(error: TradeExecutorError) -> Response:
    problem = failed(error)
    if problem.status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer_bug(error)
    return problem.response()


def _answer_http(error: HTTPException) -> Response:
    """Answer a request that Flask refuses before, or while, an endpoint reads it."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    code = CODE_OF_STATUS.get(status, Code.INTERNAL_ERROR)
    match code:
        case Code.UNKNOWN_PATH:
            detail = f"there is nothing at {shown(request.path)}"
        case Code.METHOD_NOT_ALLOWED:
            detail = f"{shown(request.method)} cannot be done at {shown(request.path)}"
        case Code.BODY_TOO_LARGE:
            detail = f"the body is longer than {BODY_BYTES_MAX} bytes"
        case _:
            detail = error.description or status.phrase
    response = Problem(status=status, code=code, detail=detail).response()
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    return response


def _answer_bug(error: Exception) -> Response:
    logger.error(
        "Request failed method=%s path=%s",
        request.method,
        request.path,
        exc_info=error,
    )
    return internal_error().response()
