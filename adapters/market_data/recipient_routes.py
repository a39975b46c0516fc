"""The recipient of each symbol, and whether a connection carries the symbol."""

import threading
from collections.abc import Callable, Iterable

from domain.market.updates import FeedConnected, FeedDisconnected, FeedMessage
from domain.ports.runtime import Recipient
from domain.values import Symbol


class Route:
    """The way of one symbol's messages to its recipient."""

    __slots__ = ("carriers", "is_connected", "symbol", "tell")

    def __init__(self, symbol: Symbol, tell: Callable[[FeedMessage], object]) -> None:
        self.symbol = symbol
        self.tell = tell
        """Sends to the current recipient; no error if that has ended."""

        self.carriers: set[object] = set()
        """Connections whose subscription to the symbol is confirmed."""

        self.is_connected: bool | None = None
        """What the recipient was last told; None: nothing yet."""


class Routes:
    """All routes. Usable from every thread; ``Route.tell`` is read without a lock.

    The lock is held while telling, so that no update of a symbol can overtake its
    ``FeedConnected``. It is re-entrant because a recipient may call back.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._routes: dict[Symbol, Route] = {}
        self._is_closed = False

    def __len__(self) -> int:
        """Count the symbols."""
        return len(self._routes)

    def attach(self, symbol: Symbol, recipient: Recipient[FeedMessage]) -> bool:
        """Send everything about the symbol to ``recipient`` from now on.

        Returns:
            whether the symbol is new, so that a connection has to carry it.
        """
        with self._lock:
            if self._is_closed:
                return False
            route = self._routes.get(symbol)
            if route is None:
                self._routes[symbol] = Route(symbol, recipient.tell)
                return True
            route.is_connected = None
            if route.carriers:
                route.is_connected = True
                recipient.tell(FeedConnected(symbol=symbol))
            route.tell = recipient.tell
            return False

    def tell(self, message: FeedMessage) -> None:
        """Send to the recipient of the message's symbol, if it has one."""
        route = self._routes.get(message.symbol)
        if route is not None:
            route.tell(message)

    def is_known(self, symbol: Symbol) -> bool:
        """Whether anybody ever asked for the symbol."""
        return symbol in self._routes

    def carry(self, carrier: object, symbol: Symbol) -> Route:
        """Note that ``carrier`` delivers the symbol from now on."""
        with self._lock:
            route = self._routes[symbol]
            route.carriers.add(carrier)
            if not route.is_connected:
                route.is_connected = True
                route.tell(FeedConnected(symbol=symbol))
            return route

    def lose(self, carrier: object, symbols: Iterable[Symbol], cause: str) -> None:
        """Note that ``carrier`` delivers nothing any more, or never could.

        The recipients of the symbols that nobody else carries are told, once.
        """
        with self._lock:
            for symbol in symbols:
                route = self._routes[symbol]
                route.carriers.discard(carrier)
                if route.carriers or route.is_connected is False:
                    continue
                route.is_connected = False
                route.tell(FeedDisconnected(symbol=symbol, cause=cause))

    def close(self) -> None:
        """Send nothing any more."""
        with self._lock:
            self._is_closed = True
            for route in self._routes.values():
                route.tell = _nobody


def _nobody(_message: FeedMessage) -> bool:
    return False
