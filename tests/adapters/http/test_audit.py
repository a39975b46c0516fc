"""Each call that may change something is in the audit trail, with its answer."""

from concurrent.futures import Future

import pytest

from adapters.access.audit_log import AuditEntry
from adapters.access.scopes import Scope
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from tests.adapters.http.fakes import NOON, make_order
from tests.adapters.http.test_tokens import CALLS, ORDER, Doorstep


PEER = "10.0.0.9"


@pytest.fixture
def service() -> Doorstep:
    return Doorstep()


def noted(service: Doorstep) -> list[tuple[object, ...]]:
    """Return what the trail says, without time and address."""
    service.audit.write()
    return [
        (one.caller, one.call, one.order_id, one.status, one.code)
        for one in service.trail.entries
    ]


def test_order_is_noted_with_who_placed_it(service: Doorstep) -> None:
    service.answer(CALLS["place"], service.make(Scope.TRADE, "bot"))

    service.audit.write()
    (entry,) = service.trail.entries
    assert entry == AuditEntry(
        at=entry.at,
        caller="bot",
        peer=PEER,
        call="POST /api/v1/orders",
        order_id="01ABC",
        status=201,
        code=None,
    )


@pytest.mark.parametrize(
    ("name", "call", "order_id", "status"),
    [
        ("amend", "PATCH /api/v1/orders/01ABC", "01ABC", 200),
        ("cancel", "DELETE /api/v1/orders/01ABC", "01ABC", 200),
        ("cancel all", "DELETE /api/v1/orders?symbol=BNBUSDT", None, 200),
        ("halt", "POST /api/v1/halt", None, 200),
        ("resume", "POST /api/v1/resume", None, 200),
        ("release", "POST /api/v1/orders/01ABC/release", "01ABC", 200),
    ],
)
def test_every_write_is_noted_without_a_token_as_loopback(
    name: str, call: str, order_id: str | None, status: int
) -> None:
    service = Doorstep(needs_token=False)
    service.answer(CALLS[name])

    assert noted(service) == [("loopback", call, order_id, status, None)]


def test_reading_and_dry_runs_are_not_noted() -> None:
    service = Doorstep(needs_token=False)
    service.client.post("/api/v1/orders?validate_only=true", json=ORDER)
    for name in ("read orders", "read an order", "read the halt", "readiness"):
        service.answer(CALLS[name])

    assert noted(service) == []


def test_refusals_are_noted_with_their_code(service: Doorstep) -> None:
    reader, bot = service.make(Scope.READ, "reader"), service.make(Scope.TRADE, "bot")
    code = RefusalCode.ORDER_ENDED
    service.answer(CALLS["halt"], reader)
    service.answer(("POST", "/api/v1/orders", {}, Scope.TRADE), bot)
    service.desk.refusal = Refusal(code=code, detail="it has ended")
    service.answer(CALLS["amend"], bot)

    cancel = "PATCH /api/v1/orders/01ABC"
    assert noted(service) == [
        ("reader", "POST /api/v1/halt", None, 403, "SCOPE_TOO_NARROW"),
        ("bot", "POST /api/v1/orders", None, 422, "FIELDS_INVALID"),
        ("bot", cancel, "01ABC", 409, "ORDER_ENDED"),
    ]


def test_call_that_was_not_let_in_is_not_noted(service: Doorstep) -> None:
    service.answer(CALLS["place"])
    service.answer(CALLS["place"], "te_wrong")

    assert noted(service) == []


def test_order_is_noted_although_its_client_has_gone(
    service: Doorstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waited for the disk, and nobody reads the answer."""
    outcome: Future[object] = Future()
    monkeypatch.setattr(type(service.desk), "cancel", lambda _desk, _command: outcome)
    token = service.make(Scope.TRADE, "bot")
    environ = {
        "REQUEST_METHOD": "DELETE",
        "PATH_INFO": "/api/v1/orders/01ABC",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "REMOTE_ADDR": PEER,
    }
    service.client.application.wsgi_app(environ, lambda *_: bytes.fromhex)  # type: ignore[arg-type] # what it writes to is not used
    assert noted(service) == []

    outcome.set_result(make_order())

    assert [one[2:4] for one in noted(service)] == [("01ABC", 200)]


def test_token_in_an_address_is_not_written_down() -> None:
    service = Doorstep(needs_token=False)
    token = service.make(Scope.TRADE)
    service.client.post(f"/api/v1/halt?token={token}")
    service.client.delete(f"/api/v1/orders/{token}é%00%0a")

    text = repr(noted(service))
    assert token not in text
    assert "te_***" in text
    assert "\\x00" not in text


def test_trail_is_read_newest_first_by_whoever_may(service: Doorstep) -> None:
    service.answer(CALLS["halt"], service.make(Scope.TRADE, "bot"))
    service.answer(CALLS["resume"], service.make(Scope.ADMIN, "ops"))
    service.audit.write()

    response = service.call(CALLS["read the audit trail"], service.make(Scope.ADMIN))

    found = response.get_json()
    assert [one["caller"] for one in found["items"]] == ["ops", "bot"]
    assert found["items"][0]["call"] == "POST /api/v1/resume"
    assert found["items"][0]["at"] > NOON.isoformat()[:2]
