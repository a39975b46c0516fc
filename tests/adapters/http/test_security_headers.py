"""Every answer tells browsers what they may not do with it, whoever wrote it."""

import pytest

from adapters.http.security_headers import SECURITY_HEADERS
from adapters.http.server import HttpServer
from adapters.http.static_files import CONTENT_SECURITY_POLICY
from tests.adapters.http.talking import ORDER, post, talk


def get(path: bytes, *more: bytes) -> bytes:
    lines = (b"GET %b HTTP/1.1" % path, b"Host: localhost", b"Connection: close")
    return b"\r\n".join([*lines, *more, b"", b""])


ANSWERS = {
    "an order": post(ORDER),
    "a list": get(b"/api/v1/orders"),
    "metrics": get(b"/metrics"),
    "an unknown path": get(b"/nowhere"),
    "another method": get(b"/SellOrder"),
    "another origin": get(b"/healthz", b"Origin: https://evil.example"),
    "no request": b"HELLO\r\n\r\n",
    "a body that is too long": post(b" " * 70_000),
}


@pytest.mark.parametrize("request_", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_has_them(server: HttpServer, request_: bytes) -> None:
    lines = talk(server, request_).partition(b"\r\n\r\n")[0].decode().split("\r\n")

    expected = {f"{name}: {value}" for name, value in SECURITY_HEADERS.items()}
    assert expected <= set(lines)
    assert len(lines) == len(set(lines))
    assert "Access-Control" not in "".join(lines)


def test_page_has_a_policy_of_its_own_and_the_other_headers(server: HttpServer) -> None:
    lines = talk(server, get(b"/docs")).partition(b"\r\n\r\n")[0].decode().split("\r\n")

    names = [line.partition(":")[0] for line in lines]
    assert f"Content-Security-Policy: {CONTENT_SECURITY_POLICY}" in lines
    assert "X-Content-Type-Options: nosniff" in lines
    assert set(SECURITY_HEADERS) <= set(names)
    assert len(names) == len(set(names))
