"""The simulated exchange with an account of ours, and its audit: the only truth."""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tests.system.processes import Simulator


RECEIVE_SECONDS: Final = 1
WINDOW_SECONDS: Final = 7
"""How long the exchange's silence about an order proves nothing."""

_WINDOWS: Final = (
    *("--recv-window", f"{RECEIVE_SECONDS}s"),
    *("--unknown-window", f"{WINDOW_SECONDS}s"),
)


@dataclass(frozen=True, slots=True, order=True)
class Execution:
    """One execution, as both ledgers have to tell it."""

    symbol: str
    trade_id: int
    child_id: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that the exchange has ever taken in and executed, whatever it said."""

    executions: tuple[Execution, ...]
    orders: tuple[dict[str, Any], ...]


class Exchange(Simulator):
    """It lives through the whole run; the service trades there for real."""

    def __init__(self, seed: int, *options: str) -> None:
        super().__init__("--no-limits", "--seed", str(seed), *options)
        key, secret = secrets.token_hex(32), secrets.token_hex(32)
        opened = self.client.post(
            "/control/accounts", {"api_key": key, "api_secret": secret}
        )
        assert opened.status == 200, "no account"
        self.variables = {
            "TRADE_EXECUTOR_API_KEY": key,
            "TRADE_EXECUTOR_API_SECRET": secret,
        }

    @property
    def as_venue(self) -> tuple[str, ...]:
        """The options by which a service trades here, with keys in ``variables``."""
        ws_api_url = f"{self.url.replace('http', 'ws', 1)}/ws-api/v3"
        trading = ("--trading", "live", "--ws-api-url", ws_api_url)
        return (*self.as_market, *trading, *_WINDOWS)

    def touch(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Best bid and best ask."""
        path = f"/api/v3/ticker/bookTicker?symbol={symbol}"
        found = self.client.get(path).body
        return Decimal(found["bidPrice"]), Decimal(found["askPrice"])

    def audit(self) -> Audit:
        trades = self.client.get("/control/trades").body["trades"]
        orders = self.client.get("/control/orders").body["orders"]
        return Audit(tuple(map(_execution, trades)), tuple(orders))


def _execution(trade: dict[str, Any]) -> Execution:
    return Execution(
        symbol=trade["symbol"],
        trade_id=trade["id"],
        child_id=trade["clientOrderId"],
        price=Decimal(trade["price"]),
        quantity=Decimal(trade["qty"]),
        fee=Decimal(trade["commission"]),
        fee_asset=trade["commissionAsset"],
    )
