"""Who is let in: a token, where one is needed, and only as far as its scope goes."""

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from adapters.access.audit_log import AuditLog
from adapters.access.call_limits import CallLimits
from adapters.access.failure_limits import FAILURES_AT_ONCE, FAILURES_PER_SECOND
from adapters.access.live_tokens import LiveTokens
from adapters.access.scopes import Scope
from adapters.access.token_text import make_token
from adapters.http.access_control import AccessControl, AccessGuard
from adapters.http.app import ServiceAccess, create_app
from adapters.http.authentication import ALWAYS_OPEN, Authentication
from adapters.http.doors import Doors
from domain.risk.halt import NEVER_HALTED
from tests.adapters.http.conftest import scrape
from tests.adapters.http.fakes import ON_PAPER, FakeDesk, FakeQueries, make_order
from tests.adapters.http.pushing import Noon
from tests.adapters.http.tokens import Tokens, Trail
from tests.fakes import FakeMeter


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ORDER = {"symbol": "BNBUSDT", "side": "SELL", "price": "270", "quantity": "1"}
SETTLEMENT = {"note": "asked the venue", "quantity": "0"}

CALLS: dict[str, tuple[str, str, object, Scope]] = {
    "read orders": ("GET", "/api/v1/orders", None, Scope.READ),
    "read an order": ("GET", "/api/v1/orders/01ABC", None, Scope.READ),
    "read the halt": ("GET", "/api/v1/halt", None, Scope.READ),
    "readiness": ("GET", "/readyz", None, Scope.READ),
    "metrics": ("GET", "/metrics", None, Scope.READ),
    "place": ("POST", "/api/v1/orders", ORDER, Scope.TRADE),
    "original call": ("POST", "/SellOrder", {**ORDER, "side": None}, Scope.TRADE),
    "amend": ("PATCH", "/api/v1/orders/01ABC", {"price": "271"}, Scope.TRADE),
    "cancel": ("DELETE", "/api/v1/orders/01ABC", None, Scope.TRADE),
    "cancel all": ("DELETE", "/api/v1/orders?symbol=BNBUSDT", None, Scope.TRADE),
    "halt": ("POST", "/api/v1/halt", None, Scope.TRADE),
    "read the audit trail": ("GET", "/api/v1/audit", None, Scope.ADMIN),
    "resume": ("POST", "/api/v1/resume", None, Scope.ADMIN),
    "release": ("POST", "/api/v1/orders/01ABC/release", None, Scope.ADMIN),
    "settle": (
        "POST",
        "/api/v1/orders/01ABC/children/01ABC-1/settle",
        SETTLEMENT,
        Scope.ADMIN,
    ),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


class Doorstep:
    """A service that can be called by anybody, as its server lets them in."""

    def __init__(
        self,
        *,
        needs_token: bool = True,
        open_paths: frozenset[str] = ALWAYS_OPEN,
        writes: int = 1000,
        reads: int = 1000,
    ) -> None:
        self.desk = FakeDesk()
        self.tokens = Tokens()
        self.live = LiveTokens(self.tokens)
        self.meter = FakeMeter()
        self.now = 1000.0
        authentication = Authentication(
            self.live,
            needs_token=needs_token,
            open_paths=open_paths,
            meter=self.meter,
            now=lambda: self.now,
        )
        self.guard = AccessGuard(
            AccessControl(), self.meter, authentication=authentication.refusal
        )
        queries = FakeQueries(known={"01ABC": make_order()})
        self.trail = Trail()
        self.audit = AuditLog(self.trail, Noon(), None, self.meter)
        limits = CallLimits(writes, reads, lambda: self.now)
        access = ServiceAccess(Doors(limits, self.audit, Noon()), self.trail)
        app = create_app(self.desk, queries, ON_PAPER, scrape, access=access)
        self.client = self._guarded(app)

    def make(self, scope: Scope, name: str | None = None) -> str:
        token = self.tokens.make(scope, name)
        self.live.look()
        return token

    def answer(
        self,
        call: tuple[str, str, object, Scope],
        token: str | None = None,
        peer: str = "10.0.0.9",
        scheme: str = "Bearer",
    ) -> tuple[int, str | None]:
        """Return the status, and the code of a refusal."""
        response = self.call(call, token, peer, scheme)
        members = response.get_json(silent=True)
        code = members.get("code") if isinstance(members, dict) else None
        return response.status_code, code

    def call(
        self,
        call: tuple[str, str, object, Scope],
        token: str | None = None,
        peer: str = "10.0.0.9",
        scheme: str = "Bearer",
    ) -> Any:
        method, path, body, _ = call
        named = {} if token is None else {"Authorization": f"{scheme} {token}"}
        seen = {"REMOTE_ADDR": peer}
        return self.client.open(
            path, method=method, json=body, headers=named, environ_base=seen
        )

    def is_untouched(self) -> bool:
        desk = self.desk
        commands = (*desk.placed, *desk.canceled, *desk.amended, *desk.settled)
        return not commands and desk.switch.halt == NEVER_HALTED

    def _guarded(self, app: Flask) -> FlaskClient:
        answer = app.wsgi_app

        def judge(
            environ: "WSGIEnvironment", start_response: "StartResponse"
        ) -> Iterable[bytes]:
            problem = self.guard.refusal(environ)
            application = answer if problem is None else problem.response()
            return application(environ, start_response)

        app.wsgi_app = judge  # type: ignore[method-assign] # as Flask's manual does
        return app.test_client()


@pytest.fixture
def service() -> Doorstep:
    return Doorstep()


@every_call
def test_call_without_a_token_is_refused_where_one_is_needed(
    service: Doorstep, call: tuple[str, str, object, Scope]
) -> None:
    response = service.call(call)

    assert response.status_code == 401
    assert response.get_json()["code"] == "TOKEN_MISSING"
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert service.is_untouched()


@every_call
@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_does_what_its_scope_includes_and_nothing_else(
    service: Doorstep, call: tuple[str, str, object, Scope], scope: Scope
) -> None:
    status, code = service.answer(call, service.make(scope))

    if scope.includes(call[3]):
        assert status not in {401, 403}
    else:
        assert (status, code) == (403, "SCOPE_TOO_NARROW")
        assert service.is_untouched()


@every_call
def test_without_need_of_one_a_call_without_a_token_may_do_everything(
    call: tuple[str, str, object, Scope],
) -> None:
    assert Doorstep(needs_token=False).answer(call)[0] not in {401, 403}


def test_a_token_counts_for_no_more_than_its_scope_even_where_none_is_needed() -> None:
    service = Doorstep(needs_token=False)
    token = service.make(Scope.READ)

    assert service.answer(CALLS["place"], token) == (403, "SCOPE_TOO_NARROW")
    assert service.answer(CALLS["place"], make_token()) == (401, "TOKEN_UNKNOWN")
    assert service.is_untouched()


def test_login_of_a_proxy_is_no_token() -> None:
    """Such as its own, which it passes on."""
    assert Doorstep(needs_token=False).answer(
        CALLS["place"], "dXNlcjpwYXNz", scheme="Basic"
    ) == (201, None)
    assert Doorstep().answer(CALLS["place"], "dXNlcjpwYXNz", scheme="Basic") == (
        401,
        "TOKEN_MISSING",
    )


def test_scheme_is_read_in_any_case(service: Doorstep) -> None:
    token = service.make(Scope.TRADE)

    assert service.answer(CALLS["place"], token, scheme="bEARER")[0] == 201


def test_token_in_an_address_or_a_cookie_is_none(service: Doorstep) -> None:
    token = service.make(Scope.ADMIN)
    path = f"/api/v1/orders?token={token}&access_token={token}"

    response = service.client.get(path, headers={"Cookie": f"token={token}"})

    assert response.status_code == 401


def test_mistyped_token_is_told_from_an_unknown_one(service: Doorstep) -> None:
    token = service.make(Scope.TRADE)
    other = "0" if token[5] != "0" else "1"

    mistyped = token[:5] + other + token[6:]
    assert service.answer(CALLS["place"], mistyped) == (401, "TOKEN_MALFORMED")
    assert service.answer(CALLS["place"], token[:-1]) == (401, "TOKEN_MALFORMED")
    assert service.answer(CALLS["place"], "") == (401, "TOKEN_MALFORMED")
    assert service.answer(CALLS["place"], make_token()) == (401, "TOKEN_UNKNOWN")


def test_revoked_token_is_refused(service: Doorstep) -> None:
    token = service.make(Scope.TRADE, "bot")
    assert service.answer(CALLS["place"], token)[0] == 201

    service.tokens.revoke("bot")
    service.live.look()

    assert service.answer(CALLS["place"], token) == (401, "TOKEN_UNKNOWN")


def test_known_tokens_count_while_the_database_is_out_of_reach(
    service: Doorstep, caplog: pytest.LogCaptureFixture
) -> None:
    token = service.make(Scope.TRADE)
    service.tokens.is_out_of_reach = True
    with caplog.at_level(logging.INFO):
        service.live.look()
        service.live.look()
        assert service.answer(CALLS["place"], token)[0] == 201
        service.tokens.is_out_of_reach = False
        service.live.look()

    assert caplog.text.count("Tokens not readable") == 1
    assert caplog.text.count("Tokens readable again") == 1


def test_only_health_is_open_unless_the_operator_opens_more(service: Doorstep) -> None:
    assert service.client.get("/healthz").status_code == 200
    assert service.client.head("/healthz").status_code == 200
    assert service.client.post("/healthz").status_code == 401

    opened = Doorstep(open_paths=ALWAYS_OPEN | {"/metrics"})
    assert opened.client.get("/metrics").status_code == 200
    assert opened.client.get("/readyz").status_code == 401
    assert opened.answer(CALLS["place"]) == (401, "TOKEN_MISSING")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/healthz/", "/docs/x"])
def test_nothing_is_told_of_other_paths_without_a_token(
    service: Doorstep, path: str
) -> None:
    assert service.client.get(path).status_code == 401


def test_a_thousand_wrong_tokens_slow_neither_the_right_one_nor_fill_the_log(
    service: Doorstep, caplog: pytest.LogCaptureFixture
) -> None:
    token = service.make(Scope.TRADE)
    call = CALLS["read the halt"]
    with caplog.at_level(logging.WARNING):
        found = [service.answer(call, make_token()) for _ in range(1000)]
        assert service.answer(call, token)[0] == 200

    refused = [(401, "TOKEN_UNKNOWN")] * FAILURES_AT_ONCE
    limited = [(429, "TOO_MANY_WRONG_TOKENS")] * (1000 - FAILURES_AT_ONCE)
    assert found == refused + limited
    assert caplog.text.count("Wrong token") == 1
    assert service.meter.counts["wrong_tokens"] == 1000
    assert token not in caplog.text


def test_limit_of_wrong_tokens_is_that_of_an_address(service: Doorstep) -> None:
    call = CALLS["read the halt"]
    for _ in range(FAILURES_AT_ONCE):
        service.answer(call, make_token(), peer="2001:db8::1")

    near = service.call(call, make_token(), peer="2001:db8::ffff")
    assert near.status_code == 429
    assert near.headers["Retry-After"] == str(round(1 / FAILURES_PER_SECOND))
    assert service.answer(call, make_token(), peer="2001:db8:0:1::1")[0] == 401
    assert service.answer(call, make_token(), peer="::ffff:10.0.0.1")[0] == 401

    service.now += 1 / FAILURES_PER_SECOND
    assert service.answer(call, make_token(), peer="2001:db8::1")[0] == 401
    assert service.answer(call, make_token(), peer="2001:db8::1")[0] == 429


def test_page_of_another_origin_is_refused_even_with_a_token(service: Doorstep) -> None:
    token = service.make(Scope.ADMIN)

    response = service.client.post(
        "/api/v1/resume",
        headers={"Authorization": f"Bearer {token}", "Origin": "https://evil.example"},
    )

    assert response.get_json()["code"] == "ORIGIN_NOT_ALLOWED"
    assert service.is_untouched()


def test_call_that_was_never_judged_is_refused(service: Doorstep) -> None:
    doors = Doors(CallLimits(1, 1), service.audit, Noon())
    access = ServiceAccess(doors, service.trail)
    app = create_app(service.desk, FakeQueries(), ON_PAPER, access=access)

    response = app.test_client().get("/api/v1/halt")

    assert response.get_json()["code"] == "TOKEN_MISSING"


def test_thread_that_reads_tokens_ends(service: Doorstep) -> None:
    service.live.start()
    started = time.monotonic()
    service.live.close()

    assert time.monotonic() - started < 1
