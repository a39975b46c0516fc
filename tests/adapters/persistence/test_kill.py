"""What was acknowledged is there after SIGKILL at any instant."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from domain.orders.stored_orders import OrderFilter
from tests.adapters.persistence.audit import events_of, fills_of


ROOT = Path(__file__).resolve().parents[3]

WRITE_FOR_EVER = """
import sys
from adapters.persistence.store import open_store
from tests.adapters.persistence.builders import whole_life
store = open_store(sys.argv[1])
batch = int(sys.argv[2])
number = 0
while True:
    lives = [whole_life(number + offset + 1) for offset in range(batch)]
    number += batch
    for step in zip(*((life.new, *life.changes) for life in lives)):
        store.write(step)
    print(number, flush=True)
"""


@pytest.mark.parametrize(("batch", "acknowledgements"), [(1, 25), (7, 9), (64, 3)])
def test_everything_acknowledged_survives_a_kill(
    tmp_path: Path, batch: int, acknowledgements: int
) -> None:
    url = f"sqlite:///{tmp_path}/orders.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, url, str(batch)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(acknowledgements)]
        process.kill()
        lines += process.stdout.readlines()
    # The last line may have been cut in the middle.
    acknowledged = [int(line) for line in lines if line.endswith("\n")][-1]

    store, queries = open_store(url), open_queries(url)
    orders = queries.orders(OrderFilter(limit=100_000)).orders
    ended = [order for order in orders if order.sequence <= acknowledged]
    fills = [fills_of(queries, order.order_id) for order in ended]
    events = [events_of(queries, order.order_id) for order in ended]
    store.close()
    queries.close()

    assert len(ended) == acknowledged
    assert all(order.filled == order.quantity for order in ended)
    assert all(len(booked) == 3 for booked in fills)
    assert [len(told) for told in events] == [order.version for order in ended]
