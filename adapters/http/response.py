"""A response, as endpoints make it."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from werkzeug.http import HTTP_STATUS_CODES


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_STATUS_LINES: Final = {
    status: f"{status} {phrase.upper()}" for status, phrase in HTTP_STATUS_CODES.items()
}


class Response:
    """A whole response; a WSGI application that says this to everyone."""

    __slots__ = ("_body", "_headers", "_status")

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
        self._body = body
        self._status = status
        self._headers = [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            *more_headers,
        ]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Send status and headers, and return the body."""
        start_response(_STATUS_LINES[self._status], self._headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self._body,)
