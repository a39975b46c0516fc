"""What cannot work is refused by one line on stderr, whatever it is."""

import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.persistence.store import open_store
from tests.system.processes import ROOT, RUN, Program, Simulator


REFUSED_WITHIN_SECONDS = 15.0
NOBODY = "http://127.0.0.1:1", "ws://127.0.0.1:1"
ORDER = {"id": "A", "side": "SELL", "price": "1", "quantity": "1"}


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def refusal_of(folder: Path, *options: str) -> str:
    """Run a command that cannot work; return what it says about it."""
    with Program(RUN, *options, folder=folder) as program:
        exit_code = program.wait(REFUSED_WITHIN_SECONDS)
    said = [line for line in program.err.lines if " INFO " not in line]
    assert exit_code in {1, 2}
    assert program.out.lines == []
    assert len(said) == 1, said
    assert said[0].startswith("error: ")
    return said[0]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--prot", "1"], "No such option '--prot'"),
        (["--config", "missing.toml"], "cannot read missing.toml"),
        (["--port", "0", "--database", "sqlite:///missing/orders.db"], "no folder"),
        (["simulate", "--recording", "missing"], "missing"),
        (["replay", "missing", "--symbol", "BTCUSDT", "--orders", "o"], "orders"),
    ],
    ids=str,
)
def test_impossible_command_is_refused(
    options: list[str], problem: str, tmp_path: Path
) -> None:
    assert problem in refusal_of(tmp_path, *options)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("prot = 8081", "unknown key 'prot'; did you mean port?"),
        ("port =", "not a TOML"),
    ],
)
def test_typing_error_in_the_configuration_is_refused(
    text: str, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "my.toml").write_text(text, encoding="utf-8")

    assert problem in refusal_of(tmp_path, "--config", "my.toml")


def test_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("Dear diary", encoding="utf-8")

    said = refusal_of(tmp_path, "--port", "0", "--database", "sqlite:///diary.txt")

    assert "not a database" in said
    assert diary.read_text(encoding="utf-8") == "Dear diary"


@pytest.mark.parametrize("command", ["serve", "simulate"])
def test_busy_port_is_refused(command: str, busy_port: int, tmp_path: Path) -> None:
    said = refusal_of(tmp_path, command, "--port", str(busy_port))

    assert f"cannot listen on 127.0.0.1:{busy_port}" in said


def test_venue_that_nobody_reaches_is_refused(tmp_path: Path) -> None:
    rest_url, stream_url = NOBODY
    market = ("--market", "binance", "--rest-url", rest_url, "--stream-url", stream_url)

    assert rest_url in refusal_of(tmp_path, "--port", "0", *market)


def test_live_trading_without_keys_is_refused_before_a_database_is_touched(
    tmp_path: Path,
) -> None:
    live = ("--market", "binance", "--trading", "live", "--port", "0")

    with Program(RUN, *live, folder=tmp_path) as program:
        assert program.wait(REFUSED_WITHIN_SECONDS) == 2

    (said,) = program.err.lines
    assert said.startswith("error: --trading live needs keys: ")
    assert list(tmp_path.glob("*.db*")) == []


def test_symbol_that_the_venue_does_not_list_is_refused(tmp_path: Path) -> None:
    with Simulator("--symbols", "BTCUSDT") as market:
        said = refusal_of(
            tmp_path, "--port", "0", *market.as_market, "--symbols", "BTCUSDT,NONESUCH"
        )

    assert "NONESUCH" in said


@pytest.mark.parametrize(
    ("option", "limit", "asset"),
    [
        ("--max-order-notional", "USTD=100", "USTD"),
        ("--max-child-notional", "BTC=1,USDT=5", "BTC"),
        ("--max-open-notional", "usdt=100,btcusdt=1", "BTCUSDT"),
    ],
)
def test_limit_in_an_asset_that_nothing_is_traded_in_is_refused(
    option: str, limit: str, asset: str, tmp_path: Path
) -> None:
    with Simulator("--symbols", "BTCUSDT") as market:
        traded = (*market.as_market, "--symbols", "BTCUSDT")
        said = refusal_of(tmp_path, "--port", "0", *traded, option, limit)

    assert f"{option}: {asset} is the quote asset of no traded symbol" in said
    assert said.endswith("; they are traded in USDT")


@pytest.mark.parametrize(
    ("orders", "problem"),
    [
        ('[{"id": "A"', "o.json"),
        (json.dumps([ORDER | {"price": "cheap"}]), "order 1"),
    ],
)
def test_orders_that_cannot_be_replayed_are_refused(
    orders: str, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "o.json").write_text(orders, encoding="utf-8")

    said = refusal_of(
        tmp_path, "replay", ".", "--symbol", "BTCUSDT", "--orders", "o.json"
    )

    assert problem in said


def test_a_refusal_that_nobody_can_read_has_its_exit_code() -> None:
    command = f'"{sys.executable}" "{RUN}" --nope 2>&-'
    done = subprocess.run(command, shell=True, cwd=ROOT, check=False)  # noqa: S602 - of our own words; only a shell closes stderr so

    assert done.returncode == 2


def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "newer.db"
    open_store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(
            "INSERT INTO schema_migration (name, applied) VALUES (?, ?)",
            ("9999_from_the_future", "2030-01-01"),
        )
    options = ("--port", "0", "--database", f"sqlite:///{path}")

    with Program(RUN, *options, folder=tmp_path) as program:
        assert program.wait(REFUSED_WITHIN_SECONDS) == 2

    assert program.out.lines == []
    (said,) = program.err.lines
    assert said == (
        f"error: --database sqlite:///{path}: made by a newer version of this program "
        "(it has 9999_from_the_future); use that version"
    )
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT epoch FROM tenures").fetchall() == [(1,)]
