"""A service beyond loopback: nobody gets in without a token, nor beyond its scope."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.processes import RUN, Program, Service
from tests.system.waiting import eventually


WITHIN_SECONDS = 20.0
NOTICED_SECONDS = 10.0
ALLOWED, NOT_ALLOWED = 0, 4


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tokens") / "orders.db"


@pytest.fixture(scope="module")
def service(database: Path) -> Iterator[Service]:
    beyond = ("--host", "0.0.0.0", "--open-paths", "/metrics")  # noqa: S104 - the point
    with Service(database, *beyond) as running:
        running.err.wait_for("nobody can call", WITHIN_SECONDS)
        yield running


def token_command(database: Path, *arguments: str) -> tuple[int, str]:
    url = f"sqlite:///{database}"
    with Program(RUN, "token", *arguments, "--database", url) as program:
        code = program.wait(WITHIN_SECONDS)
    return code, program.out.text


def made(database: Path, name: str, scope: str) -> str:
    code, token = token_command(database, "create", name, "--scope", scope)
    assert code == 0
    return token.strip()


def code_of(service: Service, token: str, *arguments: str) -> int:
    variables = {"TRADE_EXECUTOR_TOKEN": token}
    url = ("--url", service.url)
    with Program(RUN, *arguments, *url, variables=variables) as program:
        return program.wait(WITHIN_SECONDS)


def test_token_made_while_the_service_runs_counts_as_far_as_its_scope_goes(
    service: Service, database: Path
) -> None:
    assert service.client.get("/healthz").status == 200
    assert service.client.get("/api/v1/orders").status == 401

    reader = made(database, "dashboard", "read")
    eventually(
        lambda: code_of(service, reader, "orders") == ALLOWED,
        within_seconds=NOTICED_SECONDS,
        what="the token counts",
    )
    assert code_of(service, reader, "halt") == NOT_ALLOWED
    price = ("--price", "1")
    sell = ("order", "sell", "BTCUSDT", "0.01", *price)
    assert code_of(service, reader, *sell) == NOT_ALLOWED


def test_revoked_token_ends_the_stream_that_it_opened(
    service: Service, database: Path, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(made(database, "watcher", "read"))
    file.chmod(stat.S_IRUSR)
    variables = {"TRADE_EXECUTOR_TOKEN_FILE": os.fspath(file)}
    eventually(
        lambda: code_of(service, file.read_text(), "orders") == ALLOWED,
        within_seconds=NOTICED_SECONDS,
        what="the token counts",
    )
    url = ("--url", service.url)
    with Program(RUN, "watch", *url, "--json", variables=variables) as watching:
        gauge = 'push_listeners{state="live"} 1'
        eventually(
            lambda: gauge in service.client.get("/metrics").body,
            within_seconds=NOTICED_SECONDS,
            what="it follows the stream",
        )
        assert token_command(database, "revoke", "watcher")[0] == 0
        assert watching.wait(WITHIN_SECONDS) == NOT_ALLOWED
    assert "TOKEN_UNKNOWN" in watching.err.text


def test_tokens_are_listed_but_never_shown(service: Service, database: Path) -> None:
    token = made(database, "once", "admin")

    code, text = token_command(database, "list", "--json")

    assert code == 0
    assert "once" in [one["name"] for one in json.loads(text)["items"]]
    assert token not in text
    assert token.encode() not in database.read_bytes()
    assert token not in service.err.text


def test_audit_trail_says_who_did_what(service: Service, database: Path) -> None:
    admin = made(database, "auditor", "admin")
    eventually(
        lambda: code_of(service, admin, "halt") == ALLOWED,
        within_seconds=NOTICED_SECONDS,
        what="the token counts",
    )
    assert code_of(service, admin, "resume") == ALLOWED
    variables = {"TRADE_EXECUTOR_TOKEN": admin}

    def has_both() -> bool:
        command = ("audit", "--json", "--url", service.url)
        with Program(RUN, *command, variables=variables) as program:
            assert program.wait(WITHIN_SECONDS) == ALLOWED
        items = json.loads(program.out.text)["items"]
        found = [
            (one["call"], one["status"]) for one in items if one["caller"] == "auditor"
        ]
        return found == [("POST /api/v1/resume", 200), ("POST /api/v1/halt", 200)]

    eventually(has_both, within_seconds=NOTICED_SECONDS, what="both are in the trail")
