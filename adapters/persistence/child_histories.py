"""Reads the history of a child, for the service and for its clients."""

from collections.abc import Callable, Sequence

from adapters.persistence.cell_values import LONG, Row, from_zero
from adapters.persistence.child_rows import read_child, read_child_status
from adapters.persistence.fill_rows import read_fill
from adapters.persistence.order_rows import read_order
from adapters.persistence.sql_statements import SqlStatements
from domain.orders.order import StepDetail
from domain.orders.stored_orders import ChildHistory
from domain.values import ChildId, order_of


def history_reader(
    run: Callable[[str, tuple[str, ...]], Sequence[Row]],
    statements: SqlStatements,
    child_id: ChildId,
) -> tuple[Row, Callable[[Row], ChildHistory]] | None:
    """Read the rows about a child, and return a function that interprets them.

    Args:
        run: runs a statement with its parameters.
        statements: in the dialect of ``run``.
        child_id: which child.

    Returns:
        The row of its order, and the function that reads it together with the other
        rows, and raises whatever an unreadable row makes a reader raise; None when
        there is no such order.
    """
    order_id = order_of(child_id)
    orders = run(statements.order_by_id, (order_id,))
    if not orders:
        return None
    children = run(statements.child, (child_id,))
    fills = run(statements.fills_of_child, (child_id,))
    holds = run(statements.holds, (order_id,))
    stated = run(statements.statement_by_hand, (order_id, child_id))

    def read(row: Row) -> ChildHistory:
        return ChildHistory(
            order=read_order(row),
            child=read_child(children[0]) if children else None,
            status=read_child_status(children[0]) if children else None,
            fills=tuple(map(read_fill, fills)),
            holds=tuple(row[0] for row in holds),
            stated=_read_statement(stated[0]) if stated else None,
        )

    return orders[0], read


def _read_statement(row: Row) -> StepDetail:
    quantity, price, child_id, reason = row
    return StepDetail(
        quantity=from_zero("event quantity", quantity),
        price=None if price is None else from_zero("event price", price, LONG),
        child_id=child_id,
        reason=reason,
    )
