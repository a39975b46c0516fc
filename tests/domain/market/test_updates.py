from domain.market.updates import Burst, DepthUpdate, TopOfBook, together
from domain.values import Symbol
from tests.builders import top, update


ETHBTC = Symbol("ETHBTC")


def test_one_event_is_handed_on_as_it_is() -> None:
    event = update(5)

    assert together([event]) is event


def test_several_events_become_one_message_in_their_order() -> None:
    events: list[DepthUpdate | TopOfBook] = [
        update(5, symbol=ETHBTC),
        top(6, bid=("1", "1"), ask=("2", "1"), symbol=ETHBTC),
        update(7, symbol=ETHBTC),
    ]

    assert together(events[:2]) == Burst(symbol=ETHBTC, events=tuple(events[:2]))
    assert together(events) == Burst(symbol=ETHBTC, events=tuple(events))
