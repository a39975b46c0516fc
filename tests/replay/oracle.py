"""Design sections 4 and 8, computed a second time and independently.

Nothing of the project is imported: own JSON, own book, own matching, in the plainest
way that is still fast enough. Where this and the product differ, one of them is wrong.

Lines are ``(receipt ns, frame bytes)``; a REST body in the place of a frame is a
snapshot that arrives at that moment, for sessions with faults made into them.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


Line = tuple[int, bytes]
Book = dict[Decimal, Decimal]

AT_ONCE = ("IOC", "FOK")


@dataclass
class Available:
    """What the venue stated at a price, less what we took since."""

    quantity: Decimal
    update_id: int


@dataclass
class OracleOrder:
    id: str
    side: str
    price: Decimal
    quantity: Decimal
    time_in_force: str
    at: Decimal
    status: str = "PENDING_NEW"
    open: Decimal = Decimal(0)
    fills: list[dict[str, Any]] = field(default_factory=list)

    def accepts(self, price: Decimal) -> bool:
        return price >= self.price if self.side == "SELL" else price <= self.price

    def result(self) -> dict[str, Any]:
        filled = sum((fill["quantity"] for fill in self.fills), Decimal(0))
        return {
            "id": self.id,
            "status": self.status,
            "filled": filled,
            "remaining": self.quantity - filled,
            "fills": self.fills,
        }


def read_orders(text: str) -> list[OracleOrder]:
    return [
        OracleOrder(
            id=entry["id"],
            side=entry["side"],
            price=Decimal(entry["price"]),
            quantity=Decimal(entry["quantity"]),
            time_in_force=entry.get("time_in_force", "GTC"),
            at=Decimal(entry.get("at", 0)),
        )
        for entry in json.loads(text, parse_float=Decimal)
    ]


class Oracle:
    """One symbol's market and the orders on it."""

    def __init__(self, symbol: str, snapshot: bytes | None) -> None:
        self.stream = f'{{"stream":"{symbol.lower()}@depth'.encode()
        self.update_id = 0
        self.usable = False
        # Both by the side of the orders that take from it: SELL takes bids.
        self.book: dict[str, Book] = {"SELL": {}, "BUY": {}}
        self.available: dict[str, dict[Decimal, Available]] = {"SELL": {}, "BUY": {}}
        self.waiting: list[OracleOrder] = []
        self.buffer: list[dict[str, Any]] = []
        self.snapshot = None if snapshot is None else json.loads(snapshot)

    def run(self, lines: list[Line], orders: list[OracleOrder]) -> dict[str, Any]:
        to_come = sorted(orders, key=lambda order: order.at)
        for received_ns, frame in lines:
            passed = Decimal(received_ns - lines[0][0]) / 10**9
            while to_come and to_come[0].at <= passed:
                self.arrive(to_come.pop(0))
            self.hear(frame)
        return {
            "frames": len(lines),
            "book": {
                "update_id": self.update_id,
                "best_bid": self.best_level("SELL"),
                "best_ask": self.best_level("BUY"),
            },
            "orders": [order.result() for order in orders],
        }

    # The venue's word, and when it may be believed.

    def hear(self, frame: bytes) -> None:
        if frame.startswith(b'{"lastUpdateId"'):
            if not self.usable and self.snapshot is None:
                self.snapshot = json.loads(frame)
                self.get_in_step()
        elif frame.startswith(self.stream):
            event = json.loads(frame)["data"]
            if not self.usable:
                self.buffer.append(event)
                self.get_in_step()
            elif event["u"] <= self.update_id:
                pass  # repeated
            elif event["U"] > self.update_id + 1:
                self.usable = False
                self.book = {"SELL": {}, "BUY": {}}
                self.snapshot = None
                self.buffer = [event]
            else:
                self.apply(event)
                self.match()

    def get_in_step(self) -> None:
        """Load the snapshot with all that was buffered, if they fit together."""
        if self.snapshot is None:
            return
        book_id = self.snapshot["lastUpdateId"]
        fitting: list[dict[str, Any]] = []
        for number, event in enumerate(self.buffer):
            if event["u"] <= book_id:
                continue
            if event["U"] > book_id + 1:
                self.snapshot = None
                if fitting:  # a hole in what was buffered: start again behind it
                    self.buffer = self.buffer[number:]
                return
            fitting.append(event)
            book_id = event["u"]
        if not fitting:
            return
        self.load()
        for event in fitting:
            self.apply(event)
        self.match()

    def load(self) -> None:
        assert self.snapshot is not None
        self.usable = True
        self.update_id = self.snapshot["lastUpdateId"]
        self.book = {"SELL": {}, "BUY": {}}
        self.available = {"SELL": {}, "BUY": {}}
        self.state("SELL", self.snapshot["bids"])
        self.state("BUY", self.snapshot["asks"])
        self.snapshot = None
        self.buffer = []

    def apply(self, event: dict[str, Any]) -> None:
        self.update_id = event["u"]
        self.state("SELL", event["b"])
        self.state("BUY", event["a"])

    def state(self, side: str, levels: list[list[str]]) -> None:
        for price_text, quantity_text in levels:
            price, quantity = Decimal(price_text), Decimal(quantity_text)
            self.book[side].pop(price, None)
            self.available[side].pop(price, None)
            if quantity > 0:
                self.book[side][price] = quantity
                self.available[side][price] = Available(quantity, self.update_id)

    def best_level(self, side: str) -> list[Decimal] | None:
        levels = self.book[side]
        if not levels:
            return None
        price = max(levels) if side == "SELL" else min(levels)
        return [price, levels[price]]

    # Who gets what.

    def arrive(self, order: OracleOrder) -> None:
        order.status = "NEW"
        order.open = order.quantity
        if self.usable and self.may_take(order):
            self.fill(order)
        if order.open and order.time_in_force in AT_ONCE:
            order.status = "EXPIRED"
        elif order.open:
            self.waiting.append(order)

    def may_take(self, order: OracleOrder) -> bool:
        if order.time_in_force != "FOK":
            return True
        levels = self.available[order.side].items()
        there = (one.quantity for price, one in levels if order.accepts(price))
        return sum(there, Decimal(0)) >= order.quantity

    def match(self) -> None:
        for side in ("SELL", "BUY"):
            # The sort keeps the order of arrival among equal limits.
            queue = [order for order in self.waiting if order.side == side]
            queue.sort(key=lambda order: order.price, reverse=side == "BUY")
            for order in queue:
                self.fill(order)
                if order.open:
                    break  # nothing for it, so nothing for those who ask for more
        self.waiting = [order for order in self.waiting if order.open]

    def fill(self, order: OracleOrder) -> None:
        levels = self.available[order.side]
        while order.open and levels:
            price = max(levels) if order.side == "SELL" else min(levels)
            if not order.accepts(price):
                return
            level = levels[price]
            quantity = min(order.open, level.quantity)
            order.fills.append(
                {"price": price, "quantity": quantity, "update_id": level.update_id}
            )
            order.open -= quantity
            order.status = "PARTIALLY_FILLED" if order.open else "FILLED"
            level.quantity -= quantity
            if not level.quantity:
                del levels[price]
