"""What ``deploy/`` says to the service is understood by it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from adapters.api.many_orders import CANCEL_ALL_SECONDS
from adapters.configuration.option_values import Trading
from adapters.configuration.settings import read_serve_settings
from adapters.http.service_addresses import is_loopback
from tests.source_files import ROOT


DEPLOY = ROOT / "deploy"
CONFIG = DEPLOY / "trade-executor.toml"
UNIT = DEPLOY / "systemd/trade-executor.service"
ADDED = sorted((DEPLOY / "systemd/trade-executor.service.d").glob("*.conf"))
"""Files that are put beside the unit by those who need them."""
STATE = "/var/lib"
ANSWER_SECONDS = 5
"""How long a client waits for one order at most."""
CREDENTIALS = "/run/credentials/trade-executor.service"


def dockerfile() -> str:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    return text.replace("\\\n", " ")


def variables_of_image() -> dict[str, str]:
    (line,) = re.findall(r"^ENV (.+)$", dockerfile(), re.MULTILINE)
    return dict(pair.split("=", 1) for pair in line.split())


def lines_of(unit: Path, name: str) -> list[str]:
    text = unit.read_text(encoding="utf-8")
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


def variables_of(unit: Path) -> dict[str, str]:
    pairs = dict(line.split("=", 1) for line in lines_of(unit, "Environment"))
    return {
        name: text.replace("%S", STATE).replace("%d", CREDENTIALS)
        for name, text in pairs.items()
    }


def test_the_example_configuration_is_accepted_and_moves_no_money() -> None:
    settings = read_serve_settings({"config": str(CONFIG)}, {})

    assert settings.trading is Trading.PAPER
    assert not settings.moves_real_money
    assert is_loopback(settings.host)
    assert settings.require_token


def test_the_image_sets_options_that_the_service_has() -> None:
    settings = read_serve_settings({}, variables_of_image())

    assert settings.database == "sqlite:////data/trade-executor.db"
    assert settings.port == 8080
    assert "VOLUME /data" in dockerfile()
    assert "EXPOSE 8080" in dockerfile()


def test_the_image_is_built_of_files_that_are_there_and_sent() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile(), re.MULTILINE)
        for source in line.split()[:-1]
    ]
    text = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    sent = re.findall(r"^!(.+)$", text, re.MULTILINE)

    assert [one for one in copied if not (ROOT / one).exists()] == []
    assert sorted(copied) == sorted(sent)


def test_the_unit_calls_the_service_with_options_that_it_has() -> None:
    settings = read_serve_settings({"config": str(CONFIG)}, variables_of(UNIT))

    assert settings.database == f"sqlite:///{STATE}/trade-executor/trade-executor.db"
    (command,) = lines_of(UNIT, "ExecStart")
    assert re.fullmatch(r"\S+/trade-executor --config \S+/trade-executor.toml", command)
    assert lines_of(UNIT, "StateDirectory") == ["trade-executor"]


@pytest.mark.parametrize("added", ADDED, ids=lambda path: path.name)
def test_keys_are_read_from_where_systemd_puts_them(added: Path) -> None:
    environ = variables_of(added)

    read_serve_settings({"config": str(CONFIG)}, environ)
    loaded = {line.partition(":")[0] for line in lines_of(added, "LoadCredential")}
    assert {f"{CREDENTIALS}/{name}" for name in loaded} == set(environ.values())


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    text = UNIT.read_text(encoding="utf-8")
    for command in lines_of(UNIT, "ExecStart"):  # its program is not installed here
        text = text.replace(command, shutil.which("true") or command)
    unit = tmp_path / UNIT.name
    unit.write_text(text, encoding="utf-8")
    more = tmp_path / f"{UNIT.name}.d"
    more.mkdir()
    for added in ADDED:
        shutil.copyfile(added, more / added.name)

    done = subprocess.run(
        [analyze, "verify", str(unit)], check=False, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_proxy_repeats_no_request_and_holds_no_event_back() -> None:
    text = (DEPLOY / "nginx/trade-executor.conf").read_text(encoding="utf-8")

    server, stream = text.split("location /api/v1/stream", 1)
    assert "proxy_next_upstream off;" in server
    (patience,) = re.findall(r"proxy_read_timeout (\d+)s;", server)
    assert int(patience) > CANCEL_ALL_SECONDS + ANSWER_SECONDS
    assert "proxy_buffering off;" in stream.split("}", 1)[0]
    names = set(re.findall(r"server_name (\S+);", text))
    settings = read_serve_settings({"config": str(CONFIG)}, {})
    assert names == set(settings.allowed_hosts)
