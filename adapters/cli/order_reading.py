"""``orders``, ``show``, ``fills``, ``events`` and ``book``: what the service knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from adapters.api.bodies import ListAnswer, encode
from adapters.api.markets import BookAnswer
from adapters.cli.answers import (
    Page,
    page_of,
    read_book,
    read_booked_fill,
    read_event,
    read_fill,
    read_order,
    read_summary,
)
from adapters.cli.order_tables import (
    book_columns,
    booked_fill_columns,
    event_columns,
    fill_columns,
    order_columns,
    order_facts,
    spread_of,
)
from adapters.cli.output import Output, note
from adapters.cli.service_client import TRIES, Call, ServiceClient
from adapters.cli.text_table import Column
from adapters.configuration.client_settings import (
    BookSettings,
    FillsSettings,
    OneOrderSettings,
    OrderPageSettings,
    OrdersSettings,
    PageSettings,
)
from domain.pages import PAGE_MAX


A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListSource(Generic[T]):
    """A list of the service's."""

    path: str
    read: Callable[[bytes], Page[T]]
    filters: Mapping[str, str | None] = field(default_factory=dict)


def list_orders(settings: OrdersSettings) -> int:
    """Print a list of orders, newest first.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    filters = {
        "status": settings.status,
        "symbol": settings.symbol,
        "side": settings.side,
        "client_order_id": settings.client_order_id,
        "since": settings.since,
        "until": settings.until,
    }
    source = ListSource("/orders", page_of(read_order), filters)
    return print_list(settings, source, order_columns)


def list_fills(settings: FillsSettings) -> int:
    """Print an order's fills, oldest first, or those of all orders, latest first.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    if settings.order is not None:
        source = ListSource(f"/orders/{settings.order}/fills", page_of(read_fill))
        return print_list(settings, source, fill_columns)
    filters = {
        "symbol": settings.symbol,
        "since": settings.since,
        "until": settings.until,
    }
    of_all = ListSource("/fills", page_of(read_booked_fill), filters)
    return print_list(settings, of_all, booked_fill_columns)


def list_events(settings: OrderPageSettings) -> int:
    """Print an order's history, oldest first.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    source = ListSource(f"/orders/{settings.order}/events", page_of(read_event))
    return print_list(settings, source, event_columns)


def show_order(settings: OneOrderSettings) -> int:
    """Print one order; for a person, what came of it as well.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    client, output = ServiceClient(settings), Output(as_json=settings.json)
    path = f"/orders/{settings.order}"
    if settings.json:
        output.json(client.call(_reading(path, read_order)).body)
        return 0
    summary = client.call(_reading(f"{path}/summary", read_summary)).answer
    names, values = zip(*order_facts(summary), strict=True)
    output.line(f"Order {settings.order}")
    output.table(
        [Column(title="", cells=names), Column(title="", cells=values, is_words=True)]
    )
    return 0


def show_book(settings: BookSettings) -> int:
    """Print the best levels of a symbol's book.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    query = {"limit": str(settings.limit)}
    call = _reading(f"/symbols/{settings.symbol}/book", read_book, query)
    reply = ServiceClient(settings).call(call)
    output = Output(as_json=settings.json)
    output.answer(reply, lambda: _print_book(output, reply.answer))
    return 0


def _print_book(output: Output, book: BookAnswer) -> None:
    words = [book.symbol, book.state, f"update {book.update_id}"]
    spread = spread_of(book)
    if spread is not None:
        words.append(f"spread {spread}")
    output.line("  ".join(words))
    output.table(book_columns(book))


def print_list(
    settings: PageSettings,
    source: ListSource[T],
    layout: Callable[[Sequence[T]], list[Column]],
) -> int:
    """Print a list, page by page if all of it is wanted.

    Args:
        settings: which part of it, and how.
        source: where it is.
        layout: makes a table of its items.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    client, output = ServiceClient(settings), Output(as_json=settings.json)
    limit = PAGE_MAX if settings.all else settings.limit
    query = {**source.filters, "limit": str(limit), "cursor": settings.cursor}
    reply = client.call(_reading(source.path, source.read, query))
    page = reply.answer
    texts, items, body = list(page.texts), list(page.items), reply.body
    while settings.all and page.next_cursor is not None:
        query["cursor"] = page.next_cursor
        page = client.call(_reading(source.path, source.read, query)).answer
        texts += page.texts
        items += page.items
        body = b""
    if settings.json:
        output.json(body or encode(ListAnswer(items=texts)))
    elif items:
        output.table(layout(items))
    else:
        note("none")
    if page.next_cursor is not None and not settings.json:
        note(f"there are more: --all, or --cursor {page.next_cursor}")
    return 0


def _reading(
    path: str,
    read: Callable[[bytes], A],
    query: Mapping[str, str | None] | None = None,
) -> Call[A]:
    given = {name: text for name, text in (query or {}).items() if text is not None}
    return Call(
        method="GET",
        path=path,
        query=tuple(given.items()),
        read=read,
        tries=TRIES,
    )
