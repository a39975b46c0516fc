"""The halt switch, thrown by ``run.py halt`` and ``run.py resume``."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import urllib3

from adapters.cli import service_client
from adapters.cli.client_commands import CLIENT_COMMANDS
from adapters.cli.commands import build_cli
from adapters.cli.entry_point import run_cli
from adapters.http.server import HttpServer
from tests.adapters.http.fakes import FakeDesk
from tests.adapters.http.talking import Serve


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


PROJECT = Path(__file__).parents[3]


def run(*arguments: str) -> int:
    program = build_cli(serve=int, simulate=int, replay=int)  # type: ignore[arg-type] # not called
    return run_cli(program, arguments)


def port_of(server: HttpServer) -> str:
    return str(urlsplit(server.url).port)


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in os.environ:
        if name.startswith("TRADE_EXECUTOR_"):
            monkeypatch.delenv(name)
    return monkeypatch


def test_the_service_is_found_where_the_environment_has_it_listen(
    server: HttpServer,
    desk: FakeDesk,
    environ: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environ.setenv("TRADE_EXECUTOR_PORT", port_of(server))
    environ.setenv("TRADE_EXECUTOR_HOST", "0.0.0.0")  # noqa: S104 - nobody listens

    assert run("halt", "--reason", "odd prices") == 0
    assert (desk.switch.halt.is_on, desk.switch.halt.reason) == (True, "odd prices")
    assert capsys.readouterr().out.startswith("halted: ")

    assert run("resume") == 0
    assert not desk.switch.halt.is_on


def test_the_switch_is_printed_as_the_api_has_it(
    server: HttpServer, desk: FakeDesk, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    desk.children_in_flight = 2

    assert run("halt", "--json", "--port", port_of(server)) == 0

    printed = capsysbinary.readouterr().out
    answer = urllib3.request("GET", f"{server.url}/api/v1/halt").data
    assert printed == answer + b"\n"


def test_the_service_is_found_by_its_file(
    server: HttpServer, desk: FakeDesk, tmp_path: Path
) -> None:
    file = tmp_path / "service.toml"
    file.write_text(f'port = {port_of(server)}\nsymbols = "BTCUSDT"\n')

    assert run("halt", "--config", str(file)) == 0
    assert desk.switch.halt.is_on


def test_the_command_line_beats_the_environment_and_a_url_beats_both(
    server: HttpServer, desk: FakeDesk, environ: pytest.MonkeyPatch
) -> None:
    environ.setenv("TRADE_EXECUTOR_PORT", "1")

    assert run("halt", "--port", port_of(server)) == 0
    assert desk.switch.halt.is_on
    assert run("resume", "--port", "2", "--url", f"{server.url}/") == 0
    assert not desk.switch.halt.is_on


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("--url", "nonsense"), 2, "--url: 'nonsense' must read http://HOST[:PORT]"),
        (("--port", "x"), 2, "--port: 'x' is not a port"),
        (("--port", "0"), 2, "--port: 0 does not say where the service listens"),
        (("--port", "1"), 3, "no service answers at http://127.0.0.1:1/api/v1/halt"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_service_that_cannot_be_found_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    problem: str,
) -> None:
    assert run("halt", *arguments) == code

    said = capsys.readouterr().err
    assert said.startswith(f"error: {problem}")
    assert said.count("\n") == 1


@pytest.mark.parametrize("body", [b"[]", b"{}", b"<html>", b'{"halted": "maybe"}'])
def test_another_program_at_the_address_is_not_taken_for_the_service(
    serve: Serve, capsys: pytest.CaptureFixture[str], body: bytes
) -> None:
    def app(
        _environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> list[bytes]:
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    assert run("halt", "--url", serve(app).url) == 3
    said = capsys.readouterr().err
    assert said.startswith("error: no service answers at http://")
    assert said.endswith("(HTTP 200 from another program or version)\n")


@pytest.mark.parametrize("body", [b"<html>Gateway Time-out</html>", b"", b"{}"])
@pytest.mark.parametrize("status", ["502 Bad Gateway", "504 Gateway Time-out"])
def test_a_proxy_s_error_is_told_as_a_call_that_may_hold(
    serve: Serve, capsys: pytest.CaptureFixture[str], status: str, body: bytes
) -> None:
    def proxy(
        _environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> list[bytes]:
        start_response(status, [("Content-Length", str(len(body)))])
        return [body]

    url = serve(proxy).url

    assert run("halt", "--url", url) == 3
    assert capsys.readouterr().err == (
        f"error: HTTP {status[:3]} from {url}/api/v1/halt, and not in the service's "
        "words, it may be carried out all the same: look at GET "
        f"{url}/api/v1/halt, and try again\n"
    )


@pytest.mark.parametrize("call", ["halt", "resume"])
def test_a_call_without_an_answer_is_told_as_one_that_may_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], call: str
) -> None:
    monkeypatch.setattr(service_client, "TIMEOUT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it accepts nobody
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        assert run(call, "--url", url) == 3

    assert capsys.readouterr().err == (
        f"error: no answer from {url}/api/v1/{call} (ReadTimeoutError), it may be "
        f"carried out all the same: look at GET {url}/api/v1/halt, and try again\n"
    )


@pytest.mark.parametrize("command", CLIENT_COMMANDS)
def test_a_command_for_the_service_loads_nothing_of_it(command: str) -> None:
    """On a busy machine the engine takes seconds to load."""
    arguments = {
        "order": ["sell", "BTCUSDT", "1", "--price", "1"],
        "orders": [],
        "watch": [],
        "book": ["BTCUSDT"],
        "amend": ["A1", "--price", "1"],
        "settle": ["A1-1", "--quantity", "0", "--note", "x"],
        "halt": [],
        "resume": [],
        "audit": [],
        "webhooks": [],
    }.get(command, ["A1"])
    heavy = ("actors", "aiohttp", "flask", "peewee", "pykka", "psycopg", "http-call_0")
    program = (
        "import sys, runpy\n"
        f"sys.argv = {['run.py', command, *arguments, '--port', '1']!r}\n"
        "try: runpy.run_path('run.py', run_name='__main__')\n"
        f"finally: print(sorted(set({heavy!r}) & set(sys.modules)))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 3
    assert ended.stdout == "[]\n"
    assert "no service answers" in ended.stderr


@pytest.mark.parametrize(
    ("children", "words"), [(1, "1 sent before has"), (2, "2 sent before have")]
)
def test_a_halt_says_how_many_children_have_left_before(
    server: HttpServer,
    desk: FakeDesk,
    capsys: pytest.CaptureFixture[str],
    children: int,
    words: str,
) -> None:
    desk.children_in_flight = children

    assert run("halt", "--port", port_of(server)) == 0

    assert f"; {words} no answer yet" in capsys.readouterr().out


def test_a_halt_that_is_not_on_disk_yet_is_said_in_one_line(
    server: HttpServer,
    desk: FakeDesk,
    environ: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environ.setenv("TRADE_EXECUTOR_PORT", port_of(server))
    desk.is_on_disk = False

    assert run("halt") == 0

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("halted: no child order leaves, none is in flight; NOT ON")
