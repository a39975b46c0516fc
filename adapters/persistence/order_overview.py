"""Reads what the service itself asks about all orders together."""

from collections.abc import Container, Mapping
from datetime import datetime

from peewee import SQL, fn

from adapters.persistence.cell_values import time
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.tables import (
    IS_OPEN,
    IS_UNRESOLVED,
    OPEN_STATUSES,
    ChildRow,
    OrderRow,
)
from domain.values import Symbol


class OrderOverview:
    """Goes by indices of the open orders, so that ended ones cost nothing."""

    def __init__(self, queries: SqlOrderQueries) -> None:
        self._queries = queries

    def count(self) -> int:
        """Count the open orders of all symbols.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        query = OrderRow.select(fn.COUNT(SQL("*"))).where(SQL(IS_OPEN))
        ((count,),) = self._queries.rows(query)
        return int(count)

    def by_status(self) -> Mapping[str, int]:
        """Count the open orders of all symbols by their status.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        columns = (OrderRow.status, fn.COUNT(SQL("*")))
        query = OrderRow.select(*columns).where(SQL(IS_OPEN)).group_by(OrderRow.status)
        counted = {
            str(status): int(count) for status, count in self._queries.rows(query)
        }
        return {status: counted.get(status, 0) for status in OPEN_STATUSES}

    def oldest_unsettled_intent(self) -> datetime | None:
        """Return when the oldest child order without a result was intended.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        query = ChildRow.select(fn.MIN(ChildRow.intended_at)).where(SQL(IS_UNRESOLVED))
        ((found,),) = self._queries.rows(query)
        return None if found is None else time("intended_at", found)

    def open_symbols_besides(self, symbols: Container[Symbol]) -> tuple[Symbol, ...]:
        """Return the other symbols that have open orders, sorted.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        query = OrderRow.select(OrderRow.symbol).where(SQL(IS_OPEN))
        rows = self._queries.rows(query.distinct().order_by(OrderRow.symbol))
        return tuple(Symbol(row[0]) for row in rows if row[0] not in symbols)

    def has_orders(self, symbol: Symbol) -> bool:
        """Return whether the symbol ever had an order.

        Raises:
            StoreUnavailableError: when the database is out of reach.
        """
        query = OrderRow.select(OrderRow.order_id).where(OrderRow.symbol == symbol)
        return bool(self._queries.rows(query.limit(1)))
