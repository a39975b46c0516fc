"""The settings of each command, and the rules between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from adapters.configuration.command_options import (
    OTHER_VARIABLES,
    REPLAY_OPTIONS,
    SERVE_OPTIONS,
    SHARED_OPTIONS,
    SIMULATE_OPTIONS,
)
from adapters.configuration.markets import OTHER_HOST_MARGIN_MIN, Market, terms_of
from adapters.configuration.option_values import (
    FeedKind,
    LogFormat,
    LogLevel,
    Trading,
)
from adapters.configuration.options import Gathered, Option, Sources, gather
from adapters.configuration.webhook_options import KINDS_DEFAULT, webhook_kinds_of
from adapters.http.service_addresses import is_loopback
from domain.errors import ConfigurationError
from domain.orders.order import OrderStep
from domain.risk.limits import RiskLimits
from domain.values import Symbol


_RISK: Final = {
    "max_order_notional": "max_order_notional",
    "max_child_notional": "max_child_notional",
    "max_open_notional": "max_open_notional",
    "price_collar": "price_collar",
    "max_child_rate": "max_children_per_second",
}
"""Field of the options -> field of ``RiskLimits``."""

URL_FIELDS: Final = ("rest_url", "stream_url", "ws_api_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """The settings of the service."""

    host: str
    port: int
    """0 takes any free port."""

    allowed_hosts: tuple[str, ...] = ()
    """Names besides ``host`` under which clients reach the service."""

    require_token: bool = False
    """Whether calls on loopback need a token, too; beyond it they always do."""

    open_paths: tuple[str, ...] = ()
    """What can be read without a token where one is needed, besides ``/healthz``."""

    symbols: tuple[Symbol, ...]
    market: Market
    trading: Trading
    """By default paper where money is real, else live."""

    database: str
    """URL; may hold a password."""

    config: Path | None
    log_format: LogFormat
    log_level: LogLevel
    rest_url: str | None
    """Only for ``binance`` and ``testnet``, and together with ``stream_url``."""

    stream_url: str | None
    ws_api_url: str | None
    feed: FeedKind
    seed: int
    """Of the simulated market; so are ``recording`` and ``speed``."""

    recording: Path | None
    speed: Decimal | None
    """Market seconds per real second; None: as fast as possible."""

    recv_window: timedelta
    """How old an order may be when the venue sees it."""

    unknown_window: timedelta
    """How long an order's absence at the venue proves nothing."""

    risk: RiskLimits
    """The operator's limits."""

    cancel_on_stop: bool
    price_path_days: int
    """How long price paths are kept; 0: for ever."""

    threads: int
    """How many threads the actors of the data path share."""

    trades: bool = False
    """Whether the market's own trades are recorded."""

    max_token_writes: int = 1000
    """Calls a second of one token that may change something."""

    max_token_reads: int = 1000
    """Calls a second of one token that change nothing."""

    audit_days: int = 400
    """For how many days the audit trail is kept; 0: for ever."""

    webhook_urls: tuple[str, ...] = ()
    """May hold secrets, in their paths; so may nothing that is shown."""

    webhook_kinds: frozenset[OrderStep] = webhook_kinds_of(KINDS_DEFAULT)
    webhook_interval: timedelta = timedelta(minutes=1)
    """From one message to a target to the next."""

    @property
    def audit_kept(self) -> timedelta | None:
        """For how long the audit trail is kept; None: for ever."""
        return timedelta(days=self.audit_days) or None

    @property
    def needs_token(self) -> bool:
        """Whether callers have to show a token."""
        return self.require_token or not is_loopback(self.host)

    @property
    def venue(self) -> str:
        """Where child orders go, in one word."""
        return self.market if self.trading is Trading.LIVE else self.trading

    @property
    def venue_of_orders(self) -> str:
        """The venue that orders on disk belong to, with its host if that was named."""
        if self.rest_url is None or self.trading is Trading.PAPER:
            return self.venue
        return f"{self.venue} at {urlsplit(self.rest_url).hostname}"

    @property
    def moves_real_money(self) -> bool:
        """Whether child orders go where money is real."""
        is_live = self.trading is Trading.LIVE
        return is_live and terms_of(self.market).is_money_real


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateSettings:
    """The settings of the simulated exchange."""

    host: str
    port: int
    allowed_hosts: tuple[str, ...] = ()
    """Names besides ``host`` under which the switches may be called."""

    symbols: tuple[Symbol, ...]
    """Empty: all symbols of a recording."""

    seed: int
    recording: Path | None
    speed: Decimal | None
    exchange_info: Path | None
    loop: bool
    limits: bool
    exit_with_parent: bool
    config: Path | None
    log_format: LogFormat
    log_level: LogLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """The settings of a replay."""

    session: Path
    """Folder of the recording."""

    symbol: Symbol
    orders: Path
    output: Path | None
    """None writes the result to stdout."""

    exchange_info: Path | None
    config: Path | None
    log_format: LogFormat
    log_level: LogLevel


def read_serve_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> ServeSettings:
    """Read the settings of the service.

    Args:
        command_line: text by field name; None, or no key, when not given.
        environ: the process's environment.

    Raises:
        ConfigurationError: the settings cannot work; one line says why.
    """
    found = _gather(SERVE_OPTIONS, command_line, environ)
    values = dict(found.values)
    risk = RiskLimits(**{field: values.pop(name) for name, field in _RISK.items()})
    settings = ServeSettings(**{**values, **_resolved(values)}, risk=risk)
    _check_market(settings, found)
    _check_simulation(settings, found)
    _check_unknown_window(settings, found)
    return settings


def read_simulate_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> SimulateSettings:
    """Read the settings of the simulated exchange.

    Args:
        command_line: text by field name; None, or no key, when not given.
        environ: the process's environment.

    Raises:
        ConfigurationError: the settings cannot work; one line says why.
    """
    found = _gather(SIMULATE_OPTIONS, command_line, environ)
    _check_speed(found)
    values = dict(found.values)
    if values["recording"] is not None and "symbols" not in found.origins:
        values["symbols"] = ()
    return SimulateSettings(**values)


def read_replay_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> ReplaySettings:
    """Read the settings of a replay.

    Args:
        command_line: text by field name; None, or no key, when not given.
        environ: the process's environment.

    Raises:
        ConfigurationError: the settings cannot work; one line says why.
    """
    return ReplaySettings(**_gather(REPLAY_OPTIONS, command_line, environ).values)


def simulate_arguments(settings: ServeSettings, port: int) -> list[str]:
    """Return the command line that starts the service's market on ``port``.

    It names every option that has a value, so that neither the environment nor a file
    can start another market than the service expects.
    """
    arguments = ["simulate", "--exit-with-parent", "--host", "127.0.0.1"]
    arguments += ["--port", str(port), "--symbols", ",".join(settings.symbols)]
    arguments += ["--seed", str(settings.seed)]
    speed = "max" if settings.speed is None else format(settings.speed, "f")
    arguments += ["--speed", speed]
    if settings.recording is not None:
        arguments += ["--recording", str(settings.recording)]
    arguments += ["--log-format", settings.log_format]
    return [*arguments, "--log-level", settings.log_level]


def _gather(
    options: tuple[Option, ...],
    command_line: Mapping[str, str | None],
    environ: Mapping[str, str],
) -> Gathered:
    return gather(
        options,
        Sources(command_line=command_line, environ=environ),
        shared=SHARED_OPTIONS,
        other_variables=OTHER_VARIABLES,
    )


def _check_market(settings: ServeSettings, found: Gathered) -> None:
    given = [field for field in URL_FIELDS if found.values[field] is not None]
    if settings.market is Market.SIMULATED:
        # An operator who names a server must not think that its prices are used.
        for field in given:
            problem = f"has no effect with --market {settings.market}"
            raise ConfigurationError(f"{found.origins[field]}: {problem}")
    elif given and (settings.rest_url is None or settings.stream_url is None):
        # One market's snapshot with another's updates makes a wrong book.
        problem = "needs both --rest-url and --stream-url"
        raise ConfigurationError(f"{found.origins[given[0]]}: {problem}")
    elif given and settings.ws_api_url is None and settings.trading is Trading.LIVE:
        # Orders here and an account's events from there would never agree.
        problem = "needs --ws-api-url, too, when orders are sent"
        raise ConfigurationError(f"{found.origins['rest_url']}: {problem}")


def _resolved(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fill in what depends on other options."""
    terms = terms_of(values["market"])
    usual = Trading.PAPER if terms.is_money_real else Trading.LIVE
    window = values["unknown_window"]
    return {
        "trading": values["trading"] or usual,
        "unknown_window": window or values["recv_window"] + terms.unknown_margin,
    }


def _check_unknown_window(settings: ServeSettings, found: Gathered) -> None:
    margin_min = terms_of(settings.market).unknown_margin_min
    if settings.rest_url is not None:
        margin_min = OTHER_HOST_MARGIN_MIN
    margin = settings.unknown_window - settings.recv_window
    if margin < margin_min or margin <= timedelta(0):
        # If it ends too soon, an order that arrives late is sent a second time.
        least = settings.recv_window + margin_min
        problem = (
            f"is too short: an order may still arrive, or be seen, after it; at least "
            f"{least.total_seconds():g}s"
        )
        raise ConfigurationError(f"{found.origins['unknown_window']}: {problem}")


def _check_simulation(settings: ServeSettings, found: Gathered) -> None:
    if settings.recording is not None:
        if settings.market is not Market.SIMULATED:
            problem = f"has no effect with --market {settings.market}"
            raise ConfigurationError(f"{found.origins['recording']}: {problem}")
        if "symbols" not in found.origins:
            problem = "needs --symbols: which symbols of the recording to trade"
            raise ConfigurationError(f"{found.origins['recording']}: {problem}")
    _check_speed(found)


def _check_speed(found: Gathered) -> None:
    if found.values["speed"] is None and found.values["recording"] is None:
        problem = "max needs a --recording: the seeded market has no end"
        raise ConfigurationError(f"{found.origins['speed']}: {problem}")
