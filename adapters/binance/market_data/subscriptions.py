"""The subscriptions of one connection, requested and confirmed.

Source: Binance spot API documentation, market streams, control messages (2026-07-21).
"""

import json
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from adapters.binance.market_data.frames import ControlReply, stream_name
from adapters.network.pacing import SECOND_NS
from domain.errors import VenueUnavailableError
from domain.values import Symbol


URL_STREAMS_CHARACTERS_MAX: Final = 4000
"""Common servers take request lines of 8 kB."""

STREAMS_PER_REQUEST: Final = 100


class Subscriptions:
    """One connection's subscriptions. ``add`` is for any thread, the rest for one."""

    def __init__(
        self,
        *,
        suffixes: Sequence[str],
        symbols: Iterable[Symbol],
        answer_wait_seconds: float,
        pulse: str = "",
    ) -> None:
        """Start with nothing requested.

        Args:
            suffixes: parts of stream names after the symbol, such as ``depth@100ms``.
            symbols: to request first.
            answer_wait_seconds: how long the server may take to answer a request.
            pulse: suffix of a stream to request last, for one symbol, for the times
                that it carries; the server may refuse it.
        """
        self._suffixes = tuple(suffixes)
        self._todo: deque[Symbol] = deque(symbols)
        self._answer_wait_ns = round(answer_wait_seconds * SECOND_NS)
        self._asked: dict[int, tuple[tuple[Symbol, ...], int]] = {}
        self._unconfirmed: set[Symbol] = set()
        self._last_id = 0
        self._pulse = pulse
        self._pulse_symbol: Symbol | None = None
        self._pulse_id = 0

    def add(self, symbol: Symbol) -> None:
        """Request one more symbol."""
        self._todo.append(symbol)

    @property
    def waiting(self) -> int:
        """Symbols that were not requested yet."""
        return len(self._todo)

    @property
    def is_complete(self) -> bool:
        """Whether all subscriptions are confirmed."""
        return not self._todo and not self._unconfirmed

    def for_url(self) -> tuple[str, tuple[Symbol, ...]]:
        """Take as many symbols as fit into the URL.

        Returns:
            the value of the query parameter ``streams``, and those symbols.
        """
        names: list[str] = []
        taken: list[Symbol] = []
        length = 0
        while self._todo:
            more = [quote(name, safe="@") for name in self._names(self._todo[0])]
            length += sum(map(len, more)) + len(more)
            if names and length > URL_STREAMS_CHARACTERS_MAX:
                break
            names += more
            taken.append(self._todo.popleft())
        self._pulse_symbol = taken[0] if taken and self._pulse else None
        return "/".join(names), tuple(taken)

    def next_request(self, now_ns: int) -> str | None:
        """Take the next SUBSCRIBE message to send; None when there is none."""
        per_request = max(1, STREAMS_PER_REQUEST // len(self._suffixes))
        count = min(len(self._todo), per_request)
        if not count:
            return self._pulse_request()
        symbols = tuple(self._todo.popleft() for _ in range(count))
        self._last_id += 1
        self._asked[self._last_id] = (symbols, now_ns + self._answer_wait_ns)
        self._unconfirmed.update(symbols)
        names = [name for symbol in symbols for name in self._names(symbol)]
        message = {"method": "SUBSCRIBE", "params": names, "id": self._last_id}
        return json.dumps(message, ensure_ascii=False)

    def confirm_by_reply(self, reply: ControlReply) -> tuple[Symbol, ...]:
        """Take an answer of the server.

        Returns:
            the symbols that it newly confirms.

        Raises:
            VenueUnavailableError: when the server refuses.
        """
        if self._pulse_id and reply.request_id in {self._pulse_id, None}:
            return ()  # a refused pulse: lateness is then unknown
        if reply.error:
            raise VenueUnavailableError(f"subscription was refused: {reply.error}")
        if not isinstance(reply.request_id, int):
            return ()
        symbols, _ = self._asked.pop(reply.request_id, ((), 0))
        return tuple(symbol for symbol in symbols if self.confirm_by_data(symbol))

    def confirm_by_data(self, symbol: Symbol) -> bool:
        """Take a message of the symbol, which may come before the server's answer.

        Returns:
            whether the symbol was requested and not confirmed before.
        """
        if symbol not in self._unconfirmed:
            return False
        self._unconfirmed.discard(symbol)
        return True

    def is_overdue(self, now_ns: int) -> bool:
        """Whether the server has left a request unanswered too long."""
        return any(deadline <= now_ns for _, deadline in self._asked.values())

    def _pulse_request(self) -> str | None:
        if self._pulse_symbol is None:
            return None
        name = stream_name(self._pulse_symbol, self._pulse)
        self._pulse_symbol = None
        self._last_id += 1
        self._pulse_id = self._last_id
        message = {"method": "SUBSCRIBE", "params": [name], "id": self._last_id}
        return json.dumps(message, ensure_ascii=False)

    def _names(self, symbol: Symbol) -> list[str]:
        return [stream_name(symbol, suffix) for suffix in self._suffixes]
