"""Counts what the ledger has committed, for the operator's metrics."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from domain.orders.order import OrderStep
from domain.orders.records import NewOrder, Record, RecordOutcome, Stored
from domain.ports.observing import Meter


_ENDS: Final = frozenset(
    (OrderStep.FILLED, OrderStep.CANCELED, OrderStep.EXPIRED, OrderStep.REJECTED)
)


def count_committed(
    meter: Meter, records: Sequence[Record], outcomes: Sequence[RecordOutcome]
) -> None:
    """Count the orders and fills that these records brought to the disk.

    What may have been there before is left out, so that nothing is counted twice.
    """
    found: Counter[tuple[str, str]] = Counter()
    for record, outcome in zip(records, outcomes, strict=True):
        if not isinstance(outcome, Stored) or outcome.repeated or outcome.was_there:
            continue
        found["records_committed", ""] += 1
        if isinstance(record, NewOrder):
            found["orders_accepted", ""] += 1
            continue
        if record.fills:
            found["fills", record.order.symbol] += len(record.fills)
        if any(event.step in _ENDS for event in record.events):
            found["orders_ended", record.order.status] += 1
    for (name, kind), amount in found.items():
        meter.count(name, amount, kind=kind)
