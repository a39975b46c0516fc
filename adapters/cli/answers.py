"""Reads the service's answers.

Whatever cannot be read raises ``msgspec.DecodeError``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import msgspec

from adapters.api.bodies import ListAnswer, decoder_of
from adapters.api.dry_run import DryRunAnswer
from adapters.api.many_orders import CancelAllAnswer
from adapters.api.markets import BookAnswer
from adapters.api.order_now import OrderNowAnswer
from adapters.api.orders import (
    BookedFillAnswer,
    FillAnswer,
    OrderAnswer,
    OrderEventAnswer,
    SummaryAnswer,
)
from adapters.api.report_csv import CSV_BEGIN
from adapters.api.reports import OrderReportAnswer, PeriodReportAnswer
from adapters.api.service import HaltAnswer
from adapters.api.webhooks import WebhookAnswer


read_order: Final = decoder_of(OrderAnswer)
read_fill: Final = decoder_of(FillAnswer)
read_summary: Final = decoder_of(SummaryAnswer)
read_book: Final = decoder_of(BookAnswer)
read_halt: Final = decoder_of(HaltAnswer)
read_order_report: Final = decoder_of(OrderReportAnswer)
read_period_report: Final = decoder_of(PeriodReportAnswer)
read_cancel_all: Final = decoder_of(CancelAllAnswer)
read_dry_run: Final = decoder_of(DryRunAnswer)
read_booked_fill: Final = decoder_of(BookedFillAnswer)
read_now: Final = decoder_of(OrderNowAnswer)
read_webhooks: Final = decoder_of(ListAnswer[WebhookAnswer])

_read_event: Final = decoder_of(OrderEventAnswer)
_read_list: Final = decoder_of(ListAnswer[msgspec.Raw])

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A page of a list."""

    texts: list[msgspec.Raw]
    """Its items as they came, in JSON."""

    items: list[T]
    """The same, read."""

    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedEvent:
    """A step of an order, from its history or from the push stream."""

    text: bytes
    """As it came, in JSON."""

    read: OrderEventAnswer


def read_event(text: bytes) -> ReceivedEvent:
    """Read a step of an order."""
    return ReceivedEvent(text=text, read=_read_event(text))


def read_report_csv(body: bytes) -> str:
    """Read a report's CSV, as a text."""
    text = body.decode()
    if not text.startswith(CSV_BEGIN):
        raise msgspec.DecodeError("it is no report")
    return text


def page_of(read: Callable[[bytes], T]) -> Callable[[bytes], Page[T]]:
    """Return what reads pages of lists.

    Args:
        read: reads an item.
    """

    def read_page(body: bytes) -> Page[T]:
        page = _read_list(body)
        items = [read(bytes(text)) for text in page.items]
        return Page(texts=page.items, items=items, next_cursor=page.next_cursor)

    return read_page
