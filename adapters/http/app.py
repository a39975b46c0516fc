"""The application: which endpoint answers a call, and what Flask is asked for."""

import re
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flask import Flask
from flask import Request as FlaskRequest
from flask import Response as FlaskResponse
from flask import request as flask_request
from werkzeug.routing import BaseConverter, MapAdapter

from adapters.http import halt_endpoints, order_endpoints, service_endpoints
from adapters.http.audit_endpoints import AuditEndpoints, AuditReader
from adapters.http.description_endpoints import DescriptionEndpoints
from adapters.http.doors import Doors
from adapters.http.error_responses import error_response
from adapters.http.evidence_endpoints import EvidenceEndpoints
from adapters.http.halt_endpoints import HaltEndpoints
from adapters.http.many_order_endpoints import ManyOrderEndpoints
from adapters.http.on_hold_endpoints import OnHoldEndpoints
from adapters.http.order_endpoints import OrderEndpoints
from adapters.http.pause_endpoints import PauseEndpoints
from adapters.http.report_endpoints import ReportEndpoints
from adapters.http.request_reading import Request
from adapters.http.routes import Endpoint, Route
from adapters.http.service_endpoints import Scrape, ServiceEndpoints
from adapters.http.static_files import StaticFiles
from adapters.http.webhook_endpoints import ReadStatuses, WebhookEndpoints
from adapters.trading_environment import TradingEnvironment
from domain.ports.observing import Meter
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NON_BLOCKING_CALLS: Final = (
    order_endpoints.NON_BLOCKING_CALLS
    | service_endpoints.NON_BLOCKING_CALLS
    | halt_endpoints.NON_BLOCKING_CALLS
)
"""(method, path) of calls that never wait."""

URGENT_CALLS: Final = service_endpoints.URGENT_CALLS | halt_endpoints.NON_BLOCKING_CALLS
"""(method, path) of calls that an operator in trouble needs."""


class _PassedOn(FlaskResponse):
    """A response of ours on its way through Flask, which changes nothing about it."""

    default_mimetype = None
    """It has no headers of its own."""

    def __init__(self, application: "WSGIApplication") -> None:
        super().__init__()
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer as the endpoint said."""
        return self._application(environ, start_response)


class _Application(Flask):
    """Answers calls whose path has no variables, and leaves all others to Flask.

    Method and path say which endpoint such a call means, and what Flask does around one
    costs several times what placing an order does. Flask knows these paths, too: it
    answers ``HEAD`` and ``OPTIONS``, and refuses methods that a path does not have.
    """

    def __init__(self, routes: Iterable[Route], doors: Doors | None) -> None:
        super().__init__(__name__, static_folder=None)
        routes = tuple(routes)
        self.url_map.merge_slashes = False  # a doubled slash is a 404, not a redirect
        self.url_map.converters["default"] = _variables_beside(routes)
        self.register_error_handler(Exception, _refuse_through_flask)
        self._endpoints: dict[tuple[str, str], Endpoint] = {}
        for route in routes:
            endpoint = route.endpoint
            if doors is not None:
                endpoint = partial(doors.pass_through, route)
            if route.is_fixed:
                self._endpoints[route.method, route.path] = endpoint
            self.add_url_rule(
                route.rule,
                f"{route.method} {route.path}",
                partial(_respond_through_flask, endpoint),
                methods=[route.method],
            )

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a call."""
        call = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        endpoint = self._endpoints.get(call)
        if endpoint is None:
            return super().wsgi_app(environ, start_response)
        return _respond(endpoint, environ)(environ, start_response)

    def create_url_adapter(self, request: FlaskRequest | None) -> MapAdapter | None:
        """Match the path only.

        The host has been judged before, and no URL is built from it.
        """
        if request is None:
            return None
        return self.url_map.bind(
            "", path_info=request.path, default_method=request.method
        )


def _variables_beside(routes: Iterable[Route]) -> type[BaseConverter]:
    """Return how to read a variable: as no word that names a path of its own there.

    Otherwise ``/orders/bulk`` would be the order named bulk, too, with its methods.
    """
    paths = {route.path.rpartition("/")[::2] for route in routes}
    rooms = {room for room, last in paths if last.startswith("{")}
    words = "|".join(
        re.escape(last)
        for room, last in sorted(paths)
        if room in rooms and not last.startswith("{")
    )

    class Variable(BaseConverter):
        part_isolating = True
        regex = f"(?!(?:{words})$)[^/]+" if words else "[^/]+"

    return Variable


def _respond(
    endpoint: Endpoint, environ: "WSGIEnvironment", **variables: str
) -> "WSGIApplication":
    request = Request(environ)
    try:
        return endpoint(request, **variables)
    except Exception as error:  # noqa: BLE001 - every error has its answer
        return error_response(request, error)


def _respond_through_flask(endpoint: Endpoint, **variables: str) -> FlaskResponse:
    return _PassedOn(_respond(endpoint, flask_request.environ, **variables))


def _refuse_through_flask(error: Exception) -> FlaskResponse:
    return _PassedOn(error_response(Request(flask_request.environ), error))


UNMEASURED: Final = frozenset(("/healthz", "/readyz", "/metrics"))
"""Calls of monitoring itself: a 503 there is a statement, and no failed call."""


class ServiceAccess(NamedTuple):
    """Who may do what, and what they did."""

    doors: Doors | None
    """None: everybody may do everything, and nothing is noted."""

    trail: AuditReader


def create_app(
    desk: OrderDesk,
    queries: OrderQueries,
    traded_on: TradingEnvironment,
    scrape: Scrape | None = None,
    access: ServiceAccess | None = None,
    webhooks: ReadStatuses = tuple,
) -> Flask:
    """Build the application.

    Args:
        desk: places, cancels and amends orders, and reads books.
        queries: reads orders.
        traded_on: where their fills come from.
        scrape: makes the page of ``/metrics``; without it there is none.
        access: who may do what, and what they did; without it everybody may do
            everything, and there is no audit trail.
        webhooks: says how each webhook target is.
    """
    doors = None if access is None else access.doors
    return _Application(
        [
            *OrderEndpoints(desk, queries, traded_on).routes(),
            *ManyOrderEndpoints(desk, queries).routes(),
            *ServiceEndpoints(desk, scrape).routes(),
            *EvidenceEndpoints(desk, queries).routes(),
            *ReportEndpoints(desk, queries).routes(),
            *DescriptionEndpoints().routes(),
            *StaticFiles().routes(),
            *OnHoldEndpoints(desk, queries).routes(),
            *PauseEndpoints(desk, queries).routes(),
            *HaltEndpoints(desk).routes(),
            *(() if access is None else AuditEndpoints(access.trail).routes()),
            *WebhookEndpoints(webhooks).routes(),
        ],
        doors,
    )


def measure_calls(app: Flask, meter: Meter) -> None:
    """Have the meter count the application's answers by status, and time its calls."""
    answer = app.wsgi_app

    def answer_measured(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"] in UNMEASURED:
            return answer(environ, start_response)
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
        self._meter.count("http_responses", kind=status[:3])
        return self._start_response(status, headers, *error)
