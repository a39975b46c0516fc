"""Delivers what one connection reads to the recipients of its symbols."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from adapters.binance.market_data.frames import (
    ControlReply,
    ServerShutdown,
    StreamFrame,
)
from adapters.binance.market_data.subscriptions import Subscriptions
from adapters.market_data.recipient_routes import Route, Routes
from domain.market.updates import DepthUpdate, TopOfBook, together
from domain.values import Symbol


Gate = Callable[[Route, DepthUpdate | TopOfBook], None]
"""Where messages go while two connections carry the same symbols."""

_MARKET: Final = (DepthUpdate, TopOfBook)


class Delivery:
    """Passes a symbol's messages on, and handles the server's answers."""

    def __init__(
        self, *, carrier: object, routes: Routes, subscriptions: Subscriptions
    ) -> None:
        """Start with no symbol live.

        Args:
            carrier: the connection that carries the symbols.
            routes: to the recipients.
            subscriptions: of this connection.
        """
        self.gate: Gate | None = None
        """None sends directly to the recipients. The owner may set it at any time."""

        self.is_shutdown_announced = False
        self._carrier = carrier
        self._routes = routes
        self._subscriptions = subscriptions
        self._live: dict[Symbol, Route] = {}

    def go_live(self, symbols: Iterable[Symbol]) -> None:
        """Note that these symbols' streams are confirmed."""
        for symbol in symbols:
            self._live[symbol] = self._routes.carry(self._carrier, symbol)

    def take_all(self, messages: Sequence[StreamFrame]) -> None:
        """Take messages that came together, grouped by symbol.

        Raises:
            VenueUnavailableError: when the server refused a subscription.
        """
        by_symbol: dict[Symbol, list[DepthUpdate | TopOfBook]] = {}
        for message in messages:
            if not isinstance(message, _MARKET):
                self.take(message)
            elif (events := by_symbol.get(message.symbol)) is not None:
                events.append(message)
            else:
                by_symbol[message.symbol] = [message]
        for symbol, events in by_symbol.items():
            route = self._live.get(symbol)
            if route is not None and self.gate is None:
                route.tell(together(events))
            else:
                for event in events:
                    self.take(event)

    def take(self, message: StreamFrame) -> None:
        """Pass on, or act on, one message.

        Raises:
            VenueUnavailableError: when the server refused a subscription.
        """
        if isinstance(message, _MARKET):
            route = self._live.get(message.symbol) or self._first(message.symbol)
            if route is None:
                return  # an unsolicited stream, which some servers push
            gate = self.gate
            if gate is None:
                route.tell(message)
            else:
                gate(route, message)
        elif isinstance(message, ControlReply):
            self.go_live(self._subscriptions.confirm_by_reply(message))
        elif isinstance(message, ServerShutdown):
            self.is_shutdown_announced = True

    def _first(self, symbol: Symbol) -> Route | None:
        if self._subscriptions.confirm_by_data(symbol):
            self.go_live((symbol,))
        return self._live.get(symbol)
