"""A venue whose book changes one level per update id, so that every id has its book."""

from decimal import Decimal

from domain.market.updates import (
    DepthSnapshot,
    DepthUpdate,
    Statement,
    statements_of,
)
from tests.builders import BTCUSDT, read


Change = tuple[str, int, int]
"""("bid" or "ask", price, quantity; 0 removes the level)."""

Sides = dict[str, dict[Decimal, Decimal]]


class VenueModel:
    """Changes number 1, 2, 3, ... are the update ids."""

    def __init__(self, changes: list[Change]) -> None:
        self.changes = changes

    @property
    def last_id(self) -> int:
        return len(self.changes)

    def book(self, update_id: int) -> Sides:
        sides: Sides = {"bid": {}, "ask": {}}
        for side, price, quantity in self.changes[:update_id]:
            if quantity:
                sides[side][Decimal(price)] = Decimal(quantity)
            else:
                sides[side].pop(Decimal(price), None)
        return sides

    def snapshot(self, update_id: int) -> DepthSnapshot:
        book = self.book(update_id)
        return DepthSnapshot(
            symbol=BTCUSDT,
            last_update_id=update_id,
            bids=statements_of(sorted(book["bid"].items(), reverse=True)),
            asks=statements_of(sorted(book["ask"].items())),
        )

    def update(self, first: int, last: int) -> DepthUpdate:
        """The event for the ids ``first`` to ``last``: per level the last word."""
        levels: dict[tuple[str, int], int] = {}
        for side, price, quantity in self.changes[first - 1 : last]:
            levels[side, price] = quantity

        def of(side: str) -> tuple[Statement, ...]:
            return statements_of(
                (Decimal(price), Decimal(quantity))
                for (at, price), quantity in levels.items()
                if at == side
            )

        return DepthUpdate(
            symbol=BTCUSDT,
            first_update_id=first,
            last_update_id=last,
            bids=of("bid"),
            asks=of("ask"),
        )


def load_sides(snapshot: DepthSnapshot) -> Sides:
    return {"bid": dict(read(snapshot.bids)), "ask": dict(read(snapshot.asks))}


def apply_to_sides(sides: Sides, update: DepthUpdate) -> None:
    for side, levels in (("bid", update.bids), ("ask", update.asks)):
        for price, quantity in read(levels):
            if quantity:
                sides[side][price] = quantity
            else:
                sides[side].pop(price, None)
