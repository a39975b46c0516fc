"""Everything of the service that speaks to the exchange, opened and closed together."""

import random
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.binance.endpoints import PRODUCTION, TESTNET, Endpoints
from adapters.binance.limits import VenueLimits
from adapters.binance.market_data.feed import BinanceFeed
from adapters.binance.market_data.settings import (
    FeedSettings,
    MarketDataSettings,
    StreamKind,
)
from adapters.binance.rest import BinanceRest
from adapters.binance.trading.keys import Credentials, required_credentials
from adapters.binance.trading.settings import TradingSettings
from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.trading.warm_keeper import WarmKeeper
from adapters.configuration.option_values import FeedKind, Market, Trading
from adapters.configuration.settings import ServeSettings
from adapters.simulated_exchange.command import new_account, simulator_process
from domain.errors import ConfigurationError
from domain.ports.observing import Meter
from domain.ports.runtime import Clock, Recipient, RunWokenActors
from domain.risk.limits import RiskLimits, assets_without_symbol
from domain.values import Symbol
from domain.venue.answers import UserStreamMessage
from domain.venue.symbol_rules import DELISTED, SymbolRules


WORKERS: Final = 48
"""Calls about orders under way at once; each may wait as long as its timeout.

More than the 45 orders that we send in ten seconds at the venue's usual limits: so no
child waits for another's answer, be the venue far away or hanging. One that has nothing
to do costs no time."""

_STREAMS: Final = {
    FeedKind.DEPTH: frozenset({StreamKind.DEPTH}),
    FeedKind.BOOK_TICKER: frozenset({StreamKind.BOOK_TICKER}),
}
_MARKET_DATA: Final = {
    kind: MarketDataSettings(feed=FeedSettings(streams=streams))
    for kind, streams in _STREAMS.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The exchange as the service sees it. What it limits is counted in one place."""

    endpoints: Endpoints
    rest: BinanceRest
    feed: BinanceFeed
    venue: BinanceVenue | None
    """None: orders are filled on paper."""

    records_since: datetime | None
    """When the exchange was started, should we have done so: it knows nothing of
    before. None: it remembers."""

    def open_account(
        self, recipient: Recipient[UserStreamMessage], stack: ExitStack
    ) -> None:
        """Have the account's events told from now on, and its connections kept alive.

        Does nothing when there is no account.
        """
        if self.venue is None:
            return
        stream = self.venue.user_stream(
            url=self.endpoints.ws_api_url,
            recipient=recipient,
            rng=random.Random(),  # noqa: S311 - spreads reconnects, hides nothing
        )
        keeper = WarmKeeper(self.venue.keep_warm)
        for one in (stream, keeper):
            stack.callback(one.close)
            one.start()


def rules_under(
    settings: ServeSettings, rest: BinanceRest, was_listed: Callable[[Symbol], bool]
) -> Mapping[Symbol, SymbolRules]:
    """Read the venue's rules, and make sure that each of our limits holds for some.

    Args:
        settings: of the service.
        rest: the venue's.
        was_listed: whether the venue must have known a symbol once.

    Raises:
        ConfigurationError: a symbol was never traded there, or a limit is in an asset
            in which no symbol is traded.
        VenueUnavailableError: the venue cannot be reached, or wants no requests.
    """
    rules = rest.exchange_rules(settings.symbols, was_listed=was_listed)
    if any(one.status == DELISTED for one in rules.values()):
        return rules  # the limit may be in the quote asset of what is forgotten
    if unknown := assets_without_symbol(settings.risk, rules.values()):
        quotes = ", ".join(sorted({one.quote_asset for one in rules.values()}))
        problem = f"{unknown[0]} is the quote asset of no traded symbol"
        where = _option_that_names(unknown[0], settings.risk)
        raise ConfigurationError(f"{where}: {problem}; they are traded in {quotes}")
    return rules


def _option_that_names(asset: str, limits: RiskLimits) -> str:
    amounts = {
        "--max-order-notional": limits.max_order_notional,
        "--max-child-notional": limits.max_child_notional,
        "--max-open-notional": limits.max_open_notional,
    }
    return next(option for option, limit in amounts.items() if asset in limit)


def open_exchange(
    settings: ServeSettings,
    program: Path,
    stack: ExitStack,
    *,
    clock: Clock,
    meter: Meter,
    run_woken_actors: RunWokenActors,
) -> Exchange:
    """Find the exchange, or start the simulated one.

    Args:
        settings: of the service.
        program: its script, whose ``simulate`` command is the simulated exchange.
        stack: closes what was opened.
        clock: for limits and pauses.
        meter: counts frames.
        run_woken_actors: entered around what came at once.

    Raises:
        ConfigurationError: keys are missing or cannot be used.
    """
    began_at = clock.now() if settings.market is Market.SIMULATED else None
    endpoints, account = _find(settings, program, stack, clock)
    feed = _open_feed(settings.feed, endpoints, clock, meter, run_woken_actors)
    stack.callback(feed.close)
    venue = None
    if account is not None:
        venue = _open_venue(settings, account, endpoints, feed.limits, clock)
        stack.callback(venue.close)
    return Exchange(
        endpoints=endpoints,
        rest=feed.rest,
        feed=feed,
        venue=venue,
        records_since=began_at,
    )


def _open_feed(
    kind: FeedKind,
    endpoints: Endpoints,
    clock: Clock,
    meter: Meter,
    run_woken_actors: RunWokenActors,
) -> BinanceFeed:
    return BinanceFeed(
        endpoints=endpoints,
        clock=clock,
        meter=meter,
        rng=random.Random(),  # noqa: S311 - spreads reconnects, hides nothing
        settings=_MARKET_DATA[kind],
        run_woken_actors=run_woken_actors,
    )


def _open_venue(
    settings: ServeSettings,
    account: Credentials,
    endpoints: Endpoints,
    limits: VenueLimits,
    clock: Clock,
) -> BinanceVenue:
    how = TradingSettings(receive_window=settings.recv_window, connections=WORKERS)
    return BinanceVenue(
        rest_url=endpoints.rest_url,
        credentials=account,
        clock=clock,
        limits=limits,
        settings=how,
    )


def keys_under(settings: ServeSettings) -> Credentials | None:
    """Read the keys of the operator's that orders are sent with; None: it takes none.

    Raises:
        ConfigurationError: they are missing, or cannot be used.
    """
    is_live = settings.trading is Trading.LIVE
    if settings.market is Market.SIMULATED or not is_live:
        return None
    return required_credentials(f"--trading {Trading.LIVE}")


def _find(
    settings: ServeSettings, program: Path, stack: ExitStack, clock: Clock
) -> tuple[Endpoints, Credentials | None]:
    """Return where the exchange is, and the account that trades there, if one does."""
    is_live = settings.trading is Trading.LIVE
    if settings.market is Market.SIMULATED:
        account = new_account()
        process = simulator_process(program, settings, clock, account)
        stack.callback(process.stop)
        return Endpoints.of_host(process.start()), account if is_live else None
    endpoints = PRODUCTION if settings.market is Market.BINANCE else TESTNET
    return endpoints.overridden(
        rest_url=settings.rest_url,
        stream_url=settings.stream_url,
        ws_api_url=settings.ws_api_url,
    ), keys_under(settings)
