"""Writes and reads the price paths: one row for each symbol and second.

What was traded (``traded_rows``) goes with them, and is deleted with them.

The key begins with the symbol, so that an order's path is one stretch of rows. Old rows
are deleted a few at a time, with the writing of new ones, for one symbol after the
other: as many as come have to go.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from adapters.persistence.cell_values import LONG, Row, above_zero, count
from adapters.persistence.traded_rows import write_traded
from domain.market.price_path import PathWanted, PricePoint
from domain.market.public_trades import TradedSecond
from domain.values import Symbol, format_amount


PRUNED_SECONDS_MAX: Final = 2_500
"""How many seconds of one symbol's path are deleted at most in one go."""

_SECOND_MAX: Final = 10**12
_ID_MAX: Final = 2**63 - 1

_TABLES: Final = ("price_path", "traded_seconds")
_COLUMNS: Final = "symbol, second, bid, ask, update_id"


def price_row(point: PricePoint) -> tuple[Any, ...]:
    """Write a point in the order of the table's columns."""
    return (
        point.symbol,
        point.second,
        _text(point.bid),
        _text(point.ask),
        point.update_id,
    )


def read_point(row: Row) -> PricePoint:
    """Read a point."""
    symbol, second, bid, ask, update_id = row
    return PricePoint(
        symbol=Symbol(symbol),
        second=count("second", second, _SECOND_MAX),
        bid=_amount("bid", bid),
        ask=_amount("ask", ask),
        update_id=count("update_id", update_id, _ID_MAX),
    )


def write_prices(
    cursor: Any,
    mark: str,
    points: Sequence[PricePoint],
    traded: Sequence[TradedSecond],
    pruned: str,
    keep_from: int,
) -> str:
    """In a transaction: write what the market was like, and delete some of what is old.

    Args:
        cursor: of the driver.
        mark: its mark for a parameter.
        points: one that is there already stays as it is.
        traded: likewise.
        pruned: what was returned the last time; empty at first.
        keep_from: the first second that stays.
    """
    _write_points(cursor, mark, points)
    write_traded(cursor, mark, traded)
    return _prune(cursor, mark, pruned, keep_from)


def _write_points(cursor: Any, mark: str, points: Sequence[PricePoint]) -> None:
    marks = ", ".join([mark] * 5)
    cursor.executemany(
        f"INSERT INTO price_path ({_COLUMNS}) VALUES ({marks}) "  # noqa: S608 - constants
        "ON CONFLICT DO NOTHING",
        [price_row(point) for point in points],
    )


def _prune(cursor: Any, mark: str, after: str, keep_from: int) -> str:
    """In a transaction: delete some of what is old of the next symbol.

    Args:
        cursor: of the driver.
        mark: its mark for a parameter.
        after: the symbol that was pruned before; empty for none.
        keep_from: the first second that stays.

    Returns:
        The symbol that was pruned; empty after the last one.
    """
    symbol: str | None = None
    for table in _TABLES:
        cursor.execute(
            f"SELECT min(symbol) FROM {table} WHERE symbol > {mark}",  # noqa: S608 - constants
            (after,),
        )
        found = cursor.fetchone()[0]
        symbol = min(filter(None, (symbol, found)), default=None)
    if symbol is None:
        return ""
    for table in _TABLES:
        cursor.execute(
            f"SELECT min(second) FROM {table} WHERE symbol = {mark}",  # noqa: S608 - constants
            (symbol,),
        )
        first = cursor.fetchone()[0]
        if first is None:
            continue
        end = min(keep_from, first + PRUNED_SECONDS_MAX)
        cursor.execute(
            f"DELETE FROM {table} WHERE symbol = {mark} AND second < {mark}",  # noqa: S608 - constants
            (symbol, end),
        )
    return symbol


def select_points(mark: str, wanted: PathWanted, most: int) -> tuple[str, list[object]]:
    """Return the statement that reads a part of a path, and its parameters."""
    keys: list[object] = [wanted.symbol, wanted.since, wanted.until]
    where = f"symbol = {mark} AND second BETWEEN {mark} AND {mark}"
    if wanted.step > 1:
        first = (
            f"SELECT min(second) FROM price_path WHERE {where} "  # noqa: S608 - constants
            f"GROUP BY (second - {mark}) / {mark}"
        )
        where = f"symbol = {mark} AND second IN ({first})"
        keys = [wanted.symbol, *keys, wanted.since, wanted.step]
    text = (
        f"SELECT {_COLUMNS} FROM price_path WHERE {where} "  # noqa: S608 - constants
        f"ORDER BY second LIMIT {mark}"
    )
    return text, [*keys, most]


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format_amount(amount)


def _amount(name: str, value: object) -> Decimal | None:
    return None if value is None else above_zero(name, value, LONG)
