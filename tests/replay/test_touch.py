"""The rebuilt book against bookTicker, the venue's second and independent feed."""

from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal

import pytest

from actors.replay import Replay
from adapters.binance.rest_replies import parse_depth
from adapters.replay.memory_store import MemoryStore
from domain.market.updates import BookView
from domain.reasons import BookState
from domain.replay import ReplayFrame
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules
from tests.replay.driving import frames_of
from tests.replay.recorded import WITH_SNAPSHOT, Session, session, touches


Touch = tuple[Decimal, ...]
"""(bid, its size, ask, its size)."""


def rebuilt_touches(recorded: Session) -> list[tuple[int, Touch]]:
    """(update id, touch) after every depth event that found the book in step."""
    symbol = Symbol(recorded.symbol)
    replay = Replay(
        rules=SymbolRules(symbol=symbol),
        snapshot=parse_depth(symbol, recorded.snapshot),
        store=MemoryStore(),
    )
    found = []

    def frames() -> Iterator[ReplayFrame]:
        for frame in frames_of(recorded.lines, symbol):
            yield frame
            if frame.message is not None:  # worked off, when the next one is asked for
                book = replay.book()
                if book.state is BookState.SYNCED:
                    found.append((book.update_id, touch_of(book)))

    replay.run(frames(), [])
    return found


def touch_of(book: BookView) -> Touch:
    (bid,), (ask,) = book.bids, book.asks
    return (*bid, *ask)


@pytest.mark.parametrize(("name", "symbol"), WITH_SNAPSHOT)
def test_rebuilt_touch_equals_book_ticker_at_every_depth_event(
    name: str, symbol: str
) -> None:
    recorded = session(name, symbol)
    seen = touches(recorded)
    ids = [update_id for update_id, _ in seen]

    rebuilt = rebuilt_touches(recorded)

    expected = [
        (update_id, seen[known - 1][1])
        for update_id, _ in rebuilt
        if (known := bisect_right(ids, update_id))
    ]
    compared = rebuilt[len(rebuilt) - len(expected) :]
    check = recorded.facts["replay_check"]
    assert len(rebuilt) == recorded.facts["snapshot"]["events_applied"]
    assert len(compared) == check.get("events_where_top_equals_bookTicker", 0)
    assert compared == expected
