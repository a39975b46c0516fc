"""Clients written by others, unmodified but for the base URL, each as its users run it.

They collide with each other, so each but the official SDK has an environment of its
own, which `make clients` builds. A script of ours drives it and prints what it saw.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.adapters.simulated_exchange.trading.traders import Trader, running


HERE = Path(__file__).parent
ENVIRONMENTS = Path(__file__).parents[4] / ".venv-clients"
SECONDS_MAX = 60
CCXT_FOUND: dict[str, Any] = {
    "markets": ["BTC/USDT", "ETH/BTC"],
    "placed": "open",
    "open": True,
    "canceled": "canceled",
    "sold": ["closed", 0.01],
    "over_ws": ["open", "open", "canceled", 3],
    "market": {
        "ticker": True,
        "candles": True,
        "trades": True,
        "watched": True,
        "candle": True,
    },
    "book": True,
}
"""In Python as in JavaScript."""


def interpreter(client: str) -> str:
    """Return the Python that has a client; skip the test where there is none."""
    found = ENVIRONMENTS / client / "bin" / "python"
    if not found.exists():
        pytest.skip(f"no environment for {client}: run `make clients`")
    return str(found)


def node(client: str) -> tuple[str, str]:
    """Return node and the folder of a client; skip the test without either."""
    program, folder = shutil.which("node"), ENVIRONMENTS / client
    if program is None or not (folder / "node_modules").exists():
        pytest.skip(f"no node, or no folder for {client}: run `make clients`")
    return program, str(folder)


def run(program: str, script: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [program, str(HERE / script), *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_on_exchange(program: str, script: str, *folder: str) -> dict[str, Any]:
    """Run a script that trades and listens on an exchange of its own."""
    with running() as exchange:
        trader = Trader(exchange)
        place = (exchange.url, exchange.stream_url, trader.key, trader.secret)
        return run(program, script, *folder, *place)


def test_the_official_sdk_trades_and_listens(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    key_file = tmp_path / "key.pem"
    key_file.write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    public = private.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    with running() as exchange:
        trader = Trader(exchange)
        trader.control("accounts", {"api_key": "ed", "public_key": public.decode()})
        found = run(
            sys.executable,
            "use_official_sdk.py",
            *(exchange.url, exchange.stream_url, trader.key, trader.secret),
            *("ed", str(key_file)),
        )

    assert found == {
        "rest": {
            "placed": "NEW",
            "queried": "NEW",
            "open": True,
            "canceled": "CANCELED",
            "sold": "FILLED",
            "fills": True,
            "balances": 3,
            "refusal": -2011,
        },
        "market": ["Ticker24hrResponse1", True, 2, 2, True],
        "book": {"symbol": "BTCUSDT", "gapless": True},
        "ws": {
            "placed": "NEW",
            "queried": "NEW",
            "canceled": "CANCELED",
            "limits": 3,
            "events": ["NEW", "CANCELED"],
        },
    }


def test_python_binance_trades_and_listens() -> None:
    python = interpreter("python-binance")

    found = run_on_exchange(python, "use_python_binance.py")

    assert found == {
        "symbols": 2,
        "placed": "NEW",
        "queried": "NEW",
        "open": True,
        "canceled": "CANCELED",
        "sold": "FILLED",
        "fills": True,
        "balances": 3,
        "refusal": -2011,
        "over_ws": ["NEW", "CANCELED"],
        "events": ["NEW", "CANCELED"],
        "book": {"uncrossed": True},
        "market": {"ticker": True, "klines": True, "trades": True, "event": True},
    }


def test_ccxt_trades_and_listens() -> None:
    python = interpreter("ccxt")

    found = run_on_exchange(python, "use_ccxt.py")

    assert found == CCXT_FOUND | {
        "queried": "open",
        "trades": 0.01,
        "usdt": True,
        "refusal": "OrderNotFound",
        "events": ["open", "canceled"],
    }


def test_ccxt_for_javascript_trades_and_listens() -> None:
    program, folder = node("ccxt-js")

    found = run_on_exchange(program, "use_ccxt.mjs", folder)

    assert found == CCXT_FOUND


def test_the_official_client_for_javascript_trades_and_listens() -> None:
    program, folder = node("binance-spot-js")

    found = run_on_exchange(program, "use_binance_spot.mjs", folder)

    assert found == {
        "rest": {
            "placed": "NEW",
            "queried": "NEW",
            "amended": ["0.00500000"],
            "filters": True,
            "canceled": "CANCELED",
            "refusal": "BadRequestError",
        },
        "market": [True, True, 2, 2],
        "ws": {
            "states": ["NEW", "NEW", "CANCELED"],
            "klines": True,
            "heard": ["NEW", "CANCELED"],
        },
        "kline": "BTCUSDT",
    }
