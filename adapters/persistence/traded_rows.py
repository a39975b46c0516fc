"""Writes and reads what was traded: one row for each symbol and second with trades."""

from collections.abc import ItemsView, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from adapters.persistence.cell_values import LONG, Row, above_zero, count, text
from domain.errors import UnreadableRecordError
from domain.market.price_path import PathWanted
from domain.market.public_trades import TradedSecond, Volume
from domain.values import Symbol, format_amount


_SECOND_MAX: Final = 10**12
_ID_MAX: Final = 2**63 - 1
_COLUMNS: Final = (
    "symbol, second, first_id, last_id, trades, quantity, quote, low, high, volumes"
)


def write_traded(cursor: Any, mark: str, traded: Sequence[TradedSecond]) -> None:
    """In a transaction: write seconds; one that is there already stays as it is."""
    if not traded:
        return
    marks = ", ".join([mark] * 10)
    cursor.executemany(
        f"INSERT INTO traded_seconds ({_COLUMNS}) VALUES ({marks}) "  # noqa: S608 - constants
        "ON CONFLICT DO NOTHING",
        [_traded_row(second) for second in traded],
    )


def select_traded(mark: str, wanted: PathWanted, most: int) -> tuple[str, list[object]]:
    """Return the statement that reads a stretch, and its parameters.

    The last second before the stretch, and the first behind it, are read with it.
    """
    of_symbol = f"FROM traded_seconds WHERE symbol = {mark} AND second"
    first = f"coalesce((SELECT max(second) {of_symbol} < {mark}), {mark})"
    last = f"coalesce((SELECT min(second) {of_symbol} > {mark}), {mark})"
    text = (
        f"SELECT {_COLUMNS} {of_symbol} BETWEEN {first} AND {last} "
        f"ORDER BY second LIMIT {mark}"
    )
    symbol, since, until = wanted.symbol, wanted.since, wanted.until
    return text, [symbol, symbol, since, since, symbol, until, until, most]


def read_traded(row: Row) -> TradedSecond:
    """Read a second."""
    symbol, second, first_id, last_id, trades = row[:5]
    quantity, quote, low, high, volumes = row[5:]
    return TradedSecond(
        symbol=Symbol(symbol),
        second=count("second", second, _SECOND_MAX),
        first_id=count("first_id", first_id, _ID_MAX),
        last_id=count("last_id", last_id, _ID_MAX),
        count=count("trades", trades, _ID_MAX),
        total=Volume(
            quantity=above_zero("quantity", quantity, LONG),
            quote=above_zero("quote", quote, LONG),
        ),
        low=above_zero("low", low, LONG),
        high=above_zero("high", high, LONG),
        volumes=_Volumes(symbol, text("volumes", volumes)),
    )


def _traded_row(traded: TradedSecond) -> tuple[Any, ...]:
    volumes = " ".join(
        f"{format_amount(price)}:{format_amount(quantity)}"
        for price, quantity in traded.volumes.items()
    )
    ids = (traded.first_id, traded.last_id, traded.count)
    amounts = (traded.total.quantity, traded.total.quote, traded.low, traded.high)
    texts = (format_amount(amount) for amount in amounts)
    return (traded.symbol, traded.second, *ids, *texts, volumes)


class _Volumes(Mapping[Decimal, Decimal]):
    """What was traded at each price; read when somebody looks.

    Then it may raise UnreadableRecordError.
    """

    def __init__(self, symbol: str, text: str) -> None:
        self._symbol, self._text = symbol, text

    def __getitem__(self, price: Decimal) -> Decimal:
        return self._read()[price]

    def __iter__(self) -> Iterator[Decimal]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def items(self) -> ItemsView[Decimal, Decimal]:
        return self._read().items()

    def _read(self) -> dict[Decimal, Decimal]:
        try:
            return dict(_read_volume(part) for part in self._text.split(" "))
        except ValueError as error:
            raise UnreadableRecordError(self._symbol) from error


def _read_volume(part: str) -> tuple[Decimal, Decimal]:
    price, _, quantity = part.partition(":")
    return above_zero("price", price, LONG), above_zero("quantity", quantity, LONG)
