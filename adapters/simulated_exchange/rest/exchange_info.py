"""The exchangeInfo reply: from a file, or from what is listed."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from adapters.simulated_exchange.market.amounts import SCALE, to_text
from adapters.simulated_exchange.market.instruments import Instrument
from adapters.simulated_exchange.settings import SimulatorError
from adapters.simulated_exchange.wire.weights import WEIGHT_MAX


ORDER_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET")
STP_MODES = ("EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT")
RATE_LIMITS = (
    ("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT_MAX),
    ("ORDERS", "SECOND", 10, 50),
    ("ORDERS", "DAY", 1, 160_000),
    ("RAW_REQUESTS", "MINUTE", 5, 300_000),
)
OUT_OF_REACH = 1_000_000_000
"""Stated in place of a limit that is switched off: clients hold back by themselves."""
PRICE_FACTOR_MAX = 100
LOTS_MAX = 900_000_000
NOTIONAL_MAX = 9_000_000 * SCALE


class ExchangeInfo:
    """Every symbol's rules, written once and joined for each reply."""

    def __init__(self, symbols: Iterable[dict[str, Any]]) -> None:
        """Take symbols as the venue describes them."""
        self.states_limits = True
        """Whether the limits of all clients are the venue's; else out of reach."""
        self.described: dict[str, dict[str, Any]] = {}
        self.forgotten: set[str] = set()
        """Symbols that were listed once."""
        self._symbols: dict[str, str] = {}
        for symbol in symbols:
            self.describe(symbol["symbol"], symbol)

    def describe(self, name: str, description: dict[str, Any]) -> None:
        """Describe a symbol, replacing any earlier description.

        Order types that the exchange does not take are left out.
        """
        kinds = description.get("orderTypes")
        if kinds is not None:
            taken = [kind for kind in kinds if kind in ORDER_TYPES]
            description = {**description, "orderTypes": taken}
        self.forgotten.discard(name)
        self.described[name] = description
        self._symbols[name] = _dump(description)

    def forget(self, name: str) -> None:
        """List a symbol no more, until it is described again."""
        self.forgotten.add(name)
        self.described.pop(name, None)
        self._symbols.pop(name, None)

    def __contains__(self, symbol: str) -> bool:
        """Return whether the symbol is described."""
        return symbol in self._symbols

    def status(self, name: str) -> str:
        """Return a symbol's status; TRADING if it is not described."""
        return str(self.described.get(name, {}).get("status", "TRADING"))

    def body(self, server_time: int, names: Iterable[str] | None = None) -> bytes:
        """Return the reply for some symbols, or for all."""
        chosen = self._symbols if names is None else names
        limits = [
            {
                "rateLimitType": kind,
                "interval": interval,
                "intervalNum": number,
                "limit": limit if self.states_limits else OUT_OF_REACH,
            }
            for kind, interval, number, limit in RATE_LIMITS
        ]
        symbols = ",".join(self._symbols[name] for name in chosen)
        return (
            f'{{"timezone":"UTC","serverTime":{server_time},'
            f'"rateLimits":{_dump(limits)},"exchangeFilters":[],'
            f'"symbols":[{symbols}]}}'
        ).encode()


def read_exchange_info(path: Path) -> ExchangeInfo:
    """Read a recorded exchangeInfo body.

    Raises:
        SimulatorError: The file is unreadable or is no exchangeInfo body.
    """
    try:
        body = json.loads(path.read_bytes())
        return ExchangeInfo(body["symbols"])
    except OSError as error:
        message = f"cannot read exchange_info {path}: {error.strerror}"
        raise SimulatorError(message) from error
    except (ValueError, KeyError, TypeError) as error:
        message = f"exchange_info {path} is not an exchangeInfo body"
        raise SimulatorError(message) from error


def describe(one: Instrument) -> dict[str, Any]:
    """Return the venue's description of an instrument."""
    return {
        "symbol": one.symbol,
        "status": "TRADING",
        "baseAsset": one.base_asset,
        "baseAssetPrecision": 8,
        "quoteAsset": one.quote_asset,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(ORDER_TYPES),
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(one),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["NONE", *STP_MODES],
    }


def _filters(one: Instrument) -> list[dict[str, Any]]:
    return [*_price_filters(one), *_size_filters(one), *_count_filters()]


def _price_filters(one: Instrument) -> list[dict[str, Any]]:
    highest = one.price * PRICE_FACTOR_MAX
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": to_text(one.tick),
            "maxPrice": to_text(highest - highest % one.tick),
            "tickSize": to_text(one.tick),
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": "5",
            "bidMultiplierDown": "0.2",
            "askMultiplierUp": "5",
            "askMultiplierDown": "0.2",
            "avgPriceMins": 5,
        },
    ]


def _size_filters(one: Instrument) -> list[dict[str, Any]]:
    most = LOTS_MAX * one.step
    return [
        {
            "filterType": "LOT_SIZE",
            "minQty": to_text(one.step),
            "maxQty": to_text(most),
            "stepSize": to_text(one.step),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": to_text(0),
            "maxQty": to_text(most // 10),
            "stepSize": to_text(0),
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": to_text(one.min_notional),
            "applyMinToMarket": True,
            "maxNotional": to_text(NOTIONAL_MAX),
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
    ]


def _count_filters() -> list[dict[str, Any]]:
    return [
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 10},
    ]


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
