"""What two programs in a row may read differently is refused, and ends the connection.

Behind each request there is another one: whoever read the first otherwise would find
its beginning in another place, and answer more or less.
"""

import pytest

from adapters.http.server import HttpServer
from tests.adapters.http.fakes import FakeDesk
from tests.adapters.http.talking import (
    ORDER,
    connect,
    parse,
    post,
    read_to_end,
    refusal,
    talk,
)


CHUNKED = b"Transfer-Encoding: chunked"
HOST = b"Host: localhost\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
LAST = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
SIZE = b"%x" % len(ORDER)
END = b"\r\n0\r\n\r\n"


def chunked(body: bytes, encoding: bytes = CHUNKED) -> bytes:
    return post(body, encoding)


def whole(encoding: bytes) -> bytes:
    return chunked(SIZE + b"\r\n" + ORDER + END, encoding)


AMBIGUOUS = {
    "newline after a size": chunked(SIZE + b"\n\r\n" + ORDER + END),
    "newline after an extension": chunked(SIZE + b";a=b\n\r\n" + ORDER + END),
    "newline in an extension": chunked(SIZE + b";a\nb\r\n" + ORDER + END),
    "newline in a quoted extension": chunked(SIZE + b';a="\n"\r\n' + ORDER + END),
    "newline alone after a size": chunked(SIZE + b"\n" + ORDER + END),
    "empty line before a size": chunked(b"\r\n" + SIZE + b"\r\n" + ORDER + END),
    "two newlines after a chunk": chunked(
        SIZE + b"\r\n" + ORDER + b"\r\n\r\n0\r\n\r\n"
    ),
    "newline alone after a chunk": chunked(SIZE + b"\r\n" + ORDER + b"\n0\r\n\r\n"),
    "chunk longer than its size": chunked(b"2\r\n" + ORDER + END),
    "blank after a size": chunked(SIZE + b" \r\n" + ORDER + END),
    "blank before a size": chunked(b" " + SIZE + b"\r\n" + ORDER + END),
    "sign before a size": chunked(b"+" + SIZE + b"\r\n" + ORDER + END),
    "prefix before a size": chunked(b"0x" + SIZE + b"\r\n" + ORDER + END),
    "underscore in a size": chunked(b"0_" + SIZE + b"\r\n" + ORDER + END),
    "no size": chunked(b";a\r\n" + ORDER + END),
    "newline alone in the trailer": chunked(b"0\r\nA: b\nC: d\r\n\r\n"),
    "newline alone after the trailer": chunked(b"0\r\nA: b\r\n\n\r\n"),
    "trailer that is no header": chunked(b"0\r\nGET / HTTP/1.1\r\n\r\n"),
    "no encoding": whole(b"Transfer-Encoding:"),
    "encoding of a comma": whole(b"Transfer-Encoding: ,"),
    "encoding of blanks and commas": whole(b"Transfer-Encoding: , \t,"),
    "chunked twice": whole(b"Transfer-Encoding: chunked, Chunked"),
    "nothing before chunked": whole(b"Transfer-Encoding: ,chunked"),
    "nothing after chunked": whole(b"Transfer-Encoding: chunked,"),
    "HTTP/1.2": HEALTH.replace(b"1.1", b"1.2"),
    "HTTP/1.2 without a host": b"GET /healthz HTTP/1.2\r\n\r\n",
    "HTTP/2.0": HEALTH.replace(b"1.1", b"2.0"),
    "preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "blank before the line": b" " + HEALTH,
    "tab before the line": b"\t" + HEALTH,
    "vertical tab before the line": b"\x0b\x0c" + HEALTH,
    "blank after empty lines": b"\r\n\r\n " + HEALTH,
    "blank after the line": HEALTH.replace(b"1.1", b"1.1 ", 1),
    "vertical tab after the line": HEALTH.replace(b"1.1", b"1.1\x0b", 1),
    "vertical tab in the path": HEALTH.replace(b"z HTTP", b"z\x0b HTTP"),
    "fragment": HEALTH.replace(b"z HTTP", b"z#/x HTTP"),
    "path that is none": HEALTH.replace(b"/healthz", b"healthz"),
    "newline in a header": b"GET /healthz HTTP/1.1\r\nA: b\n" + HOST + b"\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "length and chunks": post(b"0\r\n\r\n", CHUNKED, b"Content-Length: 5"),
}


@pytest.mark.parametrize("request_bytes", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_what_may_be_read_in_two_ways_is_refused_and_ends_the_connection(
    server: HttpServer, desk: FakeDesk, request_bytes: bytes
) -> None:
    with connect(server) as sock:
        sock.sendall(request_bytes + HEALTH)
        answer = read_to_end(sock)

    assert answer.count(b"\r\n\r\n") == 1
    assert refusal(answer, 400)["code"] == "MALFORMED_REQUEST"
    assert desk.placed == []


@pytest.mark.parametrize(
    ("encoding", "status", "code"),
    [
        (b"gzip, chunked", 501, "UNSUPPORTED_TRANSFER"),
        (b"chunked, gzip", 400, "MALFORMED_REQUEST"),
        (b"identity", 400, "MALFORMED_REQUEST"),
        (b"chunked;a=b", 400, "MALFORMED_REQUEST"),
    ],
)
def test_other_encodings_are_not_supported_and_end_the_connection(
    server: HttpServer, encoding: bytes, status: int, code: str
) -> None:
    with connect(server) as sock:
        sock.sendall(whole(b"Transfer-Encoding: " + encoding) + HEALTH)
        answer = read_to_end(sock)

    assert answer.count(b"\r\n\r\n") == 1
    assert refusal(answer, status)["code"] == code


CLEAR = {
    "chunks": whole(CHUNKED),
    "chunks in capitals": whole(b"TRANSFER-ENCODING:\tCHUNKED"),
    "size in capitals": chunked(SIZE.upper() + b"\r\n" + ORDER + END),
    "zeros before a size": chunked(b"00" + SIZE + b"\r\n" + ORDER + b"\r\n00\r\n\r\n"),
    "many zeros before a size": chunked(b"0" * 17 + SIZE + b"\r\n" + ORDER + END),
    "extensions": chunked(SIZE + b';a;b=c;d=" ;\\"\xff"\r\n' + ORDER + END),
    "trailer": chunked(SIZE + b"\r\n" + ORDER + b"\r\n0\r\nA: b\r\nC:\r\n\r\n"),
    "length": post(ORDER, b"Content-Length: %d" % len(ORDER)),
    "empty lines before it": b"\r\n\r\n" + whole(CHUNKED),
    "empty line behind it": whole(CHUNKED) + b"\r\n",
    "newline alone before it": b"\n" + whole(CHUNKED),
    "carriage return alone before it": b"\r" + whole(CHUNKED),
}


@pytest.mark.parametrize("request_bytes", CLEAR.values(), ids=CLEAR.keys())
@pytest.mark.parametrize("piece", [1, 100_000])
def test_what_can_be_read_in_one_way_alone_is_served_and_so_is_the_next(
    server: HttpServer, desk: FakeDesk, request_bytes: bytes, piece: int
) -> None:
    sent = request_bytes + LAST
    with connect(server) as sock:
        for start in range(0, len(sent), piece):
            sock.sendall(sent[start : start + piece])
        first, second = read_to_end(sock).split(b"HTTP/1.1 ")[1:]

    assert first.startswith(b"201")
    assert second.startswith(b"200")
    assert [str(wish.price) for wish in desk.placed] == ["270"]


@pytest.mark.parametrize("tokens", [b"close, x", b"x,CLOSE", b"keep-alive , close"])
def test_connection_ends_when_it_is_asked_to_among_other_things(
    server: HttpServer, tokens: bytes
) -> None:
    request = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: %b\r\n\r\n" % tokens)

    with connect(server) as sock:
        sock.sendall(request)
        answer = read_to_end(sock)

    assert parse(answer)[1]["connection"] == "close"


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"x"])
def test_request_to_upgrade_is_answered_and_is_the_last_one(
    server: HttpServer, desk: FakeDesk, protocol: bytes
) -> None:
    """What follows it is not lost without a word, as its client would think."""
    order = post(
        ORDER,
        b"Content-Length: %d" % len(ORDER),
        b"Connection: Upgrade",
        b"Upgrade: %b" % protocol,
    )
    with connect(server) as sock:
        sock.sendall(order + HEALTH)
        answer = read_to_end(sock)

    assert answer.count(b"HTTP/1.1 ") == 1
    status, headers, _ = parse(answer)
    assert (status, headers["connection"]) == (201, "close")
    assert len(desk.placed) == 1


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_connection_lives_on_when_it_is_asked_to_among_other_things(
    server: HttpServer, version: bytes
) -> None:
    request = HEALTH.replace(b"HTTP/1.1", version).replace(
        b"\r\n\r\n", b"\r\nConnection: x, Keep-Alive\r\n\r\n"
    )

    answer = talk(server, request + LAST)

    assert answer.count(b" 200 OK") == 2
