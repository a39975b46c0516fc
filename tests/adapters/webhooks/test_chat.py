"""A chat is told the same as other targets, in words, and its URL is shown nowhere."""

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.webhooks.chat import (
    URLS_VARIABLE,
    chat_name,
    chat_sender,
    chat_urls,
)
from adapters.webhooks.chat_text import chat_text
from adapters.webhooks.messages import Collector, WebhookMessage
from domain.errors import ConfigurationError
from domain.orders.committed import BEGINNING, CommittedEvent
from domain.orders.order import Order, OrderStatus, OrderStep
from domain.reasons import WaitReason
from tests.adapters.http.fakes import make_event, make_order
from tests.adapters.webhooks.receiver import Receiver, receiver


NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SIMULATED = "simulated market, simulated fills"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12345"


def happened(*steps: tuple[OrderStep, Order]) -> WebhookMessage:
    collector = Collector(frozenset(OrderStep))
    for step, order in steps:
        event = replace(make_event(), step=step)
        collector.add(CommittedEvent(position=BEGINNING, event=event, order=order))
    return collector.message("json-1", NOON)


FILLED = make_order(
    "01FILLED",
    client_order_id="<!channel>",
    status=OrderStatus.FILLED,
    filled=Decimal(300),
    filled_quote=Decimal(81450),
    version=4,
)
MESSAGE = happened(
    (OrderStep.PART_FILLED, FILLED),
    (OrderStep.PART_FILLED, FILLED),
    (OrderStep.FILLED, FILLED),
)


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as target:
        yield target


def json_url(told: Receiver) -> str:
    """Name a target of apprise's that posts what it would tell as JSON."""
    return told.url.replace("http://", "json://user:pass-word@")


def test_a_person_reads_what_has_happened() -> None:
    text = chat_text(MESSAGE, SIMULATED)

    assert text.title == f"1 order changed ({SIMULATED})"
    assert text.body == (
        "SELL 300 BNBUSDT at 270: FILLED, 300 filled at 271.5 on average; "
        "2 x PART_FILLED, FILLED; order 01FILLED"
    )
    assert not text.is_alarming


def test_what_somebody_should_look_at_is_alarming() -> None:
    held = make_order(reason=WaitReason.ON_HOLD)

    text = chat_text(happened((OrderStep.HELD, held)), SIMULATED)

    assert text.is_alarming
    assert text.body == (
        "SELL 300 BNBUSDT at 270: NEW (ON_HOLD), 0 filled; HELD; order 01ABC"
    )


def test_many_orders_are_counted() -> None:
    many = [(OrderStep.FILLED, make_order(f"01N{number}")) for number in range(25)]

    lines = chat_text(happened(*many), SIMULATED).body.splitlines()

    assert (len(lines), lines[-1]) == (21, "and 5 more orders")


def test_it_is_told_by_apprise(told: Receiver) -> None:
    outcome = chat_sender(json_url(told), SIMULATED)(MESSAGE, NOON)

    assert outcome.problem == ""
    ((_, _, body),) = told.got
    said: Any = json.loads(body)
    text = chat_text(MESSAGE, SIMULATED)
    assert (said["title"], said["message"]) == (text.title, text.body)
    assert said["type"] == "info"


def test_what_is_not_taken_is_told_without_secrets(
    told: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    told.answers = [503]
    url = json_url(told)
    send = chat_sender(url, SIMULATED)
    refused = send(MESSAGE, NOON)
    gone = chat_sender("json://user:pass-word@127.0.0.1:1/x", SIMULATED)(MESSAGE, NOON)

    assert (refused.problem, gone.problem) == ("answered 503", "no answer")
    assert send(MESSAGE, NOON).problem == ""
    assert "pass-word" not in caplog.text
    assert logging.getLogger("apprise").filters == []


def test_urls_come_from_the_environment_or_from_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.touch(mode=0o600)
    file.write_text(f"{TELEGRAM}\njson://127.0.0.1:1/x\n")

    named = {f"{URLS_VARIABLE}_FILE": str(file)}
    assert chat_urls(named) == (TELEGRAM, "json://127.0.0.1:1/x")
    assert chat_urls({URLS_VARIABLE: f" {TELEGRAM} "}) == (TELEGRAM,)
    assert chat_urls({}) == ()


@pytest.mark.parametrize(
    ("urls", "words"),
    [
        (f"{TELEGRAM} slack://secret-word", "does not know what URL 2 is"),
        ("nonsense-secret-word", "does not know what URL 1 is"),
        (f"{TELEGRAM} {TELEGRAM}", "names one twice"),
        (" ".join(f"json://secret-word/{n}" for n in range(9)), "more than 8"),
    ],
)
def test_urls_that_cannot_be_used_are_refused_and_not_shown(
    urls: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigurationError, match=words) as refused:
        chat_urls({URLS_VARIABLE: urls})

    assert "secret-word" not in str(refused.value) + caplog.text
    assert "abcdefg" not in str(refused.value)


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ConfigurationError, match=r"trade-executor\[chat\]"):
        chat_urls({URLS_VARIABLE: TELEGRAM})
    assert chat_urls({}) == ()


def test_a_target_is_called_by_its_kind_and_has_no_other_s_name() -> None:
    name = chat_name(TELEGRAM)

    assert name.startswith("tgram-")
    assert "abcdefg" not in name
    assert name != chat_name(TELEGRAM + "6")
