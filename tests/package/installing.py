"""Installs the wheel, then the source archive, and trades with each.

``python -m tests.package.installing`` (``make package``) makes a fresh environment and
needs a network or a mirror of the package index, so it is no test of ``make test``.
"""

import os
import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.package.building import build_archives
from tests.source_files import PACKAGES, ROOT
from tests.system.processes import Service
from tests.system.waiting import eventually


NAME: Final = "trade_executor"
FILL_SECONDS: Final = 20.0


def main() -> None:
    """Raise what is wrong, an AssertionError mostly."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        archives = build_archives(folder)
        for number, archive in enumerate(archives):
            home = folder / f"environment-{number}"
            scripts = install(archive, home)
            check_what_is_installed(home)
            trade(scripts, folder / f"orders-{number}.db")
            sys.stdout.write(f"{archive.name}: installs, trades, halts, stops\n")


def install(archive: Path, home: Path) -> Path:
    """Install into a new environment; return where its commands are."""
    run(sys.executable, "-m", "venv", str(home))
    scripts = home / "bin"
    constraints = str(ROOT / "constraints.txt")
    options = ("--quiet", "--disable-pip-version-check", "--constraint", constraints)
    run(str(scripts / "python"), "-m", "pip", "install", *options, str(archive))
    return scripts


def check_what_is_installed(home: Path) -> None:
    """Check that nothing of ours is beside ``trade_executor``."""
    (packages,) = home.glob("lib/python*/site-packages")
    (about,) = packages.glob(f"{NAME}-*.dist-info")
    files = [str(file) for file in PathDistribution(about).files or ()]
    elsewhere = [
        file for file in files if not file.startswith((f"{NAME}/", about.name))
    ]
    assert elsewhere == ["../../../bin/trade-executor"], elsewhere
    taken = [name for name in (*PACKAGES, "run") if (packages / name).exists()]
    assert taken == [], taken


def trade(scripts: Path, database: Path) -> None:
    """Sell something on the simulated market, throw the halt switch, and stop."""
    command = str(scripts / "trade-executor")
    service = Service(
        database,
        *("--market", "simulated"),
        program=(command,),
        python=str(scripts / "python"),
    )
    with service:
        service.await_trading()
        order = service.client.place("BNBUSDT", "SELL", "1", "400").body
        eventually(
            lambda: service.client.order(order["id"])["status"] == "FILLED",
            within_seconds=FILL_SECONDS,
            what="the order is filled",
        )
        said = run(command, "halt", "--url", service.url)
        assert "alted" in said, said
        assert service.client.get("/api/v1/halt").body["halted"] is True
        assert service.interrupt() == 0, service.err.text


def run(*command: str) -> str:
    """Run a command in a folder where nothing of ours is; return what it wrote."""
    done = subprocess.run(
        command,
        cwd=Path(command[0]).parent,
        env={name: text for name, text in os.environ.items() if name != "PYTHONPATH"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    main()
