import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import urllib3

from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange


ACCOUNT = json.dumps({"api_key": "K", "api_secret": "S"})
PAGE = "http://evil.example"
CLOSE = "Connection: close"


@pytest.fixture(scope="module")
def guarded() -> Iterator[ThreadedExchange]:
    with ThreadedExchange(SimulatorSettings(symbols=("BTCUSDT",))) as running:
        yield running


def call(
    exchange: ThreadedExchange, method: str, path: str, **headers: str
) -> tuple[int, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = ACCOUNT if method == "POST" else None
    reply = urllib3.request(
        method, exchange.url + path, body=body, headers=named, timeout=5
    )
    return reply.status, reply.json().get("error", "")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "evil.example"}, "HOST_NOT_ALLOWED"),
        ({"Origin": PAGE}, "ORIGIN_NOT_ALLOWED"),
        ({"Origin": "null"}, "ORIGIN_NOT_ALLOWED"),
        ({"Sec_Fetch_Site": "cross-site"}, "CROSS_SITE_REQUEST"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/control/faults"),
        ("POST", "/control/accounts"),
        ("POST", "/control/accounts/revoke"),
        ("GET", "/control/state"),
        ("GET", "/control/trades"),
        ("GET", "/control/orders"),
    ],
)
def test_no_page_of_anybody_else_reaches_the_switches(
    guarded: ThreadedExchange,
    method: str,
    path: str,
    headers: dict[str, str],
    code: str,
) -> None:
    assert call(guarded, method, path, **headers) == (403, f"not let in: {code}")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_an_old_browser_cannot_post_what_is_no_json(
    guarded: ThreadedExchange, kind: str
) -> None:
    headers = {"User_Agent": "Mozilla/5.0", "Content_Type": kind}

    status, text = call(guarded, "POST", "/control/accounts", **headers)

    assert (status, text) == (415, "the content type must be application/json")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content_Type": "application/x-www-form-urlencoded", "User_Agent": "curl/8"},
        {"Host": "localhost:1"},
        {"Host": "[::1]:9000"},
    ],
)
def test_programs_throw_switches_as_before(
    guarded: ThreadedExchange, headers: dict[str, str]
) -> None:
    assert call(guarded, "POST", "/control/accounts", **headers)[0] == 200


def test_a_page_of_its_own_may_throw_switches_in_json(
    guarded: ThreadedExchange,
) -> None:
    headers = {
        "Origin": guarded.url,
        "Sec_Fetch_Site": "same-origin",
        "Content_Type": "application/json",
    }

    assert call(guarded, "POST", "/control/accounts", **headers)[0] == 200


def test_further_names_are_let_in_when_they_are_allowed() -> None:
    allowed = SimulatorSettings(
        symbols=("BTCUSDT",), allowed_hosts=("exchange.example",)
    )

    with ThreadedExchange(allowed) as running:
        named = call(running, "GET", "/control/state", Host="exchange.example:9000")
        other = call(running, "GET", "/control/state", Host="evil.example")

    assert (named[0], other[0]) == (200, 403)


def test_market_data_are_for_pages_too(guarded: ThreadedExchange) -> None:
    headers = {"Host": "evil.example", "Origin": PAGE}

    assert call(guarded, "GET", "/api/v3/ping", **headers)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        "Host: 127.0.0.1\r\nHost: localhost\r\nContent-Length: 2\r\n",
        "Host: 127.0.0.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Host: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Host: 127.0.0.1\r\nContent-Length: 2\r\nContent-Length: 5\r\n",
    ],
)
def test_a_request_of_two_meanings_is_refused_and_the_connection_closed(
    guarded: ThreadedExchange, headers: str
) -> None:
    place = urlsplit(guarded.url)
    with socket.create_connection((place.hostname, place.port), timeout=5) as client:
        text = f"POST /control/faults HTTP/1.1\r\n{headers}\r\n"
        following = "2\r\n{}\r\n0\r\n\r\nGET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n"
        client.sendall((text + following).encode())
        received = b""
        while data := client.recv(65536):
            received += data

    assert b" 400 " in received.split(b"\r\n")[0]
    assert received.count(b"HTTP/1.") == 1


def answer_to(exchange: ThreadedExchange, target: str, *headers: str) -> bytes:
    place = urlsplit(exchange.url)
    with socket.create_connection((place.hostname, place.port), timeout=5) as client:
        lines = [f"GET {target} HTTP/1.1", *headers, "", ""]
        client.sendall("\r\n".join(lines).encode())
        received = b""
        while data := client.recv(65536):
            received += data
    return received


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("Origin: {own}", f"Origin: {PAGE}"), "ORIGIN_NOT_ALLOWED"),
        ((f"Origin: {PAGE}", "Origin: {own}"), "ORIGIN_NOT_ALLOWED"),
        (
            ("Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"),
            "CROSS_SITE_REQUEST",
        ),
        (("Sec-Fetch-Site: none", "Sec-Fetch-Site: same-site"), "CROSS_SITE_REQUEST"),
    ],
)
def test_what_a_browser_says_cannot_be_hidden_behind_more_of_it(
    guarded: ThreadedExchange, said: tuple[str, ...], code: str
) -> None:
    host = f"Host: {urlsplit(guarded.url).netloc}"
    headers = [line.format(own=guarded.url) for line in said]

    answer = answer_to(guarded, "/control/trades", host, CLOSE, *headers)

    assert b" 403 " in answer.split(b"\r\n")[0]
    assert code.encode() in answer


@pytest.mark.parametrize(
    "target",
    [
        "http://evil.example/control/trades",
        "http://127.0.0.1.evil.example/control/trades",
        "HTTP://evil.example?/control/trades",
        "http://a@127.0.0.1/control/trades",
        "http://127.0.0.1:1/control/trades",
        "http://evil.example/api/v3/ping",
    ],
)
def test_address_of_another_host_than_the_header_names_is_refused(
    guarded: ThreadedExchange, target: str
) -> None:
    answer = answer_to(guarded, target, "Host: 127.0.0.1")

    assert b" 400 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/control/state", "/control/state?a=b://c/d"]
)
def test_address_of_its_own_host_is_answered(
    guarded: ThreadedExchange, target: str
) -> None:
    answer = answer_to(guarded, target, "Host: 127.0.0.1", CLOSE)

    assert b" 200 " in answer.split(b"\r\n")[0]
