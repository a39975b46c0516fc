"""Watches one order until it has ended: every event once, and where it stands."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

from adapters.api.order_now import OrderNowAnswer
from adapters.api.orders import OrderAnswer, SummaryAnswer
from adapters.cli.answers import (
    ReceivedEvent,
    page_of,
    read_event,
    read_now,
    read_order,
    read_summary,
)
from adapters.cli.failures import ExitCode, NotReachableError
from adapters.cli.followed_stream import Arrived, Connected, Happened, Heard, Lost
from adapters.cli.service_client import TRIES, Call, Reply, ServiceClient
from domain.orders.order import OrderStatus
from domain.pages import PAGE_MAX


REASON_SECONDS: Final = 1.0
"""From one look at why it does not fill to the next."""

A = TypeVar("A")


class OrderView(Protocol):
    """Shows an order that is being watched."""

    def event(self, event: ReceivedEvent) -> None:
        """Show what has happened; every event is shown once, in its order."""
        ...

    def state(self, order: OrderAnswer) -> None:
        """Show where the order stands."""
        ...

    def wants_reasons(self) -> bool:
        """Return whether ``waits`` shows anything."""
        ...

    def waits(self, now: OrderNowAnswer) -> None:
        """Show why the order does not fill now."""
        ...

    def connected(self) -> None:
        """Show that events come, again or for the first time."""
        ...

    def lost(self, why: str) -> None:
        """Show that no events come for now."""
        ...

    def end(self, order: Reply[OrderAnswer], summary: SummaryAnswer | None) -> None:
        """Show how the order has ended.

        Args:
            order: as it ended.
            summary: what came of it, if the service could still say so.
        """
        ...


class OrderWatch:
    """Watches one order.

    What is shown of its state is read from the service, never added up of events. The
    stream says when to look, and brings each event once. What was committed before the
    stream began is read from the order's history.
    """

    def __init__(
        self,
        client: ServiceClient,
        order: OrderAnswer,
        view: OrderView,
        last_shown: int | None = None,
        now_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to watch.

        Args:
            client: of the service.
            order: as it stands.
            view: is shown all of it.
            last_shown: number of the last event that need not be shown, 0 to show all;
                None: those that come from now on.
            now_seconds: a clock that never goes back.
        """
        self._client: Final = client
        self._id: Final[str] = order.id
        self._view: Final = view
        self._last_shown = last_shown
        self._has_shown_end = False
        self._now_seconds: Final = now_seconds
        self._reason_at = -REASON_SECONDS

    def run(self, stream: Iterable[Happened]) -> ExitCode:
        """Watch until the order has ended; return DONE if all of it was filled.

        Raises:
            CommandError: the service refuses, or has not answered for too long.
        """
        for happened in stream:
            if not self._show(happened):
                continue
            order = self._order()
            if order is None:
                continue
            status = order.answer.status
            self._view.state(order.answer)
            if status.is_final and self._is_whole(happened):
                self._view.end(order, self._summary())
                is_filled = status is OrderStatus.FILLED
                return ExitCode.DONE if is_filled else ExitCode.UNFILLED
        raise AssertionError("the stream never ends")

    def _show(self, happened: Happened) -> bool:
        """Show it; return whether it is a reason to look at the order."""
        match happened:
            case Connected(is_anew=is_anew):
                self._view.connected()
                if is_anew:
                    self._catch_up()
            case Lost(error=error):
                self._view.lost(str(error))
            case Heard():
                self._tell_reason()
                return False
            case Arrived(events=events):
                ours = [one for one in events if one.read.order_id == self._id]
                self._arrived(ours)
                return bool(ours)
        return True

    def _tell_reason(self) -> None:
        """Show why it does not fill, but not at each move of the market."""
        since = self._now_seconds() - self._reason_at
        if since < REASON_SECONDS or not self._view.wants_reasons():
            return
        self._reason_at = self._now_seconds()
        path = f"/orders/{self._id}/now"
        reply = self._read(Call(method="GET", path=path, read=read_now))
        if reply is not None:
            self._view.waits(reply.answer)

    def _is_whole(self, happened: Happened) -> bool:
        """Return whether the last event has been shown.

        If it has not, it is still to arrive; without a stream it is read from disk.
        """
        if not self._has_shown_end and not isinstance(happened, Arrived):
            self._catch_up()
            return True
        return self._has_shown_end

    def _arrived(self, events: Sequence[ReceivedEvent]) -> None:
        if events and self._last_shown is None:
            self._last_shown = events[0].read.number - 1
        if events and events[0].read.number > (self._last_shown or 0) + 1:
            self._catch_up()  # the disk could not be read when the stream began
        self._show_events(events)

    def _show_events(self, events: Sequence[ReceivedEvent]) -> None:
        for event in events:
            if event.read.number > (self._last_shown or 0):
                self._last_shown = event.read.number
                self._has_shown_end = event.read.status.is_final
                self._view.event(event)

    def _catch_up(self) -> None:
        """Show the events on disk that were not shown."""
        if self._last_shown is None:
            return
        query: tuple[tuple[str, str], ...] = (("limit", str(PAGE_MAX)),)
        cursor = None
        while True:
            call = Call(
                method="GET",
                path=f"/orders/{self._id}/events",
                query=query if cursor is None else (*query, ("cursor", cursor)),
                read=page_of(read_event),
                tries=TRIES,
            )
            page = self._read(call)
            if page is None:
                return
            self._show_events(page.answer.items)
            cursor = page.answer.next_cursor
            if cursor is None:
                return

    def _order(self) -> Reply[OrderAnswer] | None:
        path = f"/orders/{self._id}"
        return self._read(Call(method="GET", path=path, read=read_order))

    def _summary(self) -> SummaryAnswer | None:
        path = f"/orders/{self._id}/summary"
        call = Call(method="GET", path=path, read=read_summary, tries=TRIES)
        reply = self._read(call)
        return None if reply is None else reply.answer

    def _read(self, call: Call[A]) -> Reply[A] | None:
        """Ask the service; None if it does not answer now."""
        try:
            return self._client.call(call)
        except NotReachableError:
            return None
