"""Binance's public REST calls: snapshots of books, and exchange rules.

Source: Binance spot API documentation, REST (2026-07-21).
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError

from adapters.binance.ban_refusals import BANNING_STATUSES, heed_refusal
from adapters.binance.market_data.settings import SnapshotSettings
from adapters.binance.rest_replies import (
    parse_depth,
    parse_error,
    parse_exchange_info,
    parse_rate_limits,
    parse_server_time,
    words_of_refusal,
)
from adapters.binance.venue_limits import VenueLimits
from adapters.network.connection_pool import fresh_pool_manager
from domain.errors import (
    ConfigurationError,
    MalformedMessageError,
    VenueUnavailableError,
)
from domain.market.updates import DepthSnapshot
from domain.ports.runtime import Clock
from domain.values import Symbol
from domain.venue.symbol_rules import DELISTED, SymbolRules


logger = logging.getLogger(__name__)

EXCHANGE_INFO_WEIGHT: Final = 20
_TIME_WEIGHT: Final = 1
_DEPTH_WEIGHTS: Final = ((100, 5), (500, 25), (1000, 50))
_DEPTH_WEIGHT_MAX: Final = 250
_SYMBOLS_IN_URL_MAX: Final = 100
_BAD_SYMBOL_CODES: Final = frozenset({-1100, -1121})

_OK: Final = 200
_CLIENT_ERRORS: Final = range(400, 500)


class VenueRefusedError(VenueUnavailableError):
    """The venue did not answer, or refused."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: int = 0,
        retry_after_seconds: float = 0.0,
    ) -> None:
        """Make the error.

        Args:
            message: one line.
            status: of HTTP; 0 when there was no answer.
            code: Binance's; 0 when the answer is not its own refusal of the request.
            retry_after_seconds: as the venue demands; 0 when it did not say.
        """
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after_seconds = retry_after_seconds


class BinanceRest:
    """Calls that need no key. Blocking; for any number of threads."""

    def __init__(
        self,
        *,
        rest_url: str,
        settings: SnapshotSettings,
        clock: Clock,
        limits: VenueLimits | None = None,
    ) -> None:
        """Connect to nothing yet.

        Args:
            rest_url: base URL of the venue.
            settings: time limits and request weight.
            clock: for its own limits, if none are given.
            limits: of the process, shared with others that call the same venue.
        """
        self.gate = limits or VenueLimits(
            clock=clock, reads_per_minute=settings.weight_per_minute
        )
        """Every caller of ``depth`` claims its weight here first."""

        self._clock = clock
        self._rest_url = rest_url
        self._pool = fresh_pool_manager(
            clock,
            answer_seconds_max=settings.answer_seconds_max,
            maxsize=settings.workers + 1,
            timeout=urllib3.Timeout(
                connect=settings.connect_timeout_seconds,
                read=settings.read_timeout_seconds,
            ),
            retries=False,
        )

    def depth(self, symbol: Symbol, limit: int) -> DepthSnapshot:
        """Fetch a snapshot of up to ``limit`` levels a side.

        Raises:
            VenueRefusedError: when the venue does not answer, or refuses.
            MalformedMessageError: when the answer cannot be read.
        """
        fields = {"symbol": symbol, "limit": str(limit)}
        return parse_depth(symbol, self._get("/api/v3/depth", fields))

    def server_time_ms(self) -> int:
        """Ask for the venue's time, in milliseconds since 1970.

        Raises:
            VenueRefusedError: when the venue does not answer, or refuses.
            MalformedMessageError: when the answer cannot be read.
        """
        return parse_server_time(self._get("/api/v3/time", {}))

    def server_time_if_allowed_ms(self) -> int | None:
        """Ask the same, unless the limits forbid it; None without an answer."""
        if self.gate.claim(_TIME_WEIGHT):
            return None  # we are banned, or the limits are nearly used up
        try:
            return self.server_time_ms()
        except (VenueUnavailableError, MalformedMessageError) as error:
            logger.debug("Venue does not tell its time cause=%s", error)
            return None

    def exchange_rules(
        self,
        symbols: Collection[Symbol],
        *,
        was_listed: Callable[[Symbol], bool] = lambda _: False,
    ) -> dict[Symbol, SymbolRules]:
        """Fetch the rules for orders on these symbols.

        Args:
            symbols: which.
            was_listed: whether the venue must have known a symbol once. One that it no
                longer knows is then DELISTED, as it would be while the service runs.

        Raises:
            ConfigurationError: naming the symbols that the venue does not know.
            VenueUnavailableError: when it does not answer, or not sensibly.
        """
        known = self.known_rules(symbols)
        lacking = [symbol for symbol in symbols if symbol not in known]
        unknown = sorted(symbol for symbol in lacking if not was_listed(symbol))
        if unknown:
            raise ConfigurationError(f"unknown to the venue: {', '.join(unknown)}")
        forgotten = {
            symbol: SymbolRules(symbol=symbol, status=DELISTED) for symbol in lacking
        }
        rules = known | forgotten
        return {symbol: rules[symbol] for symbol in symbols}

    def known_rules(self, symbols: Collection[Symbol]) -> dict[Symbol, SymbolRules]:
        """Fetch the rules of those symbols that the venue knows.

        Raises:
            VenueUnavailableError: when it does not answer, or not sensibly.
        """
        wanted = frozenset(symbols)
        try:
            body = self._exchange_info(wanted)
            rules = parse_exchange_info(body, wanted)
            self.gate.set_limits(parse_rate_limits(body))
        except MalformedMessageError as error:
            raise VenueUnavailableError(f"{self._rest_url}: {error}") from error
        return rules

    def close(self) -> None:
        """Close idle connections."""
        self._pool.clear()

    def _exchange_info(self, symbols: frozenset[Symbol]) -> bytes:
        path = "/api/v3/exchangeInfo"
        if wait := self.gate.claim(EXCHANGE_INFO_WEIGHT):
            told = f"{self._rest_url} wants no requests for another {wait:.0f} s"
            raise VenueUnavailableError(told)
        if len(symbols) > _SYMBOLS_IN_URL_MAX:
            return self._get(path, {})
        text = json.dumps(sorted(symbols), separators=(",", ":"), ensure_ascii=False)
        try:
            return self._get(path, {"symbols": text})
        except VenueRefusedError as error:
            if error.code not in _BAD_SYMBOL_CODES:
                raise
        # one of them is wrong, and the venue does not say which: ask for all
        return self._get(path, {})

    def _get(self, path: str, fields: Mapping[str, str]) -> bytes:
        left_ns = self._clock.monotonic_ns()
        try:
            reply = self._pool.request("GET", self._rest_url + path, fields=fields)
        except HTTPError as error:
            message = f"{self._rest_url} does not answer: {error}"
            raise VenueRefusedError(message) from error
        self.gate.learn(reply.headers, left_ns)
        if reply.status != _OK:
            raise self._refusal(reply)
        return reply.data

    def _refusal(self, reply: urllib3.BaseHTTPResponse) -> VenueRefusedError:
        words = words_of_refusal(reply.status, reply.data)
        is_venues_word = (
            reply.status in _CLIENT_ERRORS and reply.status not in BANNING_STATUSES
        )
        pause_seconds = heed_refusal(
            self.gate, reply.status, reply.headers, reply.data, words=words
        )
        return VenueRefusedError(
            f"{self._rest_url} refused with {words}",
            status=reply.status,
            code=parse_error(reply.data)[0] if is_venues_word else 0,
            retry_after_seconds=pause_seconds,
        )


def depth_weight(limit: int) -> int:
    """Return the request weight of a snapshot of ``limit`` levels."""
    for most, weight in _DEPTH_WEIGHTS:
        if limit <= most:
            return weight
    return _DEPTH_WEIGHT_MAX


def depth_for(symbol_count: int, weight_per_minute: int) -> int:
    """Choose the deepest snapshot that takes at most half a minute's weight in all.

    The other half is for symbols that have to synchronise again.
    """
    for limit, weight in reversed(_DEPTH_WEIGHTS):
        if symbol_count * weight <= weight_per_minute // 2:
            return limit
    return _DEPTH_WEIGHTS[0][0]
