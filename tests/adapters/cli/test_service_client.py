import json
import socket

import pytest

from adapters.cli.answers import read_order
from adapters.cli.failures import (
    BusyError,
    CommandError,
    ExitCode,
    NotAllowedError,
    NotReachableError,
    OutcomeUnknownError,
    RefusedError,
)
from adapters.cli.service_client import Call, ServiceClient
from adapters.configuration.switch_settings import ServiceLocation
from tests.adapters.cli.scripted_server import ScriptedServer, answer, problem


ORDER = {
    "id": "A1",
    "sequence": 1,
    "client_order_id": None,
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "price": "61000",
    "time_in_force": "GTC",
    "status": "NEW",
    "reason": None,
    "filled": "0",
    "remaining": "1",
    "average_price": None,
    "created_at": "2026-11-30T18:56:32.697511Z",
    "updated_at": "2026-11-30T18:56:32.697511Z",
}
PLACE = Call(
    method="POST",
    path="/orders",
    body={"symbol": "BTCUSDT"},
    key="k1",
    read=read_order,
    tries=3,
)
READ = Call(method="GET", path="/orders/A1", read=read_order, tries=3)


def client_of(url: str, pauses: list[float] | None = None) -> ServiceClient:
    kept = [] if pauses is None else pauses
    place = ServiceLocation(host="127.0.0.1", port=1, url=url)
    return ServiceClient(place, pause=kept.append)


@pytest.mark.parametrize(
    "lost",
    [
        None,
        b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{",
        problem(503, "TIMEOUT"),
        problem(503, "STORE_UNAVAILABLE"),
        problem(500, "INTERNAL_ERROR"),
        answer(502, b"<html>"),
    ],
)
def test_a_call_without_an_answer_is_repeated_with_its_key(lost: bytes | None) -> None:
    pauses: list[float] = []
    with ScriptedServer(lost, lost, answer(200, ORDER)) as server:
        reply = client_of(server.url, pauses).call(PLACE)

    assert (reply.status, reply.answer.id) == (200, "A1")
    assert [one.headers["idempotency-key"] for one in server.asked] == ["k1"] * 3
    assert [one.body for one in server.asked] == [{"symbol": "BTCUSDT"}] * 3
    assert pauses == [1.0, 1.0]


def test_an_answer_is_returned_as_it_came() -> None:
    body = json.dumps({**ORDER, "quantity": "1.50", "newer": 1}, indent=1).encode()
    with ScriptedServer(answer(200, body)) as server:
        reply = client_of(server.url).call(READ)

    assert reply.body == body
    assert str(reply.answer.quantity) == "1.5"


@pytest.mark.parametrize("script", [(None,) * 3, (None,), (problem(500, "X"), None)])
def test_the_outcome_is_unknown_once_a_call_that_changes_something_was_sent(
    script: tuple[bytes | None, ...],
) -> None:
    """Also if the service is gone afterwards, so that the last try reaches nobody."""
    with (
        ScriptedServer(*script) as server,
        pytest.raises(OutcomeUnknownError) as raised,
    ):
        client_of(server.url).call(PLACE)

    assert raised.value.exit_code is ExitCode.NOT_REACHABLE


def test_a_service_that_is_not_there_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    pauses: list[float] = []

    with pytest.raises(NotReachableError, match="no service answers"):
        client_of(url, pauses).call(PLACE)

    assert pauses == []


def test_a_call_that_was_certainly_not_carried_out_is_in_no_doubt() -> None:
    busy = problem(503, "STORE_UNAVAILABLE", "out of reach")
    with (
        ScriptedServer(busy, busy, busy) as server,
        pytest.raises(BusyError, match="STORE_UNAVAILABLE: out of reach"),
    ):
        client_of(server.url).call(PLACE)


def test_a_read_without_an_answer_is_in_no_doubt() -> None:
    with (
        ScriptedServer(None, None, None) as server,
        pytest.raises(NotReachableError, match="no answer from"),
    ):
        client_of(server.url).call(READ)

    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (problem(422, "QUANTITY_OFF_LOT"), RefusedError, "QUANTITY_OFF_LOT: because"),
        (problem(409, "ORDER_ENDED"), RefusedError, "ORDER_ENDED: because"),
        (problem(401, "TOKEN_MISSING"), NotAllowedError, "TOKEN_MISSING: because"),
        (problem(403, "HOST_NOT_ALLOWED"), NotAllowedError, "HOST_NOT_ALLOWED"),
        (answer(401, b"<html>"), NotAllowedError, "HTTP 401"),
        (answer(200, b"<html>"), NotReachableError, "HTTP 200 from another program"),
        (answer(200, [ORDER]), NotReachableError, "HTTP 200 from another program"),
        (answer(404, {}), NotReachableError, "HTTP 404 from another program"),
    ],
)
def test_a_refusal_is_told_by_its_kind_and_not_repeated(
    reply: bytes, error: type[CommandError], words: str
) -> None:
    with ScriptedServer(reply) as server, pytest.raises(error, match=words):
        client_of(server.url).call(PLACE)

    assert len(server.asked) == 1
