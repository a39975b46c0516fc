"""Asks the desk how things are, for clients of the push stream."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from typing import Final

from msgspec import structs

from adapters.api.markets import BookAnswer
from adapters.api.service import HaltAnswer, ReadinessAnswer, SymbolReadinessAnswer
from adapters.api.stream import BOOK, ServiceAnswer, UnansweredAnswer
from adapters.api.times import time_text
from adapters.http.server_sent_events import state_frame
from adapters.http.state_board import State, States
from adapters.http.state_names import HALT, SERVICE, StateName, symbol_state
from domain.errors import TradeExecutorError
from domain.market.updates import BookView
from domain.orders.committed import Position
from domain.ports.order_desk import OrderDesk
from domain.refusals import Refusal
from domain.values import Symbol


logger = logging.getLogger(__name__)

_READINESS: Final = "readiness"
"""The group of the service's state and those of the symbols."""

_FAILED: Final = "the service failed; its log says why"


class DeskStates:
    """Implements ``StateReader``; for the loop's thread."""

    def __init__(
        self,
        desk: OrderDesk,
        now: Callable[[], datetime],
        last_position: Callable[[], Position | None],
        thread: Executor,
        book_threads: Executor,
        answer_seconds_max: float,
    ) -> None:
        """Ask nothing yet.

        Args:
            desk: knows how things are.
            now: the service's time.
            last_position: of what was committed; None if that is unknown.
            thread: where an answer may be waited for.
            book_threads: where those about books may be. A book that nobody shows
                holds up no other, unless there are many of them.
            answer_seconds_max: how long to wait before that is told instead.
        """
        self._desk: Final = desk
        self._now: Final = now
        self._last_position: Final = last_position
        self._thread: Final = thread
        self._book_threads: Final = book_threads
        self._answer_seconds_max: Final = answer_seconds_max
        self._asked: Final[dict[str, asyncio.Future[States]]] = {}

    def group_of(self, name: StateName) -> str:
        """Say which states are read together with one."""
        if name == HALT or name.topic == BOOK:
            return str(name)
        return _READINESS

    async def read(self, group: str, names: frozenset[StateName]) -> States:
        """Read states; those that nobody knows in time say so."""
        asked = self._asked.pop(group, None) or self._ask(group, names)
        await asyncio.wait((asked,), timeout=self._answer_seconds_max)
        if not asked.done():
            self._asked[group] = asked  # not asked again before it is answered
            detail = f"no answer within {self._answer_seconds_max:g} s"
            return dict(_unanswered(names, detail))
        try:
            found = asked.result()
        except TradeExecutorError as error:
            return dict(_unanswered(names, str(error)))
        except Exception:
            logger.exception("State for the push stream not read group=%s", group)
            return dict(_unanswered(names, _FAILED))
        return {name: state for name, state in found.items() if name in names}

    def stop(self) -> None:
        """Ask nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._book_threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, group: str, names: frozenset[StateName]) -> "asyncio.Future[States]":
        loop = asyncio.get_running_loop()
        if group == _READINESS:
            return loop.run_in_executor(self._thread, self._readiness)
        if group == str(HALT):
            return asyncio.ensure_future(self._halt())
        return loop.run_in_executor(self._book_threads, self._book, names)

    async def _halt(self) -> States:
        outcome = await asyncio.wrap_future(self._desk.halt())
        if isinstance(outcome, Refusal):
            return dict(_unanswered((HALT,), outcome.detail))
        answer = HaltAnswer.of(outcome)
        return {HALT: State(state_frame("halt", answer), answer)}

    def _book(self, names: frozenset[StateName]) -> States:
        """Read a book once, as deep as the deepest that is wanted."""
        (symbol,) = {name.symbol for name in names}
        book = self._desk.book(Symbol(symbol), max(name.levels for name in names))
        return {name: _state_of_book(book, name.levels) for name in names}

    def _readiness(self) -> States:
        readiness = self._desk.readiness()
        time = time_text(self._now())
        service = ServiceAnswer.of(readiness, self._last_position(), time)
        states = {
            symbol_state(Symbol(one.symbol)): _state_of_symbol(one)
            for one in ReadinessAnswer.of(readiness).symbols
        }
        timeless = structs.replace(service, time="")
        states[SERVICE] = State(state_frame("service", service), timeless)
        return states


def _state_of_book(book: BookView, levels: int) -> State:
    bids, asks = book.bids[:levels], book.asks[:levels]
    answer = BookAnswer.of(replace(book, bids=bids, asks=asks))
    return State(state_frame("book", answer), answer)


def _state_of_symbol(answer: SymbolReadinessAnswer) -> State:
    """Make a state that is another one when the lag has passed a second."""
    lag = answer.lag_seconds
    steady = structs.replace(answer, lag_seconds=None if lag is None else int(lag))
    return State(state_frame("symbol", answer), steady)


def _unanswered(
    names: Iterable[StateName], detail: str
) -> Iterable[tuple[StateName, State]]:
    for name in names:
        answer = UnansweredAnswer(topic=str(name), detail=detail)
        yield name, State(state_frame("unanswered", answer), answer)
