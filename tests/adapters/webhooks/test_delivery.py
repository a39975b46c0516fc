"""A message is signed, sent once, and taken only if the target says so."""

import socket
from datetime import UTC, datetime
from threading import Thread

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.clock import SystemClock
from adapters.webhooks.delivery import sender
from adapters.webhooks.messages import WebhookMessage
from tests.adapters.webhooks.receiver import SECRET, receiver, silent_server


NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MESSAGE = WebhookMessage(
    message_id="msg_1",
    body='{"type":"orders.changed","data":"\u20bf"}',
    events=1,
    since=NOON,
    made_at=NOON,
    next_at=NOON,
)


def test_the_receiver_can_verify_a_message() -> None:
    with receiver() as target:
        outcome = sender(f"{target.url}?key=1", SECRET)(MESSAGE, SystemClock().now())

    path, headers, body = target.got[0]
    assert outcome.problem == ""
    assert path == "/hook?key=1"
    assert headers["webhook-id"] == "msg_1"
    assert headers["content-type"] == "application/json"
    assert Webhook(SECRET).verify(body, headers)["data"] == "\u20bf"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"orders", b"others"), headers)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 429, 500, 503])
def test_any_answer_but_success_is_a_problem_and_no_redirect_is_followed(
    status: int,
) -> None:
    with receiver() as other, receiver() as target:
        target.answers, target.location = [status], other.url
        outcome = sender(target.url, SECRET)(MESSAGE, NOON)

    assert outcome.problem == f"answered {status}"
    assert not outcome.is_gone
    assert len(target.got) == 1
    assert other.got == []


def test_410_says_that_the_target_wants_no_more() -> None:
    with receiver() as target:
        target.answers = [410]
        outcome = sender(target.url, SECRET)(MESSAGE, NOON)

    assert outcome.is_gone


def test_a_target_that_hangs_is_given_up_in_time() -> None:
    with silent_server() as url:
        outcome = sender(url, SECRET, answer_seconds=0.05)(MESSAGE, NOON)

    assert "timed out" in outcome.problem or "Timeout" in outcome.problem


def test_an_answer_that_trickles_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    while connection.recv(65_536):
                        connection.sendall(b"X-Slow: 1\r\n")
                except OSError:
                    return

        thread = Thread(target=trickle)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        outcome = sender(url, SECRET, answer_seconds=0.1)(MESSAGE, NOON)
        thread.join()

    assert outcome.problem != ""


def test_a_problem_does_not_show_the_url() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    outcome = sender(f"http://127.0.0.1:{port}/secret-path", SECRET)(MESSAGE, NOON)

    assert "refused" in outcome.problem
    assert "secret-path" not in outcome.problem
