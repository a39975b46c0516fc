"""User data events: who listens, and what they are sent.

user-data-stream.md (read 2026-07-21) gives the shapes.
"""

from collections.abc import Callable, Iterable

import msgspec

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.market.amounts import to_text
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.orders import ExchangeOrder, ExchangeTrade


Listener = Callable[[str, dict[str, object]], None]
"""Takes the symbol that an event is about, empty for none, and the event."""
ZERO = to_text(0)


class UserEvents:
    """Tells the listeners of each account what happens to it."""

    def __init__(self, clock: WallClock, first_execution_id: int) -> None:
        """Start without listeners."""
        self._clock = clock
        self._execution_id = first_execution_id
        self._listeners: dict[TraderAccount, dict[Listener, None]] = {}

    def listen(self, account: TraderAccount, listener: Listener) -> None:
        """Tell a listener of an account from now on."""
        self._listeners.setdefault(account, {})[listener] = None

    def ignore(self, account: TraderAccount, listener: Listener) -> None:
        """Tell it no longer."""
        self._listeners.get(account, {}).pop(listener, None)

    def count(self) -> int:
        """Return how many listen."""
        return sum(map(len, self._listeners.values()))

    def report(
        self,
        order: ExchangeOrder,
        kind: str,
        trade: ExchangeTrade | None = None,
        cancel_id: str = "",
    ) -> int:
        """Tell what happened to an order; return the id of this execution."""
        self._execution_id += 1
        execution_id = self._execution_id
        if self._listeners.get(order.account):
            event = self._execution_report(order, kind, trade, cancel_id)
            event["I"] = execution_id
            self._tell(order.account, order.symbol, event)
        return execution_id

    def position(self, account: TraderAccount, assets: Iterable[str]) -> None:
        """Tell balances that changed."""
        now_ms = self._clock()
        account.update_time_ms = now_ms
        if self._listeners.get(account):
            shown = [
                {"a": asset, "f": free, "l": locked}
                for asset, free, locked in account.shown(assets)
            ]
            event: dict[str, object] = {
                "e": "outboundAccountPosition",
                "E": now_ms,
                "u": now_ms,
                "B": shown,
            }
            self._tell(account, "", event)

    def _tell(
        self, account: TraderAccount, symbol: str, event: dict[str, object]
    ) -> None:
        for listener in tuple(self._listeners[account]):
            listener(symbol, event)

    def _execution_report(
        self,
        order: ExchangeOrder,
        kind: str,
        trade: ExchangeTrade | None,
        cancel_id: str,
    ) -> dict[str, object]:
        request, now_ms = order.request, self._clock()
        event: dict[str, object] = {
            "e": "executionReport",
            "E": now_ms,
            "s": order.symbol,
            "c": cancel_id or order.client_id,
            "S": "BUY" if order.is_buy else "SELL",
            "o": request.kind,
            "f": request.time_in_force,
            "q": to_text(order.quantity),
            "p": to_text(request.price),
            "P": ZERO,
            "F": ZERO,
            "g": -1,
            "C": order.client_id if cancel_id else "",
            "x": kind,
            "X": order.status,
            "r": "NONE",
            "i": order.order_id,
            **_last(trade),
            "z": to_text(order.executed),
            "T": order.update_time_ms,
            "w": order.is_open,
            "m": trade is not None and trade.is_maker,
            "M": False,
            "O": order.time_ms,
            "Z": to_text(order.quote_executed),
            "Q": to_text(request.quote_quantity),
            "W": order.time_ms,
            "V": order.prevention,
        }
        event.update(_conditional(order))
        return event


def _last(trade: ExchangeTrade | None) -> dict[str, object]:
    if trade is None:
        return {"l": ZERO, "L": ZERO, "Y": ZERO, "n": "0", "N": None, "t": -1}
    return {
        "l": to_text(trade.quantity),
        "L": to_text(trade.price),
        "Y": to_text(trade.quote_quantity),
        "n": to_text(trade.commission),
        "N": trade.commission_asset,
        "t": trade.trade_id,
    }


def _conditional(order: ExchangeOrder) -> dict[str, object]:
    request = order.request
    found: dict[str, object] = {}
    if request.strategy_id is not None:
        found["j"] = request.strategy_id
    if request.strategy_type is not None:
        found["J"] = request.strategy_type
    if order.prevented_match_id is not None:
        found.update(v=order.prevented_match_id, A=to_text(order.prevented))
    if order.expiry_reason:
        found["eR"] = order.expiry_reason
    return found


def encode(subscription_id: int, event: dict[str, object]) -> bytes:
    """Return the frame of an event as a subscription sees it."""
    return msgspec.json.encode({"subscriptionId": subscription_id, "event": event})
