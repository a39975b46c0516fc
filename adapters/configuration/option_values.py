"""Reads the text of an option: one function for each kind, whatever its source.

Each raises ValueError with only the problem; the caller adds which option it was.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar
from urllib.parse import urlsplit

from domain.errors import InvalidAmountError
from domain.orders.order import OrderStatus
from domain.values import (
    OrderId,
    Side,
    Symbol,
    TimeInForce,
    parse_amount,
    read_order_id,
)


PORT_MAX: Final = 65535
SEED_MAX: Final = 2**63 - 1
SYMBOL_LENGTHS: Final = range(2, 21)
OPEN_PATHS: Final = ("/readyz", "/metrics")
"""What monitoring reads. They tell what is traded, and how much, so they are open only
if the operator says so."""

TRUE_WORDS: Final = ("true", "yes", "on", "1")
FALSE_WORDS: Final = ("false", "no", "off", "0")

_DATABASE: Final = re.compile(r"sqlite:///.+|postgresql://.+")
_DIGITS: Final = re.compile(r"[0-9]{1,19}")
_SPAN: Final = re.compile(r"([0-9]{1,9})(ms|s)")
_HOST_AND_PORT: Final = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::([0-9]{1,5}))?", re.ASCII
)
_UNITS: Final = {"ms": "milliseconds", "s": "seconds"}

E = TypeVar("E", bound=StrEnum)


class Trading(StrEnum):
    """What becomes of child orders."""

    PAPER = "paper"
    LIVE = "live"


class FeedKind(StrEnum):
    """Which of a symbol's streams the feed subscribes to."""

    DEPTH = "depth"
    BOOK_TICKER = "book-ticker"


class LogFormat(StrEnum):
    """The format of a log line."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The lowest level that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def host_of(text: str) -> str:
    """Read an address to listen on: only a name or an IP address."""
    if not text or re.search(r"[\s/@\[\]?#]", text):
        raise ValueError(f"{text!r} is not a host name or an IP address")
    return text


def hosts_of(text: str) -> tuple[str, ...]:
    """Read ``HOST`` or ``HOST:PORT``, separated by commas; empty means none."""
    hosts = tuple(part.strip() for part in text.split(",")) if text else ()
    for host in hosts:
        found = _HOST_AND_PORT.fullmatch(host)
        if found is None or not 1 <= int(found[1] or 1) <= PORT_MAX:
            raise ValueError(f"{host!r} is not a host name, or HOST:PORT")
    return hosts


def open_paths_of(text: str) -> tuple[str, ...]:
    """Read paths that need no token, separated by commas; empty means none."""
    paths = tuple(part.strip() for part in text.split(",")) if text else ()
    for path in paths:
        if path not in OPEN_PATHS:
            known = ", ".join(OPEN_PATHS)
            raise ValueError(f"{path!r} cannot be open; possible: {known}")
    return paths


def port_of(text: str) -> int:
    """Read a TCP port; 0 takes any free one."""
    return _whole_number(text, low=0, high=PORT_MAX, name="a port")


def seed_of(text: str) -> int:
    """Read a seed of the simulated market."""
    return _whole_number(text, low=0, high=SEED_MAX, name="a seed")


def threads_of(text: str) -> int:
    """Read the number of threads that the actors share."""
    return _whole_number(text, low=1, high=64, name="a number of threads")


def calls_of(text: str) -> int:
    """Read a number of calls a second."""
    return _whole_number(text, low=1, high=1_000_000, name="a number of calls")


def days_of(text: str) -> int:
    """Read for how many days something is kept; 0 is for ever."""
    return _whole_number(text, low=0, high=36_500, name="a number of days")


def _whole_number(text: str, *, low: int, high: int, name: str) -> int:
    if _DIGITS.fullmatch(text) is None or not low <= int(text) <= high:
        raise ValueError(f"{text!r} is not {name} ({low} to {high})")
    return int(text)


def switch_of(text: str) -> bool:
    """Read yes or no."""
    if text.lower() in TRUE_WORDS:
        return True
    if text.lower() in FALSE_WORDS:
        return False
    raise ValueError(f"{text!r} is neither true nor false")


def side_of(text: str) -> Side:
    """Read ``sell`` or ``buy``, case-insensitive."""
    return _word_of(Side, text)


def time_in_force_of(text: str) -> TimeInForce:
    """Read a time in force, case-insensitive."""
    return _word_of(TimeInForce, text)


def order_status_of(text: str) -> str:
    """Read which orders are meant: a status, ``open`` or ``ended``."""
    if text.lower() in {"open", "ended"}:
        return text.lower()
    try:
        return _word_of(OrderStatus, text)
    except ValueError as error:
        raise ValueError(f"{error}, open, ended") from None


def _word_of(kind: type[E], text: str) -> E:
    try:
        return kind(text.upper())
    except ValueError:
        problem = f"is not one of {', '.join(kind)}"
        raise ValueError(f"{text!r} {problem}") from None


def choice_of(kind: type[E]) -> Callable[[str], E]:
    """Return a reader of the values of ``kind``, case-insensitive."""

    def read(text: str) -> E:
        try:
            return kind(text.lower())
        except ValueError:
            words = ", ".join(kind)
            raise ValueError(f"{text!r} is not one of {words}") from None

    return read


def symbol_of(text: str) -> Symbol:
    """Read a symbol: letters, also beyond A to Z, and digits; made upper case."""
    name = text.strip().upper()
    if not name.isalnum() or len(name) not in SYMBOL_LENGTHS:
        low, high = SYMBOL_LENGTHS[0], SYMBOL_LENGTHS[-1]
        problem = f"is not a symbol ({low} to {high} letters and digits)"
        raise ValueError(f"{text.strip()!r} {problem}")
    return Symbol(name)


def symbols_of(text: str) -> tuple[Symbol, ...]:
    """Read symbols separated by commas, at least one, none twice."""
    symbols = tuple(symbol_of(part) for part in text.split(","))
    for position, symbol in enumerate(symbols):
        if symbol in symbols[:position]:
            raise ValueError(f"names {symbol} twice")
    return symbols


def order_id_of(text: str) -> OrderId:
    """Read an order's id."""
    order_id = read_order_id(text)
    if order_id is None:
        raise ValueError("is not an order's id")
    return order_id


def amount_text_of(text: str) -> str:
    """Read a price or a quantity, and leave it as it was written."""
    try:
        parse_amount(text)
    except InvalidAmountError as error:
        raise ValueError(str(error)) from None
    return text


def number_of(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers."""

    def read(text: str) -> int:
        return _whole_number(text, low=low, high=high, name="a whole number")

    return read


def path_of(text: str) -> Path:
    """Read the path of a file or folder, relative to the working directory."""
    if not text:
        raise ValueError("must not be empty")
    return Path(text)


def speed_of(text: str) -> Decimal | None:
    """Read market seconds per real second; None means ``max``."""
    if text.lower() == "max":
        return None
    try:
        return parse_amount(text)
    except InvalidAmountError as error:
        raise ValueError(f"{error}; a speed reads 1, 10, 0.5 or max") from None


def database_of(text: str) -> str:
    """Read a database URL. Errors do not show it, because it may hold a secret."""
    if _DATABASE.fullmatch(text) is None:
        forms = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        raise ValueError(f"must read {forms}")
    return text


def rate_of(text: str) -> int:
    """Read how many child orders may leave in a second."""
    return _whole_number(text, low=1, high=10_000, name="a number a second")


def percent_of(text: str) -> Decimal:
    """Read a share in percent, such as ``2%`` or ``0.5%``; returns 0.02, 0.005."""
    problem = f"{text!r} is not a share such as 2% (above 0, below 100)"
    try:
        share = parse_amount(text.removesuffix("%").strip()) / 100
    except InvalidAmountError:
        raise ValueError(problem) from None
    if not text.endswith("%") or share >= 1:
        raise ValueError(problem)
    return share


def notionals_of(text: str) -> Mapping[str, Decimal]:
    """Read amounts by asset, such as ``USDT=1000,BTC=0.5``; empty means none."""
    amounts: dict[str, Decimal] = {}
    for part in text.split(",") if text else ():
        name, equals, amount = part.strip().partition("=")
        asset = name.strip().upper()
        if not equals or not asset.isalnum():
            raise ValueError(f"{part!r} is not ASSET=AMOUNT, such as USDT=1000")
        if asset in amounts:
            raise ValueError(f"names {asset} twice")
        try:
            amounts[asset] = parse_amount(amount.strip())
        except InvalidAmountError as error:
            raise ValueError(f"{asset}: {error}") from None
    return MappingProxyType(amounts)


def window_of(least: timedelta, most: timedelta) -> Callable[[str], timedelta]:
    """Return a reader of a duration: a whole number with ``ms`` or ``s``."""

    def read(text: str) -> timedelta:
        found = _SPAN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a time such as 5s or 500ms")
        number, unit = int(found[1]), found[2]
        span = timedelta(**{_UNITS[unit]: number})
        if not least <= span <= most:
            low, high = least.total_seconds(), most.total_seconds()
            raise ValueError(f"{text!r} is not between {low:g}s and {high:g}s")
        return span

    return read


def url_of(*schemes: str) -> Callable[[str], str]:
    """Return a reader of a server's URL, which drops a slash at the end."""

    def read(text: str) -> str:
        try:
            parts = urlsplit(text)
            usable = parts.scheme in schemes and parts.hostname and parts.port != 0
        except ValueError:
            usable = None
        if not usable or re.search(r"[\s@?#]", text):
            forms = " or ".join(f"{scheme}://HOST[:PORT]" for scheme in schemes)
            # A user and password in it would end up on the screen.
            shown = "the URL" if "@" in text else repr(text)
            raise ValueError(f"{shown} must read {forms}")
        return text.rstrip("/")

    return read
