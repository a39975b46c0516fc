"""Kills the service with SIGKILL, again and again, while it trades and takes orders.

``python -m tests.system.kill_service --kills 20 --seed 1``. The market is a process of
its own and goes on. When the kills come is drawn from the seed; what the service is
doing right then is up to the machine. After each kill everything on disk has to add
up, and after each start every order has to be there and to go on filling.
"""

import argparse
import random
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

from urllib3.exceptions import HTTPError

from domain.orders.order import Order
from domain.values import ZERO
from tests.system.client import Client
from tests.system.on_disk import all_orders, find_faults, opened
from tests.system.processes import Service, Simulator
from tests.system.waiting import eventually


TICKS: Final = {
    "BTCUSDT": Decimal("0.01"),
    "BNBUSDT": Decimal("0.01"),
    "ETHBTC": Decimal("0.00001"),
}
SMALL: Final = {"BTCUSDT": "0.5", "BNBUSDT": "20", "ETHBTC": "10"}
HUGE: Final = {"BTCUSDT": "130", "BNBUSDT": "9000", "ETHBTC": "9000"}
"""About the most that one order may be worth."""

HUGE_ORDERS: Final = 8
"""For each symbol at the beginning, and one more after each start."""

CLIENTS: Final = 4
LIFE_SECONDS: Final = (0.05, 1.0)
"""How long the service lives once it trades."""

AGAIN_SECONDS: Final = 10.0
"""By then a restarted service has to trade again."""


@dataclass(slots=True)
class Wish:
    """An order that a client wants, until it has an answer, and after that."""

    key: str
    terms: dict[str, str]
    order_id: str | None = None


@dataclass(slots=True)
class Intake:
    """What clients have asked for, and the prices they ask around."""

    rng: random.Random
    bids: dict[str, Decimal] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look_at_market(self, client: Client) -> None:
        """Take the bids of now as those of the beginning, if it has none yet."""
        if not self.bids:
            self.bids = {symbol: client.best_bid(symbol) for symbol in TICKS}

    def wish(self, symbol: str, quantity: str, factor: float) -> Wish:
        """Think of an order at the bid of the beginning times ``factor``."""
        price = (self.bids[symbol] * Decimal(str(factor))).quantize(TICKS[symbol])
        terms = {"symbol": symbol, "side": "SELL", "quantity": quantity}
        with self.lock:
            found = Wish(f"key-{len(self.wishes)}", {**terms, "price": str(price)})
            self.wishes.append(found)
        return found

    def any_wish(self) -> Wish:
        """Six of seven wait far from the market, the others near it."""
        with self.lock:
            symbol = self.rng.choice(list(SMALL))
            is_far = self.rng.random() < 0.85
            beyond = (0.02, 0.05) if is_far else (-0.0005, 0.0006)
            factor = 1 + self.rng.uniform(*beyond)
        return self.wish(symbol, SMALL[symbol], factor)

    def huge_wishes(self, count: int) -> list[Wish]:
        """For each symbol so many that are filled all the time."""
        wanted = list(HUGE.items()) * count
        return [self.wish(symbol, quantity, 0.95) for symbol, quantity in wanted]

    @property
    def accepted(self) -> list[str]:
        return [wish.order_id for wish in self.wishes if wish.order_id is not None]


def ask(client: Client, wish: Wish, expected: tuple[int, ...]) -> None:
    """Ask for an order; note its id."""
    answer = client.post("/api/v1/orders", wish.terms, key=wish.key)
    assert answer.status in expected, answer
    order_id = answer.body["id"]
    assert wish.order_id in {None, order_id}, f"{wish} was answered by {order_id}"
    wish.order_id = order_id


def fill_up(service: Service, intake: Intake, count: int) -> None:
    """Place this many orders, and for each symbol some that fill all the time."""
    intake.look_at_market(service.client)
    wishes = [intake.any_wish() for _ in range(count)]
    wishes += intake.huge_wishes(HUGE_ORDERS)
    shares = [wishes[number::CLIENTS] for number in range(CLIENTS)]

    def place(share: list[Wish]) -> None:
        for wish in share:
            ask(service.client, wish, (201,))

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(place, shares))


def kill_during_intake(service: Service, intake: Intake, seconds: float) -> None:
    """Have clients place orders until the service is killed."""

    def place_until_the_end() -> None:
        try:
            while True:
                ask(service.client, intake.any_wish(), (201,))
        except HTTPError:
            return

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(place_until_the_end) for _ in range(CLIENTS)]
        threading.Event().wait(seconds)
        service.send_kill()
        for client in clients:
            client.result()
    service.kill()


def send_all_again(service: Service, intake: Intake) -> None:
    """Resend what had no answer, and some that had one: each key is one order."""
    answered = [wish for wish in intake.wishes if wish.order_id is not None]
    for wish in intake.rng.sample(answered, k=min(50, len(answered))):
        ask(service.client, wish, (200,))
    for wish in [*intake.wishes, *intake.huge_wishes(1)]:
        if wish.order_id is None:
            ask(service.client, wish, (200, 201))
    there = [order["id"] for order in service.client.orders()]
    assert len(there) == len(intake.wishes), "not one order for each key"
    assert set(there) == set(intake.accepted)


def check_start(service: Service, before: dict[str, Order]) -> list[str]:
    """Hold the orders that the service shows against those on disk before it."""
    shown = {order["id"]: order for order in service.client.orders()}
    faults = [f"{one}: lost" for one in before.keys() - shown.keys()]
    open_before = sum(not order.status.is_final for order in before.values())
    if f"{open_before} recovered" not in service.out.text:
        faults.append(f"{open_before} were open; {service.out.text}")
    for order_id, order in shown.items():
        filled, remaining = Decimal(order["filled"]), Decimal(order["remaining"])
        if filled + remaining != Decimal(order["quantity"]):
            faults.append(f"{order} does not add up")
        if order_id in before and filled < before[order_id].filled:
            faults.append(f"{order_id}: had {before[order_id].filled}, has {filled}")
    return faults


def await_fills(service: Service, before: dict[str, Order]) -> None:
    """Wait until each symbol has sold on."""

    def sold_on(symbol: str) -> bool:
        orders = service.client.orders(f"&symbol={symbol}")
        return sum(Decimal(order["filled"]) for order in orders) > sold[symbol]

    sold = dict.fromkeys(HUGE, ZERO)
    for order in before.values():
        sold[order.symbol] += order.filled
    for symbol in HUGE:
        eventually(
            partial(sold_on, symbol),
            within_seconds=AGAIN_SECONDS,
            what=f"{symbol} sells on",
            every=0.1,
        )


def run_kills(folder: Path, *, kills: int, seed: int, waiting: int) -> Intake:
    """Kill and restart; raises AssertionError when anything is wrong."""
    rng = random.Random(seed)
    intake = Intake(rng)
    database = folder / "orders.db"
    with Simulator("--speed", "3") as market:
        with Service(database, *market.as_market) as service:
            service.await_trading()
            fill_up(service, intake, waiting)
            kill_during_intake(service, intake, rng.uniform(*LIFE_SECONDS))
        for _ in range(kills):
            faults = find_faults(database, intake.accepted)
            with opened(database) as queries:
                before = {str(one.order_id): one for one in all_orders(queries)}
            with Service(database, *market.as_market) as service:
                faults += check_start(service, before)
                assert not faults, faults
                send_all_again(service, intake)
                await_fills(service, before)
                kill_during_intake(service, intake, rng.uniform(*LIFE_SECONDS))
    faults = find_faults(database, intake.accepted)
    assert not faults, faults
    return intake


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--waiting", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        intake = run_kills(
            Path(folder),
            kills=options.kills,
            seed=options.seed,
            waiting=options.waiting,
        )
    unanswered = len(intake.wishes) - len(intake.accepted)
    sys.stdout.write(
        f"kills {options.kills + 1}: {len(intake.accepted)} orders were accepted and"
        f" are all there, each once; {unanswered} had no answer at the last kill\n"
    )


if __name__ == "__main__":
    main()
