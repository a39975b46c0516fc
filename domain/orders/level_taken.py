"""Which statement of the book an execution took: that of its level, if it had one.

The router offers a child slices of levels. An execution at the price of one of them is
known to have taken that statement. The venue may have executed it at a better price, or
more of it than the book said was there: it had changed by then.
"""

from collections.abc import Sequence
from decimal import Decimal

from domain.orders.child_order import ChildOrder, Fill, Slice, VenueFill
from domain.values import ZERO


def fills_of(
    child: ChildOrder, executions: Sequence[VenueFill], booked: Sequence[Fill] = ()
) -> tuple[Fill, ...]:
    """Write executions of a child as fills of its order, to be kept.

    Args:
        child: with the slices that it was offered.
        executions: in the order in which they are to be numbered.
        booked: fills of the child that are kept already.
    """
    last = max((fill.number for fill in booked), default=0)
    filled: dict[Decimal, Decimal] = {}
    for fill in booked:
        filled[fill.price] = filled.get(fill.price, ZERO) + fill.quantity
    fills = []
    for number, execution in enumerate(executions, start=last + 1):
        before = filled.get(execution.price, ZERO)
        filled[execution.price] = before + execution.quantity
        fills.append(_fill_of(child, number, execution, before))
    return tuple(fills)


def _fill_of(
    child: ChildOrder, number: int, execution: VenueFill, before: Decimal
) -> Fill:
    level = _slice_at(child, execution.price)
    taken = None if level is None else level.taken_before
    return Fill(
        order_id=child.order_id,
        child_id=child.child_id,
        number=number,
        price=execution.price,
        quantity=execution.quantity,
        fee=execution.fee,
        fee_asset=execution.fee_asset,
        trade_id=execution.trade_id,
        update_id=None if level is None else level.update_id,
        executed_at=execution.executed_at,
        stated=None if level is None else level.stated,
        taken_before=None if taken is None else taken + before,
    )


def _slice_at(child: ChildOrder, price: Decimal) -> Slice | None:
    return next((part for part in child.slices if part.price == price), None)
