"""Symbols that share a connection, and the connections that carry them in turn."""

import logging
import threading
from typing import Final

from adapters.binance.market_data.feed_connection import FeedConnection
from adapters.binance.market_data.feed_context import FeedContext
from adapters.binance.market_data.settings import StreamKind
from adapters.market_data.connection_handover import Handover
from adapters.network.pacing import SECOND_NS, Backoff
from domain.market.updates import LATE_MAX_NS, DepthUpdate, TopOfBook
from domain.values import Symbol


logger = logging.getLogger(__name__)

_MESSAGE_KINDS: Final[dict[StreamKind, type]] = {
    StreamKind.DEPTH: DepthUpdate,
    StreamKind.BOOK_TICKER: TopOfBook,
}
_HANDOVER_PATIENCE: Final = 3
"""After this many handover times, a new connection that stays behind is given up."""


class SymbolGroup:
    """Keeps one connection alive for its symbols; during a handover, two.

    Usable from every thread. Recipients are told of a loss without the lock held.
    """

    def __init__(self, *, number: int, context: FeedContext) -> None:
        self._number = number
        self._context = context
        settings = context.settings
        self._backoff = Backoff(
            first_seconds=settings.backoff_first_seconds,
            max_seconds=settings.backoff_max_seconds,
            rng=context.rng,
        )
        self._lock = threading.RLock()
        self._symbols: list[Symbol] = []
        self._current: FeedConnection | None = None
        self._newcomer: FeedConnection | None = None
        self._handover: Handover | None = None
        self._threads: set[FeedConnection] = set()
        """Connections whose threads may not have ended."""

        self._attempts = 0
        self._is_closed = False

    def add(self, symbol: Symbol) -> bool:
        """Carry one more symbol; return False when the group is full or closed."""
        with self._lock:
            room = self._context.settings.symbols_per_connection - len(self._symbols)
            if room <= 0 or self._is_closed:
                return False
            self._symbols.append(symbol)
            for connection in (self._current, self._newcomer):
                if connection is not None:
                    connection.add(symbol)
            if self._current is None:
                self._current = self._connect(0.0)
            return True

    def as_of_ns(self) -> int:
        """Return as of when the streams are known; 0: not at all. Takes no lock.

        During a handover that is the old connection's time: the new one's messages may
        be held back.
        """
        current = self._current
        return 0 if current is None else current.as_of_ns()

    def renew(self, cause: str) -> None:
        """Replace the connection, unless it is new already."""
        with self._lock:
            current = self._current
            minimum = self._context.settings.renew_age_min_seconds
            if current is None or current.age_seconds() < minimum:
                return
            current.stop(f"renewed: {cause}")

    def close(self) -> list[FeedConnection]:
        """End everything; return the connections whose threads are ending."""
        with self._lock:
            self._is_closed = True
            for connection in self._threads:
                connection.stop("closed")
            return list(self._threads)

    def connection_ended(self, connection: FeedConnection, cause: str) -> None:
        """Replace the connection, whether it was the current or the new one."""
        with self._lock:
            was_current = connection is self._current
            was_newcomer = connection is self._newcomer
            if was_current and self._newcomer is not None:
                self._replace_current(self._newcomer)
        if (was_current or was_newcomer) and not self._is_closed:
            self._context.meter.count("feed_connections_lost")
            logger.warning("Feed connection ended cause=%s", cause)
        self._context.routes.lose(connection, connection.symbols, cause)
        with self._lock:
            if self._is_closed:
                return
            if connection.age_seconds() >= self._context.settings.stable_seconds:
                self._backoff.reset()
            if connection is self._current:
                self._current = self._connect(self._delay_after(connection))
            elif connection is self._newcomer and self._handover is not None:
                self._handover.drop_new()
                self._start_newcomer(self._handover, self._delay_after(connection))

    def replacement_wanted(self, connection: FeedConnection, reason: str) -> None:
        """Start to replace the current connection before it breaks."""
        with self._lock:
            is_wanted = connection is self._current and self._newcomer is None
            if not is_wanted or self._is_closed:
                return
            logger.info("Feed connection is being replaced reason=%s", reason)
            settings = self._context.settings
            is_stable = connection.age_seconds() >= settings.stable_seconds
            delay_seconds = 0.0 if is_stable else self._backoff.next_seconds()
            self._handover = Handover()
            connection.delivery.gate = self._handover.send_old
            self._start_newcomer(self._handover, delay_seconds)

    def look_at_handover(self, connection: FeedConnection, now_ns: int) -> None:
        """Drop the old connection once the new one is in step."""
        with self._lock:
            handover = self._handover
            if connection is self._current and handover is None:
                connection.delivery.gate = None  # the handover is complete
                return
            if connection is not self._newcomer or handover is None:
                return
            if not connection.subscriptions.is_complete or connection.opened_ns is None:
                return
            settings = self._context.settings
            kinds = {_MESSAGE_KINDS[kind] for kind in settings.streams}
            lasted_seconds = (now_ns - connection.opened_ns) / SECOND_NS
            is_long = lasted_seconds >= settings.handover_seconds
            if (
                handover.is_in_step(self._symbols, kinds)
                or (is_long and not handover.is_behind())
                or self._is_silent_beside(connection, now_ns)
            ):
                old = self._current
                self._replace_current(connection)
                self._context.meter.count("feed_handovers")
                logger.info("Feed connection was replaced")
                if old is not None:
                    old.stop("replaced")
            elif lasted_seconds >= settings.handover_seconds * _HANDOVER_PATIENCE:
                connection.stop("new connection did not get in step")

    def _is_silent_beside(self, newcomer: FeedConnection, now_ns: int) -> bool:
        """Whether the old connection is silent, so that nothing can be offered.

        A gap between the two costs the book, which is then loaded again at once.
        """
        old_age_ns = now_ns - self.as_of_ns()
        return old_age_ns > LATE_MAX_NS >= now_ns - newcomer.as_of_ns()

    def _replace_current(self, newcomer: FeedConnection) -> None:
        assert self._handover is not None
        self._handover.finish()
        self._current, self._newcomer, self._handover = newcomer, None, None

    def _start_newcomer(self, handover: Handover, delay_seconds: float) -> None:
        newcomer = self._make(delay_seconds)
        newcomer.delivery.gate = handover.send_new
        self._newcomer = newcomer
        newcomer.start()

    def _delay_after(self, connection: FeedConnection) -> float:
        return max(self._backoff.next_seconds(), connection.ban_seconds)

    def _connect(self, delay_seconds: float) -> FeedConnection:
        connection = self._make(delay_seconds)
        connection.start()
        return connection

    def _make(self, delay_seconds: float) -> FeedConnection:
        self._attempts += 1
        self._threads = {each for each in self._threads if each.is_alive()}
        connection = FeedConnection(
            name=f"binance-feed-{self._number}-{self._attempts}",
            context=self._context,
            owner=self,
            symbols=self._symbols,
            delay_seconds=delay_seconds,
        )
        self._threads.add(connection)
        return connection
