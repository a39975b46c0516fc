"""What is listed: every symbol's assets, price scale and rules.

Well-known symbols carry figures near the venue's own; any other symbol gets plausible
ones from its name and the seed, so that every list of symbols works.
"""

import random
from dataclasses import dataclass
from decimal import Decimal

from adapters.simulated_exchange.market import amounts
from adapters.simulated_exchange.settings import SimulatorError


QUOTE_PRICES_USD = {
    "USDT": "1",
    "FDUSD": "1",
    "USDC": "1",
    "TUSD": "1",
    "BUSD": "1",
    "DAI": "1",
    "BTC": "65000",
    "ETH": "1950",
    "BNB": "600",
    "EUR": "1.08",
    "GBP": "1.27",
    "TRY": "0.03",
    "BRL": "0.18",
    "JPY": "0.0066",
    "USD": "1",
}
"""Quote assets by which an unknown symbol's name is split, with their worth in USD."""

KNOWN: dict[str, tuple[str, str, str, float]] = {
    "BTCUSDT": ("65000", "0.01", "0.00001", 25.0),
    "ETHUSDT": ("1950", "0.01", "0.0001", 20.0),
    "BNBUSDT": ("600", "0.01", "0.001", 12.0),
    "ETHBTC": ("0.03", "0.00001", "0.0001", 8.0),
    "BNBBTC": ("0.00923", "0.000001", "0.001", 5.0),
    "BNBETH": ("0.3077", "0.0001", "0.001", 4.0),
    "LTCBTC": ("0.00123", "0.000001", "0.001", 3.0),
    "SOLUSDT": ("76", "0.01", "0.001", 12.0),
    "XRPUSDT": ("0.58", "0.0001", "1", 10.0),
    "DOGEUSDT": ("0.105", "0.00001", "1", 8.0),
    "ADAUSDT": ("0.35", "0.0001", "0.1", 6.0),
    "LTCUSDT": ("80", "0.01", "0.001", 5.0),
    "LINKUSDT": ("11", "0.01", "0.01", 5.0),
    "AVAXUSDT": ("22", "0.01", "0.01", 5.0),
    "DOTUSDT": ("4.2", "0.001", "0.01", 5.0),
    "TRXUSDT": ("0.15", "0.0001", "0.1", 5.0),
    "SHIBUSDT": ("0.00001400", "0.00000001", "1", 5.0),
    "PEPEUSDT": ("0.00000800", "0.00000001", "1", 5.0),
    "BTCUSDC": ("65000", "0.01", "0.00001", 8.0),
    "BTCFDUSD": ("65000", "0.01", "0.00001", 10.0),
    "BTCEUR": ("60185", "0.01", "0.00001", 6.0),
    "BTCTRY": ("2166600", "1", "0.00001", 4.0),
    "ETHEUR": ("1805", "0.01", "0.0001", 4.0),
    "EURUSDT": ("1.08", "0.0001", "0.1", 3.0),
    "USDCUSDT": ("1", "0.0001", "1", 4.0),
}
"""Symbol -> (price, tick, step, mean book changes a second)."""

LEVELS_BUSY = 200
LEVELS_QUIET = 60
BUSY_CHANGES_PER_SECOND = 8.0
QUIET_CHANGES_PER_SECOND = 2.0
SIGNIFICANT_DIGITS = 4
"""Ticks of unknown symbols leave this many digits after the price's first."""
TYPICAL_LEVEL_USD = Decimal(3000)
MIN_NOTIONAL_USD = Decimal(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One listed symbol. Prices and quantities are integers of 1e-8."""

    symbol: str
    base_asset: str
    quote_asset: str
    tick: int
    """Price step, in the quote asset."""
    step: int
    """Quantity step, in the base asset; also the least quantity."""
    price: int
    """Where the seeded market begins and what it comes back to."""
    min_notional: int
    level_quantity: int
    """Typical quantity of one level, in the base asset."""
    changes_per_second: float
    levels: int
    """Levels a side that the seeded book tends to."""


def list_instrument(symbol: str, seed: int) -> Instrument:
    """Return the instrument of any symbol; unknown ones follow from name and seed.

    Raises:
        SimulatorError: The name cannot be split into two assets.
    """
    base, quote = split_assets(symbol)
    if symbol in KNOWN:
        price, tick, step, changes = KNOWN[symbol]
        scale = (Decimal(price), Decimal(tick), Decimal(step))
    else:
        scale, changes = _derive_scale(base, quote, seed), QUIET_CHANGES_PER_SECOND
    return _build(symbol, scale, changes)


def split_assets(symbol: str) -> tuple[str, str]:
    """Return (base, quote) by the known quote suffix, else by halves.

    Raises:
        SimulatorError: The name is shorter than two characters.
    """
    for quote in sorted(QUOTE_PRICES_USD, key=len, reverse=True):
        if symbol.endswith(quote) and symbol != quote:
            return symbol.removesuffix(quote), quote
    middle = len(symbol) // 2
    if not middle:
        message = f"symbol {symbol!r} cannot be split into two assets"
        raise SimulatorError(message)
    return symbol[:middle], symbol[middle:]


Scale = tuple[Decimal, Decimal, Decimal]
"""Price, tick and step of a symbol."""


def _derive_scale(base: str, quote: str, seed: int) -> Scale:
    """Return something plausible; one asset is worth the same in any quote."""
    if base in QUOTE_PRICES_USD:
        base_usd = Decimal(QUOTE_PRICES_USD[base])
    else:
        chance = random.Random(f"{seed}:{base}")  # noqa: S311 - a market has to repeat
        base_usd = Decimal(chance.randint(10, 99)).scaleb(chance.randint(-3, 1))
    price = base_usd / Decimal(QUOTE_PRICES_USD.get(quote, "1"))
    tick = Decimal(1).scaleb(max(price.adjusted() - SIGNIFICANT_DIGITS, -8))
    price = max((price / tick).to_integral_value(), Decimal(100)) * tick
    step = Decimal(1).scaleb(min(max(-base_usd.adjusted() - 1, -5), 0))
    return price, tick, step


def _build(symbol: str, scale: Scale, changes: float) -> Instrument:
    price, tick, step = scale
    base, quote = split_assets(symbol)
    quote_usd = Decimal(QUOTE_PRICES_USD.get(quote, "1"))
    minimum = (MIN_NOTIONAL_USD / quote_usd).normalize()
    # One significant digit reads like a rule that somebody made.
    minimum = max(
        minimum.quantize(Decimal(1).scaleb(minimum.adjusted())), Decimal("1e-8")
    )
    typical = TYPICAL_LEVEL_USD / quote_usd / price
    lots = max(int(typical / step), 3)
    return Instrument(
        symbol=symbol,
        base_asset=base,
        quote_asset=quote,
        tick=amounts.from_decimal(tick),
        step=amounts.from_decimal(step),
        price=amounts.from_decimal(price),
        min_notional=amounts.from_decimal(minimum),
        level_quantity=lots * amounts.from_decimal(step),
        changes_per_second=changes,
        levels=LEVELS_BUSY if changes >= BUSY_CHANGES_PER_SECOND else LEVELS_QUIET,
    )
