"""Reads Binance's REST replies: books, exchange rules, limits, time, errors.

Source: Binance spot API documentation, general endpoints and filters (2026-07-21).
"""

import logging
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final, assert_never

import msgspec

from adapters.amount_checks import check_amount
from adapters.binance.market_data.frames import UNREADABLE
from adapters.binance.statements import read_statements
from adapters.binance.venue_limits import LimitKind, RateLimit
from adapters.network.refusal_texts import refusal_in_one_line
from domain.errors import MalformedMessageError
from domain.market.updates import DepthSnapshot, Statement
from domain.values import ZERO, Symbol
from domain.venue.symbol_rules import RULES_UNREADABLE, SymbolRules


logger = logging.getLogger(__name__)

MICROSECONDS_FROM: Final = 100_000_000_000_000
"""In milliseconds this would be the year 5138, so such a time is in microseconds."""

_BANNED_UNTIL: Final = re.compile(rb"until ([0-9]{13})\b")


class _Depth(msgspec.Struct):
    lastUpdateId: int  # noqa: N815 - the venue's name
    bids: msgspec.Raw
    asks: msgspec.Raw


class _SymbolInfo(msgspec.Struct):
    symbol: str
    status: str = ""
    baseAsset: str = ""  # noqa: N815 - the venue's name
    quoteAsset: str = ""  # noqa: N815 - the venue's name
    filters: list[msgspec.Raw] = []


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_SymbolInfo]


class _RateLimit(msgspec.Struct, rename="camel"):
    rate_limit_type: str = ""
    interval: str = ""
    interval_num: int = 0
    limit: int = 0


class _RateLimits(msgspec.Struct, rename="camel"):
    rate_limits: list[_RateLimit] = []


class _FilterName(msgspec.Struct):
    filterType: str = ""  # noqa: N815 - the venue's name


class _PriceFilter(msgspec.Struct, rename="camel"):
    min_price: Decimal = ZERO
    max_price: Decimal = ZERO
    tick_size: Decimal = ZERO


class _LotSize(msgspec.Struct, rename="camel"):
    min_qty: Decimal = ZERO
    max_qty: Decimal = ZERO
    step_size: Decimal = ZERO


class _Notional(msgspec.Struct, rename="camel"):
    min_notional: Decimal = ZERO
    max_notional: Decimal = ZERO


class _PercentPrice(msgspec.Struct, rename="camel"):
    multiplier_up: Decimal = ZERO
    multiplier_down: Decimal = ZERO


class _PercentPriceBySide(msgspec.Struct, rename="camel"):
    bid_multiplier_up: Decimal = ZERO
    ask_multiplier_down: Decimal = ZERO


class _Time(msgspec.Struct, rename="camel"):
    server_time: int


class _ErrorBody(msgspec.Struct):
    code: int
    msg: str = ""


_Filter = _PriceFilter | _LotSize | _Notional | _PercentPrice | _PercentPriceBySide

_FILTERS: Final[dict[str, type[_Filter]]] = {
    "PRICE_FILTER": _PriceFilter,
    "LOT_SIZE": _LotSize,
    "MIN_NOTIONAL": _Notional,
    "NOTIONAL": _Notional,
    "PERCENT_PRICE": _PercentPrice,
    "PERCENT_PRICE_BY_SIDE": _PercentPriceBySide,
}
"""The filters that concern limit orders that never rest."""


_LIMIT_KINDS: Final = frozenset(LimitKind)
_INTERVAL_SECONDS: Final = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}


def parse_depth(symbol: Symbol, body: bytes) -> DepthSnapshot:
    """Read the body of ``GET /api/v3/depth``, which does not name its symbol.

    Raises:
        MalformedMessageError: when it is anything else.
    """
    try:
        depth = msgspec.json.decode(body, type=_Depth)
        bids, asks = read_statements(depth.bids), read_statements(depth.asks)
        if depth.lastUpdateId < 0:
            raise MalformedMessageError("lastUpdateId is negative")
    except UNREADABLE as error:
        raise MalformedMessageError(f"unreadable depth reply: {error}") from error
    return DepthSnapshot(
        symbol=symbol,
        last_update_id=depth.lastUpdateId,
        bids=tuple(sorted(bids, key=_price, reverse=True)),
        asks=tuple(sorted(asks, key=_price)),
    )


def _price(statement: Statement) -> Decimal:
    return Decimal(statement[0])


def parse_exchange_info(
    body: bytes, wanted: Collection[Symbol] | None = None
) -> dict[Symbol, SymbolRules]:
    """Read the body of ``GET /api/v3/exchangeInfo``.

    Unknown filters, fields and statuses are ignored. A symbol with a known filter that
    cannot be read is not traded; the others are.

    Args:
        body: the reply.
        wanted: symbols of interest; None for all. Absent ones are left out.

    Raises:
        MalformedMessageError: when it is anything else.
    """
    try:
        info = msgspec.json.decode(body, type=_ExchangeInfo)
        return {
            Symbol(entry.symbol): _rules(entry)
            for entry in info.symbols
            if wanted is None or entry.symbol in wanted
        }
    except UNREADABLE as error:
        raise MalformedMessageError(f"unreadable exchange info: {error}") from error


def parse_rate_limits(body: bytes) -> tuple[RateLimit, ...]:
    """Read the limits in the body of ``GET /api/v3/exchangeInfo``.

    Unknown kinds, intervals and impossible figures are left out.

    Raises:
        MalformedMessageError: when it is anything else.
    """
    try:
        info = msgspec.json.decode(body, type=_RateLimits)
    except UNREADABLE as error:
        raise MalformedMessageError(f"unreadable rate limits: {error}") from error
    return tuple(
        RateLimit(
            kind=LimitKind(entry.rate_limit_type),
            unit_seconds=_INTERVAL_SECONDS[entry.interval],
            units=entry.interval_num,
            limit=entry.limit,
        )
        for entry in info.rate_limits
        if entry.rate_limit_type in _LIMIT_KINDS
        and entry.interval in _INTERVAL_SECONDS
        and min(entry.interval_num, entry.limit) > 0
    )


def parse_server_time(body: bytes) -> int:
    """Read the body of ``GET /api/v3/time``: milliseconds since 1970.

    Raises:
        MalformedMessageError: when it is anything else.
    """
    try:
        time = msgspec.json.decode(body, type=_Time).server_time
    except UNREADABLE as error:
        raise MalformedMessageError(f"unreadable time: {error}") from error
    if not 0 < time < MICROSECONDS_FROM:
        raise MalformedMessageError("the venue's time is impossible")
    return time


def parse_error(body: bytes) -> tuple[int, str]:
    """Read an error reply as (code, message); (0, "") when the body is not one."""
    try:
        error = msgspec.json.decode(body, type=_ErrorBody)
    except UNREADABLE:
        return 0, ""
    return error.code, error.msg


def words_of_refusal(status: int, body: bytes) -> str:
    """Return a refusal in one line, with Binance's code and message if it has any.

    The message is kept even when the code is 0 or absent, or when it comes in HTML.
    """
    code, words = parse_error(body)
    return refusal_in_one_line(
        status, body, code=str(code) if code else "", words=words
    )


def parse_ban(body: bytes, venue_now: datetime) -> float | None:
    """Return for how many more seconds an error's text bans us, if it says so."""
    until = _BANNED_UNTIL.search(body)
    return None if until is None else int(until[1]) / 1000 - venue_now.timestamp()


def _rules(entry: _SymbolInfo) -> SymbolRules:
    rules = SymbolRules(
        symbol=Symbol(entry.symbol),
        base_asset=entry.baseAsset,
        quote_asset=entry.quoteAsset,
        status=entry.status,
    )
    try:
        for raw in entry.filters:
            name = msgspec.json.decode(raw, type=_FilterName).filterType
            kind = _FILTERS.get(name)
            if kind is not None:
                rules = _under(rules, _filter(raw, kind))
    except (MalformedMessageError, *UNREADABLE) as error:
        logger.warning("Rules unreadable symbol=%s problem=%s", entry.symbol, error)
        return replace(rules, status=RULES_UNREADABLE)
    return rules


def _filter(raw: msgspec.Raw, kind: type[_Filter]) -> _Filter:
    found = msgspec.json.decode(raw, type=kind)
    for amount in msgspec.structs.astuple(found):
        check_amount(amount)
    return found


def _under(rules: SymbolRules, found: _Filter) -> SymbolRules:
    """Add a filter to the rules; of two with the same subject, the stricter counts."""
    match found:
        case _PriceFilter():
            return replace(
                rules,
                tick_size=found.tick_size,
                min_price=found.min_price,
                max_price=found.max_price,
            )
        case _LotSize():
            return replace(
                rules,
                step_size=found.step_size,
                min_quantity=found.min_qty,
                max_quantity=found.max_qty,
            )
        case _Notional():
            return replace(
                rules,
                min_notional=max(rules.min_notional, found.min_notional),
                max_notional=_lower(rules.max_notional, found.max_notional),
            )
        case _PercentPrice():
            up, down = found.multiplier_up, found.multiplier_down
        case _PercentPriceBySide():
            up, down = found.bid_multiplier_up, found.ask_multiplier_down
        case _:
            assert_never(found)
    return replace(
        rules,
        sell_price_down=max(rules.sell_price_down, down),
        buy_price_up=_lower(rules.buy_price_up, up),
    )


def _lower(first: Decimal, second: Decimal) -> Decimal:
    """Return the lower of two limits; zero means no limit."""
    return min(filter(None, (first, second)), default=ZERO)
