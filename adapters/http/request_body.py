"""Reads the body of a request, within limits of size and of how it is cut up."""

from typing import TYPE_CHECKING, Final, NamedTuple

from aiohttp import StreamReader, web
from aiohttp.web_protocol import RequestPayloadError

from adapters.http.problems import Problem
from adapters.http.request_head import body_too_long, refusal
from adapters.http.request_reading import BODY_BYTES_MAX


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

WIRE_BODY_BYTES_MAX: Final = 32 * 1024 * 1024
"""A refused body up to this length is read and discarded, so that the client can read
the refusal. A longer one is cut off."""

CHUNKS_MAX: Final = 400
"""Of a body, besides those for its length. Tiny chunks cost more time than bytes."""

CONTENT_PER_CHUNK: Final = 512
"""This many bytes of content allow one chunk more."""

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class RefusedBody(NamedTuple):
    """Why a body was not read to its end."""

    problem: Problem
    is_read_on: bool = True
    """Whether what is left is read for a while, so that the client reads the answer."""


async def read_body(
    request: web.BaseRequest, environ: "WSGIEnvironment"
) -> bytes | RefusedBody:
    """Read it whole.

    Args:
        request: whose body has not been read yet.
        environ: its head.

    Returns:
        At most one byte more than ``BODY_BYTES_MAX``, which is enough to see that it is
        too long; or why it is not read on. Then the connection has to end.
    """
    if int(environ.get("CONTENT_LENGTH") or 0) > WIRE_BODY_BYTES_MAX:
        return RefusedBody(body_too_long())
    if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
        _ask_for_body(request)
    read = _read_chunks if "HTTP_TRANSFER_ENCODING" in environ else _read
    try:
        return await read(request.content)
    except RequestPayloadError as error:
        return RefusedBody(refusal(400, str(error.__cause__ or error)))


async def _read(content: StreamReader) -> bytes:
    kept = b""
    while not content.at_eof():
        part = await content.readany()
        if len(kept) <= BODY_BYTES_MAX:
            kept += part
    return kept[: BODY_BYTES_MAX + 1]


async def _read_chunks(content: StreamReader) -> bytes | RefusedBody:
    kept = b""
    count = 0
    async for part, _ in content.iter_chunks():
        count += 1
        if len(kept) <= BODY_BYTES_MAX:
            kept += part
        if content.total_bytes > WIRE_BODY_BYTES_MAX:
            return RefusedBody(body_too_long())
        if count > CHUNKS_MAX + content.total_bytes // CONTENT_PER_CHUNK:
            problem = refusal(413, "the chunks of the body are too small")
            return RefusedBody(problem, is_read_on=False)
    return kept[: BODY_BYTES_MAX + 1]


def _ask_for_body(request: web.BaseRequest) -> None:
    if request.transport is not None and not request.content.at_eof():
        request.transport.write(_CONTINUE)
