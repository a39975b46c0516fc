"""One run: orders, faults and kills; then quiet, and both ledgers are compared."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from tests.chaos.clients import Trader
from tests.chaos.comparing import AuditDifference, Known, compare
from tests.chaos.disk import Disk, read_disk, unresolved
from tests.chaos.exchange import WINDOW_SECONDS, Audit, Exchange
from tests.chaos.fault_throwing import throw_until
from tests.chaos.journal import Journal
from tests.chaos.lives import Lives, draw_life
from tests.chaos.wishes import MARKETS
from tests.system.processes import Service
from tests.system.waiting import eventually


CLIENTS: Final = 4
QUIET_SECONDS: Final = WINDOW_SECONDS + 10.0
"""By then every outcome is known, once there are no more faults."""

THROUGH: Final = Decimal("0.001")
"""An order whose limit is so far beyond the touch is filled at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    seed: int
    seconds: float
    lives: Lives
    disk: Disk
    audit: Audit
    applied: dict[str, int]
    requests: int
    """Orders that clients asked for, answered or not."""

    differences: list[AuditDifference]


def run_chaos(folder: Path, *, kills: int, seed: int) -> Outcome:
    """Run to the end; what is wrong is in the outcome's differences."""
    journal = Journal(folder / "journal.jsonl")
    with Exchange(seed) as exchange:
        lives = Lives(exchange, folder / "orders.db", folder / "service.log", journal)
        traders = _traders(lives, exchange, journal, seed)
        with _under_way(traders, exchange, journal, seed):
            for number in range(kills):
                lives.live(draw_life(f"{seed}:life:{number}"))
        known = _settle(lives, traders, exchange)
        audit, disk = exchange.audit(), read_disk(lives.database)
        applied = exchange.applied()
    differences = compare(disk, audit, known)
    complaints = [one for trader in traders for one in trader.complaints]
    differences += [AuditDifference(*one) for one in complaints]
    differences += [AuditDifference("", text) for text in lives.alarms]
    requests = sum(len(trader.wishes) for trader in traders)
    seconds = journal.seconds
    journal.close()
    return Outcome(seed, seconds, lives, disk, audit, applied, requests, differences)


def _traders(
    lives: Lives, exchange: Exchange, journal: Journal, seed: int
) -> list[Trader]:
    is_over = threading.Event()
    return [
        Trader(f"{seed}:{number}", lives.door, exchange, journal, is_over)
        for number in range(CLIENTS)
    ]


@contextmanager
def _under_way(
    traders: list[Trader], exchange: Exchange, journal: Journal, seed: int
) -> Iterator[None]:
    """Let clients and faults do what they do until the end of the context."""
    is_over = traders[0].is_over
    with ThreadPoolExecutor(len(traders) + 1) as pool:
        jobs: list[Future[None]] = [pool.submit(trader.run) for trader in traders]
        jobs.append(pool.submit(throw_until, is_over, exchange, journal, seed))
        try:
            yield
        finally:
            is_over.set()
        for job in jobs:
            job.result()


def _settle(lives: Lives, traders: list[Trader], exchange: Exchange) -> Known:
    """Let the service find out all that it does not know, then stop it."""
    with lives.start() as service:
        try:
            eventually(
                lambda: not unresolved(lives.database) and not _idle(service, exchange),
                within_seconds=QUIET_SECONDS,
                what="every outcome is known, and whatever can be filled is",
                every=0.1,
            )
        except AssertionError as error:  # told with all the rest that is wrong
            lives.alarms.append(f"{error} {_idle(service, exchange)}")
        working = {order["id"] for order in service.client.orders("&status=open")}
        if (code := service.interrupt()) != 0:
            lives.alarms.append(f"stopped with exit code {code}")
        lives.keep_log(service)
    wishes = [wish for trader in traders for wish in trader.wishes]
    acknowledged = {wish.order_id for wish in wishes if wish.order_id is not None}
    return Known(
        acknowledged=acknowledged,
        unanswered=sum(wish.order_id is None for wish in wishes),
        working=working,
        paused={
            wish.order_id: wish.is_paused
            for wish in wishes
            if wish.order_id is not None and wish.is_paused is not None
        },
    )


def _idle(service: Service, exchange: Exchange) -> list[str]:
    """The orders that work, so they say, and take nothing of what is there for them."""
    touches = {symbol: exchange.touch(symbol) for symbol in MARKETS}
    found = []
    for order in service.client.orders("&status=open"):
        bid, ask = touches[order["symbol"]]
        price = Decimal(order["price"])
        is_sell = order["side"] == "SELL"
        if order.get("paused"):
            continue
        if price < bid * (1 - THROUGH) if is_sell else price > ask * (1 + THROUGH):
            found.append(order["id"])
    return found
