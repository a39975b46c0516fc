"""Reads requests from the bytes of a connection, within bounds of size and of time.

The loop does it, which shares the interpreter with the engine: what takes long to read
is refused before it is read.
"""

import re
from typing import Final

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import ChunkedReceiver
from waitress.utilities import (
    BadRequest,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
)

from adapters.http.doors import read_authority
from adapters.http.reading import BODY_BYTES_MAX


HEADERS_MAX: Final = 100
"""Headers of a request."""

CHUNK_HEAD_BYTES_MAX: Final = 1024
"""For the line with a chunk's size, and for the trailer after the last chunk."""

CHUNKING_BYTES_MAX: Final = 2048
"""For all that is no content in a body that comes in chunks. Tiny chunks cost more
time than bytes."""

_PIECE_BYTES: Final = 512
"""Waitress copies what is left of the bytes that it was given, for each chunk. So it
is given the rest of a long chunk, or few."""

_FRAMING: Final = re.compile(rb"\r\n(host|transfer-encoding|content-length)[ \t]*:")
"""The headers, in small letters, that two servers must not read in two ways."""

_LEADING_BLANKS: Final = re.compile(rb"(\r\n[^\r\n:]*:)[ \t]+")
"""What is before the value of a header."""

_VERSION: Final = re.compile(rb"HTTP/[0-9]\.[0-9]")


class CappedBuffer(OverflowableBuffer):
    """Keeps no more of a body than it takes to see that it is too long."""

    received = 0
    """How many bytes of the body there were, kept or not."""

    def append(self, s: bytes) -> None:
        """Keep what still fits, swallow the rest."""
        self.received += len(s)
        room = BODY_BYTES_MAX + 1 - len(self)
        if room > 0:
            super().append(s[:room])


class Parser(HTTPRequestParser):
    """Refuses what makes waitress's own parser raise, or take time without bound.

    And what two programs in a row may read differently.
    """

    proxy_netloc: str  # the stubs leave it out
    _content: CappedBuffer

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and headers.

        Raises:
            ParsingError: when they are not HTTP.
        """
        if header_plus.count(b"\r\n") > HEADERS_MAX + 2:  # first and last line
            super().parse_header(b"GET / HTTP/1.0\r\n")
            self.error = RequestHeaderFieldsTooLarge(f"more than {HEADERS_MAX} headers")
            return
        _check_request_line(header_plus)
        _check_framing(header_plus)
        try:
            super().parse_header(_without_blanks(header_plus))
        except ValueError as error:  # from the depths of urlsplit() and int()
            raise ParsingError("Malformed request line or header") from error
        self._check_host()
        if self.body_rcv is not None:
            self._content = CappedBuffer(self.adj.inbuf_overflow)
            self.body_rcv.buf = self._content

    def received(self, data: bytes) -> int:
        """Take in some bytes; return how many of them belong to this request."""
        body = self.body_rcv
        if not isinstance(body, ChunkedReceiver):
            return super().received(data)
        consumed = 0
        while consumed < len(data) and not self.completed:
            size = max(body.chunk_remainder, _PIECE_BYTES)
            consumed += super().received(data[consumed : consumed + size])
            self._check_chunks(body)
        return len(data) if self.error else consumed

    def _check_chunks(self, body: ChunkedReceiver) -> None:
        """Refuse what takes more to read than a body is worth."""
        if self.error is not None:
            return
        head = max(len(body.control_line), len(body.trailer))
        if head > CHUNK_HEAD_BYTES_MAX and not self.completed:
            self.error = BadRequest("Chunk size or trailer too long")
        elif self.body_bytes_received - self._content.received > CHUNKING_BYTES_MAX:
            self.error = RequestEntityTooLarge("The chunks of the body are too small")
        else:
            return
        self.completed = True

    def _check_host(self) -> None:
        """Refuse what leaves open for which host it is."""
        host = self.headers.get("HOST")
        if not host and self.version == "1.1":
            raise ParsingError("Host is missing")
        if host and read_authority(host) is None:
            raise ParsingError("Host is malformed")
        if self.proxy_netloc and self.proxy_netloc.lower() != (host or "").lower():
            raise ParsingError("Host is not that of the address")
        if self.version != "1.1" and "TRANSFER_ENCODING" in self.headers:
            raise ParsingError("Transfer-Encoding needs HTTP/1.1")


def _check_request_line(header_plus: bytes) -> None:
    """Refuse what waitress takes time that grows with the square of it to refuse."""
    parts = header_plus.partition(b"\r\n")[0].rstrip().split(b" ")
    has_version = len(parts) == 3 and _VERSION.fullmatch(parts[2])  # noqa: PLR2004 - and version
    if len(parts) != 2 and not has_version:  # noqa: PLR2004 - method and path
        raise ParsingError("Start line is invalid")


def _without_blanks(header_plus: bytes) -> bytes:
    """Take out the blanks before values, which waitress takes as long for."""
    if b"\r\n " in header_plus or b"\r\n\t" in header_plus:  # HTTP has given it up
        raise ParsingError("A header goes on in another line")
    if b"  " not in header_plus and b"\t" not in header_plus:
        return header_plus  # one blank each, as nearly all clients send them
    return _LEADING_BLANKS.sub(rb"\1", header_plus)


def _check_framing(header_plus: bytes) -> None:
    lower = header_plus.lower()
    if lower.count(b"\r\nhost") <= 1 and b"\r\ntransfer-encoding" not in lower:
        return  # as of nearly all clients
    names = _FRAMING.findall(lower)
    if names.count(b"host") > 1:
        raise ParsingError("Host is given more than once")
    encodings = names.count(b"transfer-encoding")
    if encodings > 1:
        raise ParsingError("Transfer-Encoding is given more than once")
    if encodings and b"content-length" in names:
        raise ParsingError("Content-Length and Transfer-Encoding exclude each other")
