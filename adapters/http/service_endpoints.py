"""The calls about the service itself: symbols, books, health and metrics."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

from adapters.api.bodies import ListAnswer
from adapters.api.markets import BookAnswer, SymbolAnswer
from adapters.api.service import HealthAnswer, ReadinessAnswer
from adapters.api.service_calls import (
    LEVELS_DEFAULT,
    LEVELS_MAX,
    LIST_SYMBOLS,
    READ_BOOK,
    READ_HEALTH,
    READ_METRICS,
    READ_READINESS,
)
from adapters.http.problems import (
    RETRY_AFTER_SECONDS,
    ProblemError,
    unsupported_symbol,
)
from adapters.http.request_reading import Request, read_limit, read_parameters
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from domain.ports.order_desk import OrderDesk
from domain.readiness import ServiceState
from domain.values import Symbol


NON_BLOCKING_CALLS: Final = frozenset({("GET", "/healthz")})
"""(method, path) of calls that never wait."""

URGENT_CALLS: Final = NON_BLOCKING_CALLS | {("GET", "/readyz"), ("GET", "/metrics")}
"""(method, path) of calls that monitor the service."""

Scrape = Callable[[], tuple[bytes, str]]
"""Returns the metrics page and its content type."""


class ServiceEndpoints:
    """What is traded, its books, and whether the service works."""

    def __init__(self, desk: OrderDesk, scrape: Scrape | None) -> None:
        self._desk = desk
        self._scrape = scrape

    def routes(self) -> Sequence[Route]:
        """Return the route of every call; all are reads."""
        routes = (
            route_of(LIST_SYMBOLS, self.symbols),
            route_of(READ_BOOK, self.book),
            route_of(READ_HEALTH, self.health),
            route_of(READ_READINESS, self.ready),
        )
        if self._scrape is None:
            return routes
        return (*routes, route_of(READ_METRICS, self.metrics))

    def symbols(self, request: Request) -> Response:
        """Return what is traded, with the venue's rules."""
        read_parameters(request, LIST_SYMBOLS)
        items = [SymbolAnswer.of(rules) for rules in self._desk.symbols()]
        return json_response(ListAnswer(items=items))

    def book(self, request: Request, symbol: str) -> Response:
        """Return the best levels of a book, and whether it is usable."""
        limit = read_limit(
            read_parameters(request, READ_BOOK), LEVELS_DEFAULT, LEVELS_MAX
        )
        supported = [rules.symbol for rules in self._desk.symbols()]
        if symbol not in supported:
            raise ProblemError(
                unsupported_symbol(HTTPStatus.NOT_FOUND, symbol, supported)
            )
        return json_response(BookAnswer.of(self._desk.book(Symbol(symbol), limit)))

    def health(self, _request: Request) -> Response:
        """Answer that the process is alive."""
        return json_response(HealthAnswer())

    def ready(self, _request: Request) -> Response:
        """Say for each symbol whether it can trade; 503 when the service cannot."""
        readiness = self._desk.readiness()
        answer = ReadinessAnswer.of(readiness)
        if readiness.state is not ServiceState.UNAVAILABLE:
            return json_response(answer)
        later = ("Retry-After", RETRY_AFTER_SECONDS)
        return json_response(answer, HTTPStatus.SERVICE_UNAVAILABLE, later)

    def metrics(self, _request: Request) -> Response:
        """Return the metrics for the operator's monitoring."""
        assert self._scrape is not None
        body, content_type = self._scrape()
        return Response(body, content_type)
