"""The simulation finds the faults it was made to find, if their mending is gone."""

from dataclasses import replace

import pytest

from actors.router.current_touch import CurrentTouch
from actors.runtime.mailbox import Inbox
from adapters.events.stream import Subscription
from adapters.replay.memory_store import MemoryStore
from domain.orders import level_taken
from domain.orders.committed import BEGINNING, CommittedBatch
from domain.orders.records import OrderChange, RecordOutcome, Stored
from tests.simulation.__main__ import run_seed
from tests.simulation.succession import OwnedDisk


SEEDS = 1_000
"""At most; the first that finds the fault is enough."""


def first_finding(first: int = 0) -> str:
    """Run seeds until one of them finds something, and say what.

    Args:
        first: where to begin. With any change to the simulation other seeds find the
            fault; it is found all the same, only later.
    """
    for seed in range(first, first + SEEDS):
        try:
            run_seed(seed)
        except AssertionError as error:
            return str(error)
    return "nothing was found"


def test_a_message_behind_the_last_look_is_found_if_mailboxes_stay_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Inbox, "_take_back", lambda *_: None)

    assert "told True, and nobody reads it" in first_finding()


def test_a_cancel_that_is_overtaken_is_found_if_changes_are_written_with_gaps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write_what_is_newer(store: MemoryStore, change: OrderChange) -> RecordOutcome:
        row = store._rows[change.order.order_id]
        if change.order.version > row.order.version:
            store._keep(row, change)
        return Stored(order=row.order)

    monkeypatch.setattr(MemoryStore, "_write_change", write_what_is_newer)

    assert "events missing" in first_finding(530)  # one of 700 finds it


def test_what_nobody_told_is_found_if_a_new_ledger_does_not_say_that_it_is_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look_nowhere_but_at_the_start(one: Subscription, batch: CommittedBatch) -> None:
        if batch.follows is not None:
            hand_over(one, replace(batch, follows=BEGINNING))

    hand_over = Subscription.hand_over
    monkeypatch.setattr(Subscription, "hand_over", look_nowhere_but_at_the_start)

    assert "told another thing than is on disk" in first_finding()


def test_a_fill_that_does_not_say_what_it_took_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(level_taken, "_offered_at", lambda *_: None)

    assert "a fill without its level" in first_finding()


def test_a_touch_that_outlives_its_book_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CurrentTouch, "lose", lambda _: None)

    assert "a touch without a book" in first_finding()


def test_a_second_owner_is_found_if_nobody_checks_the_tenure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(OwnedDisk, "check_tenure", lambda _: None)

    found = first_finding()
    assert "the disk contradicts" in found or "sent without a tenure" in found
