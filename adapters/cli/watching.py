"""``run.py watch``, and ``--watch`` of ``order``."""

import sys
from typing import Final

from adapters.api.orders import OrderAnswer
from adapters.cli.answers import ReceivedEvent, read_order
from adapters.cli.failures import ExitCode, NotReachableError
from adapters.cli.followed_stream import (
    Arrived,
    Connected,
    FollowedStream,
    Happened,
    Heard,
    Lost,
)
from adapters.cli.order_tables import terms_of, time_of
from adapters.cli.order_views import (
    FOUND_WORDS,
    BarView,
    JsonView,
    LinesView,
    event_words,
    lost_words,
)
from adapters.cli.order_watch import OrderWatch
from adapters.cli.output import Output, note
from adapters.cli.service_client import TRIES, Call, ServiceClient
from adapters.configuration.client_settings import WatchSettings
from adapters.program_name import program_name


def watch(settings: WatchSettings) -> int:
    """Watch one order to its end, or all orders until Ctrl-C.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    client, output = ServiceClient(settings), Output(as_json=settings.json)
    if settings.order is None:
        return _watch_all(client, output)
    path = f"/orders/{settings.order}"
    reply = client.call(Call(method="GET", path=path, read=read_order, tries=TRIES))
    order = reply.answer
    output.answer(reply, lambda: output.line(f"order {order.id}: {terms_of(order)}"))
    return watch_order(client, output, order, 0 if settings.json else None)


def watch_order(
    client: ServiceClient, output: Output, order: OrderAnswer, last_shown: int | None
) -> int:
    """Watch an order to its end.

    Args:
        client: of the service.
        output: where it is shown.
        order: as it stands.
        last_shown: see ``OrderWatch``.

    Returns:
        The exit code.

    Raises:
        CommandError: the service refuses, or has not answered for too long.
    """
    try:
        with _view(output, order) as view:
            watch = OrderWatch(client, order, view, last_shown)
            return watch.run(FollowedStream(client, _stream_of(order, view)))
    except KeyboardInterrupt:
        note("stopped watching; the order goes on")
        name = program_name()
        note(f"  to watch it again: {name} watch {order.id}")
        note(f"  to cancel it:      {name} cancel {order.id}")
        return ExitCode.INTERRUPTED


def _stream_of(order: OrderAnswer, view: LinesView) -> dict[str, str]:
    """Ask for the order's events; for its book only to hear when the market moves."""
    topics = ["orders"]
    if view.wants_reasons():
        topics.append(f"book:{order.symbol}")
    return {"order": order.id, "topics": ",".join(topics), "levels": "5"}


def _view(output: Output, order: OrderAnswer) -> LinesView:
    if output.as_json:
        return JsonView(output)
    is_drawable = sys.stdout.isatty() and not output.console.is_dumb_terminal
    return BarView(output, order) if is_drawable else LinesView(output)


def _watch_all(client: ServiceClient, output: Output) -> int:
    shown = _AllOrders(output)
    try:
        for happened in FollowedStream(client):
            shown.show(happened)
    except KeyboardInterrupt:
        note("stopped watching; the orders go on")
    return ExitCode.INTERRUPTED


class _AllOrders:
    """Shows the events of all orders."""

    def __init__(self, output: Output) -> None:
        self._output: Final = output
        self._was_connected = False
        self._is_lost = False

    def show(self, happened: Happened) -> None:
        """Show what was committed, and when that cannot be known.

        Raises:
            NotReachableError: the service does not answer from the beginning.
        """
        match happened:
            case Arrived(events=events):
                for event in events:
                    _print(self._output, event)
            case Lost(error=error):
                self._lose(error)
            case Connected(is_anew=is_anew):
                self._connect(is_anew=is_anew)
            case Heard():
                pass

    def _lose(self, error: NotReachableError) -> None:
        if not self._was_connected:
            raise error
        if not self._is_lost:
            note(lost_words(str(error)))
        self._is_lost = True

    def _connect(self, *, is_anew: bool) -> None:
        if self._was_connected and is_anew:
            note("the database was replaced: events may be missing")
        elif self._is_lost:
            note(FOUND_WORDS)
        self._was_connected, self._is_lost = True, False


def _print(output: Output, event: ReceivedEvent) -> None:
    if output.as_json:
        output.json(event.text)
        return
    found = event.read
    when = time_of(found.occurred_at)
    output.line(f"{when} {found.symbol} {found.order_id} {event_words(found)}")
