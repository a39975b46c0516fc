from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.configuration.option_values import FeedKind, LogFormat
from adapters.configuration.settings import ServeSettings, read_serve_settings
from domain.errors import ConfigurationError


def serve(
    environ: Mapping[str, str] | None = None, **command_line: str
) -> ServeSettings:
    return read_serve_settings(command_line, environ or {})


def refusal(environ: Mapping[str, str] | None = None, **command_line: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        serve(environ, **command_line)
    return str(refused.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_command_line_beats_environment_beats_file_beats_default(file: Path) -> None:
    file.write_text("port = 1\nthreads = 3\nseed = 7\n")
    environ = {"TRADE_EXECUTOR_PORT": "2", "TRADE_EXECUTOR_THREADS": "4"}

    settings = serve(environ, config=str(file), port="5")

    assert (settings.port, settings.threads, settings.seed) == (5, 4, 7)
    assert settings.host == "127.0.0.1"


def test_the_environment_may_name_the_file(file: Path) -> None:
    file.write_text('log-format = "json"')

    settings = serve({"TRADE_EXECUTOR_CONFIG": str(file)})

    assert settings.log_format is LogFormat.JSON
    assert settings.config == file


def test_every_option_can_be_set_in_the_file(file: Path) -> None:
    file.write_text(
        """
        host = "0.0.0.0"
        port = 0
        symbols = ["btcusdt", "ETHBTC"]
        market = "binance"
        trading = "paper"
        database = "postgresql://me:word@db/trades"
        log_format = "json"
        log-level = "debug"
        rest-url = "http://127.0.0.1:9000"
        stream-url = "ws://127.0.0.1:9000/"
        ws-api-url = "ws://127.0.0.1:9000/ws-api/v3"
        feed = "book-ticker"
        seed = 9
        speed = 0.5
        cancel-on-stop = true
        threads = 1
        """
    )

    settings = serve(config=str(file))

    assert settings.host == "0.0.0.0"  # noqa: S104 - only read
    assert settings.symbols == ("BTCUSDT", "ETHBTC")
    assert settings.database == "postgresql://me:word@db/trades"
    assert settings.stream_url == "ws://127.0.0.1:9000"
    assert settings.feed is FeedKind.BOOK_TICKER
    assert settings.speed == Decimal("0.5")
    assert settings.cancel_on_stop is True


def test_an_empty_environment_variable_counts_as_not_set() -> None:
    assert serve({"TRADE_EXECUTOR_PORT": ""}).port == 8080


def test_a_switch_given_on_the_command_line_can_be_turned_off() -> None:
    environ = {"TRADE_EXECUTOR_CANCEL_ON_STOP": "yes"}

    assert serve(environ).cancel_on_stop
    assert not serve(environ, cancel_on_stop="false").cancel_on_stop


def test_a_misspelt_environment_variable_is_refused_with_the_nearest_name() -> None:
    assert refusal({"TRADE_EXECUTOR_SYMBOL": "BTCUSDT"}) == (
        "unknown environment variable TRADE_EXECUTOR_SYMBOL; "
        "did you mean TRADE_EXECUTOR_SYMBOLS?"
    )


@pytest.mark.parametrize(
    "name",
    ["API_KEY", "API_SECRET", "PRIVATE_KEY_FILE", "API_KEY_FILE", "API_SECRET_FILE"],
)
def test_the_names_of_keys_are_known_in_the_environment(name: str) -> None:
    assert serve({f"TRADE_EXECUTOR_{name}": "x"}).port == 8080


def test_a_key_in_the_file_is_refused_without_showing_it(file: Path) -> None:
    file.write_text('api-secret = "very-secret-text"')

    assert "very-secret-text" not in refusal(config=str(file))


def test_nothing_is_suggested_that_is_not_alike(file: Path) -> None:
    file.write_text("loop = true")  # of simulate, and for the command line alone

    assert refusal(config=str(file)).endswith("unknown key 'loop'")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("prot = 1", "unknown key 'prot'; did you mean port?"),
        ("config = 'x'", "unknown key 'config'"),
        ("log-format = 'json'\nlog_format = 'json'", "is there twice"),
        ("port = ", "is not a TOML file"),
        ("port = 1979-05-27", "port must be a text, a number"),
        ("symbols = [1]", "symbols must be a text, a number"),
        ("[serve]\nport = 1", "unknown key 'serve'"),
        ("seed = 0x" + "f" * 4000, "seed must be a text, a number"),
        ("seed = " + "[" * 100_000, "is not a TOML file"),
        ("seed = 1 # " + "x" * 1_000_000, "is larger than"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(
    file: Path, body: str, problem: str
) -> None:
    file.write_text(body)

    message = refusal(config=str(file))

    assert str(file) in message
    assert problem in message
    assert "\n" not in message


def test_a_file_that_is_not_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")

    assert "is not a TOML file" in refusal(config=str(file))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"

    assert refusal(config=str(missing)) == (
        f"cannot read {missing}: No such file or directory"
    )
    assert refusal(config=str(tmp_path)) == f"cannot read {tmp_path}: Is a directory"


def test_a_bad_value_names_the_place_it_came_from(file: Path) -> None:
    file.write_text("port = -1")

    assert refusal(port="x").startswith("--port: 'x' is not a port")
    assert refusal({"TRADE_EXECUTOR_PORT": "x"}).startswith("TRADE_EXECUTOR_PORT: ")
    assert refusal(config=str(file)).startswith(f"port in {file}: '-1'")
