"""Holds the service's ledger against the exchange's: they must be one."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tests.chaos.disk import Disk, DiskOrder
from tests.chaos.evidence import evidence_missing
from tests.chaos.exchange import Audit, Execution


ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class AuditDifference:
    """Something that must not be."""

    order_id: str
    """Empty when it is about no order in particular."""

    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What clients have been told."""

    acknowledged: Collection[str]
    """Ids of orders that some client has an answer for."""

    unanswered: int
    """Requests without an answer; each may have become an order, or not."""

    working: Collection[str]
    """Ids of orders that the service listed as open, just before it was stopped."""

    paused: Mapping[str, bool] = field(default_factory=dict)
    """Whether an order is paused, by id, where the last call about it was answered."""


def compare(disk: Disk, audit: Audit, known: Known) -> list[AuditDifference]:
    """Find every difference; only after the service was stopped."""
    return [
        *_of_orders(disk, audit),
        *_of_strangers(disk, audit),
        *_of_children(disk, audit),
        *_of_limits(disk, audit),
        *_of_histories(disk),
        *(AuditDifference(*found) for found in evidence_missing(disk)),
        *_of_clients(disk, known),
    ]


def _of_orders(disk: Disk, audit: Audit) -> Iterator[AuditDifference]:
    at_exchange: defaultdict[str, list[Execution]] = defaultdict(list)
    for execution in audit.executions:
        at_exchange[order_of(execution.child_id)].append(execution)
    on_disk: defaultdict[str, list[Execution]] = defaultdict(list)
    for order_id, fill in disk.fills:
        on_disk[order_id].append(fill)
    for order in disk.orders.values():
        fills = sorted(on_disk[order.order_id])
        if fills != sorted(at_exchange[order.order_id]):
            yield AuditDifference(
                order.order_id, "its fills are not the exchange's trades"
            )
        executed = sum((one.quantity for one in at_exchange[order.order_id]), ZERO)
        if executed > order.quantity:
            text = f"the exchange executed {executed} of {order.quantity}"
            yield AuditDifference(order.order_id, text)
        for problem in _problems(order, fills):
            yield AuditDifference(order.order_id, problem)


def _problems(order: DiskOrder, fills: list[Execution]) -> Iterator[str]:
    filled = sum((fill.quantity for fill in fills), ZERO)
    if filled > order.quantity:
        yield f"filled {filled}, more than its quantity {order.quantity}"
    if filled != order.filled:
        yield f"it says filled {order.filled}, its fills say {filled}"
    if (order.status == "FILLED") != (filled == order.quantity):
        yield f"it is {order.status} with {filled} of {order.quantity}"
    if any(order_of(fill.child_id) != order.order_id for fill in fills):
        yield "it holds a fill of another order's child"


def _of_strangers(disk: Disk, audit: Audit) -> Iterator[AuditDifference]:
    """What the exchange did that the disk knows nothing of."""
    for found in audit.orders:
        child_id = found["clientOrderId"]
        if child_id not in disk.children:
            yield AuditDifference(
                order_of(child_id), f"{child_id}: no intent is on disk"
            )
    for execution in audit.executions:
        child_id = execution.child_id
        if child_id not in disk.children:
            yield AuditDifference(
                order_of(child_id), f"{child_id}: executed, unknown to us"
            )


def _of_children(disk: Disk, audit: Audit) -> Iterator[AuditDifference]:
    times = Counter(found["clientOrderId"] for found in audit.orders)
    for child_id, count in times.items():
        if count > 1:
            yield AuditDifference(
                order_of(child_id), f"{child_id}: taken in {count} times"
            )
    executed = {execution.child_id for execution in audit.executions}
    for child in disk.children.values():
        if child.status == "INTENDED":
            yield AuditDifference(child.order_id, f"{child.child_id}: still unresolved")
        elif child.status != "DONE" and child.child_id in executed:
            problem = f"{child.child_id}: {child.status}, but it was executed"
            yield AuditDifference(child.order_id, problem)
        if order_of(child.child_id) != child.order_id:
            yield AuditDifference(
                child.order_id, f"{child.child_id}: whose child is it?"
            )


def _of_limits(disk: Disk, audit: Audit) -> Iterator[AuditDifference]:
    """Nothing is sent but what was intended, and nothing fills beyond its limit."""
    for found in audit.orders:
        child = disk.children.get(found["clientOrderId"])
        if child is None:
            continue
        sent = found["side"], Decimal(found["price"]), Decimal(found["origQty"])
        if sent != (child.side, child.price, child.quantity):
            text = f"{child.child_id}: {sent} at the exchange is not what was intended"
            yield AuditDifference(child.order_id, text)
    for order_id, fill in disk.fills:
        child = disk.children[fill.child_id]
        beyond = fill.price - child.price
        if (beyond if child.side == "SELL" else -beyond) < 0:
            yield AuditDifference(
                order_id, f"filled at {fill.price}, beyond {child.price}"
            )


def _of_histories(disk: Disk) -> Iterator[AuditDifference]:
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for step in disk.steps:
        numbers[step.order_id].append(step.number)
    for order in disk.orders.values():
        if numbers[order.order_id] != list(range(1, order.version + 1)):
            yield AuditDifference(order.order_id, "its history has holes")
    paused: set[str] = set()
    for step in disk.steps:
        if step.step == "PAUSED":
            paused.add(step.order_id)
        elif step.step == "RESUMED":
            paused.remove(step.order_id)
        elif step.step == "CHILD_INTENDED" and step.order_id in paused:
            text = f"{step.child_id} was intended while it was paused"
            yield AuditDifference(step.order_id, text)


def _of_clients(disk: Disk, known: Known) -> Iterator[AuditDifference]:
    for order_id in set(known.acknowledged) - disk.orders.keys():
        yield AuditDifference(order_id, "acknowledged, but not on disk")
    silent = len(disk.orders.keys() - set(known.acknowledged))
    if silent > known.unanswered:
        text = f"{silent} orders that nobody has an answer for, of {known.unanswered}"
        yield AuditDifference("", text)
    for order in disk.orders.values():
        if not order.is_final and order.order_id not in known.working:
            yield AuditDifference(order.order_id, "it neither ended nor works")
        told = known.paused.get(order.order_id, order.is_paused)
        if not order.is_final and told is not order.is_paused:
            text = f"paused: {order.is_paused}, and its client was told {told}"
            yield AuditDifference(order.order_id, text)


def order_of(child_id: str) -> str:
    """The id of the order that a child order belongs to."""
    return child_id.rpartition("-")[0]
