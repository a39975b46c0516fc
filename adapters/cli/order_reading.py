"""``orders``, ``show``, ``fills``, ``events`` and ``book``: what the service knows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from adapters.cli.answers import is_book, is_order, is_page, is_summary
from adapters.cli.order_tables import (
    book_columns,
    event_columns,
    fill_columns,
    order_columns,
    order_facts,
    spread_of,
)
from adapters.cli.output import Output, note
from adapters.cli.service_client import TRIES, Call, Members, ServiceClient
from adapters.cli.text_table import Column
from adapters.configuration.client_settings import (
    BookSettings,
    OneOrderSettings,
    OrderPageSettings,
    OrdersSettings,
    PageSettings,
)


PAGE_MAX: Final = 500

Layout = Callable[[Sequence[Members]], list[Column]]


def list_orders(settings: OrdersSettings) -> int:
    """Print a list of orders, newest first.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    filters = {"status": settings.status, "symbol": settings.symbol}
    return _print_list(settings, "/orders", filters, order_columns)


def list_fills(settings: OrderPageSettings) -> int:
    """Print an order's fills, oldest first.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    return _print_list(settings, f"/orders/{settings.order}/fills", {}, fill_columns)


def list_events(settings: OrderPageSettings) -> int:
    """Print an order's history, oldest first.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    return _print_list(settings, f"/orders/{settings.order}/events", {}, event_columns)


def show_order(settings: OneOrderSettings) -> int:
    """Print one order; for a person, what came of it as well.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    client, output = ServiceClient(settings), Output(as_json=settings.json)
    path = f"/orders/{settings.order}"
    if settings.json:
        output.json(client.call(_reading(path, is_order)).body)
        return 0
    summary = client.call(_reading(f"{path}/summary", is_summary)).members
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
    call = _reading(f"/symbols/{settings.symbol}/book", is_book, query)
    reply = ServiceClient(settings).call(call)
    output = Output(as_json=settings.json)
    output.answer(reply, lambda: _print_book(output, reply.members))
    return 0


def _print_book(output: Output, book: Members) -> None:
    words = [book["symbol"], book["state"]]
    if book["update_id"] is not None:
        words.append(f"update {book['update_id']}")
    spread = spread_of(book)
    if spread is not None:
        words.append(f"spread {spread}")
    output.line("  ".join(words))
    output.table(book_columns(book))


def _print_list(
    settings: PageSettings,
    path: str,
    filters: Mapping[str, str | None],
    layout: Layout,
) -> int:
    client, output = ServiceClient(settings), Output(as_json=settings.json)
    limit = PAGE_MAX if settings.all else settings.limit
    query = {**filters, "limit": str(limit), "cursor": settings.cursor}
    reply = client.call(_reading(path, is_page, query))
    items, cursor = list(reply.members["items"]), reply.members["next_cursor"]
    if not settings.all:
        output.answer(reply, lambda: _print_items(output, layout, items))
        if cursor is not None and not settings.json:
            note(f"there are more: --all, or --cursor {cursor}")
        return 0
    while cursor is not None:
        query["cursor"] = cursor
        page = client.call(_reading(path, is_page, query)).members
        items += page["items"]
        cursor = page["next_cursor"]
    if settings.json:
        output.json(msgspec.json.encode({"items": items, "next_cursor": None}))
    else:
        _print_items(output, layout, items)
    return 0


def _print_items(output: Output, layout: Layout, items: Sequence[Members]) -> None:
    if items:
        output.table(layout(items))
    else:
        note("none")


def _reading(
    path: str,
    is_ours: Callable[[Members], bool],
    query: Mapping[str, str | None] | None = None,
) -> Call:
    given = {name: text for name, text in (query or {}).items() if text is not None}
    return Call(
        method="GET",
        path=path,
        query=tuple(given.items()),
        is_ours=is_ours,
        tries=TRIES,
    )
