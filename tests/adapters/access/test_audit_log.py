"""The audit log never waits, never repeats, and says what it could not keep."""

import logging
import threading
from datetime import timedelta

import pytest

from adapters.access import audit_log
from adapters.access.audit_log import AuditEntry, AuditLog
from tests.adapters.http.pushing import Noon
from tests.adapters.http.tokens import Trail
from tests.fakes import FakeMeter


def entry(number: int, age: timedelta = timedelta(0)) -> AuditEntry:
    return AuditEntry(
        at=Noon().now() - age, caller="bot", peer="", call=f"POST /{number}"
    )


class Kept:
    """A log over a trail in memory."""

    def __init__(self, kept: timedelta | None = None) -> None:
        self.trail = Trail()
        self.meter = FakeMeter()
        self.log = AuditLog(self.trail, Noon(), kept, self.meter)

    def put(self, number: int) -> None:
        self.log.put(lambda: entry(number))


def test_entries_are_written_once_in_their_order() -> None:
    kept = Kept()
    for number in range(1200):
        kept.put(number)

    kept.log.write()
    kept.log.write()

    assert kept.trail.entries == [entry(number) for number in range(1200)]


def test_entries_wait_for_a_locked_trail_and_are_not_repeated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = Kept()
    kept.trail.is_locked = True
    with caplog.at_level(logging.INFO):
        for number in range(3):
            kept.put(number)
            kept.log.write()
        assert kept.log.waiting == 3
        kept.trail.is_locked = False
        kept.log.write()

    assert kept.trail.entries == [entry(number) for number in range(3)]
    assert caplog.text.count("Audit trail not writable") == 1
    assert caplog.text.count("Audit trail writable again") == 1


def test_a_bug_in_one_entry_or_a_table_that_is_gone_ends_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()

    def is_gone(_trail: Trail, _entries: object) -> None:
        raise AssertionError("no such table: audit")

    with monkeypatch.context() as patched:
        patched.setattr(Trail, "append", is_gone)
        kept.log.put(lambda: entry(1 // 0))
        kept.put(2)
        kept.log.write()
    kept.log.write()

    assert kept.trail.entries == [entry(2)]
    assert kept.meter.counts == {"audit_entries_lost": 1}
    assert "no such table" in caplog.text


def test_what_has_no_room_any_more_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "WAITING_MAX", 2)
    kept = Kept()
    for number in range(5):
        kept.put(number)
    kept.log.write()

    assert kept.trail.entries == [entry(0), entry(1)]
    assert kept.meter.counts == {"audit_entries_lost": 3}


def test_a_stop_writes_what_is_left() -> None:
    kept = Kept()
    kept.log.start()
    for number in range(10):
        kept.put(number)
    kept.log.close()

    assert len(kept.trail.entries) == 10
    assert "audit" not in [thread.name for thread in threading.enumerate()]


def test_a_stop_says_what_it_could_not_write(caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept()
    kept.trail.is_locked = True
    kept.put(1)
    kept.log.start()
    kept.log.close()

    assert "Audit entries lost at the stop count=1" in caplog.text


def test_what_is_too_old_is_forgotten_from_time_to_time() -> None:
    kept = Kept(timedelta(days=400))
    old, new = entry(1, timedelta(days=401)), entry(2, timedelta(days=399))
    kept.trail.entries = [old, new]

    kept.log.forget()
    looks = len(kept.trail.forgotten)
    kept.log.forget()

    assert kept.trail.entries == [new]
    assert len(kept.trail.forgotten) == looks


def test_nothing_is_forgotten_if_it_is_kept_for_ever() -> None:
    kept = Kept(None)
    kept.trail.entries = [entry(1, timedelta(days=40_000))]

    kept.log.forget()

    assert len(kept.trail.entries) == 1
