"""The settings of the commands that speak to a running service about its orders."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.configuration.client_options import (
    AMEND_OPTIONS,
    AUDIT_OPTIONS,
    BOOK_OPTIONS,
    CANCEL_OPTIONS,
    FILLS_OPTIONS,
    ONE_ORDER_OPTIONS,
    ORDER_PAGE_OPTIONS,
    ORDERS_OPTIONS,
    PLACE_ORDER_OPTIONS,
    REPORT_OPTIONS,
    WATCH_OPTIONS,
    WEBHOOKS_OPTIONS,
)
from adapters.configuration.switch_settings import ClientSettings, read_with_place
from domain.errors import ConfigurationError
from domain.values import OrderId, Side, Symbol, TimeInForce


Given = Mapping[str, str | None]
"""The command line: text by field; None, or no key, when not given."""

Environ = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrderSettings(ClientSettings):
    """An order to place."""

    side: Side
    symbol: Symbol
    quantity: str
    price: str
    time_in_force: TimeInForce
    expires_at: str | None
    client_order_id: str | None
    idempotency_key: str
    watch: bool
    dry_run: bool
    repeat: tuple[str, ...]
    """Arguments of the command that repeats this one, with its idempotency key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings(ClientSettings):
    """Which part of a list to read."""

    limit: int
    cursor: str | None
    all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersSettings(PageSettings):
    """Which orders to list."""

    status: str | None
    symbol: Symbol | None
    side: Side | None
    client_order_id: str | None
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FillsSettings(PageSettings):
    """Which fills to list."""

    order: OrderId | None
    """None: of all orders."""

    symbol: Symbol | None
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSettings(ClientSettings):
    """What to cancel: an order, all of a symbol, or all."""

    order: OrderId | None
    all: Symbol | None
    all_symbols: bool
    yes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPageSettings(PageSettings):
    """Of which order to list something."""

    order: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOrderSettings(ClientSettings):
    """An order."""

    order: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendSettings(OneOrderSettings):
    """What to change of an order; at least one of both."""

    price: str | None
    quantity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSettings(ClientSettings):
    """Whose book to show."""

    symbol: Symbol
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings(ClientSettings):
    """Of which order, or of which period, to print a report."""

    order: OrderId | None
    """None: of a period."""

    since: str | None
    until: str | None
    symbol: Symbol | None
    csv: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings(ClientSettings):
    """What to watch."""

    order: OrderId | None
    """None: all orders."""


def read_place_order_settings(given: Given, environ: Environ) -> PlaceOrderSettings:
    """Read an order; one without an idempotency key gets a new one.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    values = read_with_place(PLACE_ORDER_OPTIONS, given, environ)
    good_for = TimeInForce.GTD if values["expires_at"] else TimeInForce.GTC
    values["time_in_force"] = values["time_in_force"] or good_for
    values["idempotency_key"] = values["idempotency_key"] or str(uuid.uuid4())
    if values["dry_run"] and values["watch"]:
        raise ConfigurationError("--dry-run places nothing that --watch could follow")
    whole = {**given, "idempotency_key": values["idempotency_key"]}
    return PlaceOrderSettings(**values, repeat=_arguments(whole))


def _arguments(given: Given) -> tuple[str, ...]:
    """Write the command line anew."""
    arguments: list[str] = []
    for option in PLACE_ORDER_OPTIONS:
        text = given.get(option.field)
        if text is None:
            continue
        if not option.is_argument:
            arguments.append(f"--{option.name}")
        if not option.is_flag:
            arguments.append(text)
    return tuple(arguments)


def read_orders_settings(given: Given, environ: Environ) -> OrdersSettings:
    """Read which orders to list.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return OrdersSettings(**read_with_place(ORDERS_OPTIONS, given, environ))


def read_fills_settings(given: Given, environ: Environ) -> FillsSettings:
    """Read which fills to list.

    Raises:
        ConfigurationError: it cannot be read, or contradicts itself; one line says why.
    """
    settings = FillsSettings(**read_with_place(FILLS_OPTIONS, given, environ))
    _require_one(settings)
    return settings


def read_cancel_settings(given: Given, environ: Environ) -> CancelSettings:
    """Read what to cancel.

    Raises:
        ConfigurationError: it cannot be read, or does not say one thing; one line says
            why.
    """
    settings = CancelSettings(**read_with_place(CANCEL_OPTIONS, given, environ))
    if [bool(settings.order), bool(settings.all), settings.all_symbols].count(True) > 1:
        raise ConfigurationError("an ID, --all and --all-symbols exclude each other")
    if not (settings.order or settings.all or settings.all_symbols):
        raise ConfigurationError("what to cancel? an ID, --all SYMBOL or --all-symbols")
    return settings


def read_audit_settings(given: Given, environ: Environ) -> PageSettings:
    """Read which part of the audit trail to list.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return PageSettings(**read_with_place(AUDIT_OPTIONS, given, environ))


def read_order_page_settings(given: Given, environ: Environ) -> OrderPageSettings:
    """Read of which order to list something.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return OrderPageSettings(**read_with_place(ORDER_PAGE_OPTIONS, given, environ))


def read_one_order_settings(given: Given, environ: Environ) -> OneOrderSettings:
    """Read which order is meant.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return OneOrderSettings(**read_with_place(ONE_ORDER_OPTIONS, given, environ))


def read_amend_settings(given: Given, environ: Environ) -> AmendSettings:
    """Read what to change of which order.

    Raises:
        ConfigurationError: it cannot be read, or nothing is to change; one line says
            which.
    """
    settings = AmendSettings(**read_with_place(AMEND_OPTIONS, given, environ))
    if settings.price is None and settings.quantity is None:
        raise ConfigurationError("--price, --quantity or both must be given")
    return settings


def read_book_settings(given: Given, environ: Environ) -> BookSettings:
    """Read whose book to show.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return BookSettings(**read_with_place(BOOK_OPTIONS, given, environ))


def read_watch_settings(given: Given, environ: Environ) -> WatchSettings:
    """Read what to watch.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return WatchSettings(**read_with_place(WATCH_OPTIONS, given, environ))


def read_report_settings(given: Given, environ: Environ) -> ReportSettings:
    """Read of what to print a report.

    Raises:
        ConfigurationError: it cannot be read, or contradicts itself; one line says why.
    """
    settings = ReportSettings(**read_with_place(REPORT_OPTIONS, given, environ))
    if settings.csv and settings.json:
        raise ConfigurationError("--csv and --json exclude each other")
    _require_one(settings)
    return settings


def _require_one(settings: FillsSettings | ReportSettings) -> None:
    """Require an order or a period, not both."""
    if settings.order and (settings.since or settings.until or settings.symbol):
        raise ConfigurationError("--since, --until and --symbol do not go with an ID")


def read_webhooks_settings(given: Given, environ: Environ) -> ClientSettings:
    """Read where the service is, and how its answer is printed.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return ClientSettings(**read_with_place(WEBHOOKS_OPTIONS, given, environ))
