"""From a request that aiohttp has read to the answer that it writes."""

from io import BytesIO
from typing import TYPE_CHECKING, Final, Protocol, cast

from aiohttp import web

from adapters.http.access_control import link_refusal
from adapters.http.application_calls import ApplicationCalls
from adapters.http.client_connection import ClientConnection
from adapters.http.problems import Problem, method_not_allowed
from adapters.http.push import PushStream
from adapters.http.request_body import RefusedBody, read_body
from adapters.http.request_head import read_head, refusal
from adapters.http.server_options import ServerOptions
from adapters.http.wire_response import EndlessResponse, WireResponse, answer_of


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


_STREAM_METHODS: Final = ("GET", "HEAD")


class Seating(Protocol):
    """Who may stay connected."""

    def may_stay(self, connection: ClientConnection) -> bool:
        """Whether a connection is kept after its current answer."""
        ...

    def find_place(self, guest: ClientConnection) -> bool:
        """Give a guest a regular slot, if one is free by now."""
        ...


class RequestHandling:
    """Judges a request, reads its body, has it answered."""

    def __init__(
        self,
        calls: ApplicationCalls,
        options: ServerOptions,
        seating: Seating,
    ) -> None:
        """Handle nothing yet.

        Args:
            calls: the application.
            options: which calls are served how.
            seating: who may stay connected.
        """
        self._calls: Final = calls
        self._options: Final = options
        self._seating: Final = seating

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request; aiohttp has one of each connection answered at a time."""
        connection = cast("ClientConnection", request.protocol)
        environ = read_head(
            request.method,
            request.raw_path,
            request.version.minor,
            request.raw_headers,
            connection.peer,
        )
        if isinstance(environ, Problem):
            return _refused(environ)
        problem = self._options.refusal(environ)
        if problem is not None:
            return self._refuse_call(problem, request, connection)
        body = b""
        if request.body_exists:
            connection.begin_body()
            read = await read_body(request, environ)
            if isinstance(read, RefusedBody):
                return _refused(read.problem, is_read_on=read.is_read_on)
            body = read
            connection.end_body()
            environ["CONTENT_LENGTH"] = str(len(body))
            environ.pop("HTTP_TRANSFER_ENCODING", None)  # it has been taken off
        environ["wsgi.input"] = BytesIO(body)
        return await self._answer(request, connection, environ)

    async def _answer(
        self,
        request: web.BaseRequest,
        connection: ClientConnection,
        environ: "WSGIEnvironment",
    ) -> web.StreamResponse:
        call = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        is_urgent = call in self._options.urgent_calls
        if connection.is_guest and not (
            is_urgent or self._seating.find_place(connection)
        ):
            return _refused(refusal(503, "too many connections; try again"))
        stream = self._options.streams.get(environ["PATH_INFO"])
        if stream is not None:
            return await self._follow(stream, environ, connection)
        answer = await self._calls.answer(environ)
        return WireResponse(
            answer,
            # aiohttp may drop what was sent together with a request to upgrade.
            stays="HTTP_UPGRADE" not in environ and self._stays(request, connection),
        )

    async def _follow(
        self,
        stream: PushStream,
        environ: "WSGIEnvironment",
        connection: ClientConnection,
    ) -> web.StreamResponse:
        method = environ["REQUEST_METHOD"]
        if method not in _STREAM_METHODS:
            return _not_allowed(method, environ["PATH_INFO"])
        accepted = link_refusal(environ) or await stream.accept(environ)
        if isinstance(accepted, Problem):
            return WireResponse(answer_of(accepted), stays=False)
        connection.is_endless = method != "HEAD"
        headers, serve = accepted
        return EndlessResponse(headers, self._options.watched(environ, serve))

    def _stays(self, request: web.BaseRequest, connection: ClientConnection) -> bool:
        return (
            request.keep_alive
            and not connection.is_last_request()
            and self._seating.may_stay(connection)
        )

    def _refuse_call(
        self, problem: Problem, request: web.BaseRequest, connection: ClientConnection
    ) -> web.StreamResponse:
        """Refuse a call; what is left of its body ends the connection."""
        stays = not request.body_exists and self._stays(request, connection)
        return WireResponse(answer_of(problem), stays=stays)


def _not_allowed(method: str, path: str) -> web.StreamResponse:
    allowed = ", ".join(_STREAM_METHODS)
    answer = answer_of(method_not_allowed(method, path), ("Allow", allowed))
    return WireResponse(answer, stays=False)


def _refused(problem: Problem, *, is_read_on: bool = True) -> web.StreamResponse:
    return WireResponse(answer_of(problem), stays=False, cuts_off=not is_read_on)
