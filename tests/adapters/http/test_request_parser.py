"""Reading a request takes time that grows with its length, not with its square."""

import time

import pytest
from waitress.adjustments import Adjustments
from waitress.utilities import RequestEntityTooLarge

from adapters.http.request_parser import Parser


HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
LONG = 15_000
CHUNKS = b"1\r\n \r\n" * 10_000

SLOW = {
    "blanks before a value": HEAD + b"X:" + b" " * LONG + b"x\r\n\r\n",
    "tabs before a value": HEAD + b"X:" + b"\t" * LONG + b"x\r\n\r\n",
    "nothing but blanks": HEAD + b"X:" + b" " * LONG + b"\r\n\r\n",
    "blanks before what is no value": HEAD + b"X:" + b" " * LONG + b"\x01\r\n\r\n",
    "blanks after a value": HEAD + b"X: x" + b" " * LONG + b"\r\n\r\n",
    "blanks within a value": HEAD + b"X: x" + b" " * LONG + b"\x01\r\n\r\n",
    "blanks in lines of their own": HEAD + b"X:\r\n" + b" " * LONG + b"x\r\n\r\n",
    "digits in an address": b"GET a://" + b"1" * LONG + b" x HTTP/1.1\r\n\r\n",
    "digits in an address, other version": (
        b"GET a://" + b"1" * LONG + b" SMTP/1.1\r\n\r\n"
    ),
    "letters in an address": b"GET a://" + b"a" * LONG + b" x\r\n\r\n",
    "an address": b"GET a://" + b"1" * LONG + b" HTTP/1.1\r\n\r\n",
}


def parser() -> Parser:
    return Parser(Adjustments(max_request_header_size=16 * 1024))


@pytest.mark.parametrize("request_bytes", SLOW.values(), ids=SLOW.keys())
def test_no_header_takes_long_to_read(request_bytes: bytes) -> None:
    reading = parser()

    before = time.thread_time()
    reading.received(request_bytes)
    seconds = time.thread_time() - before

    assert reading.completed
    assert seconds < 0.25  # of this thread alone; it takes seconds in the wrong way


def test_value_is_read_without_the_blanks_around_it() -> None:
    reading = parser()

    reading.received(HEAD + b"X:  \t a:  b \t \r\nY:\r\nZ: \r\n\r\n")

    assert reading.error is None
    assert reading.headers == {"HOST": "localhost", "X": "a:  b", "Y": "", "Z": ""}


def test_tiny_chunks_are_refused_at_the_bound_and_the_rest_is_not_read() -> None:
    reading = parser()
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    assert reading.received(head + CHUNKS) == len(head)

    consumed = reading.received(CHUNKS)

    assert reading.completed
    assert isinstance(reading.error, RequestEntityTooLarge)
    assert consumed == len(CHUNKS)
    assert reading.body_bytes_received < 24 * 1024


def test_what_follows_a_body_in_chunks_is_left_for_the_next_request() -> None:
    reading = parser()
    reading.received(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    body = b"1000\r\n" + b" " * 4096 + b"\r\n0\r\n\r\n"

    assert reading.received(body + HEAD) == len(body)

    assert reading.completed
    assert reading.error is None
