"""Which venue the service trades on: the one place that chooses it and builds it.

A new venue is a package beside ``adapters/binance`` that implements ``VenueConnection``
(``domain/ports``), a value of ``Market`` with its terms
(``adapters/configuration/markets.py``), and a case in each ``match`` below. Should
recordings of it be replayed, ``recorded_format`` is the place, too. Nothing else in the
program names a venue.
"""

import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import assert_never

from adapters.binance.endpoints import PRODUCTION, TESTNET, Endpoints
from adapters.binance.market_data.settings import StreamKind
from adapters.binance.market_data.wire_format import BinanceWireFormat
from adapters.binance.trading.keys import (
    Credentials,
    read_credentials,
    required_credentials,
)
from adapters.binance.venue_connection import BinanceConnection, ConnectionSettings
from adapters.configuration.markets import Market
from adapters.configuration.option_values import FeedKind, Trading
from adapters.configuration.settings import ServeSettings
from adapters.simulated_exchange.command import new_account, simulator_process
from domain.ports.observing import Meter
from domain.ports.runtime import Clock, RunWokenActors
from domain.ports.venue_connection import VenueConnection
from domain.ports.wire_format import WireFormat


def open_venue(
    settings: ServeSettings,
    program: Path,
    stack: ExitStack,
    *,
    clock: Clock,
    meter: Meter,
    run_woken_actors: RunWokenActors,
) -> VenueConnection:
    """Build the connection to the venue, or start the simulated exchange.

    Args:
        settings: of the service.
        program: its script, whose ``simulate`` command is the simulated exchange.
        stack: closes what was opened.
        clock: for limits and pauses.
        meter: counts frames.
        run_woken_actors: entered around messages that came together.

    Raises:
        ConfigurationError: keys are missing or cannot be used.
    """
    binance = partial(
        BinanceConnection, clock=clock, meter=meter, run_woken_actors=run_woken_actors
    )
    connection: VenueConnection
    match settings.market:
        case Market.SIMULATED:
            connection = binance(_simulated(settings, program, stack, clock))
        case Market.BINANCE:
            connection = binance(_binance(settings, PRODUCTION))
        case Market.TESTNET:
            connection = binance(_binance(settings, TESTNET))
        case _:
            assert_never(settings.market)
    stack.callback(connection.close)
    return connection


def secrets_of_account(settings: ServeSettings) -> tuple[str, ...]:
    """Return every text of the operator's keys, which must never be logged.

    Raises:
        ConfigurationError: keys are missing, or cannot be used.
    """
    match settings.market:
        case Market.SIMULATED:
            keys = read_credentials(os.environ)  # unused, but still secret
        case Market.BINANCE | Market.TESTNET:
            keys = _binance_keys(settings) or read_credentials(os.environ)
        case _:
            assert_never(settings.market)
    return () if keys is None else keys.secrets()


def recorded_format() -> WireFormat:
    """Return the format of recordings, which hold Binance's messages byte for byte."""
    return BinanceWireFormat()


def _simulated(
    settings: ServeSettings, program: Path, stack: ExitStack, clock: Clock
) -> ConnectionSettings:
    """Start the simulated exchange; it speaks Binance's protocol."""
    began_at = clock.now()
    account = new_account()
    process = simulator_process(program, settings, clock, account)
    stack.callback(process.stop)
    endpoints = Endpoints.of_host(process.start())
    keys = Credentials(api_key=account.api_key, api_secret=account.api_secret)
    return ConnectionSettings(
        endpoints=endpoints,
        credentials=keys if settings.trading is Trading.LIVE else None,
        stream=_stream_of(settings.feed),
        receive_window=settings.recv_window,
        records_since=began_at,
    )


def _binance(settings: ServeSettings, usual: Endpoints) -> ConnectionSettings:
    """Return how to reach Binance, or the host that the operator named instead."""
    endpoints = usual.overridden(
        rest_url=settings.rest_url,
        stream_url=settings.stream_url,
        ws_api_url=settings.ws_api_url,
    )
    return ConnectionSettings(
        endpoints=endpoints,
        credentials=_binance_keys(settings),
        stream=_stream_of(settings.feed),
        receive_window=settings.recv_window,
    )


def _stream_of(feed: FeedKind) -> StreamKind:
    match feed:
        case FeedKind.DEPTH:
            return StreamKind.DEPTH
        case FeedKind.BOOK_TICKER:
            return StreamKind.BOOK_TICKER


def _binance_keys(settings: ServeSettings) -> Credentials | None:
    """Read the operator's keys that orders are signed with; None on paper.

    Raises:
        ConfigurationError: they are missing, or cannot be used.
    """
    if settings.trading is not Trading.LIVE:
        return None
    return required_credentials(f"--trading {Trading.LIVE}")
