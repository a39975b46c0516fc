"""The commands that speak to a running service, as a person or a program types them."""

import json
import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.bending_proxy import Bend, BendingProxy, reply
from tests.system.processes import RUN, Program, Service, Simulator
from tests.system.waiting import eventually


WITHIN_SECONDS = 60.0
"""Only a failing test waits so long."""

CHANGES_SECONDS = 10.0
ID = re.compile(r"order ([0-9A-Z]{26})")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("cli") / "orders.db") as running:
        running.await_trading()
        yield running


@pytest.fixture(autouse=True)
def _ctrl_c() -> Iterator[None]:
    """Have it reach programs that we start, even if we run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def started(service: Service, *arguments: str) -> Program:
    return Program(RUN, *arguments, "--url", service.url)


def ended(service: Service, *arguments: str) -> tuple[int, str, str]:
    """Run a command to its end; return the exit code and what it said."""
    with started(service, *arguments) as program:
        code = program.wait(WITHIN_SECONDS)
    return code, program.out.text, program.err.text


def printed(service: Service, *arguments: str) -> Any:
    code, out, err = ended(service, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def await_listener(service: Service) -> None:
    gauge = 'push_listeners{state="live"} 1'
    eventually(
        lambda: gauge in service.client.get("/metrics").body,
        within_seconds=CHANGES_SECONDS,
        what="somebody follows the stream",
    )


def far_above(service: Service) -> str:
    """A price at which nobody buys."""
    bid = service.client.best_bid("BTCUSDT")
    return str((bid * 2).quantize(Decimal("0.01")))


def placed(service: Service, *options: str) -> str:
    """Place an order that waits; return its id."""
    price = ("--price", far_above(service))
    order = printed(service, "order", "sell", "BTCUSDT", "0.01", *price, *options)
    return str(order["id"])


def test_an_order_is_placed_with_all_its_terms(service: Service) -> None:
    terms = ("--expires-at", "2099-05-01T12:00:00Z", "--client-order-id", "mine-1")

    order = service.client.order(placed(service, *terms))

    assert (order["time_in_force"], order["client_order_id"]) == ("GTD", "mine-1")
    assert order["expires_at"] == "2099-05-01T12:00:00.000000Z"
    assert (order["side"], order["quantity"]) == ("SELL", "0.01")


def test_a_repeated_key_places_nothing_twice(service: Service) -> None:
    terms = ("order", "buy", "BTCUSDT", "0.01", "--price", "1000")
    code, out, _ = ended(service, *terms, "--idempotency-key", "again")
    code_again, out_again, _ = ended(service, *terms, "--idempotency-key", "again")

    found, again = ID.search(out), ID.search(out_again)
    assert (code, code_again) == (0, 0)
    assert found
    assert again
    assert found[1] == again[1]
    assert out.startswith("accepted: ")
    assert out_again.startswith("known already: ")


def test_an_order_whose_answers_are_lost_is_placed_once(service: Service) -> None:
    """A proxy passes each request on, and loses the service's answer."""
    parts = urlsplit(service.url)
    assert parts.hostname
    assert parts.port
    lost = Bend(replace=reply("<html>", status=504))
    terms = ("order", "buy", "BTCUSDT", "0.0123", "--price", "1000")
    with BendingProxy(parts.hostname, parts.port) as proxy:
        proxy.bend = lambda asked: lost if asked.method == "POST" else None
        with Program(RUN, *terms, "--url", proxy.url) as program:
            assert program.wait(WITHIN_SECONDS) == 3
        _, _, again = program.err.text.partition("places nothing twice: ")
        _, _, *arguments = shlex.split(again)
        proxy.bend = lambda _asked: None
        with Program(RUN, *arguments) as program:
            assert program.wait(WITHIN_SECONDS) == 0

    assert program.out.text.startswith("known already: order ")
    placed_so = [one for one in service.client.orders() if one["quantity"] == "0.0123"]
    assert len(placed_so) == 1


def test_json_is_what_the_api_answers(service: Service) -> None:
    order_id = placed(service)

    def api(path: str) -> Any:
        return service.client.get(f"/api/v1{path}").body

    assert printed(service, "show", order_id) == api(f"/orders/{order_id}")
    for what in ("events", "fills"):
        assert printed(service, what, order_id) == api(f"/orders/{order_id}/{what}")
    assert printed(service, "orders", "--status", "open", "--limit", "1") == api(
        "/orders?status=open&limit=1"
    )
    assert printed(service, "book", "BTCUSDT", "--limit", "1")["symbol"] == "BTCUSDT"


def test_all_pages_become_one_document(service: Service) -> None:
    for _ in range(3):
        placed(service)

    page = printed(service, "orders", "--limit", "2")
    rest = printed(service, "orders", "--cursor", page["next_cursor"])
    whole = printed(service, "orders", "--all")

    assert len(page["items"]) == 2
    assert whole == {"items": page["items"] + rest["items"], "next_cursor": None}


def test_people_see_tables_without_escape_sequences_in_a_file(service: Service) -> None:
    order_id = placed(service)

    for arguments in (
        ("orders",),
        ("show", order_id),
        ("events", order_id),
        ("book", "BTCUSDT"),
    ):
        code, out, err = ended(service, *arguments)
        assert (code, err) == (0, "")
        assert out.isascii()
        assert "\x1b" not in out
    assert ended(service, "fills", order_id) == (0, "", "none")


def test_an_order_is_amended_and_cancelled(service: Service) -> None:
    order_id = placed(service)

    code, out, _ = ended(service, "amend", order_id, "--quantity", "0.02")
    assert (code, out.startswith(f"amended: order {order_id}, SELL 0.02")) == (0, True)
    code, out, _ = ended(service, "cancel", order_id)
    assert (code, out) == (
        0,
        f"CANCELED (CANCELED_BY_CLIENT): order {order_id}, 0 of 0.02 BTCUSDT filled",
    )
    code, _, err = ended(service, "amend", order_id, "--price", "1")
    assert (code, err.startswith("error: ORDER_ENDED: ")) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            ("order", "sell", "BTCUSDT", "0.000000001", "--price", "9"),
            1,
            "QUANTITY_BELOW",
        ),
        (("order", "sell", "DOGEUSDT", "1", "--price", "9"), 1, "UNKNOWN_SYMBOL"),
        (("order", "sell", "BTCUSDT", "1"), 2, "--price is missing"),
        (("order", "steal", "BTCUSDT", "1", "--price", "9"), 2, "side: 'steal'"),
        (("order", "sell", "BTCUSDT", "1e3", "--price", "9"), 2, "quantity: '1e3'"),
        (("orders", "--status", "done"), 2, "--status: 'done' is not one of"),
        (("amend", "A1"), 2, "--price, --quantity or both must be given"),
        (("show", "A1"), 1, "UNKNOWN_ORDER: there is no order 'A1'"),
        (("show", "../x"), 2, "is not an order's id"),
        (("watch", "A1"), 1, "UNKNOWN_ORDER"),
        (("book", "DOGEUSDT"), 1, "UNKNOWN_SYMBOL"),
        (("orders", "--cursor", "x y"), 1, "PARAMETER_INVALID"),
    ],
)
def test_what_is_refused_is_one_line_on_stderr(
    service: Service, arguments: tuple[str, ...], code: int, words: str
) -> None:
    found, out, err = ended(service, *arguments)

    assert (found, out) == (code, "")
    assert err.startswith("error: ")
    assert words in err
    assert "\n" not in err


def test_watching_ends_with_five_if_the_order_ends_unfilled(service: Service) -> None:
    order_id = placed(service)
    with started(service, "watch", order_id) as watching:
        assert watching.out.wait_for(order_id, WITHIN_SECONDS)
        service.client.delete(f"/api/v1/orders/{order_id}")

        assert watching.wait(WITHIN_SECONDS) == 5

    assert watching.out.lines[-1].startswith(
        "CANCELED (CANCELED_BY_CLIENT): sold 0 of 0.01 BTCUSDT"
    )
    assert ended(service, "watch", order_id)[0] == 5


def test_ctrl_c_stops_watching_and_not_the_order(service: Service) -> None:
    price = ("--price", far_above(service))
    terms = ("sell", "BTCUSDT", "0.01", *price, "--watch", "--json")
    with started(service, "order", *terms) as watching:
        assert watching.out.wait_for("ACCEPTED", WITHIN_SECONDS)

        assert watching.interrupt(WITHIN_SECONDS) == 130

    order_id = json.loads(watching.out.lines[0])["id"]
    assert watching.err.lines[0] == "stopped watching; the order goes on"
    assert f"cancel {order_id}" in watching.err.text
    assert service.client.order(order_id)["status"] == "NEW"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_order_interrupted_before_its_answer_says_how_to_find_out(
    number: signal.Signals,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(WITHIN_SECONDS)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        terms = ("sell", "BTCUSDT", "1", "--price", "1", "--url", url)
        with Program(RUN, "order", *terms) as program:
            asking, _ = silent.accept()
            with asking:
                assert asking.recv(65536)
                program.send(number)
                assert program.wait(WITHIN_SECONDS) == 3

    (said,) = program.err.lines
    assert said.startswith("error: stopped before an answer came")
    assert "places nothing twice: python run.py order sell BTCUSDT 1" in said
    assert "--idempotency-key" in said


def test_all_orders_are_watched_until_ctrl_c(service: Service) -> None:
    with started(service, "watch", "--json") as watching:
        await_listener(service)
        order_id = placed(service)
        assert watching.out.wait_for(order_id, WITHIN_SECONDS)

        assert watching.interrupt(WITHIN_SECONDS) == 130

    assert json.loads(watching.out.lines[0])["kind"] == "ACCEPTED"
    assert watching.err.text == "stopped watching; the orders go on"


def test_nobody_at_the_address_is_exit_code_three() -> None:
    for arguments in (
        ("orders",),
        ("watch",),
        ("watch", "A1"),
        ("order", "sell", "BTCUSDT", "1", "--price", "1", "--watch"),
    ):
        with Program(RUN, *arguments, "--port", "1") as program:
            assert program.wait(WITHIN_SECONDS) == 3
        assert program.out.text == ""
        assert program.err.text.startswith("error: no service answers at ")


def test_a_watched_order_outlives_kill_9_and_no_event_is_missed(tmp_path: Path) -> None:
    database = tmp_path / "orders.db"
    with ExitStack() as stack:
        market = stack.enter_context(Simulator("--speed", "2"))
        first = stack.enter_context(Service(database, *market.as_market))
        first.await_trading()
        bid = first.client.best_bid("BTCUSDT")
        price = str((bid * Decimal("0.9")).quantize(Decimal("0.01")))
        terms = ("sell", "BTCUSDT", "100", "--price", price)
        watching = started(first, "order", *terms, "--watch", "--json")
        stack.enter_context(watching)
        assert watching.out.wait_for("PART_FILLED", WITHIN_SECONDS)
        order_id = json.loads(watching.out.lines[0])["id"]
        first.kill()
        assert watching.err.wait_for("no events for now", WITHIN_SECONDS)
        port = first.url.rpartition(":")[2]
        options = ("--port", port, *market.as_market)
        second = stack.enter_context(Service(database, *options))
        assert ended(second, "amend", order_id, "--quantity", "130")[0] == 0
        assert watching.out.wait_for("AMENDED", WITHIN_SECONDS)
        assert ended(second, "cancel", order_id)[0] == 0
        code = watching.wait(WITHIN_SECONDS)
        history = printed(second, "events", order_id, "--all")["items"]

    assert code == 5
    begin, *events, end = [json.loads(line) for line in watching.out.lines]
    assert [one["number"] for one in events] == [one["number"] for one in history]
    assert (begin["status"], end["status"]) == ("NEW", "CANCELED")
    assert watching.err.lines[-1] == "events come again"


def test_a_paused_order_outlives_kill_9_and_takes_nothing(tmp_path: Path) -> None:
    database = tmp_path / "orders.db"
    with ExitStack() as stack:
        market = stack.enter_context(Simulator())
        first = stack.enter_context(Service(database, *market.as_market))
        first.await_trading()
        order_id = placed(first)
        code, out, _ = ended(first, "pause", order_id)
        assert (code, out.startswith(f"NEW (PAUSED): order {order_id}, ")) == (0, True)
        assert ended(first, "pause", order_id)[1] == out
        first.kill()
        second = stack.enter_context(Service(database, *market.as_market))
        second.await_trading()
        bid = str(second.client.best_bid("BTCUSDT"))
        assert ended(second, "amend", order_id, "--price", bid)[0] == 0
        paused = second.client.order(order_id)
        assert ended(second, "unpause", order_id)[0] == 0
        kinds = [one["kind"] for one in printed(second, "events", order_id)["items"]]

    assert (paused["reason"], paused["paused"], paused["filled"]) == (
        "PAUSED",
        True,
        "0",
    )
    assert kinds[:4] == ["ACCEPTED", "PAUSED", "AMENDED", "RESUMED"]


def test_a_reader_that_has_gone_is_no_error(service: Service) -> None:
    command = [sys.executable, RUN, "watch", "--url", service.url]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        await_listener(service)
        watching.stdout.close()
        placed(service)

        assert watching.wait(WITHIN_SECONDS) == 141
        assert watching.stderr.read() == ""


def test_an_answer_that_cannot_be_written_is_one_line(service: Service) -> None:
    command = [sys.executable, RUN, "book", "BTCUSDT", "--url", service.url]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        found = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert found.returncode == 3
    assert found.stderr == (
        "error: cannot write what the service has answered: No space left on device\n"
    )


def seen_on_a_terminal(service: Service, columns: int, *arguments: str) -> str:
    """Run a command to its end on a terminal of its own; return what it wrote."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, columns))
    command = [sys.executable, RUN, *arguments, "--url", service.url]
    environ = {**os.environ, "TERM": "xterm"}
    with (
        os.fdopen(ours, "rb", buffering=0) as screen,
        subprocess.Popen(command, stdout=its, stderr=its, env=environ) as program,
    ):
        os.close(its)
        written = b""
        with suppress(OSError):  # the terminal has been closed at its other end
            while chunk := screen.read(65536):
                written += chunk
        assert program.wait(WITHIN_SECONDS) == 0
    return written.decode()


def test_a_bar_shows_progress_on_a_terminal_to_the_end(service: Service) -> None:
    terms = ("sell", "BNBUSDT", "1", "--price", "400", "--watch")

    written = seen_on_a_terminal(service, 60, "order", *terms)

    *_, last_bar = re.findall(r"\d+\.\d %", written)
    assert last_bar == "100.0 %"
    assert "Ctrl-C stops watching, not the order" in written
    assert "FILLED (COMPLETED): sold 1 of 1 BNBUSDT" in written


@pytest.mark.parametrize("columns", [80, 40])
def test_no_line_is_wider_than_the_terminal_and_no_amount_is_cut(
    service: Service, columns: int
) -> None:
    order_id = placed(service, "--client-order-id", f"a-long-name-for-{columns}")

    written = seen_on_a_terminal(service, columns, "orders", "--limit", "3")

    lines = re.sub(r"\x1b\[[0-9;]*m", "", written).splitlines()
    assert max(len(line.rstrip()) for line in lines if "more:" not in line) <= columns
    assert order_id in written
    assert service.client.order(order_id)["price"] in written
