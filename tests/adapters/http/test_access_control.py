"""Pages of others, and names that are not the service's, are not let in."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from adapters.http.access_control import AccessControl, AccessGuard
from adapters.http.app import create_app
from adapters.http.server import HttpServer
from adapters.metrics.meter import PrometheusMeter
from domain.risk.halt import NEVER_HALTED
from tests.adapters.http.fakes import (
    ON_PAPER,
    FakeDesk,
    FakeQueries,
)
from tests.adapters.http.talking import ORDER as ORDER_BODY
from tests.adapters.http.talking import connect, parse, post, read_to_end, refusal, talk


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


ORDER = {"symbol": "BNBUSDT", "side": "SELL", "price": "270", "quantity": "1"}

CALLS = {
    "place": ("POST", "/api/v1/orders", ORDER),
    "original call": ("POST", "/SellOrder", {**ORDER, "side": None}),
    "amend": ("PATCH", "/api/v1/orders/01ABC", {"price": "271"}),
    "cancel": ("DELETE", "/api/v1/orders/01ABC", None),
    "halt": ("POST", "/api/v1/halt", None),
    "resume": ("POST", "/api/v1/resume", None),
    "read orders": ("GET", "/api/v1/orders", None),
    "read an order": ("GET", "/api/v1/orders/01ABC", None),
    "read metrics": ("GET", "/metrics", None),
    "readiness": ("GET", "/readyz", None),
    "nothing": ("GET", "/nowhere", None),
}
FOREIGN = b"Origin: https://evil.example"


def guarded(app: Flask, access: AccessControl) -> FlaskClient:
    """Have each call judged as the server does it, without a socket."""
    guard, answer = AccessGuard(access), app.wsgi_app

    def judge(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        problem = guard.refusal(environ)
        application = answer if problem is None else problem.response()
        return application(environ, start_response)

    app.wsgi_app = judge  # type: ignore[method-assign] # as Flask's manual does
    return app.test_client()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return guarded(app, AccessControl())


every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


def answer(
    client: FlaskClient, call: tuple[str, str, object], **headers: str
) -> tuple[int, str | None]:
    """Return the status, and the code of a refusal."""
    method, path, body = call
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.open(path, method=method, json=body, headers=named)
    members = response.get_json(silent=True)
    code = members.get("code") if isinstance(members, dict) else None
    return response.status_code, code


def is_untouched(desk: FakeDesk) -> bool:
    commands = (*desk.placed, *desk.canceled, *desk.amended)
    return not commands and desk.switch.halt == NEVER_HALTED


@every_call
def test_rebound_name_is_refused_and_reaches_nobody(
    client: FlaskClient, desk: FakeDesk, call: tuple[str, str, object]
) -> None:
    found = answer(
        client,
        call,
        Host="evil.example:8080",
        Origin="http://evil.example:8080",
        Sec_Fetch_Site="same-origin",
    )

    assert found == (403, "HOST_NOT_ALLOWED")
    assert is_untouched(desk)


@every_call
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost:3000",
        "https://localhost",
        "http://evil.localhost",
        "http://127.0.0.1",
        "file://",
        "chrome-extension://abc",
        "http://localhost@evil.example",
        "",
    ],
)
def test_page_of_another_origin_is_refused(
    client: FlaskClient, desk: FakeDesk, call: tuple[str, str, object], origin: str
) -> None:
    found = answer(client, call, Origin=origin, Host="localhost:8080")

    assert found == (403, "ORIGIN_NOT_ALLOWED")
    assert is_untouched(desk)


@every_call
@pytest.mark.parametrize("site", ["cross-site", "same-site", "new-word"])
def test_call_that_a_page_of_another_site_makes_without_an_origin_is_refused(
    client: FlaskClient, call: tuple[str, str, object], site: str
) -> None:
    found = answer(client, call, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors")

    assert found == (403, "CROSS_SITE_REQUEST")


def test_link_of_another_site_may_be_followed_but_changes_nothing(
    client: FlaskClient,
) -> None:
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}

    assert answer(client, CALLS["readiness"], **link)[0] == 200
    assert answer(client, CALLS["resume"], **link) == (403, "CROSS_SITE_REQUEST")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "localhost.:8080",
        "localhost:9999",  # the other end of a tunnel
        "127.0.0.1:8080",
        "10.0.0.7",  # a health check in a cluster
        "[::1]:8080",
        "[fe80::1]",
    ],
)
def test_loopback_names_and_addresses_are_known_whatever_the_port(
    client: FlaskClient, host: str
) -> None:
    assert answer(client, CALLS["place"], Host=host)[0] == 201


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil-localhost",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
        "localhost:80:80",
        "localhost evil",
        "user@localhost",
    ],
)
def test_name_that_only_looks_like_one_of_ours_is_refused(
    client: FlaskClient, host: str
) -> None:
    assert answer(client, CALLS["place"], Host=host) == (403, "HOST_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("localhost:9090", "http://localhost:9090"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("localhost:80", "http://localhost"),
        ("localhost:443", "https://localhost"),
    ],
)
def test_page_of_the_service_itself_may_call(
    client: FlaskClient, host: str, origin: str
) -> None:
    own = {"Host": host, "Origin": origin, "Sec_Fetch_Site": "same-origin"}

    assert answer(client, CALLS["place"], **own)[0] == 201


@pytest.fixture
def proxied(desk: FakeDesk, queries: FakeQueries) -> FlaskClient:
    doors = AccessControl(("::", "trade.example", "desk.example:8443"))
    return guarded(create_app(desk, queries, ON_PAPER), doors)


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("trade.example", "https://trade.example", 201),
        ("127.0.0.1:8080", "https://trade.example", 201),  # a proxy that sets its own
        ("127.0.0.1:8080", "https://desk.example:8443", 201),
        ("desk.example", "https://desk.example", 201),
        ("127.0.0.1:8080", "https://trade.example:3000", 403),
        ("127.0.0.1:8080", "https://desk.example", 403),
        ("trade.example", "https://evil.example", 403),
        ("evil.example", "https://trade.example", 403),
    ],
)
def test_names_that_are_configured_are_known(
    proxied: FlaskClient, host: str, origin: str, status: int
) -> None:
    found = answer(proxied, CALLS["place"], Host=host, Origin=origin)

    assert found[0] == status


def test_page_of_a_configured_neighbour_may_call(proxied: FlaskClient) -> None:
    page = {"Origin": "https://desk.example:8443", "Host": "trade.example"}

    near = answer(
        proxied,
        CALLS["halt"],
        **page,
        Sec_Fetch_Site="same-site",
        Content_Type="application/json",
    )
    far = answer(proxied, CALLS["halt"], **page, Sec_Fetch_Site="cross-site")

    assert near[0] == 200
    assert far == (403, "CROSS_SITE_REQUEST")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "multipart/form-data; boundary=x"},
        {"User_Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Firefox/60.0"},
        {"Referer": "http://localhost/"},
        {"Origin": "http://localhost"},
        {"Sec_Fetch_Site": "same-origin"},
    ],
)
@pytest.mark.parametrize("name", ["halt", "resume"])
def test_call_without_a_body_that_a_form_could_make_is_refused(
    client: FlaskClient, desk: FakeDesk, name: str, headers: dict[str, str]
) -> None:
    found = answer(client, CALLS[name], **headers)

    assert found == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert is_untouched(desk)


@pytest.mark.parametrize(
    "headers",
    [
        {"User_Agent": "curl/8.5.0"},
        {},
        {"Content_Type": "application/json"},
        {"Content_Type": "application/json", "Origin": "http://localhost"},
    ],
)
def test_call_without_a_body_is_served_to_programs_and_to_pages_of_our_own(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    assert answer(client, CALLS["resume"], **headers)[0] == 200


def test_refusals_are_logged_once_a_minute_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = [0.0]
    meter = PrometheusMeter()
    guard = AccessGuard(AccessControl(), meter, now=lambda: clock[0])
    call = {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}

    with caplog.at_level(logging.WARNING, logger="adapters.http.access_control"):
        for _ in range(5):
            assert guard.refusal({**call, "HTTP_ORIGIN": "evil\x1b[31m"})
        clock[0] = 60.0
        assert guard.refusal({**call, "HTTP_ORIGIN": "evil"})

    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert "origin='evil\\x1b[31m'" in lines[0]
    assert lines[1].endswith("unlogged=4")
    assert b'trade_executor_http_responses_total{code="403"} 6.0' in meter.scrape()[0]


@pytest.mark.parametrize("length", [len(ORDER_BODY), 10_000_000])
def test_call_of_a_foreign_page_is_refused_before_its_body_is_read(
    server: HttpServer, desk: FakeDesk, length: int
) -> None:
    with connect(server) as sock:
        sock.sendall(post(b"", b"Content-Length: %d" % length, FOREIGN))
        answer = read_to_end(sock)

    assert refusal(answer, 403)["code"] == "ORIGIN_NOT_ALLOWED"
    assert is_untouched(desk)


def test_connection_of_a_refused_call_without_a_body_lives_on(
    server: HttpServer,
) -> None:
    health = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    with connect(server) as sock:
        sock.sendall(health + FOREIGN + b"\r\n\r\n")
        sock.sendall(health + b"Connection: close\r\n\r\n")
        first, second = read_to_end(sock).split(b"HTTP/1.1 ")[1:]

    assert parse(b"HTTP/1.1 " + first)[0] == 403
    assert parse(b"HTTP/1.1 " + second)[0] == 200


def test_refusal_of_a_head_has_no_body_that_would_pass_for_the_next_answer(
    server: HttpServer,
) -> None:
    answer = talk(
        server,
        b"HEAD /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )

    head, _, rest = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403 ")
    assert rest.startswith(b"HTTP/1.1 200 ")


def test_old_health_check_without_a_host_is_answered(client: FlaskClient) -> None:
    environ = {"HTTP_HOST": None, "SERVER_PROTOCOL": "HTTP/1.0"}

    response = client.get("/healthz", environ_overrides=environ)

    assert response.status_code == 200
