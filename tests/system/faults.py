"""Throws every fault switch at a seeded market, and looks at what the service does.

``python -m tests.system.faults --rounds 3`` also has the faults that take a minute.
While a book is not to be trusted nothing may be executed; when it is back, it must be
the venue's.
"""

import argparse
import logging
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any, Final

from tests.system.fault_cases import (
    GAP,
    HARMFUL,
    HARMLESS,
    LONG_SILENCES,
    LONG_TROUBLES,
    SNAPSHOT_TROUBLES,
    FaultCase,
)
from tests.system.processes import Service, Simulator
from tests.system.waiting import eventually


logger = logging.getLogger(__name__)

LEVELS: Final = 20
"""That are compared with the venue's."""

LIMIT: Final = Decimal("0.95")
"""Of the best bid: markets move while they are watched."""

CALM_SECONDS: Final = 11.0
"""After so long in step, a book that is lost is loaded anew at once."""

REFUSE_SNAPSHOTS: Final = {"fault": "http_error", "path": "depth", "count": 2}
"""Keeps a lost book lost for long enough to see that nothing is executed on it."""


@dataclass(frozen=True, slots=True)
class FaultyTrading:
    """One symbol of a service, on a market with faults."""

    service: Service
    market: Simulator
    symbol: str

    def live_through_harmless(self, case: FaultCase) -> None:
        """The symbol has to stay tradable all the time."""
        self.await_step(5)
        said_before = len(self.service.err.lines)
        self._throw(case)
        until = time.monotonic() + case.lasts_seconds
        while time.monotonic() < until:
            self._await_progress()
        self._await_progress()
        self.sell_at_once()
        self.await_venues_book()
        said = self.service.err.lines[said_before:]
        unusable = f"Book unusable symbol={self.symbol}"
        assert not [line for line in said if unusable in line], said

    def live_through_harmful(
        self, case: FaultCase, trouble: FaultCase | None = None
    ) -> None:
        """Nothing may be executed until the book was loaded anew."""
        book = self.await_step(5)
        self.market.throw({**REFUSE_SNAPSHOTS, "symbol": self.symbol})
        if trouble is not None:
            self.market.throw(trouble.switch(self.symbol))
        self._throw(case)
        eventually(
            lambda: self._book()["state"] != "SYNCED",
            within_seconds=case.lost_within_seconds,
            what=f"{self.symbol} notices {case.name}",
        )
        waiting = self._place(book)
        self._check_nothing_is_executed(book, waiting)
        back_within = max(one.back_within_seconds for one in (case, trouble or case))
        self.await_step(back_within)
        self._await_fill(waiting, after=book["update_id"])
        self.await_venues_book()

    def await_step(self, within_seconds: float) -> dict[str, Any]:
        """Wait until the book can be traded on; return it."""

        def look() -> dict[str, Any] | None:
            book = self._book()
            return book if book["state"] == "SYNCED" else None

        found = eventually(
            look, within_seconds=within_seconds, what=f"{self.symbol} is in step"
        )
        assert found is not None
        return found

    def await_venues_book(self) -> None:
        """Wait for a moment when both books have one id; they must be the same then."""

        def compare() -> bool:
            venue = self._venues_book()
            book = self._book()
            if book["update_id"] != venue["lastUpdateId"]:
                return False
            for side in ("bids", "asks"):
                assert _amounts(book[side]) == _amounts(venue[side]), self.symbol
            return True

        eventually(compare, within_seconds=5, what=f"{self.symbol} is compared")

    def sell_at_once(self) -> None:
        """Sell what somebody wants right now."""
        order_id = self._place(self.await_step(5))
        self._await_fill(order_id, after=0)

    def _await_progress(self) -> None:
        """Wait for the next update of a book that is always in step."""
        book = self._book()

        def go_on() -> bool:
            now = self._book()
            assert now["state"] == "SYNCED", now
            return bool(now["update_id"] > book["update_id"])

        eventually(go_on, within_seconds=5, what=f"{self.symbol} goes on")

    def _throw(self, case: FaultCase) -> None:
        done = self.market.applied().get(case.fault, 0)
        self.market.throw(case.switch(self.symbol))
        eventually(
            lambda: self.market.applied().get(case.fault, 0) > done,
            within_seconds=5,
            what=f"{case.name} happens",
        )

    def _check_nothing_is_executed(self, book: dict[str, Any], waiting: str) -> None:
        at_once = self._place(book, time_in_force="IOC")
        ended = eventually(
            lambda: self.service.client.order(at_once)["reason"],
            within_seconds=2,
            what="an order that does not wait has ended",
        )
        order = self.service.client.order(waiting)
        # Only now, so that the book was unusable during all that was before.
        assert self._book()["state"] != "SYNCED", "the book was back too early to tell"
        assert ended == "BOOK_UNUSABLE"
        assert (order["status"], order["filled"]) == ("NEW", "0")

    def _place(self, book: dict[str, Any], **more: str) -> str:
        """Sell what the best bidders of a book want, for less than they bid."""
        quantity = sum(Decimal(amount) for _, amount in book["bids"][:5])
        bid = Decimal(book["bids"][0][0])
        price = (bid * LIMIT).quantize(bid, ROUND_DOWN)
        answer = self.service.client.place(
            self.symbol, "SELL", str(quantity), str(price), **more
        )
        assert answer.status == 201, answer.body
        order_id: str = answer.body["id"]
        return order_id

    def _await_fill(self, order_id: str, *, after: int) -> None:
        eventually(
            lambda: self.service.client.order(order_id)["status"] == "FILLED",
            within_seconds=10,
            what=f"{order_id} is filled",
        )
        fills = self.service.client.fills(order_id)
        assert all(fill["update_id"] > after for fill in fills)

    def _book(self) -> dict[str, Any]:
        return self.service.client.book(self.symbol, LEVELS)

    def _venues_book(self) -> dict[str, Any]:
        path = f"/api/v3/depth?symbol={self.symbol}&limit={LEVELS}"
        found: dict[str, Any] = self.market.client.get(path).body
        return found


def _amounts(levels: list[list[str]]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(quantity)) for price, quantity in levels]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator("--no-limits", "--seed", options.seed) as market,
        Service(Path(folder) / "orders.db", *market.as_market) as service,
    ):
        for symbol in ("BTCUSDT", "BNBUSDT", "ETHBTC")[: options.rounds]:
            play_all(FaultyTrading(service, market, symbol))
        sys.exit(service.interrupt())


def play_all(trading: FaultyTrading) -> None:
    """Throw everything at one symbol, with calm between."""
    for case in HARMLESS:
        trading.live_through_harmless(case)
        logger.info("survived %s", case.name)
    for case in HARMFUL + LONG_SILENCES:
        threading.Event().wait(CALM_SECONDS)
        trading.live_through_harmful(case)
        logger.info("survived %s", case.name)
    for trouble in SNAPSHOT_TROUBLES + LONG_TROUBLES:
        threading.Event().wait(CALM_SECONDS)
        trading.live_through_harmful(GAP, trouble)
        logger.info("survived %s", trouble.name)


if __name__ == "__main__":
    main()
