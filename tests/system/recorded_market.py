"""What a recorded market was really like, to hold a running service against.

bookTicker is the venue's second feed, so it tells whether the service's book is right;
the recorded depth events tell what could be bought and sold at each moment.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.orders.child_order import Fill
from domain.values import ZERO
from tests.replay.recorded import Session, touches


def head_of(recorded: Session, frames: int, folder: Path) -> Path:
    """Write a session's first frames, with its snapshot, to a folder of their own."""
    lines = (b"%d\t%s\n" % line for line in recorded.lines[:frames])
    (folder / "frames.tsv").write_bytes(b"".join(lines))
    (folder / f"{recorded.symbol}.snapshot.json").write_bytes(recorded.snapshot)
    return folder


class TouchWitness:
    """Compares books that the service shows with bookTicker."""

    def __init__(self, recorded: Session) -> None:
        self._touches = touches(recorded)
        self._ids = [update_id for update_id, _ in self._touches]
        self.compared: set[int] = set()
        """Update ids at which a book was right."""

    def check(self, book: dict[str, Any]) -> None:
        """Hold a book against the last bookTicker that is not ahead of it."""
        if book["state"] != "SYNCED":
            return
        known = bisect_right(self._ids, book["update_id"])
        if known:
            shown = (*book["bids"][0], *book["asks"][0])
            expected = self._touches[known - 1][1]
            assert tuple(map(Decimal, shown)) == expected, book
            self.compared.add(book["update_id"])


def find_wrong_fills(recorded: Session, side: str, fills: Iterable[Fill]) -> list[str]:
    """Hold the fills of one order against the book that the venue really had.

    A fill names the statement it took: that must have been made, must not have been
    taken twice, and must not have been withdrawn by the time it was taken: that is, by
    the latest statement among those taken before it or together with it.
    """
    history = _History(recorded, side)
    taken: defaultdict[tuple[int, Decimal], Decimal] = defaultdict(Decimal)
    faults = []
    latest = 0
    for child in _by_child(fills):
        latest = max(latest, *(fill.update_id or 0 for fill in child))
        for fill in child:
            statement = (fill.update_id or 0, fill.price)
            taken[statement] += fill.quantity
            stated = history.stated(*statement)
            if taken[statement] > stated:
                faults.append(f"{statement}: took {taken[statement]} of {stated}")
            if history.is_restated(fill.price, statement[0], latest):
                faults.append(f"{statement}: no longer so at {latest}")
    return faults


def _by_child(fills: Iterable[Fill]) -> list[list[Fill]]:
    children: dict[str, list[Fill]] = {}
    for fill in fills:
        children.setdefault(fill.child_id, []).append(fill)
    return list(children.values())


class _History:
    """For each price of one side, when it was stated, and with which quantity."""

    def __init__(self, recorded: Session, side: str) -> None:
        self._ids: defaultdict[Decimal, list[int]] = defaultdict(list)
        self._quantities: defaultdict[Decimal, list[Decimal]] = defaultdict(list)
        snapshot = json.loads(recorded.snapshot)
        first_id = snapshot["lastUpdateId"]
        self._note(first_id, snapshot["bids" if side == "SELL" else "asks"])
        for _, frame in recorded.lines:
            if frame.startswith(recorded.stream("depth")):
                event = json.loads(frame)["data"]
                if event["u"] > first_id:
                    self._note(event["u"], event["b" if side == "SELL" else "a"])

    def _note(self, update_id: int, levels: list[list[str]]) -> None:
        for price, quantity in levels:
            self._ids[Decimal(price)].append(update_id)
            self._quantities[Decimal(price)].append(Decimal(quantity))

    def stated(self, update_id: int, price: Decimal) -> Decimal:
        """The quantity at a price in the book of an update id."""
        known = bisect_right(self._ids[price], update_id)
        return self._quantities[price][known - 1] if known else ZERO

    def is_restated(self, price: Decimal, after: int, until: int) -> bool:
        """Whether an event after the one id, up to the other, names the price."""
        ids = self._ids[price]
        return bisect_right(ids, after) < bisect_right(ids, until)
