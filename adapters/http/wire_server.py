"""Waitress's server and its loop, which itself answers calls that never block."""

import logging
import select
import socket
import threading
import time
from collections import deque
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.trigger import trigger

from adapters.http.acceptor import SHUT_SECONDS, Acceptor
from adapters.http.client_connection import ClientConnection
from adapters.http.connection_slots import ConnectionSlots
from domain.ports.runtime import RunWokenActors


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

ACCEPTS_MAX: Final = 64
"""Clients accepted in one round of the loop."""

SLICE_SECONDS: Final = 0.01
"""Time in one round for writing, reading, accepting, and serving calls of either kind.
What does not fit is left for the next round, so that a halt never waits longer than a
few of these, however many other connections are active."""

CROWD: Final = 32
"""Active connections in one round. Up to this many are usually read within a slice.
With more, and after a round that had not enough time for all, urgent calls are looked
for first, at the price of a system call each."""

_READ: Final = select.POLLIN | select.POLLPRI


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Threads that serve what may block; urgent calls do not queue with others."""

    usual: ThreadedTaskDispatcher
    urgent: ThreadedTaskDispatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopWork:
    """What the loop's own thread does besides reading and writing.

    Waking a thread for a request, and the loop again for its answer, costs more than
    placing an order does. So calls that never wait are served by the loop.
    """

    non_blocking_calls: frozenset[tuple[str, str]] = frozenset()
    """(method, path) of such calls."""

    urgent_calls: frozenset[tuple[str, str]] = frozenset()
    """(method, path) of calls that are served first, however many others there are."""

    slots: ConnectionSlots | None = None
    """For connections; None for as many as the limit of open files allows."""

    run_woken_actors: RunWokenActors = nullcontext
    """Entered around calls that came together."""

    slice_seconds: float = SLICE_SECONDS
    crowd: int = CROWD


def _since(due: tuple[Any, int]) -> float:
    """Return since when a connection has waited for its turn."""
    since: float = due[0].due_at
    return since


class _Trigger(trigger):
    """Wakes the loop, only once until it has woken."""

    _is_pulled = False

    def pull_trigger(self, thunk: Any = None) -> None:
        """Wake the loop, unless it has been woken already."""
        if not self._is_pulled:
            self._is_pulled = True
            super().pull_trigger(thunk)

    def handle_read(self) -> None:
        """Reset the trigger, in the loop."""
        super().handle_read()
        # Only now: work that found it set is handled in the round that follows.
        self._is_pulled = False


class WireServer(TcpWSGIServer):
    """Waitress's server for one listening socket."""

    channel_class = ClientConnection
    trigger: Any  # the stubs take it for a number
    _is_behind = False  # the round before had not the time to read from all

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        sock: socket.socket,
        lanes: Lanes,
        acceptor: Acceptor,
        adjustments: Adjustments,
        work: LoopWork,
    ) -> None:
        """Listen.

        Args:
            app: answers the requests.
            sock: bound, not yet listening.
            lanes: the threads that serve what may block.
            acceptor: decides who gets in.
            adjustments: waitress's settings.
            work: what else the loop does.

        Raises:
            OSError: when another process listens on the address by now.
        """
        self.draining = False
        """Set when each connection is to close after its current request."""

        self.non_blocking_calls = work.non_blocking_calls
        self._work = work
        self._acceptor = acceptor
        self._urgent: deque[ClientConnection] = deque()
        self._usual: deque[ClientConnection] = deque()
        self._tidies_at = 0.0
        # By file number, everything that the loop watches; the stubs say sockets.
        self._watched: Any = {}
        self._waking = threading.Lock()
        self._is_over = False
        self._lanes = lanes
        self._has_newcomers = False
        self._loop_thread = 0
        self._listen(app, sock, lanes.usual, adjustments)

    def connections(self) -> list[ClientConnection]:
        """Return the open connections."""
        return list(self.active_channels.values())  # type: ignore[attr-defined] # the stubs take it for one

    def add_task(self, task: Any) -> None:
        """Queue a connection, to serve its first request or to write the answer."""
        if task.park():
            return
        is_urgent = task.call in self._work.urgent_calls
        if task.is_guest and not (is_urgent or task.has_begun):
            self._acceptor.judge(task, self.connections())
        if task.is_non_blocking:
            queue = self._urgent if is_urgent else self._usual
            (queue.appendleft if task.has_begun else queue.append)(task)
            self.pull_trigger()
        elif is_urgent:
            self._lanes.urgent.add_task(task)
        else:
            super().add_task(task)

    def loop_once(self, seconds_max: float) -> None:
        """Wait until something happens, then handle it."""
        self._loop_thread = threading.get_ident()
        seconds = 0.0 if self._urgent or self._usual else seconds_max
        if self._acceptor.is_shut:
            seconds = min(seconds, SHUT_SECONDS)
        self._read_and_write(seconds)
        # Accept after the round: a descriptor number reused within it would get the
        # events of the connection that had it before.
        if self._has_newcomers:
            self._has_newcomers = False
            self._accept_all()
        self._close_expired()
        if self._urgent or self._usual:
            with self._work.run_woken_actors():
                self._serve_all(self._urgent)
                self._serve_all(self._usual)

    def _read_and_write(self, seconds_max: float) -> None:
        """Wait until something happens, and let the connections handle it.

        If a round has not enough time for all, those with an urgent call go first, then
        those that have waited longest.
        """
        poll = select.poll()
        for number, one in list(self._watched.items()):
            flags = _READ if one.readable() else 0
            if one.writable() and not one.accepting:
                flags |= select.POLLOUT
            if flags:
                poll.register(number, flags)
        found = dict(poll.poll(int(seconds_max * 1000)))
        now = time.monotonic()
        for number, one in self._watched.items():
            waited_before = getattr(one, "due_at", None)
            one.due_at = (waited_before or now) if number in found else None
        due = [(one, found[n]) for n, one in self._watched.items() if n in found]
        # New clients and the trigger are only noted, which takes no time. If they had
        # to wait for their turn, so would a halt on a new connection.
        self._see_to([one for one in due if not isinstance(one[0], ClientConnection)])
        due = [one for one in due if isinstance(one[0], ClientConnection)]
        is_much = self._is_behind or len(due) > self._work.crowd
        due.sort(key=self._turn if is_much else _since)
        self._see_to([one for one in due if one[1] & select.POLLOUT])
        read = [one for one in due if not one[1] & select.POLLOUT]
        self._is_behind = self._see_to(read)

    def _turn(self, due: tuple[Any, int]) -> tuple[bool, float]:
        """Return the sort key of whose turn it is."""
        one, flags = due
        is_read = not flags & select.POLLOUT
        is_urgent = is_read and one.next_call() in self._work.urgent_calls
        return not is_urgent, one.due_at

    def _see_to(self, due: list[tuple[Any, int]]) -> bool:
        """Read or write as far as the time goes; return whether it was too short."""
        until = self._slice()
        for one, flags in due:
            one.due_at = None
            if one.socket is not None:  # otherwise it was closed in this round
                wasyncore.readwrite(one, flags)
            if time.monotonic() >= until:
                return one is not due[-1][0]
        return False

    def _serve_all(self, waiting: deque[ClientConnection]) -> None:
        """Serve one call of each waiting connection, as far as time allows."""
        until = self._slice()
        for _ in range(len(waiting)):
            self._serve(waiting.popleft())
            if time.monotonic() >= until:
                return

    def _slice(self) -> float:
        return time.monotonic() + self._work.slice_seconds

    def readable(self) -> bool:
        """Whether to look for waiting clients; called before each round."""
        return bool(super().readable()) and not self._acceptor.is_shut

    def handle_accept(self) -> None:
        """Note that clients are waiting; they are accepted after the round."""
        self._has_newcomers = True

    def _accept_all(self) -> None:
        """Accept all waiting clients; waitress itself accepts one in each round."""
        until = self._slice()
        for _ in range(ACCEPTS_MAX):
            if self._acceptor.is_shut:
                return
            assert self.socket is not None
            accepted = self._acceptor.accept(self.socket, self.connections)
            if accepted is None:
                return
            conn, address, is_guest = accepted
            self._seat(conn, address, is_guest=is_guest)
            # Without descriptors there is no way to tell whether more are waiting.
            if self._acceptor.is_starved or time.monotonic() >= until:
                return

    def _seat(self, conn: socket.socket, address: Any, *, is_guest: bool) -> None:
        try:
            self.set_socket_options(conn)
            connection = ClientConnection(
                self, conn, address, self.adj, map=self._watched
            )
        except OSError:  # the client has gone already
            conn.close()
        else:
            connection.is_guest = is_guest

    def maintenance(self, now: float) -> None:
        """Do nothing: waitress would go by the wall clock here."""

    def _close_expired(self) -> None:
        """Close unused connections, unless a request has just arrived on them."""
        now = time.monotonic()
        if now < self._tidies_at:
            return
        self._tidies_at = now + self.adj.cleanup_interval
        for connection in self.connections():
            if connection.has_expired(now, self.adj.channel_timeout):
                connection.handle_close()

    def has_left(self) -> None:
        """Note that a slot is free."""
        self._acceptor.reopen()

    def pull_trigger(self) -> None:
        """Wake the loop; does nothing in its own thread, or after it has ended.

        A request that was cut off may end after the loop. By then the descriptor of the
        loop's pipe may belong to another file, which must not be written to.
        """
        if threading.get_ident() == self._loop_thread:
            return
        with self._waking:
            if not self._is_over:
                super().pull_trigger()

    def stop_listening(self) -> None:
        """Close only the listening socket."""
        wasyncore.dispatcher.close(self)

    def close_all(self) -> None:
        """Close every connection, and the loop's trigger."""
        with self._waking:
            self._is_over = True
            wasyncore.close_all(self._watched)
        self._acceptor.close()

    def _listen(
        self,
        app: "WSGIApplication",
        sock: socket.socket,
        dispatcher: ThreadedTaskDispatcher,
        adjustments: Adjustments,
    ) -> None:
        try:
            super().__init__(
                app,
                map=self._watched,
                _sock=sock,
                dispatcher=dispatcher,
                adj=adjustments,
                sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
                bind_socket=False,
            )
        except OSError:
            wasyncore.close_all(self._watched)
            raise
        self.trigger.close()
        self.trigger = _Trigger(self._watched)

    def _serve(self, connection: ClientConnection) -> None:
        try:
            connection.service()
        except Exception:
            logger.exception("Request failed in the loop")
            connection.handle_close()
