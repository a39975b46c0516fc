"""What is written is the next step of its order, or it is not written, and said so.

One contract for the store of replays and simulations and the one on either database.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from adapters.replay.memory_store import MemoryStore
from domain.orders.child_order import ChildStatus
from domain.orders.lifecycle import doubt_child, request_cancel
from domain.orders.order import Order, OrderStatus
from domain.orders.records import (
    Contradicted,
    OrderChange,
    PredecessorMissing,
    Record,
    RecordOutcome,
    Stored,
)
from domain.ports.queries import OrderQueries
from domain.ports.store import TradeStore
from domain.reasons import WaitReason
from tests.adapters.persistence.audit import events_of, fills_of
from tests.adapters.persistence.builders import (
    at,
    child_in,
    intent,
    new_order,
    settled,
    whole_life,
    with_trade_ids,
)
from tests.adapters.persistence.test_memory_store import what_is_there


class Stores:
    """Both stores; what one answers, the other one must answer, too."""

    def __init__(self, store: SqlTradeStore, queries: SqlOrderQueries) -> None:
        self.pairs: tuple[tuple[TradeStore, OrderQueries], ...] = (
            (store, queries),
            (memory := MemoryStore(), memory),
        )
        self.queries = queries

    def write(self, *records: Record) -> Sequence[RecordOutcome]:
        """Write a batch, and hold the stores against each other."""
        answers, states = [], []
        for store, queries in self.pairs:
            answers.append(store.write(records))
            states.append(what_is_there(store, queries))
        on_disk, in_memory = answers
        assert [_shape(one) for one in in_memory] == [_shape(one) for one in on_disk]
        assert states[0] == states[1]
        return on_disk

    def order(self, record: Record) -> Order:
        found = self.queries.order(record.order.order_id)
        assert found is not None
        return found


def _shape(outcome: RecordOutcome) -> object:
    """All of an outcome but a contradiction's words, which are each store's own."""
    return type(outcome) if isinstance(outcome, Contradicted) else outcome


@pytest.fixture
def stores(store: SqlTradeStore, queries: SqlOrderQueries) -> Stores:
    return Stores(store, queries)


def doubted(intended: OrderChange) -> OrderChange:
    child = child_in(intended)
    order, event = doubt_child(intended.order, child.child_id, "cut", now=at(9))
    return OrderChange(order=order, events=(event,))


def cancel_requested(before: OrderChange) -> OrderChange:
    order, event = request_cancel(before.order, now=at(10))
    return OrderChange(order=order, events=(event,))


def test_no_later_step_overtakes_a_cancel_that_was_lost(stores: Stores) -> None:
    """A progress step writes no status: it would bury the cancel under its version."""
    new = new_order(1)
    intended = intent(new.order)
    cancel = cancel_requested(intended)
    unfilled = settled(cancel_with_child(cancel, intended))
    stores.write(new, intended)

    (overtaking,) = stores.write(unfilled)

    assert overtaking == PredecessorMissing(order=intended.order)
    assert stores.write(cancel, unfilled) == (
        Stored(order=cancel.order),
        Stored(order=unfilled.order),
    )
    assert stores.order(new).status is OrderStatus.PENDING_CANCEL


def cancel_with_child(cancel: OrderChange, intended: OrderChange) -> OrderChange:
    """The cancel as ``settled`` wants it: with the child that is in flight."""
    return replace(cancel, intent=intended.intent)


def test_no_cancel_overtakes_a_doubt_that_was_lost(stores: Stores) -> None:
    new = new_order(1)
    intended = intent(new.order)
    doubt = doubted(intended)
    cancel = cancel_requested(doubt)
    stores.write(new, intended)

    assert stores.write(cancel) == (PredecessorMissing(order=intended.order),)
    stores.write(doubt, cancel)

    numbers = [event.number for event in events_of(stores.queries, new.order.order_id)]
    assert numbers == [1, 2, 3, 4]
    assert stores.order(new).reason is WaitReason.CHILD_UNKNOWN


def test_change_whose_predecessor_is_missing_leaves_no_trace(stores: Stores) -> None:
    life = whole_life(1)
    stores.write(life.new, life.first_intent)

    outcomes = stores.write(life.second_intent, life.end)

    assert outcomes == (PredecessorMissing(order=life.first_intent.order),) * 2
    assert fills_of(stores.queries, life.new.order.order_id) == []
    assert len(events_of(stores.queries, life.new.order.order_id)) == 2


def test_intent_with_another_s_id_is_not_taken_for_ones_own(stores: Stores) -> None:
    """Two wrote the next child of an order; only one of them may send his."""
    new = new_order(1)
    mine, other = intent(new.order, "1"), intent(new.order, "2")
    stores.write(new, other)

    (outcome,) = stores.write(mine)

    assert isinstance(outcome, Contradicted)
    assert outcome.problem == "another record is on disk as version 2"
    assert stores.order(new) == other.order


def test_same_event_with_another_child_is_not_ones_own(stores: Stores) -> None:
    new = new_order(1)
    mine = intent(new.order)
    child = child_in(mine)
    other = replace(mine, intent=replace(child, slices=child.slices * 2))
    stores.write(new, other)

    (outcome,) = stores.write(mine)

    assert isinstance(outcome, Contradicted)


def test_same_events_with_another_fill_are_not_ones_own(stores: Stores) -> None:
    """The history does not say which trade it was; the fills do."""
    life = whole_life(1)
    stores.write(life.new, life.first_intent, life.first_result)

    (outcome,) = stores.write(with_trade_ids(life.first_result, 77, 78))

    assert isinstance(outcome, Contradicted)
    assert outcome.problem == "another record is on disk as version 5"


def test_step_that_another_has_gone_beyond_is_a_contradiction(stores: Stores) -> None:
    life = whole_life(1)
    mine = cancel_requested(life.first_intent)
    stores.write(life.new, life.first_intent, life.first_result, life.second_intent)

    (outcome,) = stores.write(mine)

    assert isinstance(outcome, Contradicted)


def test_change_of_which_another_wrote_a_part_is_a_contradiction(
    stores: Stores,
) -> None:
    life = whole_life(1)
    both = replace(
        life.second_intent,
        events=life.first_result.events + life.second_intent.events,
        result=life.first_result.result,
        fills=life.first_result.fills,
    )
    stores.write(life.new, life.first_intent, life.first_result)

    (outcome,) = stores.write(both)

    assert isinstance(outcome, Contradicted)


@pytest.mark.parametrize("trade_ids", [(2**63, 2**63 + 1), (5, 2**64)])
def test_trade_id_beyond_64_bits_is_one_order_s_trouble(
    stores: Stores, trade_ids: tuple[int, ...]
) -> None:
    bad, good = whole_life(1), whole_life(2)
    absurd = with_trade_ids(bad.first_result, *trade_ids)
    stores.write(bad.new, good.new, bad.first_intent, good.first_intent)

    outcomes = stores.write(good.first_result, absurd, new_order(3))

    assert [type(one) for one in outcomes] == [Stored, Contradicted, Stored]
    assert stores.order(bad.new) == bad.first_intent.order
    assert stores.order(good.new) == good.first_result.order
    assert fills_of(stores.queries, bad.new.order.order_id) == []


def test_trade_of_another_child_is_one_order_s_trouble(stores: Stores) -> None:
    first, second = whole_life(1), whole_life(2)
    stores.write(first.new, first.first_intent, first.first_result)
    stores.write(second.new, second.first_intent)
    doubled = with_trade_ids(second.first_result, 10, 999)

    (outcome,) = stores.write(doubled)

    assert isinstance(outcome, Contradicted)
    assert fills_of(stores.queries, second.new.order.order_id) == []
    assert stores.order(second.new) == second.first_intent.order


def test_what_follows_a_contradicting_change_waits_for_it(stores: Stores) -> None:
    life = whole_life(1)
    absurd = with_trade_ids(life.first_result, 1, 2**70)
    stores.write(life.new, life.first_intent)

    outcomes = stores.write(absurd, life.second_intent, new_order(2))

    kinds = [type(one) for one in outcomes]
    assert kinds == [Contradicted, PredecessorMissing, Stored]


def test_second_child_in_flight_is_refused(stores: Stores) -> None:
    new = new_order(1)
    first = intent(new.order)
    second = replace(
        intent(settled(first).order), events=cancel_requested(first).events
    )
    stores.write(new, first)

    (outcome,) = stores.write(second)

    assert isinstance(outcome, Contradicted)


def test_child_is_settled_once(stores: Stores) -> None:
    life = whole_life(1)
    stores.write(life.new, life.first_intent, life.first_result)
    again = settled(
        replace(life.first_intent, order=with_child_at_venue(life.first_result.order)),
        "0.5",
        status=ChildStatus.DONE,
    )

    (outcome,) = stores.write(again)

    assert isinstance(outcome, Contradicted)
    assert stores.order(life.new) == life.first_result.order


def test_a_child_that_has_ended_does_not_end_again_without_fills(
    stores: Stores,
) -> None:
    """No key of a fill is taken then; the child itself has to be in flight."""
    life = whole_life(1)
    stores.write(life.new, life.first_intent, life.first_result)
    again = settled(
        replace(life.first_intent, order=with_child_at_venue(life.first_result.order))
    )

    (outcome,) = stores.write(again)

    assert isinstance(outcome, Contradicted)
    assert outcome.problem == "only a child in flight is settled"
    assert stores.order(life.new) == life.first_result.order


def with_child_at_venue(order: Order) -> Order:
    return replace(order, at_venue=order.waiting)


def test_change_of_an_unknown_order_leaves_its_neighbours_alone(
    stores: Stores,
) -> None:
    known, unknown = whole_life(1), whole_life(2)
    stores.write(known.new)

    outcomes = stores.write(known.first_intent, new_order(3), unknown.first_intent)

    assert [type(one) for one in outcomes] == [Stored, Stored, Contradicted]


def test_sequence_given_twice_is_one_order_s_trouble(stores: Stores) -> None:
    first, second = new_order(1), new_order(2)
    second = replace(second, order=replace(second.order, sequence=1))

    outcomes = stores.write(first, second, new_order(3))

    assert [type(one) for one in outcomes] == [Stored, Contradicted, Stored]


@pytest.mark.parametrize("seed", range(20))
def test_stores_agree_about_lives_that_are_torn_and_doubled(
    stores: Stores, seed: int
) -> None:
    rng = random.Random(seed)
    records: list[Record] = []
    for sequence in range(1, 7):
        life = whole_life(sequence)
        torn = list(life.changes)
        rng.shuffle(torn)
        torn[0] = with_trade_ids(torn[0], *([2**63] * len(torn[0].fills)))
        records += [life.new, *torn[: rng.randrange(4)], *life.changes]
    while records:
        size = rng.randrange(1, 12)
        stores.write(*records[:size])
        del records[:size]

    for sequence in range(1, 7):
        life = whole_life(sequence)
        assert stores.order(life.new) == life.end.order
