"""Answers that are still to come when the application has returned."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from flask import Flask

from adapters.http.app import NON_BLOCKING_CALLS, create_app, measure_calls
from adapters.http.server import HttpServer
from adapters.http.server_options import ServerOptions
from adapters.metrics.meter import PrometheusMeter
from domain.errors import DeskTimeoutError
from domain.orders.commands import CancelOrder, PlaceOrder
from domain.orders.order import Order
from domain.orders.records import Stored
from domain.refusals import Refusal
from tests.adapters.http.fakes import ON_PAPER, FakeDesk, FakeQueries, make_order
from tests.adapters.http.talking import (
    ORDER,
    PATIENCE_SECONDS,
    connect,
    parse,
    post,
    read_to_end,
    refusal,
    talk,
)


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class SlowDesk(FakeDesk):
    """Answers when the test says so."""

    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    threads: list[str] = field(default_factory=list)
    answers: list[Future[Stored | Refusal]] = field(default_factory=list)
    cancels: list[Future[Order | Refusal]] = field(default_factory=list)

    def place(self, command: PlaceOrder) -> Future[Stored | Refusal]:
        assert command.symbol == "BNBUSDT"
        future: Future[Stored | Refusal] = Future()
        self.answers.append(future)
        self._note()
        return future

    def cancel(self, command: CancelOrder) -> Future[Order | Refusal]:
        assert command.order_id == "01ABC"
        future: Future[Order | Refusal] = Future()
        self.cancels.append(future)
        self._note()
        return future

    def await_asked(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.asked.acquire(timeout=PATIENCE_SECONDS)

    def _note(self) -> None:
        self.threads.append(threading.current_thread().name)
        self.asked.release()


@pytest.fixture
def desk() -> SlowDesk:
    return SlowDesk()


class Helped:
    """Counts how often the loop helps."""

    def __init__(self) -> None:
        self.times = 0

    @contextmanager
    def run_woken_actors(self) -> Iterator[None]:
        yield
        self.times += 1


@pytest.fixture
def work() -> Helped:
    return Helped()


@pytest.fixture
def server(app: Flask, work: Helped) -> Iterator[HttpServer]:
    options = ServerOptions(
        non_blocking_calls=NON_BLOCKING_CALLS, run_woken_actors=work.run_woken_actors
    )
    server = HttpServer(app, "127.0.0.1", 0, threads=1, options=options)
    server.start()
    yield server
    server.stop(grace_seconds=0)


STORED = Stored(order=make_order())


def test_orders_that_wait_for_the_disk_keep_no_thread(
    server: HttpServer, desk: SlowDesk, pool: ThreadPoolExecutor, work: Helped
) -> None:
    placed = [pool.submit(talk, server, post(ORDER)) for _ in range(20)]
    desk.await_asked(20)

    assert parse(talk(server, HEALTH))[0] == 200
    assert not any(answer.done() for answer in placed)
    for future in desk.answers:
        future.set_result(STORED)

    answers = [parse(one.result(PATIENCE_SECONDS)) for one in placed]
    assert {status for status, _, _ in answers} == {201}
    assert {members["id"] for _, _, members in answers} == {"01ABC"}
    assert set(desk.threads) == {"http"}
    assert 1 <= work.times <= 40


def test_an_answer_that_is_there_at_once_is_written_at_once(
    server: HttpServer, desk: SlowDesk, pool: ThreadPoolExecutor
) -> None:
    answer = pool.submit(talk, server, post(ORDER))
    desk.await_asked()
    desk.answers[0].set_result(Stored(order=make_order(), repeated=True))

    assert parse(answer.result(PATIENCE_SECONDS))[0] == 200


def test_requests_behind_one_that_waits_are_answered_after_it(
    server: HttpServer, desk: SlowDesk
) -> None:
    order = post(ORDER, b"Content-Length: %d" % len(ORDER))
    with connect(server) as sock:
        sock.sendall(order + order + HEALTH)
        desk.await_asked()
        assert len(desk.answers) == 1
        desk.answers[0].set_result(STORED)
        desk.await_asked()
        desk.answers[1].set_result(Stored(order=make_order(), repeated=True))
        answer = read_to_end(sock)

    parts = answer.split(b"HTTP/1.1 ")[1:]
    assert [part[:3] for part in parts] == [b"201", b"200", b"200"]


def test_a_later_failure_is_answered_like_one_of_the_call(
    server: HttpServer, desk: SlowDesk, pool: ThreadPoolExecutor
) -> None:
    answer = pool.submit(talk, server, post(ORDER))
    desk.await_asked()

    desk.answers[0].set_exception(DeskTimeoutError("no answer within 5.0 seconds"))

    assert refusal(answer.result(PATIENCE_SECONDS), 503)["code"] == "TIMEOUT"


def test_a_later_bug_is_a_500_and_logged_once(
    server: HttpServer,
    desk: SlowDesk,
    pool: ThreadPoolExecutor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = pool.submit(talk, server, post(ORDER))
    desk.await_asked()

    desk.answers[0].set_exception(AssertionError("a bug"))

    refusal(answer.result(PATIENCE_SECONDS), 500)
    assert caplog.text.count("Traceback") == 1
    assert "Request failed method=POST path=/SellOrder" in caplog.text


def test_a_call_that_may_wait_for_the_database_is_not_made_by_the_loop(
    server: HttpServer, desk: SlowDesk, pool: ThreadPoolExecutor
) -> None:
    request = b"DELETE /api/v1/orders/01ABC HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers = [pool.submit(talk, server, request) for _ in range(5)]
    desk.await_asked(5)

    assert parse(talk(server, HEALTH))[0] == 200
    for future in desk.cancels:
        future.set_result(make_order())

    assert {parse(one.result(PATIENCE_SECONDS))[0] for one in answers} == {200}
    assert set(desk.threads) == {"http-call_0"}


def test_a_client_that_is_gone_when_its_answer_comes_harms_nobody(
    server: HttpServer, desk: SlowDesk, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(server) as sock:
        sock.sendall(post(ORDER))
        desk.await_asked()
    desk.answers[0].set_result(STORED)

    assert parse(talk(server, HEALTH))[0] == 200
    assert caplog.text == ""


def test_a_stop_waits_for_an_answer_that_comes_in_time(
    server: HttpServer, desk: SlowDesk, pool: ThreadPoolExecutor
) -> None:
    answer = pool.submit(talk, server, post(ORDER))
    desk.await_asked()

    stopping = pool.submit(server.stop, PATIENCE_SECONDS)
    desk.answers[0].set_result(STORED)
    stopping.result(PATIENCE_SECONDS)

    assert parse(answer.result(PATIENCE_SECONDS))[0] == 201


def test_an_answer_that_comes_after_the_stop_is_dropped(
    server: HttpServer,
    desk: SlowDesk,
    pool: ThreadPoolExecutor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    request = b"DELETE /api/v1/orders/01ABC HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers = [pool.submit(talk, server, one) for one in (post(ORDER), request)]
    desk.await_asked(2)

    server.stop(grace_seconds=0.05)
    desk.answers[0].set_result(STORED)
    desk.cancels[0].set_result(make_order())

    assert [one.result(PATIENCE_SECONDS) for one in answers] == [b"", b""]
    assert "Traceback" not in caplog.text


def answer_when_asked(desk: SlowDesk, outcome: Stored | Exception) -> threading.Thread:
    """Have the first order answered by another thread."""

    def answer() -> None:
        desk.await_asked()
        if isinstance(outcome, Exception):
            desk.answers[0].set_exception(outcome)
        else:
            desk.answers[0].set_result(outcome)

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def test_a_server_that_knows_nothing_of_it_waits_for_the_answer() -> None:
    desk = SlowDesk()
    client = create_app(desk, FakeQueries(), ON_PAPER).test_client()
    answering = answer_when_asked(desk, STORED)

    response = client.post("/SellOrder", data=ORDER, content_type="application/json")
    answering.join()

    assert response.status_code == 201
    assert response.headers["Location"] == "/api/v1/orders/01ABC"


def test_a_later_answer_is_counted_and_timed_when_it_comes() -> None:
    desk = SlowDesk()
    meter = PrometheusMeter()
    app = create_app(desk, FakeQueries(), ON_PAPER)
    measure_calls(app, meter)
    client = app.test_client()
    answering = answer_when_asked(desk, DeskTimeoutError())

    client.post("/SellOrder", data=ORDER, content_type="application/json")
    answering.join()

    page = meter.scrape()[0]
    assert b'trade_executor_http_responses_total{code="503"} 1.0' in page
    assert b"trade_executor_http_request_seconds_count 1.0" in page
    assert b'http_responses_total{code="200"} 0.0' in page
