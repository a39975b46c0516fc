from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest

from adapters.configuration.markets import Market
from adapters.configuration.option_values import (
    FeedKind,
    LogFormat,
    LogLevel,
    Trading,
)
from adapters.configuration.settings import (
    ServeSettings,
    read_replay_settings,
    read_serve_settings,
    read_simulate_settings,
    simulate_arguments,
)
from domain.errors import ConfigurationError
from domain.risk.limits import RiskLimits
from tests.adapters.added_market import added_market


def serve(
    environ: Mapping[str, str] | None = None, **command_line: str
) -> ServeSettings:
    return read_serve_settings(command_line, environ or {})


def refusal(environ: Mapping[str, str] | None = None, **command_line: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        serve(environ, **command_line)
    return str(refused.value)


def test_nothing_given_is_the_embedded_default() -> None:
    assert serve() == ServeSettings(
        host="127.0.0.1",
        port=8080,
        symbols=cast("tuple[()]", ("BTCUSDT", "BNBUSDT", "ETHBTC")),
        market=Market.SIMULATED,
        trading=Trading.LIVE,
        database="sqlite:///trade-executor.db",
        config=None,
        log_format=LogFormat.TEXT,
        log_level=LogLevel.INFO,
        rest_url=None,
        stream_url=None,
        ws_api_url=None,
        feed=FeedKind.DEPTH,
        seed=1,
        recording=None,
        speed=Decimal(1),
        recv_window=timedelta(seconds=5),
        unknown_window=timedelta(seconds=10),
        risk=RiskLimits(),
        cancel_on_stop=False,
        price_path_days=90,
        threads=2,
    )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("host", ""),
        ("host", "http://localhost"),
        ("host", "a b"),
        ("allowed_hosts", "a b"),
        ("allowed_hosts", "http://a"),
        ("allowed_hosts", "a,,b"),
        ("allowed_hosts", "*"),
        ("allowed_hosts", "a:0"),
        ("allowed_hosts", "a,b:65536"),
        ("port", ""),
        ("port", "65536"),
        ("port", "1e3"),
        ("port", "٣"),
        ("port", "9" * 5000),
        ("symbols", ""),
        ("symbols", "BTCUSDT,"),
        ("symbols", "BTC-USDT"),
        ("symbols", "BTCUSDT,btcusdt"),
        ("symbols", "A" * 21),
        ("market", "nasdaq"),
        ("trading", "dry"),
        ("database", "mysql://x"),
        ("database", "sqlite:///"),
        ("config", ""),
        ("log_format", "xml"),
        ("log_level", "verbose"),
        ("feed", "trades"),
        ("seed", "-1"),
        ("speed", "0"),
        ("speed", "1e3"),
        ("speed", "NaN"),
        ("recording", ""),
        ("recording", "a\x00b"),
        ("cancel_on_stop", "perhaps"),
        ("threads", "0"),
        ("threads", "65"),
    ],
)
def test_a_bad_value_is_refused_in_one_line(field: str, text: str) -> None:
    message = refusal(None, **{field: text})

    assert message.startswith(f"--{field.replace('_', '-')}: ")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["127.0.0.1:9000", "ws://x", "http://", "http://x?a"])
def test_a_url_of_another_kind_is_refused(text: str) -> None:
    message = refusal(market="binance", rest_url=text, stream_url="ws://x")

    assert message.startswith("--rest-url: ")


def test_secrets_in_a_refused_url_are_not_shown() -> None:
    assert "word" not in refusal(market="binance", rest_url="http://me:word@x")
    assert "word" not in refusal(database="postgres:me:word@x")


def test_symbols_may_be_written_in_other_alphabets() -> None:
    assert serve(symbols="币安人生usdt, btcusdt").symbols == ("币安人生USDT", "BTCUSDT")


@pytest.mark.parametrize(
    ("market", "trading", "venue", "is_real"),
    [
        ("simulated", None, "simulated", False),
        ("simulated", "paper", "paper", False),
        ("binance", None, "paper", False),
        ("binance", "live", "binance", True),
        ("testnet", None, "testnet", False),
        ("testnet", "paper", "paper", False),
    ],
)
def test_real_money_moves_only_where_live_trading_on_binance_was_asked_for(
    market: str, trading: str | None, venue: str, *, is_real: bool
) -> None:
    given = (
        {"market": market}
        if trading is None
        else {"market": market, "trading": trading}
    )
    settings = serve(None, **given)

    assert settings.venue == venue
    assert settings.moves_real_money is is_real


def test_a_market_of_which_nothing_is_said_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = added_market()
    monkeypatch.setitem(Market._value2member_map_, added.value, added)

    with pytest.raises(AssertionError):
        serve(market=added.value)


def test_silence_is_never_final_before_an_order_can_have_arrived() -> None:
    assert serve(market="binance").unknown_window == timedelta(seconds=40)
    assert serve(market="binance", recv_window="1s").unknown_window == timedelta(
        seconds=36
    )
    assert refusal(market="binance", unknown_window="20s") == (
        "--unknown-window: is too short: an order may still arrive, or be seen, "
        "after it; at least 30s"
    )
    assert "too short" in refusal(market="binance", unknown_window="29s")
    window = serve(market="binance", unknown_window="30s").unknown_window
    assert window == timedelta(seconds=30)
    assert "too short" in refusal(unknown_window="5s")
    assert serve(unknown_window="6s").unknown_window == timedelta(seconds=6)


def test_silence_at_another_host_lasts_as_long_as_a_predecessor_may_send() -> None:
    urls = {"market": "binance", "rest_url": "http://x", "stream_url": "ws://x"}

    assert "too short" in refusal(None, **urls, unknown_window="10s")
    window = serve(None, **urls, unknown_window="11s").unknown_window
    assert window == timedelta(seconds=11)


@pytest.mark.parametrize("text", ["", "5", "5m", "1.5s", "-5s", "0s", "61s", "5 s"])
def test_a_window_that_is_no_sensible_time_is_refused(text: str) -> None:
    assert refusal(recv_window=text).startswith("--recv-window: ")


def test_servers_are_refused_for_the_simulated_market() -> None:
    message = refusal(rest_url="http://x", stream_url="ws://x")

    assert message == "--rest-url: has no effect with --market simulated"


def test_snapshots_and_updates_must_come_from_servers_named_together() -> None:
    message = refusal(market="binance", stream_url="ws://x")

    assert message == "--stream-url: needs both --rest-url and --stream-url"


def test_a_recording_is_refused_for_a_real_market() -> None:
    message = refusal(market="binance", recording="r", symbols="BTCUSDT")

    assert message == "--recording: has no effect with --market binance"


def test_a_recording_needs_its_symbols_named() -> None:
    assert refusal(recording="r").startswith("--recording: needs --symbols")


def test_full_speed_needs_a_recording() -> None:
    assert refusal(speed="max").startswith("--speed: max needs a --recording")
    assert serve(speed="max", recording="r", symbols="BTCUSDT").speed is None


def test_simulate_takes_its_own_address_from_the_command_line_only() -> None:
    environ = {
        "TRADE_EXECUTOR_PORT": "8081",
        "TRADE_EXECUTOR_SEED": "5",
        "TRADE_EXECUTOR_ALLOWED_HOSTS": "trade.example",
    }

    settings = read_simulate_settings({}, environ)

    assert (settings.host, settings.port, settings.seed) == ("127.0.0.1", 9000, 5)
    assert settings.allowed_hosts == ()
    named = read_simulate_settings({"allowed_hosts": "a,b:1"}, environ)
    assert named.allowed_hosts == ("a", "b:1")
    assert settings.limits is True
    assert read_simulate_settings({"limits": "false"}, {}).limits is False


def test_simulate_shows_all_of_a_recording_when_no_symbols_are_named() -> None:
    all_of_it = read_simulate_settings({"recording": "r"}, {})
    some_of_it = read_simulate_settings({"recording": "r", "symbols": "AB"}, {})

    assert all_of_it.symbols == ()
    assert some_of_it.symbols == ("AB",)


def test_the_arguments_for_the_own_market_name_every_value() -> None:
    settings = serve(
        symbols="BTCUSDT,ETHBTC", seed="42", speed="2.5", recording="r", port="8081"
    )

    arguments = simulate_arguments(settings, 9123)

    assert arguments[:2] == ["simulate", "--exit-with-parent"]
    assert dict(zip(arguments[2::2], arguments[3::2], strict=True)) == {
        "--host": "127.0.0.1",
        "--port": "9123",
        "--symbols": "BTCUSDT,ETHBTC",
        "--seed": "42",
        "--speed": "2.5",
        "--recording": "r",
        "--log-format": "text",
        "--log-level": "info",
    }


def test_replay_needs_a_symbol_and_orders() -> None:
    given = {"session": "folder", "symbol": "btcusdt"}

    with pytest.raises(ConfigurationError, match="--orders is missing"):
        read_replay_settings(given, {})
    settings = read_replay_settings({**given, "orders": "o.json"}, {})

    assert settings.symbol == "BTCUSDT"
    assert settings.output is None


def test_replay_without_a_session_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="SESSION is missing"):
        read_replay_settings({}, {})


def test_risk_limits_are_amounts_by_quote_asset() -> None:
    settings = serve(
        max_order_notional="usdt=1000, BTC=0.5",
        max_child_notional="USDT=100",
        price_collar="2.5%",
        max_child_rate="10",
    )

    assert settings.risk == RiskLimits(
        max_order_notional={"USDT": Decimal(1000), "BTC": Decimal("0.5")},
        max_child_notional={"USDT": Decimal(100)},
        price_collar=Decimal("0.025"),
        max_children_per_second=10,
    )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("max_order_notional", "1000"),
        ("max_order_notional", "USDT=0"),
        ("max_order_notional", "USDT=1e3"),
        ("max_order_notional", "USDT=1,USDT=2"),
        ("max_child_notional", "=5"),
        ("max_open_notional", "USDT=5,"),
        ("price_collar", "2"),
        ("price_collar", "0%"),
        ("price_collar", "100%"),
        ("price_collar", "%"),
        ("max_child_rate", "0"),
        ("max_child_rate", "2.5"),
    ],
)
def test_a_limit_that_cannot_be_read_is_refused(field: str, text: str) -> None:
    name = field.replace("_", "-")

    assert refusal(None, **{field: text}).startswith(f"--{name}: ")
