"""The calls about the service itself: symbols, books, health and metrics."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from flask import Flask, Response

from adapters.http.problems import ProblemError, unsupported_symbol
from adapters.http.representations import (
    book_members,
    json_response,
    page,
    readiness_members,
    symbol_members,
)
from adapters.http.request_reading import read_limit, read_parameters
from domain.ports.order_desk import OrderDesk
from domain.readiness import ServiceState
from domain.values import Symbol


NON_BLOCKING_CALLS: Final = frozenset({("GET", "/healthz")})
"""(method, path) of calls that never wait."""

URGENT_CALLS: Final = NON_BLOCKING_CALLS | {("GET", "/readyz"), ("GET", "/metrics")}
"""(method, path) of calls that monitor the service."""

LEVELS_DEFAULT: Final = 20
LEVELS_MAX: Final = 5000

Scrape = Callable[[], tuple[bytes, str]]
"""Returns the metrics page and its content type."""


class ServiceEndpoints:
    """What is traded, its books, and whether the service works."""

    def __init__(self, desk: OrderDesk, scrape: Scrape | None) -> None:
        self._desk = desk
        self._scrape = scrape

    def add_to(self, app: Flask) -> None:
        """Bind every call to its path; all are reads."""
        app.add_url_rule("/api/v1/symbols", "symbols", self.symbols)
        app.add_url_rule("/api/v1/symbols/<symbol>/book", "book", self.book)
        app.add_url_rule("/healthz", "health", self.health)
        app.add_url_rule("/readyz", "ready", self.ready)
        if self._scrape is not None:
            app.add_url_rule("/metrics", "metrics", self.metrics)

    def symbols(self) -> Response:
        """Return what is traded, with the venue's rules."""
        read_parameters()
        return json_response(
            page([symbol_members(rules) for rules in self._desk.symbols()])
        )

    def book(self, symbol: str) -> Response:
        """Return the best levels of a book, and whether it is usable."""
        limit = read_limit(read_parameters("limit"), LEVELS_DEFAULT, LEVELS_MAX)
        supported = [rules.symbol for rules in self._desk.symbols()]
        if symbol not in supported:
            raise ProblemError(
                unsupported_symbol(HTTPStatus.NOT_FOUND, symbol, supported)
            )
        return json_response(book_members(self._desk.book(Symbol(symbol), limit)))

    def health(self) -> Response:
        """Answer that the process is alive."""
        return json_response({"status": "ok"})

    def ready(self) -> Response:
        """Say for each symbol whether it can trade; 503 when the service cannot."""
        readiness = self._desk.readiness()
        useless = readiness.state is ServiceState.UNAVAILABLE
        status = HTTPStatus.SERVICE_UNAVAILABLE if useless else HTTPStatus.OK
        return json_response(readiness_members(readiness), status)

    def metrics(self) -> Response:
        """Return the metrics for the operator's monitoring."""
        assert self._scrape is not None
        body, content_type = self._scrape()
        return Response(body, content_type=content_type)
