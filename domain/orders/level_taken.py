"""Which statement of the book an execution took: that of its level, if it had one.

The router offers a child slices of levels. An execution at the price of one of them
took that statement. A real venue may execute at another price, because the book has
moved meanwhile: then it took what the book says of that level when the answer comes, if
it says anything. It may be more than the book says, for the same reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.orders.child_order import ChildOrder, Fill, VenueFill
from domain.values import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStatement:
    """What the venue stated of a level, and what of that had been set aside."""

    update_id: int
    stated: Decimal | None
    """In base; None if it was not recorded."""

    taken_before: Decimal | None
    """In base; None as above."""


LevelAt = Callable[[Decimal], LevelStatement | None]
"""Returns what the book says now of the level at a price; None: nothing."""


def nothing_said(_price: Decimal) -> None:
    """Know no book."""


def fills_of(
    child: ChildOrder,
    executions: Sequence[VenueFill],
    booked: Sequence[Fill] = (),
    level_at: LevelAt = nothing_said,
) -> tuple[Fill, ...]:
    """Write executions of a child as fills of its order, to be kept.

    Args:
        child: with the slices that it was offered.
        executions: in the order in which they are to be numbered.
        booked: fills of the child that are kept already.
        level_at: for prices that the child was not offered.
    """
    last = max((fill.number for fill in booked), default=0)
    filled: dict[Decimal, Decimal] = {}
    for fill in booked:
        filled[fill.price] = filled.get(fill.price, ZERO) + fill.quantity
    fills = []
    for number, execution in enumerate(executions, start=last + 1):
        before = filled.get(execution.price, ZERO)
        filled[execution.price] = before + execution.quantity
        level = _offered_at(child, execution.price) or level_at(execution.price)
        fills.append(_fill_of(child, number, execution, level, before))
    return tuple(fills)


def _fill_of(
    child: ChildOrder,
    number: int,
    execution: VenueFill,
    level: LevelStatement | None,
    before: Decimal,
) -> Fill:
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


def _offered_at(child: ChildOrder, price: Decimal) -> LevelStatement | None:
    for part in child.slices:
        if part.price == price:
            return LevelStatement(
                update_id=part.update_id,
                stated=part.stated,
                taken_before=part.taken_before,
            )
    return None
