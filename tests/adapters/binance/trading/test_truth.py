"""Whatever a server does and says, no answer contradicts what it did."""

import random
from decimal import Decimal
from typing import Any

import pytest

from adapters.binance.trading.venue import BinanceVenue
from domain.orders.child_order import ChildOrder, ChildStatus
from domain.venue.answers import VenueAnswer
from tests.adapters.binance.trading.builders import (
    child,
    fill_body,
    order_body,
    trade_body,
)
from tests.adapters.binance.trading.loopback import (
    Asked,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


BEFORE_THE_ENGINE = [
    error(-1013, "Filter failure: LOT_SIZE"),
    error(-2010, "Account has insufficient balance for requested action."),
    error(-1021, "Timestamp for this request is outside of the recvWindow."),
    error(-1003, "Too much request weight used", 429, Retry_After="1"),
    error(-1015, "Too many new orders", 429),
    error(-1003, "IP banned", 418),
    error(-2015, "Invalid API-key, IP, or permissions for action.", 401),
    error(-9999, "of next year"),
]
AT_ANY_TIME = [
    Said(cut=True),
    Said(status=500),
    Said(status=502, body="<html>"),
    Said(status=403, body="<html>"),
    Said(body="<html>"),
    Said(body="x" * 50, cut_in_body=True),
    error(-1000, "unknown", 500),
    error(-1006, "Unexpected response"),
    error(-1007, "Timeout waiting for response from backend server.", 504),
    error(-1008, "Server is currently overloaded", 503),
    error(-2010, "Duplicate order sent."),
    error(-2013, "Order does not exist."),
]


class Exchange:
    """Executes, or not, and tells the truth, or nothing useful."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.executed: dict[str, Decimal] = {}
        self.children: dict[str, ChildOrder] = {}
        self.lags: dict[str, int] = {}

    def __call__(self, asked: Asked) -> Said | None:
        if asked.call == "GET time":
            return self.rng.choice([None] * 9 + [Said(status=502)])
        if asked.call == "POST order":
            return self._place(asked.fields["newClientOrderId"])
        return self._ask(asked)

    def _place(self, name: str) -> Said:
        if self.rng.random() < 0.3:
            return self.rng.choice(BEFORE_THE_ENGINE)
        trouble = self.rng.choice([None, None, *AT_ANY_TIME])
        if trouble is not None and self.rng.random() < 0.5:
            return trouble
        assert name not in self.executed, "an order was sent twice"
        self.executed[name] = Decimal(self.rng.randint(0, 4)) / 2
        self.lags[name] = self.rng.randint(0, 3)
        return trouble or said(self._order(name) | {"fills": self._fills(name)})

    def _ask(self, asked: Asked) -> Said:
        if self.rng.random() < 0.3:
            return self.rng.choice(AT_ANY_TIME[:6] + BEFORE_THE_ENGINE[2:5])
        if asked.call == "GET openOrders":
            return said([])
        name = asked.fields.get("origClientOrderId")
        if asked.call == "GET myTrades":
            return said(self._trades(asked.fields.get("orderId")))
        name = name or self._name(asked.fields["orderId"])
        if name not in self.executed:
            return error(-2013, "Order does not exist.")
        self.lags[name] -= 1
        if self.lags[name] >= 0:
            return self.rng.choice([Said(status=504), said(self._order(name))])
        return said(self._order(name))

    def _order(self, name: str) -> Any:
        executed = self.executed[name]
        one = self.children[name]
        full = None if executed == one.quantity else str(executed)
        return order_body(one, full, orderId=self._number(name))

    def _fills(self, name: str) -> list[Any]:
        halves = int(self.executed[name] * 2)
        first = self._number(name) * 10
        return [fill_body("0.5", first + part) for part in range(halves)]

    def _trades(self, order_id: str | None) -> list[Any]:
        names = [self._name(order_id)] if order_id else list(self.executed)
        trades = [
            trade_body(
                self.children[name],
                fill["qty"],
                fill["tradeId"],
                orderId=self._number(name),
            )
            for name in names
            for fill in self._fills(name)
        ]
        return trades[: self.rng.randint(0, len(trades))] if order_id else trades

    @staticmethod
    def _number(name: str) -> int:
        return int(name.rpartition("-")[2])

    def _name(self, order_id: str) -> str:
        return next(n for n in self.children if n.endswith(f"-{order_id}"))

    def contradicts(self, name: str, answer: VenueAnswer) -> bool:
        executed = self.executed.get(name)
        result = answer.result
        if result is None:
            return False
        if result.status is not ChildStatus.DONE:
            return executed is not None
        filled = sum((fill.quantity for fill in result.fills), Decimal(0))
        ids = {fill.trade_id for fill in result.fills}
        return filled != executed or len(ids) != len(result.fills)


@pytest.mark.parametrize("seed", range(10))
def test_no_answer_contradicts_what_the_venue_did(
    server: TradingServer, venue: BinanceVenue, clock: HandClock, seed: int
) -> None:
    exchange = Exchange(seed)
    server.answers = exchange
    resolved = 0

    for number in range(1, 41):
        one = child("2", number=number)
        exchange.children[one.child_id] = one
        answer = venue.place(one, ALLOWED)
        assert not exchange.contradicts(one.child_id, answer), answer
        for _ in range(25):
            if answer.result is not None:
                break
            clock.advance(200)
            answer = venue.look_up(one, since=clock.now(), thoroughly=True)
            assert not exchange.contradicts(one.child_id, answer), answer
            if answer.is_absent:
                assert one.child_id not in exchange.executed, answer
                break
        resolved += answer.result is not None or answer.is_absent
        clock.advance(200)

    assert resolved >= 30
