"""What the venue of the benchmarks says about orders: each is filled, after a while."""

import json
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl


ANSWER_SECONDS: Final = 0.005
"""From the request to the answer: a venue that is close by."""

_PLENTY: Final = "1000000000"
_SUBSCRIBED: Final = {"status": 200, "result": {"subscriptionId": 0}}


class VenueOrders:
    """Fills each order whole, and reports it to the account's streams."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._never = threading.Event()
        self.report: Callable[[bytes], None] = lambda _frame: None
        """Sends a frame to whoever listens to the account."""

    def place(self, query: str) -> bytes:
        """Take an order in; return the answer, late by ANSWER_SECONDS."""
        fields = dict(parse_qsl(query))
        number, now_ms = next(self._numbers), _now_ms()
        self._never.wait(ANSWER_SECONDS)
        self.report(_report_of(fields, number, now_ms))
        return json.dumps(_answer_to(fields, number, now_ms)).encode()


def time_body() -> bytes:
    """Return what time it is here."""
    return json.dumps({"serverTime": _now_ms()}).encode()


def account_body(assets: tuple[str, ...]) -> bytes:
    """Return an account that is rich."""
    balances = [{"asset": one, "free": _PLENTY, "locked": "0"} for one in assets]
    return json.dumps({"canTrade": True, "balances": balances}).encode()


def subscribed_body(request: bytes) -> bytes:
    """Confirm a subscription to the account's events."""
    return json.dumps({"id": json.loads(request)["id"], **_SUBSCRIBED}).encode()


def _answer_to(fields: dict[str, str], number: int, now_ms: int) -> dict[str, Any]:
    quantity = fields["quantity"]
    return {
        "symbol": fields["symbol"],
        "orderId": number,
        "orderListId": -1,
        "clientOrderId": fields["newClientOrderId"],
        "transactTime": now_ms,
        "price": fields["price"],
        "origQty": quantity,
        "executedQty": quantity,
        "status": "FILLED",
        "timeInForce": fields["timeInForce"],
        "type": "LIMIT",
        "side": fields["side"],
        "fills": [
            {
                "price": fields["price"],
                "qty": quantity,
                "commission": "0.00000000",
                "commissionAsset": "BNB",
                "tradeId": number,
            }
        ],
    }


def _report_of(fields: dict[str, str], number: int, now_ms: int) -> bytes:
    event = {
        "e": "executionReport",
        "E": now_ms,
        "s": fields["symbol"],
        "c": fields["newClientOrderId"],
        "C": "",
        "S": fields["side"],
        "x": "TRADE",
        "X": "FILLED",
        "i": number,
        "l": fields["quantity"],
        "z": fields["quantity"],
        "L": fields["price"],
        "n": "0",
        "N": "BNB",
        "T": now_ms,
        "t": number,
    }
    return json.dumps({"subscriptionId": 0, "event": event}).encode()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
