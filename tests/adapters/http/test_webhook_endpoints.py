"""What webhook targets have not been told is shown."""

from datetime import timedelta

from flask.testing import FlaskClient

from adapters.http.app import create_app
from adapters.webhooks.messages import WebhookMessage
from adapters.webhooks.status import TargetStatus
from tests.adapters.http.described import DescribedClient
from tests.adapters.http.fakes import ON_PAPER, FakeDesk, FakeQueries
from tests.adapters.persistence.builders import NOW


DEAD = WebhookMessage(
    message_id="msg_1",
    body="{}",
    events=3,
    since=NOW,
    made_at=NOW,
    next_at=NOW,
    attempts=300,
    problem="answered 500",
    is_dead=True,
)
FAILING = TargetStatus(
    name="example.com-07d9c092",
    is_disabled=False,
    waiting=14,
    oldest=NOW,
    attempts=2,
    next_at=NOW + timedelta(seconds=10),
    problem="answered 503",
    delivered_at=None,
    dead=(DEAD,),
)


def test_a_failing_target_is_shown_with_what_was_given_up() -> None:
    app = create_app(FakeDesk(), FakeQueries(), ON_PAPER, webhooks=lambda: [FAILING])
    app.test_client_class = DescribedClient

    response = app.test_client().get("/api/v1/webhooks")

    assert response.json == {
        "items": [
            {
                "target": "example.com-07d9c092",
                "disabled": False,
                "waiting_events": 14,
                "oldest_at": "2026-01-02T03:04:05.678901Z",
                "attempts": 2,
                "next_attempt_at": "2026-01-02T03:04:15.678901Z",
                "problem": "answered 503",
                "delivered_at": None,
                "dead_letters": [
                    {
                        "id": "msg_1",
                        "events": 3,
                        "since": "2026-01-02T03:04:05.678901Z",
                        "attempts": 300,
                        "problem": "answered 500",
                    }
                ],
            }
        ],
        "next_cursor": None,
    }


def test_without_targets_the_list_is_empty(client: FlaskClient) -> None:
    assert client.get("/api/v1/webhooks").json == {"items": [], "next_cursor": None}
    assert client.get("/api/v1/webhooks?limit=1").status_code == 400
