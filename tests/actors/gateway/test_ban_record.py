"""The venue's wish for silence reaches the disk, whoever is there to write it."""

from actors import names
from actors.gateway.ban_record import ban_recorder
from actors.gateway.permits import Permits
from actors.ledger import Ledger
from domain.venue.answers import RateLimitBan
from tests.actors.stage import START, Stage
from tests.fakes import FakePublisher, FakeStore


VENUE = "https://api.example"
SILENCE = RateLimitBan(venue=VENUE, until=START)


def test_the_ledger_writes_it_down(stage: Stage) -> None:
    store = FakeStore()
    stage.start(
        Ledger, names.LEDGER, store=store, permits=Permits(), publisher=FakePublisher()
    )

    ban_recorder(stage.runtime.directory, store, VENUE)(START)
    assert store.bans == {}
    stage.run()

    assert store.bans == {VENUE: SILENCE}


def test_it_is_written_down_before_there_is_a_ledger(stage: Stage) -> None:
    store = FakeStore()

    ban_recorder(stage.runtime.directory, store, VENUE)(START)

    assert store.bans == {VENUE: SILENCE}


def test_a_database_that_is_away_is_no_reason_to_fail(stage: Stage) -> None:
    store = FakeStore()
    store.problem = "locked"

    ban_recorder(stage.runtime.directory, store, VENUE)(START)

    assert store.bans == {}


def test_a_database_that_another_service_has_is_no_reason_to_fail(stage: Stage) -> None:
    store = FakeStore()
    store.has_successor = True

    ban_recorder(stage.runtime.directory, store, VENUE)(START)

    assert store.bans == {}
