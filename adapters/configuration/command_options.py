"""The options of each command: names, help texts, defaults."""

from datetime import timedelta
from typing import Final

from adapters.configuration.markets import Market
from adapters.configuration.option_values import (
    FeedKind,
    LogFormat,
    LogLevel,
    Trading,
    calls_of,
    choice_of,
    database_of,
    days_of,
    host_of,
    hosts_of,
    open_paths_of,
    path_of,
    port_of,
    seed_of,
    speed_of,
    switch_of,
    symbol_of,
    symbols_of,
    threads_of,
    url_of,
    window_of,
)
from adapters.configuration.options import Option
from adapters.configuration.risk_options import RISK_OPTIONS
from adapters.configuration.webhook_options import WEBHOOK_OPTIONS
from adapters.process.redaction import SECRET_VARIABLES


SYMBOLS_DEFAULT: Final = "BTCUSDT,BNBUSDT,ETHBTC"

_HTTP_URL: Final = url_of("http", "https")
_WEBSOCKET_URL: Final = url_of("ws", "wss")

_SYMBOLS: Final = Option(
    name="symbols",
    read=symbols_of,
    default=SYMBOLS_DEFAULT,
    metavar="A,B,C",
    help="Pairs to trade.",
)
_SEED: Final = Option(
    name="seed",
    read=seed_of,
    default="1",
    metavar="NUMBER",
    help="The simulated market's seed: the same seed, the same prices.",
)
_RECORDING: Final = Option(
    name="recording",
    read=path_of,
    metavar="FOLDER",
    help="Stream this recording, of --symbols, in place of the seeded market.",
)
_SPEED: Final = Option(
    name="speed",
    read=speed_of,
    default="1",
    metavar="FACTOR",
    help="Market seconds per second; max for a recording at full speed.",
)


def _config(words: str) -> Option:
    return Option(name="config", read=path_of, metavar="FILE", help=words)


CONFIG: Final = _config("TOML file with options, such as: port = 8081")

_LOGGING: Final = (
    Option(
        name="log-format",
        read=choice_of(LogFormat),
        default=LogFormat.TEXT,
        metavar="text|json",
        help="Log lines on stderr for people, or one JSON object each.",
    ),
    Option(
        name="log-level",
        read=choice_of(LogLevel),
        default=LogLevel.INFO,
        metavar="debug|info|warning|error",
        help="The least that is logged.",
    ),
)

DATABASE: Final = Option(
    name="database",
    read=database_of,
    default="sqlite:///trade-executor.db",
    metavar="URL",
    help="Where orders are kept: sqlite:///FILE or postgresql://...",
)

SERVE_OPTIONS: Final = (
    Option(
        name="market",
        read=choice_of(Market),
        default=Market.SIMULATED,
        metavar="|".join(Market),
        help="The exchange: where prices come from and, with live trading, where "
        "child orders go; simulated needs no network.",
    ),
    _SYMBOLS,
    Option(
        name="trading",
        read=choice_of(Trading),
        metavar="paper|live",
        help="live sends orders to the market: with binance they move real money. "
        "paper fills them against the book. Default: paper with binance, else live.",
    ),
    Option(
        name="host",
        read=host_of,
        default="127.0.0.1",
        metavar="ADDRESS",
        help="Address to listen on; beyond loopback, calls need a token.",
    ),
    Option(
        name="port",
        read=port_of,
        default="8080",
        metavar="PORT",
        help="Port to listen on; 0 takes a free one.",
    ),
    Option(
        name="allowed-hosts",
        read=hosts_of,
        default="",
        metavar="A,B:PORT",
        help="Further names under which clients reach the service, as behind a proxy; "
        "localhost and IP addresses need none.",
    ),
    Option(
        name="require-token",
        read=switch_of,
        default="false",
        is_switch=True,
        help="Calls on loopback need a token, too: for a proxy on this machine.",
    ),
    Option(
        name="open-paths",
        read=open_paths_of,
        default="",
        metavar="A,B",
        help="What can be read without a token where one is needed: /readyz, /metrics; "
        "/healthz always can.",
    ),
    Option(
        name="max-token-writes",
        read=calls_of,
        default="1000",
        metavar="NUMBER",
        help="Calls a second of one token that may change something; cancel, pause and "
        "halt have no limit.",
    ),
    Option(
        name="max-token-reads",
        read=calls_of,
        default="1000",
        metavar="NUMBER",
        help="Calls a second of one token that change nothing.",
    ),
    Option(
        name="audit-days",
        read=days_of,
        default="400",
        metavar="DAYS",
        help="How long to keep who made which call; 0: for ever.",
    ),
    DATABASE,
    Option(
        name="rest-url",
        read=_HTTP_URL,
        metavar="URL",
        help="REST server of the market in place of Binance's; with --stream-url.",
    ),
    Option(
        name="stream-url",
        read=_WEBSOCKET_URL,
        metavar="URL",
        help="Stream server of the market in place of Binance's; with --rest-url.",
    ),
    Option(
        name="ws-api-url",
        read=_WEBSOCKET_URL,
        metavar="URL",
        help="WebSocket API of the market, with its path, such as "
        "ws://127.0.0.1:9000/ws-api/v3; not used on paper.",
    ),
    Option(
        name="feed",
        read=choice_of(FeedKind),
        default=FeedKind.DEPTH,
        metavar="depth|book-ticker",
        help="The whole book every 100 ms, or only the best prices at once.",
    ),
    _SEED,
    _RECORDING,
    _SPEED,
    Option(
        name="recv-window",
        read=window_of(timedelta(milliseconds=1), timedelta(seconds=60)),
        default="5s",
        metavar="TIME",
        help="How old an order may be when the venue sees it; such as 5s or 500ms.",
    ),
    Option(
        name="unknown-window",
        read=window_of(timedelta(seconds=1), timedelta(hours=1)),
        metavar="TIME",
        help="How long the venue is asked before its silence means that an order "
        "never arrived. Default: 35s more than recv-window; simulated: 5s more.",
    ),
    *RISK_OPTIONS,
    Option(
        name="cancel-on-stop",
        read=switch_of,
        default="false",
        is_switch=True,
        help="Cancel open orders at the end; otherwise they go on at the next start.",
    ),
    Option(
        name="price-path-days",
        read=days_of,
        default="90",
        metavar="DAYS",
        help="How long to keep the touch of each second in which orders of a symbol "
        "were open; 0: for ever.",
    ),
    Option(
        name="trades",
        read=switch_of,
        default="false",
        is_switch=True,
        help="Record the market's own trades while orders of a symbol are open; "
        "reports compare with them.",
    ),
    Option(
        name="threads",
        read=threads_of,
        default="2",
        metavar="NUMBER",
        help="Threads that work the orders.",
    ),
    *WEBHOOK_OPTIONS,
    CONFIG,
    *_LOGGING,
)

_EXCHANGE_INFO: Final = Option(
    name="exchange-info",
    read=path_of,
    metavar="FILE",
    help="The venue's rules: a saved reply of exchangeInfo, to go with a recording.",
    command_line_only=True,
)

SIMULATE_OPTIONS: Final = (
    # The environment's address and names are the service's.
    Option(
        name="host",
        read=host_of,
        default="127.0.0.1",
        metavar="ADDRESS",
        help="Address to listen on.",
        command_line_only=True,
    ),
    Option(
        name="port",
        read=port_of,
        default="9000",
        metavar="PORT",
        help="Port to listen on; 0 takes a free one.",
        command_line_only=True,
    ),
    Option(
        name="allowed-hosts",
        read=hosts_of,
        default="",
        metavar="A,B:PORT",
        help="Further names under which /control/ may be called; localhost and IP "
        "addresses need none.",
        command_line_only=True,
    ),
    _SYMBOLS,
    _SEED,
    _RECORDING,
    _SPEED,
    _EXCHANGE_INFO,
    Option(
        name="loop",
        read=switch_of,
        default="false",
        is_switch=True,
        help="Begin the recording anew when it ends.",
        command_line_only=True,
    ),
    Option(
        name="limits",
        read=switch_of,
        default="true",
        is_switch=True,
        help="Hold clients to the venue's request limits.",
        command_line_only=True,
    ),
    Option(
        name="exit-with-parent",
        read=switch_of,
        default="false",
        is_switch=True,
        help="End when stdin ends.",
        command_line_only=True,
    ),
    _config(
        "TOML file with options of the service; counted here are symbols, seed, "
        "recording, speed, log-format and log-level."
    ),
    *_LOGGING,
)

REPLAY_OPTIONS: Final = (
    Option(
        name="session",
        read=path_of,
        metavar="SESSION",
        help="Folder of the recording.",
        is_argument=True,
        command_line_only=True,
    ),
    Option(
        name="symbol",
        read=symbol_of,
        metavar="SYMBOL",
        help="Symbol of the recording to replay.",
        required=True,
        command_line_only=True,
    ),
    Option(
        name="orders",
        read=path_of,
        metavar="ORDERS.json",
        help="Orders to place, with the second at which each arrives.",
        required=True,
        command_line_only=True,
    ),
    Option(
        name="output",
        read=path_of,
        metavar="RESULT.json",
        help="Where to write the result; stdout when not given.",
        command_line_only=True,
    ),
    _EXCHANGE_INFO,
    _config(
        "TOML file with options of the service; counted here are log-format and "
        "log-level."
    ),
    *_LOGGING,
)

SHARED_OPTIONS: Final = SERVE_OPTIONS
"""Options that the environment and the file may set, the same for all commands."""

OTHER_VARIABLES: Final = (
    *SECRET_VARIABLES,
    *(f"{name}_FILE" for name in SECRET_VARIABLES),
    "TRADE_EXECUTOR_PRIVATE_KEY_FILE",
)
"""Keys and secrets, never read from a file of options."""
