"""Records as the manager and the executors write them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Slice,
    VenueFill,
)
from domain.orders.child_settlement import settle_child
from domain.orders.lifecycle import (
    accept,
    cancel,
    child_of,
    intend_child,
)
from domain.orders.order import Order, OrderEvent, OrderStep
from domain.orders.records import NewOrder, OrderChange
from domain.reasons import EndReason
from domain.values import OrderId, Side, Symbol, TimeInForce


NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
BTCUSDT = Symbol("BTCUSDT")
BNBUSDT = Symbol("BNBUSDT")


def at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def new_order(
    sequence: int,
    *,
    symbol: Symbol = BTCUSDT,
    quantity: str = "3",
    idempotency_key: str | None = None,
    client_order_id: str | None = None,
    fingerprint: str = "",
    time_in_force: TimeInForce = TimeInForce.GTC,
) -> NewOrder:
    asked = Order(
        order_id=OrderId(f"ORDER{sequence:010d}"),
        sequence=sequence,
        client_order_id=client_order_id,
        symbol=symbol,
        side=Side.SELL,
        quantity=Decimal(quantity),
        price=Decimal("270.01"),
        time_in_force=time_in_force,
        expires_at=None,
        created_at=NOW,
        updated_at=NOW,
    )
    order, event = accept(asked, now=NOW)
    return NewOrder(
        order=order,
        event=event,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint or f"request {sequence}",
    )


def intent(order: Order, quantity: str = "1") -> OrderChange:
    """The next child order of ``order``, about to leave."""
    child = child_of(
        order,
        (
            Slice(
                price=Decimal("271.5"),
                quantity=Decimal(quantity),
                update_id=4_700_000_000 + order.children,
            ),
        ),
        now=at(order.version),
    )
    changed, event = intend_child(order, child, now=at(order.version))
    return OrderChange(order=changed, events=(event,), intent=child)


def settled(
    intended: OrderChange,
    *filled: str,
    trade_ids: tuple[int, ...] = (),
    status: ChildStatus = ChildStatus.DONE,
) -> OrderChange:
    """The venue's answer on the child of ``intended``: a fill per quantity."""
    child = intended.intent
    assert child is not None
    fills = tuple(
        VenueFill(
            price=Decimal("271.5"),
            quantity=Decimal(quantity),
            fee=Decimal("0.000075"),
            fee_asset="BNB",
            trade_id=trade_ids[number] if trade_ids else None,
            executed_at=at(intended.order.version),
        )
        for number, quantity in enumerate(filled)
    )
    result = ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=status,
        fills=fills,
        reason="" if filled else "EXPIRED",
    )
    order, events, booked = settle_child(
        intended.order, child, result, now=at(intended.order.version + 1)
    )
    return OrderChange(order=order, events=events, result=result, fills=booked)


def canceled(order: Order) -> OrderChange:
    ended, event = cancel(
        order, reason=EndReason.CANCELED_BY_CLIENT, now=at(order.version)
    )
    return OrderChange(order=ended, events=(event,))


def amended(order: Order, *, sequence: int) -> OrderChange:
    """Move the order to another place in line."""
    moved = replace(order, sequence=sequence, version=order.version + 1)
    event = OrderEvent(
        order_id=order.order_id,
        number=moved.version,
        step=OrderStep.AMENDED,
        status=moved.status,
        occurred_at=at(order.version),
    )
    return OrderChange(order=moved, events=(event,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The records of one order from acceptance to the end, in order."""

    new: NewOrder
    first_intent: OrderChange
    first_result: OrderChange
    second_intent: OrderChange
    end: OrderChange

    @property
    def changes(self) -> tuple[OrderChange, ...]:
        return (self.first_intent, self.first_result, self.second_intent, self.end)


def whole_life(sequence: int) -> Life:
    """Filled 1 + 0.5 of 3 by the first child, the rest by the second."""
    new = new_order(sequence)
    first_intent = intent(new.order, "2")
    trade_id = sequence * 10
    first_result = settled(first_intent, "1", "0.5", trade_ids=(trade_id, trade_id + 1))
    second_intent = intent(first_result.order, "1.5")
    end = settled(second_intent, "1.5", trade_ids=(trade_id + 2,))
    return Life(
        new=new,
        first_intent=first_intent,
        first_result=first_result,
        second_intent=second_intent,
        end=end,
    )


def with_trade_ids(change: OrderChange, *trade_ids: int) -> OrderChange:
    fills = tuple(
        replace(fill, trade_id=trade_id)
        for fill, trade_id in zip(change.fills, trade_ids, strict=True)
    )
    return replace(change, fills=fills)


def child_in(change: OrderChange) -> ChildOrder:
    assert change.intent is not None
    return change.intent
