"""Where the time goes between a frame and its child order, and what a child costs.

Not one of the rows of ``make bench``: run ``python -m benchmarks.child_timeline``.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from adapters.persistence.store import SqlTradeStore, open_store
from benchmarks.frame_latency import start_paced
from benchmarks.market import SYMBOL, TRIGGER_PRICE
from benchmarks.samples import median
from benchmarks.scratch import scratch
from benchmarks.worker import Worker
from domain.orders import lifecycle
from domain.orders.child_order import ChildResult, ChildStatus, Slice, VenueFill
from domain.orders.child_settlement import settle_child
from domain.orders.order import Order
from domain.orders.records import NewOrder, OrderChange, Record
from domain.values import ZERO, OrderId, Side, Symbol, TimeInForce


SECONDS: Final = 8
ORDERS: Final = 40
_FIRST: Final = "Router._match begins"
_LAST: Final = "SqlTradeStore.write ends#2"
_PAGE_IN_LOG: Final = 4_096 + 24
_LOG_HEADER: Final = 32
_OF_FRAMES: Final = {"DepthUpdate", "Burst", "Credit"}


def main() -> None:
    """Print the timeline, then the messages and the commits of a filled child."""
    with scratch() as folder:
        trace, children = _trace(folder)
        _show_timeline(trace["stamps"])
        print("\nmessages of a filled child")
        for kind, count in sorted(trace["messages"].items()):
            if kind not in _OF_FRAMES and count >= children / 2:
                print(f"{count / children:6.1f}  {kind}")
        print("\ncommits of a filled child: statements, pages of the log")
        for name, cost in _costs(folder / "costs.db").items():
            print(f"{cost.statements:6.1f} {cost.pages:6.1f}  {name}")


def _trace(folder: Path) -> tuple[dict[str, Any], int]:
    with (
        Worker("venue") as venue,
        Worker("traced_trading") as trading,
        Worker("clients") as clients,
    ):
        start_paced("depth", folder, SECONDS, (venue, trading, clients))
        trading.ask("trace")
        trading.ask("seconds", name="frame_to_child_seconds")
        venue.ask("pace", rate=1_362)
        venue.ask("finish")
        trace = trading.ask("trace")
        children = len(trading.ask("seconds", name="frame_to_child_seconds"))
        trading.ask("stop")
    return trace, children


def _show_timeline(stamps: Sequence[tuple[int, str]]) -> None:
    """Print the median time of each stamp after the matching that began it all."""
    after: dict[str, list[float]] = defaultdict(list)
    seen: dict[str, int] = {}
    began_ns = 0
    for at_ns, label in stamps:
        if label == _FIRST:
            began_ns, seen = at_ns, {}
        seen[label] = seen.get(label, 0) + 1
        number = f"#{seen[label]}" if seen[label] > 1 else ""
        after[label + number].append((at_ns - began_ns) / 1e3)
    usual = max(len(times) for times in after.values()) / 2
    rows = sorted((median(t), label) for label, t in after.items() if len(t) > usual)
    before = 0.0
    print("microseconds after the matching began, and after the line above")
    for micros, label in rows:
        print(f"{micros:7.0f} {micros - before:+7.0f}  {label}")
        before = micros
        if label == _LAST:
            break


@dataclass(kw_only=True, slots=True)
class _Cost:
    statements: float = 0.0
    pages: float = 0.0


def _costs(path: Path) -> dict[str, _Cost]:
    """Count what a commit of each kind takes, on average over many orders."""
    store = open_store(f"sqlite:///{path}")
    store.last_sequence()  # connects
    connection: sqlite3.Connection = store._database.connection()
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    log = path.with_name(f"{path.name}-wal")
    costs: dict[str, _Cost] = defaultdict(_Cost)
    for sequence in range(1, ORDERS + 1):
        for name, record in _life(sequence):
            cost = costs[name]
            before = log.stat().st_size
            cost.statements += _statements(store, connection, record) / ORDERS
            added = log.stat().st_size - max(before, _LOG_HEADER)
            cost.pages += added / _PAGE_IN_LOG / ORDERS
    store.close()
    return costs


def _statements(
    store: SqlTradeStore, connection: sqlite3.Connection, record: Record
) -> int:
    texts: list[str] = []
    connection.set_trace_callback(texts.append)
    store.write([record])
    connection.set_trace_callback(None)
    return len([text for text in texts if not text.startswith("--")])


def _life(sequence: int) -> Sequence[tuple[str, Record]]:
    """Accept an order and fill it a little, twice."""
    now = datetime.now(UTC)  # noqa: TID251 - no part of the service
    asked = Order(
        order_id=OrderId(f"{sequence * 7919 % 1000:03d}BENCH{sequence:018d}"),
        sequence=sequence,
        client_order_id=None,
        symbol=Symbol(SYMBOL),
        side=Side.SELL,
        quantity=Decimal(1000),
        price=TRIGGER_PRICE,
        time_in_force=TimeInForce.GTC,
        expires_at=None,
        created_at=now,
        updated_at=now,
    )
    order, event = lifecycle.accept(asked, now=now)
    new = NewOrder(order=order, event=event, idempotency_key=None, fingerprint="b")
    records: list[tuple[str, Record]] = [("a new order", new)]
    for name in ("the first", "a later"):
        intent, result = _child(order, now)
        records += [(f"{name} intent", intent), (f"{name} result", result)]
        order = result.order
    return records


def _child(order: Order, now: datetime) -> tuple[OrderChange, OrderChange]:
    part = Slice(price=order.price, quantity=Decimal("0.01"), update_id=1)
    child = lifecycle.child_of(order, (part,), now=now)
    order, event = lifecycle.intend_child(order, child, now=now)
    intent = OrderChange(order=order, events=(event,), intent=child)
    fill = VenueFill(
        price=part.price,
        quantity=part.quantity,
        fee=ZERO,
        fee_asset=None,
        trade_id=order.sequence * 100 + order.children,
        executed_at=now,
    )
    result = ChildResult(
        child_id=child.child_id,
        order_id=order.order_id,
        status=ChildStatus.DONE,
        fills=(fill,),
    )
    order, events, fills = settle_child(order, child, result, now=now)
    return intent, OrderChange(order=order, events=events, result=result, fills=fills)


if __name__ == "__main__":
    main()
