"""Trades on a recorded market through faults, and then looks at every fill.

``python -m tests.system.recorded_faults --session btcusdt-20240808 --symbol BTCUSDT``
plays a whole session at twice its speed, a fault after the other. No order may have
been filled from a level that the venue's real book did not have.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any

from domain.values import OrderId
from tests.adapters.persistence.audit import fills_of
from tests.replay.recorded import Session, session
from tests.system.fault_cases import HARMFUL, HARMLESS, FaultCase
from tests.system.on_disk import find_faults, opened
from tests.system.processes import Service, Simulator
from tests.system.recorded_market import TouchWitness, find_wrong_fills
from tests.system.waiting import eventually


BOOKS_BETWEEN = 20
"""Right books that have to be seen before the next fault."""

CENT = Decimal("0.01")
WORTH = Decimal(8_000_000)
"""Of each order, in quote: about the most that one may be worth."""

ENOUGH = 0.85
"""Progress of the recording after which no more faults are thrown."""

CALM_SECONDS = 11.0
"""After so long in step, a book that is lost is loaded anew at once."""

ORDERS = 4
"""Of each side, so that all there is is taken all the time."""


class RecordedTrading:
    """A service that trades on a recording, and a witness of its book."""

    def __init__(self, service: Service, market: Simulator, recorded: Session) -> None:
        self.service = service
        self.market = market
        self.symbol = recorded.symbol
        self._frames = len(recorded.lines)
        self.witness = TouchWitness(recorded)
        self.survived: list[str] = []
        """Names of faults."""

        self.orders: list[tuple[str, str]] = []
        """(side, id)."""

    @property
    def progress(self) -> float:
        """How much of the recording has been played, from 0 to 1."""
        state: dict[str, Any] = self.market.client.get("/control/state").body
        return float(state["market"]["frames"] / self._frames)

    def place_orders(self) -> None:
        """Place orders on both sides that take what is near the touch."""
        self.await_books(1)
        book = self.service.client.book(self.symbol)
        for side, levels, factor in (
            ("SELL", "bids", Decimal("0.9997")),
            ("BUY", "asks", Decimal("1.0003")),
        ):
            near = Decimal(book[levels][0][0]) * factor
            limit, quantity = near.quantize(CENT), (WORTH / near).quantize(CENT)
            for _ in range(ORDERS):
                answer = self.service.client.place(
                    self.symbol, side, str(quantity), str(limit)
                )
                assert answer.status == 201, answer.body
                self.orders.append((side, answer.body["id"]))

    def await_books(self, count: int, within_seconds: float = 30) -> None:
        """Wait until so many more books were seen that are right."""
        wanted = len(self.witness.compared) + count

        def compare() -> bool:
            self.witness.check(self.service.client.book(self.symbol))
            return len(self.witness.compared) >= wanted

        eventually(
            compare, within_seconds=within_seconds, what="books in step", every=0.005
        )

    def live_through(self, case: FaultCase) -> None:
        """Throw a fault; wait until it has done its work and books are right again."""
        done = self.market.applied().get(case.fault, 0)
        self.market.throw(case.switch(self.symbol))
        eventually(
            lambda: self.market.applied().get(case.fault, 0) > done,
            within_seconds=5,
            what=f"{case.name} happens",
        )
        self.await_books(BOOKS_BETWEEN, case.back_within_seconds)
        self.watch_for(case.lasts_seconds)
        self.survived.append(case.name)

    def watch_for(self, seconds: float) -> None:
        """Check every book for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.await_books(1)

    def find_faults(self, recorded: Session) -> list[str]:
        """Hold everything on disk against the recording; the service has ended."""
        database = self.service.database
        faults = find_faults(database, [order_id for _, order_id in self.orders])
        with opened(database) as queries:
            for side, order_id in self.orders:
                fills = fills_of(queries, OrderId(order_id))
                faults += find_wrong_fills(recorded, side, fills)
        return faults


def trade_through(
    recorded: Session,
    cases: Iterable[FaultCase],
    *,
    folder: Path,
    speed: str = "10",
    calm_seconds: float = 0.0,
) -> RecordedTrading:
    """Trade on a recording while one fault comes after the other.

    Args:
        recorded: the session.
        cases: faults; no more are thrown when most of the session is over.
        folder: for the database.
        speed: of the market.
        calm_seconds: between two faults.

    Raises:
        AssertionError: a book was wrong or not back in time, or a fill was.
    """
    options = ("--recording", str(recorded.folder), "--speed", speed, "--no-limits")
    with (
        Simulator(*options) as market,
        Service(
            folder / "orders.db", *market.as_market, "--symbols", recorded.symbol
        ) as service,
    ):
        trading = RecordedTrading(service, market, recorded)
        trading.place_orders()
        for case in cases:
            if trading.progress > ENOUGH:
                break
            trading.live_through(case)
            trading.watch_for(calm_seconds)
        assert service.interrupt() == 0
    faults = trading.find_faults(recorded)
    assert not faults, faults
    return trading


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--session", default="btcusdt-20240808")
    parser.add_argument("--symbol", default="BTCUSDT")
    parser.add_argument("--speed", default="2")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trading = trade_through(
            session(options.session, options.symbol),
            cycle(HARMFUL + HARMLESS),
            folder=Path(folder),
            speed=options.speed,
            calm_seconds=CALM_SECONDS,
        )
        with opened(trading.service.database) as queries:
            fills = sum(
                len(fills_of(queries, OrderId(one))) for _, one in trading.orders
            )
    sys.stdout.write(
        f"{len(trading.witness.compared)} books were right, and so were {fills} fills;"
        f" survived {trading.survived}\n"
    )


if __name__ == "__main__":
    main()
