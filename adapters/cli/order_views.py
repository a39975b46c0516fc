"""Shows an order that is being watched: to programs, in a file, on a terminal."""

from typing import TYPE_CHECKING, Final, Self

from adapters.api.order_now import OrderNowAnswer
from adapters.api.orders import OrderAnswer, OrderEventAnswer, SummaryAnswer
from adapters.cli.answers import ReceivedEvent
from adapters.cli.order_tables import fees_of, status_of, time_of, venue_of
from adapters.cli.output import Output, note
from adapters.cli.printable import printable
from adapters.cli.reason_words import reason_words
from adapters.cli.service_client import Reply
from domain.orders.order import OrderStep
from domain.values import Side


if TYPE_CHECKING:
    from rich.console import RenderableType

WHOLE: Final = 1000
"""Parts of a progress bar."""

FOUND_WORDS: Final = "events come again"
"""Said after ``lost_words``."""

_FILLS: Final = frozenset({OrderStep.PART_FILLED, OrderStep.FILLED})
_UNTOLD: Final = frozenset({OrderStep.ACCEPTED, OrderStep.CHILD_INTENDED})
"""Kinds of events that say nothing new to a person."""

_DONE_WORDS: Final = {Side.SELL: "sold", Side.BUY: "bought"}


class LinesView:
    """Prints a line for each fill and whatever else a person wants to know."""

    def __init__(self, output: Output) -> None:
        self._output: Final = output
        self._is_lost = False

    def __enter__(self) -> Self:
        """Do nothing: lines stay where they are."""
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def event(self, event: ReceivedEvent) -> None:
        """Print it, unless it says nothing new."""
        read = event.read
        when = time_of(read.occurred_at)
        if read.kind in _FILLS:
            self._line(f"  {when}  {_fill_words(read)}")
        elif read.kind not in _UNTOLD and not read.status.is_final:
            self._line(f"  {when}  {event_words(read)}")

    def state(self, order: OrderAnswer) -> None:
        """Print nothing: the lines say it."""

    def wants_reasons(self) -> bool:
        """Return False: lines that say the same again and again help nobody."""
        return False

    def waits(self, now: OrderNowAnswer) -> None:
        """Print nothing."""

    def connected(self) -> None:
        """Say that it goes on, if it was said that it does not."""
        if self._is_lost:
            note(FOUND_WORDS)
        self._is_lost = False

    def lost(self, why: str) -> None:
        """Say so once, on stderr."""
        if not self._is_lost:
            note(lost_words(why))
        self._is_lost = True

    def end(self, order: Reply[OrderAnswer], summary: SummaryAnswer | None) -> None:
        """Print what came of it."""
        self._line(end_words(order.answer))
        if summary is not None and summary.fill_count:
            self._line(result_words(summary))

    def _line(self, text: str) -> None:
        self._output.line(text)


class JsonView(LinesView):
    """Prints events as the stream has them, and in the end the order."""

    def event(self, event: ReceivedEvent) -> None:
        """Print it."""
        self._output.json(event.text)

    def end(self, order: Reply[OrderAnswer], summary: SummaryAnswer | None) -> None:
        """Print the order."""
        del summary
        self._output.json(order.body)


class BarView(LinesView):
    """Has a progress bar below the lines, for a terminal."""

    def __init__(self, output: Output, order: OrderAnswer) -> None:
        """Draw nothing yet.

        Args:
            output: to the terminal.
            order: as it stands.
        """
        from rich.live import Live

        super().__init__(output)
        self._order = order
        self._lost_why = ""
        self._reason = ""
        self._console: Final = output.console
        self._live: Final = Live(
            get_renderable=self._drawn,
            console=self._console,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start(refresh=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave what was drawn last."""
        self._live.stop()

    def state(self, order: OrderAnswer) -> None:
        """Move the bar."""
        self._order = order
        self._reason = ""
        self._live.refresh()

    def wants_reasons(self) -> bool:
        """Return True: they are drawn below the bar."""
        return True

    def waits(self, now: OrderNowAnswer) -> None:
        """Say below the bar why it does not fill."""
        self._reason = reason_words(self._order, now)
        self._live.refresh()

    def connected(self) -> None:
        """Remove what was said of the lost connection."""
        self._lost_why = ""
        self._live.refresh()

    def lost(self, why: str) -> None:
        """Say below the bar that it is old."""
        self._lost_why = why
        self._live.refresh()

    def end(self, order: Reply[OrderAnswer], summary: SummaryAnswer | None) -> None:
        """Leave the bar, and print what came of it below."""
        self._live.stop()
        super().end(order, summary)

    def _line(self, text: str) -> None:
        from rich.text import Text

        self._console.print(Text(printable(text)))

    def _drawn(self) -> "RenderableType":
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        order = self._order
        done = parts_done(order)
        bar = Table.grid(padding=(0, 1), expand=True)
        bar.add_column(ratio=1)
        bar.add_column(justify="right")
        percent = f"{done // 10}.{done % 10} %"
        bar.add_row(ProgressBar(total=WHOLE, completed=done), Text(percent))
        lines = [Text(printable(progress_words(order)))]
        if self._lost_why:
            words = printable(lost_words(self._lost_why))
            lines.append(Text(words, style="bold yellow"))
        elif not order.status.is_final:
            if self._reason:
                lines.append(Text(printable(self._reason)))
            lines.append(Text("Ctrl-C stops watching, not the order", style="dim"))
        return Group(bar, *lines)


def parts_done(order: OrderAnswer) -> int:
    """Return how many of ``WHOLE`` parts are filled; all only when nothing is left."""
    return int(order.filled * WHOLE // order.quantity)


def progress_words(order: OrderAnswer) -> str:
    """Say how far an order has come."""
    words = f"{order.filled} of {order.quantity} {order.symbol}"
    if order.average_price is not None:
        words += f" at {order.average_price} on average"
    return f"{words}, {status_of(order)}"


def end_words(order: OrderAnswer) -> str:
    """Say how an order has ended."""
    words = f"{status_of(order)}: {_DONE_WORDS[order.side]} {order.filled} of "
    words += f"{order.quantity} {order.symbol}"
    if order.average_price is not None:
        words += f" at {order.average_price} on average"
    return f"{words}, {order.price} was asked"


def result_words(summary: SummaryAnswer) -> str:
    """Say what an order's fills were worth."""
    words = f"gain over the limit {summary.gain}"
    if summary.fees:
        words += f", fees {fees_of(summary)}"
    return f"{words}; {venue_of(summary)}"


def lost_words(why: str) -> str:
    """Say that no events come for now."""
    return f"no events for now: {why}; trying again"


def event_words(event: OrderEventAnswer) -> str:
    """Say what has happened."""
    words = str(event.kind)
    if event.quantity is not None:
        words += f" {_fill_words(event)}"
    return f"{words}: {event.reason}" if event.reason else words


def _fill_words(event: OrderEventAnswer) -> str:
    price = "" if event.price is None else f" at {event.price}"
    return f"{event.quantity}{price}"
