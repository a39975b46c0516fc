"""A target that hangs holds up neither the others nor the stop."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.events.stream import EventStream
from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from adapters.persistence.webhook_rows import WebhookTable
from adapters.webhooks.delivery import sender
from adapters.webhooks.target import Surroundings, Target, TargetSettings
from adapters.webhooks.webhooks import Webhooks
from domain.orders.order import OrderStep
from tests.adapters.persistence.builders import new_order
from tests.adapters.webhooks.receiver import SECRET, receiver, silent_server
from tests.fakes import FakeMeter
from tests.system.waiting import eventually


STOP_SECONDS_MAX = 1.0


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_one_target_hangs_another_is_told_and_the_stop_is_quick(
    stack: ExitStack, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'orders.db'}"
    store = open_store(database)
    stack.callback(store.close)
    queries = open_queries(database)
    stack.callback(queries.close)
    shared = Surroundings(
        events=EventStream(queries),
        table=WebhookTable(store),
        clock=SystemClock(),
        meter=FakeMeter(),
    )
    hanging = stack.enter_context(silent_server())
    good = stack.enter_context(receiver())
    targets = [
        Target(
            TargetSettings(
                name=name,
                kinds=frozenset({OrderStep.ACCEPTED}),
                interval=timedelta(seconds=1),
            ),
            sender(url, SECRET),
            shared,
        )
        for name, url in (("hanging-1", hanging), ("good-2", good.url))
    ]
    webhooks = stack.enter_context(Webhooks(targets))
    store.write([new_order(1)])

    eventually(lambda: good.got, within_seconds=5, what="the good target's message")
    eventually(
        lambda: webhooks.waiting() == {"hanging-1": 1, "good-2": 0},
        within_seconds=5,
        what="the hanging target's backlog",
    )
    oldest = webhooks.oldest_timestamps()
    assert (oldest["hanging-1"] > 0, oldest["good-2"]) == (True, 0)
    started = time.monotonic()
    webhooks.close()

    assert time.monotonic() - started < STOP_SECONDS_MAX
