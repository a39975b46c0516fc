"""Reads requests from the bytes of a connection, within limits of size and time.

The loop does it, and competes with the engine for the GIL: what would take long to
parse is refused first.
"""

import re
from typing import Any, Final

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import (
    BadRequest,
    Error,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
)

from adapters.http.access_control import read_authority
from adapters.http.request_reading import BODY_BYTES_MAX


HEADERS_MAX: Final = 100
"""Headers of a request."""

CHUNK_HEAD_BYTES_MAX: Final = 1024
"""For the line with a chunk's size, and for the trailer after the last chunk."""

CHUNKING_BYTES_MAX: Final = 2048
"""For everything that is not content in a chunked body. Tiny chunks cost more time than
bytes."""

CONTENT_PER_CHUNKING: Final = 64
"""This many bytes of content allow one byte more of chunking."""

_FRAMING: Final = re.compile(rb"\r\n(host|transfer-encoding|content-length)[ \t]*:")
"""The headers, in lower case, that two servers must not read differently."""

_ENCODING: Final = re.compile(rb"\r\ntransfer-encoding:([^\r\n]*)")

_LEADING_BLANKS: Final = re.compile(rb"(\r\n[^\r\n:]*:)[ \t]+")
"""Blanks before the value of a header."""

_REQUEST_LINE: Final = re.compile(
    rb"[!-~]+ (?:/|[A-Za-z]+://|\*)[^\x00-\x20#\x7f]* HTTP/([0-9]\.[0-9])"
)
_VERSIONS: Final = frozenset({b"1.0", b"1.1"})

_EMPTY_LINES: Final = re.compile(rb"(?:\r\n)*")
_NOTHING_YET: Final = frozenset({b"", b"\r"})
_BLANK: Final = 0x20
"""Space: a method begins with a byte above it."""

_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_CHUNK_SIZE: Final = re.compile(
    rb"([0-9A-Fa-f]{1,16})(?:;%b(?:=(?:%b|%b))?)*\r\n" % (_TOKEN, _TOKEN, _QUOTED)
)
_TRAILER: Final = re.compile(rb"%b:[^\x00-\x08\x0a-\x1f\x7f]*\r\n" % _TOKEN)
_LINE_END: Final = b"\r\n"


class CappedBuffer(OverflowableBuffer):
    """Keeps only as much of a body as it takes to see that it is too long."""

    def append(self, s: bytes) -> None:
        """Keep what still fits, discard the rest."""
        room = BODY_BYTES_MAX + 1 - len(self)
        if room > 0:
            super().append(s[:room])


class ChunksReceiver:
    """Decodes a chunked body, strictly by HTTP.

    Replaces waitress's receiver, which accepts bodies that a program with other rules
    for line ends splits into other chunks. Has the same interface.
    """

    def __init__(self, buf: OverflowableBuffer) -> None:
        """Add the content to a buffer."""
        self.buf = buf
        self.completed = False
        self.error: Error | None = None
        self._line = b""
        self._missing = 0
        self._is_after_chunk = False
        self._is_in_trailer = False
        self._content = 0
        self._chunking = 0
        self._head = 0

    def __len__(self) -> int:
        """Return how much content was kept."""
        return len(self.buf)

    def getbuf(self) -> OverflowableBuffer:
        """Return the buffer."""
        return self.buf

    def getfile(self) -> object:
        """Return the content."""
        return self.buf.getfile()

    def received(self, data: bytes) -> int:
        """Take some bytes; return how many of them belong to the body."""
        position = 0
        while position < len(data) and not self.completed and self.error is None:
            if self._missing:
                piece = data[position : position + self._missing]
                self.buf.append(piece)
                position += len(piece)
                self._content += len(piece)
                self._missing -= len(piece)
                self._is_after_chunk = self._missing == 0
            else:
                position += self._take_line(data, position)
        return position

    def _take_line(self, data: bytes, start: int) -> int:
        end = data.find(b"\n", start, start + CHUNK_HEAD_BYTES_MAX) + 1
        piece = data[start : end or start + CHUNK_HEAD_BYTES_MAX]
        self._line += piece
        self._chunking += len(piece)
        self._head += len(piece)
        if end:
            line, self._line = self._line, b""
            self._read_line(line)
        elif self._is_after_chunk and self._line != b"\r":
            self.error = BadRequest("Chunk not properly terminated")
        self._check_size()
        return len(piece)

    def _read_line(self, line: bytes) -> None:
        if self._is_after_chunk:
            self._is_after_chunk = False
            self._head = 0
            if line != _LINE_END:
                self.error = BadRequest("Chunk not properly terminated")
        elif self._is_in_trailer:
            self.completed = line == _LINE_END
            if not self.completed and not _TRAILER.fullmatch(line):
                self.error = BadRequest("Invalid trailer")
        else:
            found = _CHUNK_SIZE.fullmatch(line)
            if found is None:
                self.error = BadRequest("Invalid chunk size or extension")
                return
            self._missing = int(found[1], 16)
            self._is_in_trailer = self._missing == 0
            self._head = 0

    def _check_size(self) -> None:
        """Refuse a body with too much chunking for its content."""
        if self.error is not None or self.completed:
            return
        worth = self._content // CONTENT_PER_CHUNKING
        if self._head >= CHUNK_HEAD_BYTES_MAX:
            self.error = BadRequest("Chunk size or trailer too long")
        elif self._chunking > CHUNKING_BYTES_MAX + worth:
            self.error = RequestEntityTooLarge("The chunks of the body are too small")


class Parser(HTTPRequestParser):
    """Refuses what makes waitress's own parser raise, or take unlimited time.

    Also refuses what a proxy and this server may read differently.
    """

    proxy_netloc: str  # the stubs leave it out
    body_rcv: Any  # the stubs know only waitress's own
    headers: Any  # the stubs take it for one that cannot be written to

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
        self._read_connection()
        if self.chunked:
            self.body_rcv = ChunksReceiver(CappedBuffer(self.adj.inbuf_overflow))
        elif self.body_rcv is not None:
            self.body_rcv.buf = CappedBuffer(self.adj.inbuf_overflow)

    def received(self, data: bytes) -> int:
        """Take some bytes; return how many of them belong to this request."""
        if data[0] <= _BLANK or self.header_plus == b"\r":
            is_beginning = self.header_plus in _NOTHING_YET and self.body_rcv is None
            if is_beginning:
                return self._begin(data)
        consumed: int = super().received(data)
        return consumed if self.error is None else self._cut_off(len(data))

    def _begin(self, data: bytes) -> int:
        """Skip empty lines before a request, which alone do not begin one.

        Waitress would skip any blanks, which others read as part of the line.
        """
        held = len(self.header_plus)  # part of an empty line that came before
        all_there = self.header_plus + data
        begins_at = _EMPTY_LINES.match(all_there).end()  # type: ignore[union-attr] # nothing matches
        rest = all_there[begins_at:]
        self.header_plus = b""
        if not rest:
            self.empty = self.completed = True
        elif rest == b"\r":
            self.header_plus = rest
        elif rest[0] <= _BLANK:
            self.error = BadRequest("Start line is invalid")
            return self._cut_off(len(data))
        else:
            return begins_at - held + self.received(rest)
        return len(data)

    def _cut_off(self, size: int) -> int:
        """Treat all that came as part of the refused request; ends the connection."""
        self.completed = True
        found = None if self.body_rcv is None else self.body_rcv.error
        if isinstance(self.error, RequestEntityTooLarge) and found is None:
            # Waitress would name the length up to which it reads, not the one allowed.
            text = f"the body is longer than {BODY_BYTES_MAX} bytes"
            self.error = RequestEntityTooLarge(text)
        return size

    def _read_connection(self) -> None:
        """Let waitress find its token, even if the header has others, too."""
        said = self.headers.get("CONNECTION")
        if said is not None and "," in said:
            tokens = {token.strip(" \t").lower() for token in said.split(",")}
            for token in ("keep-alive", "close"):
                if token in tokens:
                    self.headers["CONNECTION"] = token

    def _check_host(self) -> None:
        """Refuse a request whose host is ambiguous."""
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
    """Refuse what waitress would need quadratic time to refuse."""
    found = _REQUEST_LINE.fullmatch(header_plus, 0, header_plus.find(b"\r\n"))
    if found is None:
        raise ParsingError("Start line is invalid")
    if found[1] not in _VERSIONS:
        raise ParsingError("The version must be 1.0 or 1.1")


def _without_blanks(header_plus: bytes) -> bytes:
    """Remove the blanks before values, which cost waitress quadratic time, too."""
    if b"\r\n " in header_plus or b"\r\n\t" in header_plus:  # obsolete in HTTP
        raise ParsingError("A header goes on in another line")
    if b"  " not in header_plus and b"\t" not in header_plus:
        return header_plus  # one blank each, as from nearly all clients
    return _LEADING_BLANKS.sub(rb"\1", header_plus)


def _check_framing(header_plus: bytes) -> None:
    lower = header_plus.lower()
    if lower.count(b"\r\nhost") <= 1 and b"\r\ntransfer-encoding" not in lower:
        return  # as from nearly all clients
    names = _FRAMING.findall(lower)
    if names.count(b"host") > 1:
        raise ParsingError("Host is given more than once")
    encodings = names.count(b"transfer-encoding")
    if encodings > 1:
        raise ParsingError("Transfer-Encoding is given more than once")
    if encodings and b"content-length" in names:
        raise ParsingError("Content-Length and Transfer-Encoding exclude each other")
    if encodings:
        _check_encoding(lower)


def _check_encoding(lower: bytes) -> None:
    """Refuse an empty or repeated encoding; waitress refuses unknown ones."""
    found = _ENCODING.search(lower)
    said = found[1].split(b",") if found else []
    parts = [part.strip(b" \t") for part in said]
    if b"" in parts or parts.count(b"chunked") > 1:
        raise ParsingError("Transfer-Encoding is malformed")
