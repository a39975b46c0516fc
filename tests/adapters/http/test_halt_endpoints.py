"""The halt switch over HTTP."""

from flask.testing import FlaskClient

from actors.gateway.halt_switch import RESUME_NOT_ON_DISK
from domain.errors import DeskTimeoutError
from domain.refusals import STOPPING
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import FakeDesk


def test_halt_tells_how_the_switch_stands_now(client: FlaskClient) -> None:
    answer = client.post("/api/v1/halt", json={"reason": "venue looks odd"})

    assert answer.status_code == 200
    assert content(answer) == {
        "halted": True,
        "reason": "venue looks odd",
        "since": "2031-05-01T12:00:00.250000Z",
        "children_in_flight": 0,
        "on_disk": True,
    }
    assert content(client.get("/api/v1/halt")) == content(answer)


def test_halt_needs_no_body(client: FlaskClient) -> None:
    answer = client.post("/api/v1/halt")

    assert answer.status_code == 200
    assert content(answer)["reason"] is None


def test_halt_with_children_in_flight_is_accepted_and_says_so(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.children_in_flight = 2

    answer = client.post("/api/v1/halt")

    assert content(answer, 202)["children_in_flight"] == 2


def test_halt_that_is_not_on_disk_is_accepted_and_says_that_it_holds(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.is_on_disk = False

    answer = content(client.post("/api/v1/halt"), 202)

    assert (answer["halted"], answer["on_disk"]) == (True, False)
    assert answer["code"] == "HALT_NOT_ON_DISK"
    assert "no child order leaves" in str(answer["detail"])


def test_resume_that_is_not_on_disk_is_refused_with_what_holds(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.refusal = RESUME_NOT_ON_DISK

    found = problem(client.post("/api/v1/resume"), 503)

    assert found["code"] == "RESUME_NOT_ON_DISK"


def test_resume_is_done_although_children_are_in_flight(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.children_in_flight = 2

    answer = client.post("/api/v1/resume", json={"reason": "all is well"})

    assert answer.status_code == 200
    assert content(answer)["halted"] is False


def test_a_switch_that_was_never_thrown_has_no_time(client: FlaskClient) -> None:
    assert content(client.get("/api/v1/halt")) == {
        "halted": False,
        "reason": None,
        "since": None,
        "children_in_flight": 0,
        "on_disk": True,
    }


def test_halt_refuses_what_it_does_not_know(client: FlaskClient) -> None:
    answer = client.post("/api/v1/halt", json={"reason": "a\nb", "symbol": "BNBUSDT"})

    found = problem(answer, 422)
    assert {fault["field"] for fault in found["errors"]} == {"reason", "symbol"}


def test_halt_without_an_answer_is_of_unknown_outcome(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.error = DeskTimeoutError("no answer within 5.0 seconds")

    assert problem(client.post("/api/v1/halt"), 503)["code"] == "TIMEOUT"


def test_a_service_that_is_being_stopped_takes_no_switch(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.refusal = STOPPING

    assert client.post("/api/v1/resume").status_code == 503
