import pytest

from actors.runtime.addresses import NameTaken
from tests.actors.stage import Neighbour, Stage
from tests.fakes import Recorder


def test_watchers_are_told_in_order_when_a_name_gets_a_new_actor(stage: Stage) -> None:
    order: list[int] = []

    class Watcher:
        def __init__(self, number: int) -> None:
            self.number = number

        def tell(self, message: NameTaken) -> bool:
            assert message.name == "ledger"
            order.append(self.number)
            return True

    for number in range(20):
        stage.directory.watch("ledger", Watcher(number))

    stage.neighbour("ledger")

    assert order == list(range(20))


def test_who_does_not_watch_any_more_is_not_told(stage: Stage) -> None:
    watcher = Recorder()
    stage.directory.watch("ledger", watcher)
    stage.directory.watch("ledger", watcher)

    stage.directory.unwatch("ledger", watcher)
    stage.directory.unwatch("ledger", watcher)
    stage.directory.unwatch("nobody", watcher)
    stage.neighbour("ledger")

    assert watcher.received == []


def test_a_name_cannot_be_taken_from_a_living_actor(stage: Stage) -> None:
    stage.neighbour("ledger")

    with pytest.raises(AssertionError, match="ledger is taken"):
        stage.neighbour("ledger")


def test_the_dead_do_not_take_the_name_from_their_successor(stage: Stage) -> None:
    first = stage.neighbour("ledger")
    stage.end(first)
    second = stage.neighbour("ledger")

    stage.directory.release("ledger", first.actor_ref)

    assert stage.address("ledger").ref is second.actor_ref


def test_a_named_address_follows_the_name(stage: Stage) -> None:
    address = stage.directory.address("ledger")
    assert not address.tell("nobody there")
    first = stage.neighbour("ledger")
    address.tell("one")
    stage.end(first)
    second = stage.neighbour("ledger")

    address.tell("two")
    stage.run()

    assert (first.received, second.received) == (["one"], ["two"])


def test_names_are_found_by_their_beginning(stage: Stage) -> None:
    for name in ("BNBUSDT/router", "BNBUSDT/order/1", "BTCUSDT/router"):
        stage.neighbour(name)

    assert stage.directory.names("BNBUSDT/") == ["BNBUSDT/router", "BNBUSDT/order/1"]


def test_mailboxes_are_counted(stage: Stage) -> None:
    busy: Neighbour = stage.neighbour("busy")
    stage.neighbour("idle")
    stage.neighbour("BNBUSDT/order/1")

    busy.address.tell("one")
    busy.address.tell("two")

    assert stage.directory.mailbox_lengths("/order/") == {"busy": 2, "idle": 0}


def test_a_watcher_that_has_ended_is_forgotten(stage: Stage) -> None:
    watcher = stage.neighbour("watcher")
    stage.directory.watch("ledger", watcher.address)
    stage.end(watcher)

    stage.neighbour("ledger")

    assert stage.directory._watchers == {}
