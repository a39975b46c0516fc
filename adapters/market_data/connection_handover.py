"""Merges two connections that carry the same symbols, while one replaces the other.

Either may be ahead. Each symbol's updates leave here in the order of their update ids,
each once, so that the recipient sees an unbroken sequence: an update of the new
connection is held until the old one has caught up with it.
"""

import threading
from collections import Counter, deque
from collections.abc import Collection

from adapters.market_data.recipient_routes import Route
from domain.market.updates import DepthUpdate, TopOfBook
from domain.values import Symbol


class _Sequence:
    """How far one symbol's stream has come."""

    __slots__ = (
        "held",
        "lead",
        "new_ids",
        "new_spoke",
        "old_ids",
        "old_spoke",
        "top_id",
        "update_id",
    )

    def __init__(self) -> None:
        self.update_id = -1
        """Last id sent; -1 until the old connection has sent one."""

        self.top_id = -1
        self.held: deque[tuple[Route, DepthUpdate]] = deque()
        self.old_ids: dict[type, int] = {}
        """Last id of each kind of message on the old connection."""

        self.new_ids: dict[type, int] = {}
        self.lead: Counter[type] = Counter()
        """How many more times the new connection's ids have restarted than the old
        one's: while that is above 0, their messages cannot be merged."""

        self.old_spoke: set[type] = set()
        self.new_spoke: set[type] = set()
        """Kinds of message that have shown the new connection to be in step."""


class Handover:
    """The gate that both connections send through; usable from both threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sequences: dict[Symbol, _Sequence] = {}
        self._is_over = False

    def send_old(self, route: Route, message: DepthUpdate | TopOfBook) -> None:
        """Send a message of the old connection, unless it has been replaced."""
        with self._lock:
            if self._is_over:
                return
            sequence = self._sequence(message.symbol)
            sequence.old_spoke.add(type(message))
            _follow_back(sequence, message)
            if isinstance(message, TopOfBook):
                _send_top(sequence, route, message)
            elif message.last_update_id > sequence.update_id:
                _send(sequence, route, message)
            _send_held(sequence)

    def send_new(self, route: Route, message: DepthUpdate | TopOfBook) -> None:
        """Send a message of the new connection, now or when its turn comes."""
        with self._lock:
            sequence = self._sequence(message.symbol)
            self._follow_back_new(sequence, message)
            if isinstance(message, TopOfBook):
                sequence.new_spoke.add(TopOfBook)
                _send_top(sequence, route, message)
            elif not self._is_over:
                sequence.held.append((route, message))
                _send_held(sequence)
            elif message.last_update_id > sequence.update_id:
                _send(sequence, route, message)

    def is_in_step(self, symbols: Collection[Symbol], kinds: set[type]) -> bool:
        """Whether the new connection is seen to continue all these symbols' streams."""
        with self._lock:
            return all(kinds <= self._sequence(each).new_spoke for each in symbols)

    def is_behind(self) -> bool:
        """Whether the old connection carries anything that the new one does not."""
        with self._lock:
            return any(
                not sequence.old_spoke <= sequence.new_spoke
                for sequence in self._sequences.values()
            )

    def finish(self) -> None:
        """Send what is held: nothing more comes from the old connection."""
        with self._lock:
            self._is_over = True
            for sequence in self._sequences.values():
                _forget_old_ids(sequence)
                for route, message in sequence.held:
                    if message.last_update_id > sequence.update_id:
                        _send(sequence, route, message)
                sequence.held.clear()

    def drop_new(self) -> None:
        """Forget the new connection, which was lost and will be replaced."""
        with self._lock:
            for sequence in self._sequences.values():
                sequence.held.clear()
                sequence.old_spoke.clear()
                sequence.new_spoke.clear()
                sequence.new_ids.clear()
                sequence.lead.clear()

    def _follow_back_new(
        self, sequence: _Sequence, message: DepthUpdate | TopOfBook
    ) -> None:
        """Note that the new connection's ids have restarted.

        What it sent before is useless: the recipient has to start again, too, with what
        comes after. That is held until the old connection's ids have restarted as well,
        or it has ended.
        """
        kind, now = type(message), _id_of(message)
        before = sequence.new_ids.get(kind, -1)
        sequence.new_ids[kind] = now
        if now >= before:
            return
        sequence.lead[kind] += 1
        if isinstance(message, DepthUpdate):
            sequence.held.clear()
        if self._is_over:
            _forget_old_ids(sequence)

    def _sequence(self, symbol: Symbol) -> _Sequence:
        sequence = self._sequences.get(symbol)
        if sequence is None:
            sequence = self._sequences[symbol] = _Sequence()
        return sequence


def _follow_back(sequence: _Sequence, message: DepthUpdate | TopOfBook) -> None:
    """Restart the sequence when a connection's own ids have restarted.

    Then the cause is not that the other connection was faster. The recipient has to
    see it: it drops a repeated message, and discards its book when ids restart.
    """
    kind, now = type(message), _id_of(message)
    before = sequence.old_ids.get(kind, -1)
    sequence.old_ids[kind] = now
    if now > before:
        return
    if now < before:
        sequence.lead[kind] -= 1
    if isinstance(message, TopOfBook):
        sequence.top_id = -1
    else:
        sequence.update_id = -1


def _forget_old_ids(sequence: _Sequence) -> None:
    """Restart what only the new connection has restarted."""
    if sequence.lead[TopOfBook] > 0:
        sequence.top_id = -1
    if sequence.lead[DepthUpdate] > 0:
        sequence.update_id = -1
    sequence.lead.clear()


def _id_of(message: DepthUpdate | TopOfBook) -> int:
    if isinstance(message, TopOfBook):
        return message.update_id
    return message.last_update_id


def _send(sequence: _Sequence, route: Route, message: DepthUpdate) -> None:
    sequence.update_id = message.last_update_id
    route.tell(message)


def _send_top(sequence: _Sequence, route: Route, message: TopOfBook) -> None:
    if message.update_id > sequence.top_id:
        sequence.top_id = message.update_id
        route.tell(message)


def _send_held(sequence: _Sequence) -> None:
    if sequence.update_id < 0 or sequence.lead[DepthUpdate] > 0:
        return
    held = sequence.held
    while held and held[0][1].first_update_id <= sequence.update_id + 1:
        route, message = held.popleft()
        sequence.new_spoke.add(DepthUpdate)
        if message.last_update_id > sequence.update_id:
            _send(sequence, route, message)
