"""How things are now, for all clients of the push stream that want to know.

A state is told when it has changed, and to a client that comes at once. What a client
does not read meanwhile is replaced by what is newer: it is never sent an old state, nor
two of the same thing at a time. Nothing is asked for that nobody wants to know.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from adapters.http.push_listener import PushListener
from adapters.http.state_names import StateName


class State(NamedTuple):
    """How one thing is."""

    frame: bytes
    content: object
    """Equal as long as there is nothing new to tell."""


States = Mapping[StateName, State]
"""By name."""


class StateReader(Protocol):
    """Finds out how things are."""

    def group_of(self, name: StateName) -> str:
        """Say which states are read together with one."""
        ...

    async def read(self, group: str, names: frozenset[StateName]) -> States:
        """Read some states of a group; never fails, and never takes long."""
        ...

    def stop(self) -> None:
        """Read nothing more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePace:
    """How often states are read."""

    seconds: float = 0.25
    """Between two reads of a group, at least."""

    share_max: float = 0.1
    """Of the time that may be spent on reading: with many symbols it is done less
    often."""

    seconds_max: float = 2.0
    """Between two reads, however long they take."""

    answer_seconds_max: float = 2.0
    """After this long without an answer, that is told. The desk itself gives up after
    one second, and says what it knows."""

    def pause_after(self, reading_seconds: float) -> float:
        """Return how long to wait after a read."""
        pause = reading_seconds * (1 / self.share_max - 1)
        return min(max(self.seconds, pause), self.seconds_max)


class StateBoard:
    """The latest states; for the loop's thread."""

    def __init__(self, reader: StateReader, pace: StatePace) -> None:
        self._reader: Final = reader
        self._pace: Final = pace
        self._states: Final[dict[StateName, State]] = {}
        self._wanted: Final[dict[PushListener, frozenset[StateName]]] = {}
        self._missed: Final[dict[PushListener, set[StateName]]] = {}
        self._tasks: Final[dict[str, asyncio.Task[None]]] = {}

    def join(self, listener: PushListener, names: frozenset[StateName]) -> None:
        """Tell a client how things are, and go on to do so."""
        if not names:
            return
        self._wanted[listener] = names
        self._missed[listener] = set()
        self._tell(listener, tuple(filter(names.__contains__, self._states)), {})
        for group in {self._reader.group_of(name) for name in names}:
            if group not in self._tasks:
                loop = asyncio.get_running_loop()
                self._tasks[group] = loop.create_task(self._follow(group))

    def leave(self, listener: PushListener) -> None:
        """Tell a client nothing more."""
        self._wanted.pop(listener, None)
        self._missed.pop(listener, None)

    def stop(self) -> None:
        """Tell nobody anything more."""
        for task in self._tasks.values():
            task.cancel()
        self._reader.stop()

    async def _follow(self, group: str) -> None:
        """Read states as long as somebody wants to know them."""
        now = asyncio.get_running_loop().time
        try:
            while names := self._wanted_of(group):
                began = now()
                self._show(await self._reader.read(group, names))
                await asyncio.sleep(self._pace.pause_after(now() - began))
        finally:
            del self._tasks[group]
            for name in [*self._states]:
                if self._reader.group_of(name) == group:
                    del self._states[name]  # too old for the next one who comes

    def _wanted_of(self, group: str) -> frozenset[StateName]:
        return frozenset(
            name
            for names in set(self._wanted.values())  # most want the same
            for name in names
            if self._reader.group_of(name) == group
        )

    def _show(self, states: States) -> None:
        """Tell what has changed, and what a client has not been told before."""
        before = self._states
        changed = [
            name
            for name, state in states.items()
            if name not in before or before[name].content != state.content
        ]
        self._states.update(states)
        due_to = {
            names: tuple(name for name in changed if name in names)
            for names in set(self._wanted.values())
        }
        texts: dict[tuple[StateName, ...], bytes] = {}
        for listener, names in self._wanted.items():
            due = due_to[names]
            if missed := self._missed[listener]:
                rest = missed.difference(due).intersection(self._states)
                due = (*due, *sorted(rest))
            self._tell(listener, due, texts)

    def _tell(
        self,
        listener: PushListener,
        due: tuple[StateName, ...],
        texts: dict[tuple[StateName, ...], bytes],
    ) -> None:
        """Send a client some states, or note that it has to read first.

        Args:
            listener: the client.
            due: the names of the states.
            texts: what other clients were sent; many want the same.
        """
        if listener.has_unread:
            self._missed[listener].update(due)
            return
        self._missed[listener].clear()
        if due not in texts:
            texts[due] = b"".join(self._states[name].frame for name in due)
        listener.send(texts[due])
