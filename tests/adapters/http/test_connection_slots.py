"""Who stays when more connections want to than there are slots."""

from dataclasses import dataclass

import pytest

from adapters.http.connection_slots import ConnectionSlots, SpareDescriptors, idlest


HERE, NEAR, FAR = "127.0.0.1", "10.0.0.1", "10.0.0.2"
PLACES = ConnectionSlots(regular=4, guests=2, per_peer=2)


@dataclass
class Connection:
    """Implements ``Seated``."""

    peer: str = HERE
    is_guest: bool = False
    idle: float | None = None

    def idle_seconds(self) -> float | None:
        return self.idle


def test_the_last_regular_place_is_taken_by_a_regular() -> None:
    seated = [Connection() for _ in range(3)]

    assert PLACES.has_room(HERE, seated)
    assert not PLACES.has_room(HERE, [*seated, Connection()])


def test_guests_take_no_regular_place() -> None:
    seated = [Connection() for _ in range(3)]
    seated += [Connection(is_guest=True) for _ in range(2)]

    assert PLACES.has_room(HERE, seated)
    assert not PLACES.has_room_for_guest(seated)


def test_one_address_gets_its_share_and_leaves_the_rest_to_others() -> None:
    seated = [Connection(NEAR), Connection(NEAR)]

    assert not PLACES.has_room(NEAR, seated)
    assert PLACES.has_room(FAR, seated)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_clients_of_this_machine_are_not_counted_as_one(peer: str) -> None:
    assert PLACES.has_room(peer, [Connection(peer) for _ in range(3)])


def test_other_machine_that_calls_by_ipv4_on_ipv6_is_counted() -> None:
    seated = [Connection("::ffff:10.0.0.1"), Connection("::ffff:10.0.0.1")]

    assert not PLACES.has_room("::ffff:10.0.0.1", seated)


def test_link_local_address_with_its_zone_is_an_address_like_others() -> None:
    seated = [Connection("fe80::1%eth0"), Connection("fe80::1%eth0")]

    assert not PLACES.has_room("fe80::1%eth0", seated)


def test_the_idlest_gives_way() -> None:
    seated = [Connection(idle=2.0), Connection(idle=9.0), Connection(), Connection()]

    assert PLACES.gives_way(HERE, seated) is seated[1]


def test_nobody_gives_way_who_is_served_or_between_two_requests() -> None:
    seated = [Connection(idle=0.5), Connection(), Connection(), Connection()]

    assert PLACES.gives_way(HERE, seated) is None


def test_who_has_its_share_loses_one_of_its_own() -> None:
    seated = [
        Connection(FAR, idle=9.0),
        Connection(NEAR, idle=2.0),
        Connection(NEAR, idle=3.0),
    ]

    assert PLACES.gives_way(NEAR, seated) is seated[2]


def test_guest_that_says_nothing_gives_way_to_the_next() -> None:
    seated = [
        Connection(is_guest=True, idle=0.1),
        Connection(is_guest=True, idle=0.3),
        Connection(idle=9.0),
    ]

    assert PLACES.silent_guest(seated) is seated[1]
    assert PLACES.silent_guest(seated[:1]) is None


def test_nobody_is_the_idlest_of_none() -> None:
    assert idlest([], 0.0) is None


def test_spare_descriptors_are_given_once_and_held_back_again() -> None:
    spare = SpareDescriptors(2)

    assert [spare.give() for _ in range(3)] == [True, True, False]
    spare.refill()
    assert spare.give()
    spare.close()
    assert not spare.give()
