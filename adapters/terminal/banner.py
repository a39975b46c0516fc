"""The banner at the start: where prices come from and where orders go."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.configuration.settings import ServeSettings
from adapters.process.redaction import without_password
from adapters.program_name import program_name
from domain.orders.commands import PlaceOrder
from domain.orders.example_order import example_sell
from domain.ports.venue_connection import VenueConnection
from domain.risk.halt import NEVER_HALTED, Halt
from domain.values import Symbol, format_amount
from domain.venue.symbol_rules import TRADING, SymbolRules


LIVE_WARNING: Final = "REAL TRADING: ORDERS ARE SENT TO THE VENUE AND MOVE REAL MONEY"
SYMBOLS_SHOWN_MAX: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFacts:
    """Everything that the banner shows."""

    market: str
    """Where prices come from, such as ``simulated``, with the server if named."""

    venue: str
    """Where child orders go, such as ``paper``."""

    live: bool
    """Whether child orders move real money."""

    symbols: tuple[Symbol, ...]
    database: str
    """URL; its password is not shown."""

    url: str
    """Under which the service is reached from this machine."""

    recovered_orders: int
    """Open orders found on disk, of these symbols."""

    untraded_orders: int = 0
    """Open orders of other symbols, found there as well."""

    paused_symbols: tuple[str, ...] = ()
    """The symbols that the venue does not trade now, each with its status."""

    needs_token: bool = False
    """Whether callers have to show one."""

    cancel_on_stop: bool = False
    halt: Halt = NEVER_HALTED
    """How the halt switch stood on disk."""

    example: PlaceOrder | None = None
    """An order that the service would accept."""


def start_banner(facts: StartFacts) -> RenderableType:
    """Lay the banner out."""
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="bold", no_wrap=True)
    lines.add_column(overflow="fold")
    for label, text in _facts(facts):
        lines.add_row(label, Text(text))
    parts: list[RenderableType] = [Text("Trade Executor", style="bold"), lines]
    if facts.live:
        warning = Text(f"*** {LIVE_WARNING} ***", style="bold white on red")
        parts = [warning, *parts, warning]
    if facts.needs_token:
        text = f"Calls need a token. Make one with: {program_name()} token create"
        parts.append(Text(text, style="bold yellow"))
    if facts.halt.is_on:
        why = f": {facts.halt.reason}" if facts.halt.reason else ""
        text = (
            f"Halted, no child order leaves{why}. Go on with: {program_name()} resume"
        )
        parts.append(Text(text, style="bold yellow"))
    if facts.paused_symbols:
        paused = ", ".join(facts.paused_symbols)
        text = (
            f"Not traded by the venue now: {paused}; orders wait, and can be cancelled"
        )
        parts.append(Text(text, style="bold yellow"))
    if facts.untraded_orders:
        many = facts.untraded_orders
        text = (
            f"Not among the symbols: {many} open orders; they expire or are cancelled"
        )
        parts.append(Text(text, style="bold yellow"))
    if facts.example is not None:
        parts.append(Text("\nPlace an order, from another terminal:"))
        # On one line, however long: a wrapped command cannot be copied.
        line = curl_line(facts.url, facts.example, needs_token=facts.needs_token)
        parts.append(Text(line, no_wrap=True, overflow="ignore"))
    fate = "are cancelled" if facts.cancel_on_stop else "go on at the next start"
    parts.append(Text(f"\nStop with Ctrl-C; open orders {fate}.\n"))
    return Group(*parts)


def _facts(facts: StartFacts) -> list[tuple[str, str]]:
    venue = f"{facts.venue} venue" + (", REAL MONEY" if facts.live else "")
    return [
        ("prices from", f"{facts.market} market"),
        ("orders go to", venue),
        ("symbols", _some_of(facts.symbols)),
        ("database", without_password(facts.database)),
        ("open orders", f"{facts.recovered_orders} recovered"),
        ("service", facts.url),
    ]


def _some_of(symbols: tuple[Symbol, ...]) -> str:
    shown = ", ".join(symbols[:SYMBOLS_SHOWN_MAX])
    more = len(symbols) - SYMBOLS_SHOWN_MAX
    return f"{shown} and {more} more" if more > 0 else shown


def curl_line(url: str, example: PlaceOrder, *, needs_token: bool = False) -> str:
    """Return a command for a shell that places the order."""
    body = (
        f'{{"symbol":"{example.symbol}","side":"{example.side}",'
        f'"quantity":"{format_amount(example.quantity)}",'
        f'"price":"{format_amount(example.price)}"}}'
    )
    headers = "-H 'Content-Type: application/json'"
    if needs_token:
        headers = f'-H "Authorization: Bearer $TRADE_EXECUTOR_TOKEN" {headers}'
    return f"curl {url}/api/v1/orders {headers} -d '{body}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the start of the service has found."""

    url: str
    """Under which the service is reached from this machine."""

    open_orders: tuple[int, int]
    """Open orders on disk: of the symbols that are traded, and of others."""

    halt: Halt
    """How the switch stood on disk."""


def start_facts(
    settings: ServeSettings,
    connection: VenueConnection,
    rules: Collection[SymbolRules],
    found: Found,
) -> StartFacts:
    """Gather what the banner shows about a service that has started.

    Args:
        settings: of the service.
        connection: to its venue.
        rules: of all symbols that are traded.
        found: what was not known before the start.
    """
    paused = [one for one in rules if one.status != TRADING]
    return StartFacts(
        market=f"{settings.market} ({connection.market_address})",
        venue=settings.venue,
        live=settings.moves_real_money,
        symbols=settings.symbols,
        database=settings.database,
        needs_token=settings.needs_token,
        url=found.url,
        recovered_orders=found.open_orders[0],
        untraded_orders=found.open_orders[1],
        cancel_on_stop=settings.cancel_on_stop,
        halt=found.halt,
        paused_symbols=tuple(f"{one.symbol} ({one.status})" for one in paused),
        example=_example_order(connection, rules),
    )


def _example_order(
    connection: VenueConnection, choice: Iterable[SymbolRules]
) -> PlaceOrder | None:
    """Make an order that would fill at once; None when there is no price for it.

    Args:
        connection: gives the price.
        choice: candidates; the first one that is traded now is used.
    """
    rules = next((one for one in choice if one.status == TRADING), None)
    if rules is None:
        return None
    best_bid = connection.best_bid(rules.symbol)
    return None if best_bid is None else example_sell(rules, best_bid)
