"""What is not HTTP, or too much of it, is refused in the form of all refusals."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


MEGABYTE = 1024 * 1024

CHUNKED = b"Transfer-Encoding: chunked"

MALFORMED = {
    "garbage": b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
    "no path": b"GET\r\n\r\n",
    "spaces": b"GET / / HTTP/1.1\r\n\r\n",
    "lower-case method": b"get /healthz HTTP/1.1\r\n\r\n",
    "other protocol": b"GET /healthz SMTP/1.1\r\n\r\n",
    "header without a colon": b"GET /healthz HTTP/1.1\r\nHost\r\n\r\n",
    "space before the colon": b"GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n",
    "bare newline": b"GET /healthz HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n",
    "folded first header": b"GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    "host and address": b"GET http://a/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "broken address": b"GET http://[ HTTP/1.1\r\n\r\n",
    "length that is no number": post(ORDER, b"Content-Length: ten"),
    "negative length": post(ORDER, b"Content-Length: -1"),
    "two lengths": post(ORDER, b"Content-Length: 9", b"Content-Length: 10"),
    "length and chunks": post(b"0\r\n\r\n", CHUNKED, b"Content-Length: 5"),
    "length and no encoding": post(b"{}", b"Transfer-Encoding:", b"Content-Length: 2"),
    "chunks twice": post(b"0\r\n\r\n", CHUNKED, CHUNKED),
    "chunks before HTTP/1.1": post(b"0\r\n\r\n", CHUNKED).replace(b"/1.1", b"/1.0"),
    "length beyond all numbers": post(ORDER, b"Content-Length: " + b"9" * 5000),
    "chunk size that is no number": post(b"zz\r\n{}\r\n0\r\n\r\n", CHUNKED),
    "chunk longer than its size": post(b"2\r\n{}}\r\n0\r\n\r\n", CHUNKED),
    "folded header": b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n",
    "endless trailer": post(b"0\r\n" + b"A: b\r\n" * 4000, CHUNKED),
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_http_is_refused(server: HttpServer, request_bytes: bytes) -> None:
    with connect(server) as sock:
        sock.sendall(request_bytes)
        answer = read_to_end(sock)

    assert refusal(answer, 400)["code"] == "MALFORMED_REQUEST"


def test_endless_headers_are_refused(server: HttpServer) -> None:
    request = b"GET /healthz HTTP/1.1\r\nA: " + b"b" * 17 * 1024

    with connect(server) as sock:
        sock.sendall(request)
        answer = read_to_end(sock)

    assert refusal(answer, 431)["code"] == "HEADERS_TOO_LARGE"


def test_more_headers_than_anybody_needs_are_refused(server: HttpServer) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"

    most = talk(server, request + b"A: b\r\n" * 98 + b"\r\n")
    more = talk(server, request + b"A: b\r\n" * 99 + b"\r\n")

    assert parse(most)[0] == 200
    assert refusal(more, 431)["code"] == "HEADERS_TOO_LARGE"


@pytest.mark.parametrize("part", [b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_what_came_before_a_part_of_a_request_is_answered_all_the_same(
    server: HttpServer, part: bytes
) -> None:
    whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    assert talk(server, whole * 3 + part).count(b"HTTP/1.1 200 ") == 3


def test_endless_chunk_size_ends_the_connection(server: HttpServer) -> None:
    with connect(server) as sock:
        with suppress(ConnectionError):
            sock.sendall(post(b"0" * MEGABYTE, CHUNKED))
        with suppress(ConnectionError):
            assert sock.recv(1) == b""

    assert parse(talk(server, post(ORDER)))[0] == 201


def test_body_in_chunks_is_read_like_any_other(
    server: HttpServer, desk: FakeDesk
) -> None:
    half = len(ORDER) // 2
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (ORDER[:half], ORDER[half:])
    )

    answer = talk(server, post(chunks + b"0\r\n\r\n", CHUNKED, b"Connection: close"))

    assert parse(answer)[0] == 201
    assert str(desk.placed[0].price) == "270"


def test_the_longest_bodies_are_cut_off_with_the_length_that_is_allowed(
    server: HttpServer,
) -> None:
    """In large chunks as a client sends a file by, which are many all the same."""
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    with connect(server) as sock:
        # Little more than it reads: what it never reads would reset the connection.
        sock.sendall(post(b"", CHUNKED) + chunk * (32 * MEGABYTE // 0x4000 + 1))
        answer = read_to_end(sock)

    assert refusal(answer, 413)["detail"] == "the body is longer than 65536 bytes"


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * MEGABYTE])
def test_long_body_is_refused_and_the_connection_lives_on(
    server: HttpServer, desk: FakeDesk, size: int
) -> None:
    long = post(b" " * size, b"Content-Length: %d" % size)

    answer = talk(server, long + post(ORDER))

    first, second = answer.split(b"HTTP/1.1 ")[1:]
    assert refusal(b"HTTP/1.1 " + first, 413)["code"] == "BODY_TOO_LARGE"
    assert second.startswith(b"201")
    assert len(desk.placed) == 1


def test_long_body_in_chunks_is_refused(server: HttpServer, desk: FakeDesk) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    body = chunk * 160 + b"0\r\n\r\n"

    answer = talk(server, post(body, CHUNKED, b"Connection: close"))

    assert refusal(answer, 413)["code"] == "BODY_TOO_LARGE"
    assert desk.placed == []


def test_body_in_tiny_chunks_is_refused_without_reading_on(server: HttpServer) -> None:
    with connect(server) as sock:
        sock.sendall(post(b"1\r\n \r\n" * 4000, CHUNKED))  # it has no end
        answer = read_to_end(sock)

    assert refusal(answer, 413)["code"] == "BODY_TOO_LARGE"
    assert answer.count(b"HTTP/1.1") == 1


def test_endless_tiny_chunks_are_cut_off(server: HttpServer) -> None:
    """To read on for a while, as with other bodies, would keep the loop busy."""
    with connect(server) as sock, pytest.raises(ConnectionError):
        sock.sendall(post(b"1\r\n \r\n" * 10 * MEGABYTE, CHUNKED))

    assert parse(talk(server, post(ORDER)))[0] == 201


def test_enormous_body_is_refused_before_it_is_sent(server: HttpServer) -> None:
    with connect(server) as sock:
        sock.sendall(post(b"", b"Content-Length: 99999999999"))
        answer = read_to_end(sock)

    found = refusal(answer, 413)
    assert found["code"] == "BODY_TOO_LARGE"
    assert found["detail"] == "the body is longer than 65536 bytes"


def test_client_that_asks_first_is_told_to_continue(server: HttpServer) -> None:
    length = b"Content-Length: %d" % len(ORDER)
    with connect(server) as sock:
        sock.sendall(post(b"", length, b"Expect: 100-continue", b"Connection: close"))
        assert sock.recv(100).startswith(b"HTTP/1.1 100 Continue")
        sock.sendall(ORDER)
        answer = read_to_end(sock)

    assert parse(answer)[0] == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (ORDER[:-1], 400),
        (b"", 400),
        (b"\x00", 400),
        (ORDER.replace(b"270", b"NaN"), 422),
        (ORDER.replace(b'"270"', b"NaN"), 400),
    ],
)
def test_bad_body_is_refused_over_a_real_socket(
    server: HttpServer, body: bytes, status: int
) -> None:
    refusal(talk(server, post(body)), status)


@pytest.mark.parametrize(
    "host", [b"", b"a b", b"\xff", b"[", b"x" * 5000, b"evil.example:99999999"]
)
def test_strange_host_is_no_trouble(server: HttpServer, host: bytes) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: " + host
    answer = talk(server, request + b"\r\nConnection: close\r\n\r\n")

    assert parse(answer)[0] in {200, 400}


pieces = st.lists(
    st.sampled_from(
        [
            b"POST /SellOrder HTTP/1.1\r\n",
            b"GET /healthz HTTP/1.1\r\n",
            b"PATCH /api/v1/orders/01ABC HTTP/1.0\r\n",
            b"Content-Type: application/json\r\n",
            b"Content-Length: 5\r\n",
            CHUNKED + b"\r\n",
            b"Connection: close\r\n",
            b"Expect: 100-continue\r\n",
            b"\r\n",
            b"5\r\n",
            b"0\r\n\r\n",
            b"{}",
            ORDER,
        ]
    )
    | st.binary(max_size=20),
    max_size=12,
)


def test_any_bytes_are_answered_in_http_or_not_at_all(server: HttpServer) -> None:
    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(parts=pieces)
    def check(parts: list[bytes]) -> None:
        answer = talk(server, b"".join(parts))

        assert answer == b"" or answer.startswith(b"HTTP/1.")
        assert b" 500 " not in answer

    check()
    assert parse(talk(server, post(ORDER)))[0] == 201
