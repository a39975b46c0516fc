"""The user data subscriptions of one WebSocket API connection, and their faults."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.faults.order_faults import OrderFaults
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading.account_keys import ApiKey
from adapters.simulated_exchange.trading.user_events import (
    Listener,
    UserEvents,
    encode,
)


IDS_MAX = 65_535
"""Subscriptions over the life of a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subscription:
    key: ApiKey
    listener: Listener


class UserSubscriptions:
    """Who is listened to on one connection."""

    def __init__(
        self,
        events: UserEvents,
        faults: OrderFaults,
        send: Callable[[bytes], None],
        clock: WallClock,
    ) -> None:
        """Start without subscribers; `send` queues a frame."""
        self._events = events
        self._faults = faults
        self._send = send
        self._clock = clock
        self._next_id = 0
        self._held: dict[int, _Subscription] = {}

    def add(self, key: ApiKey) -> int:
        """Listen to the account of a key; return the subscription's id.

        Raises:
            VenueError: -2035 when it is listened to already, -2042 after too many.
        """
        if any(one.key.account is key.account for one in self._held.values()):
            raise VenueError(-2035, "User data stream is already active.")
        if self._next_id > IDS_MAX:
            raise VenueError(-2042, "Subscription ids are used up.")
        number = self._next_id
        self._next_id += 1

        def listen(symbol: str, event: dict[str, object]) -> None:
            self._pass_on(symbol, event, encode(number, event))

        self._held[number] = _Subscription(key=key, listener=listen)
        self._events.listen(key.account, listen)
        return number

    def remove(self, number: int | None) -> None:
        """End one subscription, or all.

        Raises:
            VenueError: -2036 when there is none.
        """
        chosen = list(self._held) if number is None else [number]
        if not chosen or any(one not in self._held for one in chosen):
            raise VenueError(-2036, "User data stream is not active.")
        for one in chosen:
            self._end(one)

    def remove_key(self, key: ApiKey) -> None:
        """End what was subscribed with a key."""
        for number, held in tuple(self._held.items()):
            if held.key.text == key.text:
                self._end(number)

    def close(self) -> None:
        """End everything and say nothing."""
        for held in self._held.values():
            self._events.ignore(held.key.account, held.listener)
        self._held.clear()

    def describe(self) -> list[dict[str, object]]:
        """Return the active subscriptions."""
        return [{"subscriptionId": number} for number in self._held]

    def _end(self, number: int) -> None:
        held = self._held.pop(number)
        self._events.ignore(held.key.account, held.listener)
        event: dict[str, object] = {"e": "eventStreamTerminated", "E": self._clock()}
        self._send(encode(number, event))

    def _pass_on(self, symbol: str, event: dict[str, object], frame: bytes) -> None:
        fault = None
        if event["e"] == "executionReport":
            fault = self._faults.take_event(symbol)
        if fault is None:
            self._send(frame)
        elif fault.kind == "doubled":
            self._send(frame)
            self._send(frame)
        elif fault.kind == "late":
            loop = asyncio.get_running_loop()
            loop.call_later(fault.seconds, self._send, frame)
