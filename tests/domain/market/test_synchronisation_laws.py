"""The synchroniser against a model venue, with everything that can go wrong."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.market.order_book import LocalOrderBook
from domain.market.synchronisation import (
    BookLoaded,
    BookLost,
    DepthSynchroniser,
    SnapshotWanted,
    SyncOutput,
    merge,
)
from domain.market.updates import DepthUpdate
from domain.reasons import BookState
from tests.builders import BTCUSDT
from tests.domain.venue_model import (
    Change,
    Sides,
    VenueModel,
    apply_to_sides,
    load_sides,
)


changes = st.lists(
    st.tuples(
        st.sampled_from(["bid", "ask"]),
        st.integers(min_value=1, max_value=8),
        st.integers(min_value=0, max_value=5),
    ),
    min_size=40,
    max_size=120,
)

deeds = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *["deliver"] * 14,
                *["snapshot"] * 6,
                "drop",
                "repeat",
                "reorder",
                "regroup",
                "cut",
                "connect",
                "connect",
                "doubt",
                "fail",
                "settle",
            ]
        ),
        st.integers(min_value=0, max_value=9),
    ),
    min_size=25,
    max_size=70,
)
"""(what happens, a number that says how)."""


class Follower:
    """Keeps a book from what the synchroniser passes on, and checks every word."""

    def __init__(self, venue: VenueModel) -> None:
        self.venue = venue
        self.synchroniser = DepthSynchroniser(BTCUSDT)
        self.book: Sides | None = None
        self.update_id = 0
        self.wants_snapshot = False
        self.loads = 0

    def take_in(self, outputs: list[SyncOutput]) -> None:
        for output in outputs:
            match output:
                case BookLoaded():
                    self.load(output)
                case DepthUpdate():
                    self.follow(output)
                case BookLost():
                    self.book = None
                case SnapshotWanted():
                    self.wants_snapshot = True
        assert self.synchroniser.is_in_step == (self.book is not None)
        if self.book is not None:
            assert self.update_id == self.synchroniser.update_id
            assert self.book == self.venue.book(self.update_id)

    def load(self, loaded: BookLoaded) -> None:
        self.book = load_sides(loaded.snapshot)
        self.update_id = loaded.snapshot.last_update_id
        self.loads += 1
        for one in loaded.updates:
            self.follow(one)

    def follow(self, update: DepthUpdate) -> None:
        assert self.book is not None, "passed on without a book to apply it to"
        assert update.first_update_id <= self.update_id + 1 <= update.last_update_id
        apply_to_sides(self.book, update)
        self.update_id = update.last_update_id


class BadDay:
    """Deals a venue's updates out, with faults."""

    def __init__(self, made: list[Change]) -> None:
        self.venue = VenueModel(made)
        self.follower = Follower(self.venue)
        self.synchroniser = self.follower.synchroniser
        self.next_id = 1
        self.sent: list[DepthUpdate] = []

    def do(self, deed: str, number: int) -> None:
        getattr(self, deed)(number)

    def deliver(self, number: int) -> None:
        self.send(self.cut_out(number))

    def drop(self, number: int) -> None:
        self.cut_out(number)

    def repeat(self, number: int) -> None:
        if self.sent:
            self.send(self.sent[-1 - number % len(self.sent)])

    def reorder(self, number: int) -> None:
        early, late = self.cut_out(number), self.cut_out(number // 2)
        self.send(late)
        self.send(early)

    def regroup(self, number: int) -> None:
        """Go back: another connection may group the same ids into other updates."""
        self.next_id = max(1, self.next_id - number)

    def snapshot(self, number: int) -> None:
        """Show the book of a moment before, at or after the last update sent."""
        shown = min(max(0, self.next_id + number - 6), self.venue.last_id)
        snapshot = self.venue.snapshot(shown)
        self.follower.take_in(self.synchroniser.snapshot_arrived(snapshot))

    def cut(self, _: int) -> None:
        self.follower.take_in(self.synchroniser.lost(BookState.CONNECTING, "cut"))

    def connect(self, _: int) -> None:
        self.synchroniser.connected()

    def doubt(self, _: int) -> None:
        self.follower.take_in(self.synchroniser.lost(BookState.CROSSED, "doubt"))

    def fail(self, _: int) -> None:
        self.follower.take_in(self.synchroniser.snapshot_failed())

    def settle(self, _: int) -> None:
        self.follower.take_in(self.synchroniser.settle_without_bridge())

    def cut_out(self, number: int) -> DepthUpdate | None:
        """Take the next ids off the stream, as one update."""
        first = self.next_id
        last = min(first + number % 4, self.venue.last_id)
        if first > last:
            return None
        self.next_id = last + 1
        return self.venue.update(first, last)

    def send(self, update: DepthUpdate | None) -> None:
        if update is not None:
            self.sent.append(update)
            self.follower.take_in(self.follower.synchroniser.updated(update))


@settings(max_examples=200)
@given(changes, deeds)
def test_whatever_is_passed_on_gives_the_book_of_the_venue(
    made: list[Change], happening: list[tuple[str, int]]
) -> None:
    day = BadDay(made)
    day.do("connect", 0)

    for deed, number in happening:
        day.do(deed, number)


@settings(max_examples=80)
@given(changes, deeds, changes)
def test_book_is_in_step_again_soon_after_the_last_fault(
    made: list[Change], happening: list[tuple[str, int]], calm: list[Change]
) -> None:
    day = BadDay(made)
    for deed, number in happening:
        day.do(deed, number)
    day.venue.changes += calm
    follower = day.follower

    day.do("connect", 0)
    for _ in calm:
        day.do("deliver", 0)
        if follower.wants_snapshot or follower.synchroniser.awaits_snapshot:
            follower.wants_snapshot = False
            day.do("snapshot", 5)  # of the last id that was delivered

    assert follower.synchroniser.is_in_step


@given(changes, st.data())
def test_merged_update_gives_the_book_of_its_parts(
    made: list[Change], data: st.DataObject
) -> None:
    venue = VenueModel(made)
    start = data.draw(st.integers(0, venue.last_id - 2), label="start")
    parts = []
    first = start + 1
    while first <= venue.last_id:
        last = data.draw(st.integers(first, venue.last_id), label="last id")
        parts.append(venue.update(first, last))
        first = last + 1
    one_by_one, at_once = LocalOrderBook(BTCUSDT), LocalOrderBook(BTCUSDT)

    for book in (one_by_one, at_once):
        book.load(venue.snapshot(start))
    for part in parts:
        one_by_one.apply(part)
    at_once.apply(merge(parts))

    assert at_once.bids.top(99) == one_by_one.bids.top(99)
    assert at_once.asks.top(99) == one_by_one.asks.top(99)
    assert at_once.update_id == one_by_one.update_id == venue.last_id
