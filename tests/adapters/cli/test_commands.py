import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from adapters.cli.commands import build_cli
from adapters.cli.entry_point import run_cli
from adapters.configuration.command_options import REPLAY_OPTIONS, SIMULATE_OPTIONS
from adapters.configuration.markets import Market
from adapters.configuration.options import Option
from adapters.configuration.settings import (
    ReplaySettings,
    ServeSettings,
    SimulateSettings,
    read_serve_settings,
    simulate_arguments,
)
from domain.errors import ConfigurationError, StoreUnavailableError


@dataclass
class Commands:
    """What was called with which settings, in place of the real commands."""

    code: int = 0
    error: Exception | None = None
    calls: list[ServeSettings | SimulateSettings | ReplaySettings] = field(
        default_factory=list
    )

    def called(
        self, settings: ServeSettings | SimulateSettings | ReplaySettings
    ) -> int:
        self.calls.append(settings)
        if self.error is not None:
            raise self.error
        return self.code

    def run(self, *arguments: str) -> int:
        program = build_cli(serve=self.called, simulate=self.called, replay=self.called)
        return run_cli(program, arguments)

    def settings_of(
        self, *arguments: str
    ) -> ServeSettings | SimulateSettings | ReplaySettings:
        assert self.run(*arguments) == 0
        return self.calls[-1]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    for name in os.environ:
        if name.startswith("TRADE_EXECUTOR_"):
            monkeypatch.delenv(name)
    return Commands()


@pytest.mark.parametrize("arguments", [(), ("serve",), ("--port", "1"), ("--port=1",)])
def test_serving_is_what_happens_without_a_command(
    commands: Commands, arguments: Sequence[str]
) -> None:
    settings = commands.settings_of(*arguments)

    assert isinstance(settings, ServeSettings)
    assert settings.port == (1 if len(arguments) and "port" in arguments[0] else 8080)


def test_options_reach_the_settings(commands: Commands) -> None:
    settings = commands.settings_of(
        "--market", "binance", "--symbols", "solusdt", "--cancel-on-stop"
    )

    assert isinstance(settings, ServeSettings)
    assert settings.market is Market.BINANCE
    assert settings.symbols == ("SOLUSDT",)
    assert settings.cancel_on_stop


def test_the_environment_is_read(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADE_EXECUTOR_CANCEL_ON_STOP", "true")
    monkeypatch.setenv("TRADE_EXECUTOR_PORT", "81")

    kept = commands.settings_of()
    overruled = commands.settings_of("--no-cancel-on-stop", "--port", "82")

    assert isinstance(kept, ServeSettings)
    assert isinstance(overruled, ServeSettings)
    assert (kept.cancel_on_stop, kept.port) == (True, 81)
    assert (overruled.cancel_on_stop, overruled.port) == (False, 82)


def test_the_service_starts_its_market_with_the_same_settings(
    commands: Commands,
) -> None:
    given = {"symbols": "ETHBTC,BTCUSDT", "seed": "9", "speed": "2.5"}
    service = read_serve_settings(given, {})

    market = commands.settings_of(*simulate_arguments(service, 9123))

    assert isinstance(market, SimulateSettings)
    assert (market.symbols, market.seed) == (service.symbols, service.seed)
    assert market.speed == service.speed
    assert (market.port, market.exit_with_parent) == (9123, True)


def test_replay_takes_a_session_and_its_files(commands: Commands) -> None:
    settings = commands.settings_of(
        *("replay", "folder", "--symbol", "BTCUSDT"),
        *("--orders", "o.json", "--output", "r.json", "--exchange-info", "e.json"),
    )

    assert isinstance(settings, ReplaySettings)
    assert (str(settings.session), settings.symbol) == ("folder", "BTCUSDT")
    assert str(settings.output) == "r.json"


def test_the_exit_code_is_the_command_s_own(commands: Commands) -> None:
    commands.code = 7

    assert commands.run("serve") == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--prot", "1"), "No such option"),
        (("serve", "--prot", "1"), "(see python run.py serve --help)"),
        (("sevre",), "No such command 'sevre'"),
        (("serve", "extra"), "unexpected extra argument"),
        (("--port",), "requires an argument"),
        (("--port", "x"), "--port: 'x' is not a port (0 to 65535)"),
        (("--config", "/no/such/file"), "cannot read /no/such/file"),
        (("replay",), "SESSION is missing"),
        (("replay", "folder"), "--symbol is missing"),
        (("simulate", "--seed", "x"), "--seed: 'x' is not a seed"),
        (("--database", "a\nb"), "--database: holds a control character"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    commands: Commands,
    capsys: pytest.CaptureFixture[str],
    arguments: Sequence[str],
    message: str,
) -> None:
    code = commands.run(*arguments)

    output = capsys.readouterr()
    assert code == 2
    assert message in output.err
    assert output.err.startswith("error: ")
    assert output.err.count("\n") == 1
    assert output.out == ""
    assert commands.calls == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError("port 8080 is busy"), 2),
        (StoreUnavailableError("port 8080 is busy"), 1),
    ],
)
def test_an_error_of_ours_is_one_line(
    commands: Commands, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    commands.error = error

    assert commands.run() == code
    assert capsys.readouterr().err == "error: port 8080 is busy\n"


def test_an_interrupted_command_says_so_with_its_code(commands: Commands) -> None:
    commands.error = KeyboardInterrupt()  # type: ignore[assignment] # no Exception

    assert commands.run() == 130


def test_a_bug_is_not_dressed_up_as_a_refusal(commands: Commands) -> None:
    commands.error = AssertionError("bug")

    with pytest.raises(AssertionError):
        commands.run()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--help",),
            ["serve", "simulate", "replay", "python run.py --market binance"],
        ),
        (("-h",), ["python run.py serve --help"]),
        (
            ("serve", "--help"),
            ["[8080]", "--market simulated|binance|testnet", "  curl http://127.0.0.1"],
        ),
        (("--port", "1", "--help"), ["--cancel-on-stop / --no-cancel-on-stop"]),
        (("simulate", "--help"), ["--recording FOLDER --speed 10"]),
        (("replay", "--help"), ["[OPTIONS] SESSION", "Required.", '"at": 1.5']),
    ],
)
def test_help_shows_the_options_and_examples(
    commands: Commands,
    capsys: pytest.CaptureFixture[str],
    arguments: Sequence[str],
    words: Sequence[str],
) -> None:
    code = commands.run(*arguments)

    output = capsys.readouterr()
    assert code == 0
    assert output.err == ""
    assert [word for word in words if word not in output.out] == []


def test_the_version_names_the_program(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.run("--version") == 0
    assert capsys.readouterr().out.startswith("trade-executor ")


@pytest.mark.parametrize("options", [SIMULATE_OPTIONS, REPLAY_OPTIONS])
def test_a_command_says_which_options_of_the_service_s_file_it_counts(
    options: Sequence[Option],
) -> None:
    counted = {one.name for one in options if not one.command_line_only} - {"config"}

    (config,) = [one for one in options if one.name == "config"]

    _, names = config.help.split("counted here are ")
    assert set(re.findall(r"[a-z-]+", names)) - {"and"} == counted
