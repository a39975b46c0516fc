"""A response, as endpoints make it."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from adapters.api.bodies import encode


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON_TYPE: Final = "application/json"

_STATUS_LINES: Final = {
    int(status): f"{status.value} {status.phrase}" for status in HTTPStatus
}


class Response:
    """A whole response; a WSGI application that says this to everyone."""

    __slots__ = ("body", "headers", "status_line")

    def __init__(
        self,
        body: bytes,
        content_type: str,
        status: int = HTTPStatus.OK,
        more_headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Make a response.

        Args:
            body: left out of the answer to ``HEAD``.
            content_type: of the body.
            status: one that has a body.
            more_headers: besides type and length of the body.
        """
        self.body = body
        self.status_line = _STATUS_LINES[status]
        self.headers = [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            *more_headers,
        ]

    @classmethod
    def without_body(
        cls, status: int, headers: Iterable[tuple[str, str]]
    ) -> "Response":
        """Make a response of a status that has no body."""
        response = cls(b"", "", status)
        response.headers = list(headers)
        return response

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Send status and headers, and return the body."""
        start_response(self.status_line, self.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self.body,)


def json_response(
    body: Struct, status: int = HTTPStatus.OK, *headers: tuple[str, str]
) -> Response:
    """Answer with JSON, and further headers if there are any."""
    return Response(encode(body), JSON_TYPE, status, headers)
