"""The store of replays and simulations keeps the promises of the one on disk."""

import random

import pytest

from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from adapters.replay.memory_store import MemoryStore
from domain.orders.order import Order
from domain.orders.records import Record
from domain.orders.stored_orders import OrderFilter
from domain.pages import PageWanted
from domain.ports.queries import OrderQueries
from domain.ports.store import TradeStore
from tests.adapters.persistence.builders import (
    BNBUSDT,
    BTCUSDT,
    canceled,
    intent,
    new_order,
    settled,
    whole_life,
)


def what_is_there(store: TradeStore, queries: OrderQueries) -> object:
    orders: tuple[Order, ...] = queries.orders(OrderFilter(limit=500)).orders
    return (
        orders,
        [
            sorted(
                queries.event_page(o.order_id, PageWanted()).items,
                key=lambda event: event.number,
            )
            for o in orders
        ],
        [queries.fill_page(o.order_id, PageWanted()).items for o in orders],
        [store.open_order(o.order_id) for o in orders],
        [tuple(store.open_orders(s, 0, 100)) for s in (BTCUSDT, BNBUSDT)],
        store.last_sequence(),
    )


def random_records(rng: random.Random) -> list[Record]:
    """Whole, cancelled and fresh orders, keys used again, records said twice."""
    records: list[Record] = []
    for sequence in range(1, 8):
        key, client_id = (rng.choice((None, f"k{rng.randrange(3)}")) for _ in range(2))
        new = new_order(
            sequence,
            symbol=rng.choice((BTCUSDT, BNBUSDT)),
            idempotency_key=key,
            client_order_id=client_id,
            fingerprint=rng.choice(("same", "other")),
        )
        records.append(new)
        if key is None and client_id is None:
            child = intent(new.order)
            result = settled(child, rng.choice(("0.4", "1")))
            records += rng.choice(
                ([], [child], [child, result], [child, result, canceled(result.order)])
            )
    life = whole_life(20)
    records += [life.new, *life.changes]
    for _ in range(3):
        position = rng.randrange(len(records))
        records.insert(rng.randrange(position, len(records)) + 1, records[position])
    return records


@pytest.mark.parametrize("seed", range(20))
def test_memory_store_answers_as_the_store_on_disk_does(
    store: SqlTradeStore, queries: SqlOrderQueries, seed: int
) -> None:
    memory = MemoryStore()

    for record in random_records(random.Random(seed)):
        (on_disk,) = store.write([record])
        (in_memory,) = memory.write([record])

        assert type(in_memory) is type(on_disk)
        assert getattr(in_memory, "code", None) == getattr(on_disk, "code", None)
        assert getattr(in_memory, "order", None) == getattr(on_disk, "order", None)
        assert getattr(in_memory, "repeated", 0) == getattr(on_disk, "repeated", 0)
        assert getattr(in_memory, "was_there", 0) == getattr(on_disk, "was_there", 0)

    assert what_is_there(memory, memory) == what_is_there(store, queries)
