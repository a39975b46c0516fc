"""What a network can do to a request, and what may be concluded from it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.settings import TradingSettings
from adapters.binance.trading.venue import BinanceVenue
from domain.errors import ConfigurationError
from domain.orders.child_order import ChildStatus
from domain.venue.answers import PauseReason, VenueAnswer
from tests.adapters.binance.trading.builders import child, fill_body, order_body
from tests.adapters.binance.trading.loopback import (
    KEY,
    SECRET,
    Asked,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED
from tests.system.tls import encrypting, make_authority


@contextmanager
def venue_at(
    url: str, *, timeout_seconds: float = 5, answer_seconds_max: float = 15
) -> Iterator[BinanceVenue]:
    venue = BinanceVenue(
        rest_url=url,
        credentials=Credentials(api_key=KEY, api_secret=SECRET),
        clock=HandClock(),
        settings=TradingSettings(
            timeout_seconds=timeout_seconds, answer_seconds_max=answer_seconds_max
        ),
    )
    try:
        yield venue
    finally:
        venue.close()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def is_unknown(answer: VenueAnswer) -> bool:
    return answer.result is None and not answer.is_absent and bool(answer.detail)


def is_never_sent(answer: VenueAnswer, reason: PauseReason) -> bool:
    return (
        answer.result is not None
        and answer.result.status is ChildStatus.NEVER_SENT
        and answer.pause is not None
        and answer.pause.reason is reason
    )


@pytest.mark.parametrize(
    "trouble", [Said(cut=True), Said(body="x" * 100, cut_in_body=True)]
)
def test_order_whose_connection_is_cut_is_unknown_and_sent_once(
    server: TradingServer, venue: BinanceVenue, trouble: Said
) -> None:
    server.answers = lambda asked: trouble if asked.method == "POST" else None

    assert is_unknown(venue.place(child(), ALLOWED))
    assert server.calls() == ["POST order"]


def test_question_whose_connection_is_cut_is_not_asked_again(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = lambda asked: None if "time" in asked.call else Said(cut=True)

    answer = venue.look_up(child(), since=clock.now(), thoroughly=True)

    assert is_unknown(answer)
    assert answer.detail.endswith("the connection was cut before an answer came")
    assert server.calls() == ["GET order"]


def test_order_that_is_not_answered_in_time_is_unknown(server: TradingServer) -> None:
    server.answers = lambda asked: Said(hang=True) if asked.method == "POST" else None

    with venue_at(server.url, timeout_seconds=0.2) as venue:
        answer = venue.place(child(), ALLOWED)

    assert is_unknown(answer)
    assert "timed out" in answer.detail
    assert server.calls() == ["POST order"]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("dribbles", ["head", "body"])
def test_order_whose_answer_dribbles_in_is_given_up_and_unknown(
    server: TradingServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dribbles: str,
    scheme: str,
) -> None:
    slow = Said(body="x" * 300, dribbles=dribbles)
    server.answers = lambda asked: slow if asked.method == "POST" else None
    with ExitStack() as stack:
        url = server.url
        if scheme == "https":
            trusted, served = make_authority(tmp_path)
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            port = stack.enter_context(encrypting(served, urlsplit(url).port or 0))
            url = f"https://127.0.0.1:{port}"
        venue = stack.enter_context(venue_at(url, answer_seconds_max=0.3))
        answer = venue.place(child(), ALLOWED)

    assert is_unknown(answer)
    assert "timed out" in answer.detail
    assert server.calls() == ["POST order"]


def test_order_whose_answer_is_no_http_is_unknown(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = lambda asked: Said(raw=True) if asked.method == "POST" else None

    assert is_unknown(venue.place(child(), ALLOWED))
    assert server.calls() == ["POST order"]


def test_order_to_a_venue_that_refuses_connections_was_never_sent() -> None:
    with venue_at(f"http://127.0.0.1:{unused_port()}") as venue:
        answer = venue.place(child(), ALLOWED)

    assert is_never_sent(answer, PauseReason.VENUE_UNAVAILABLE)


def test_order_is_never_sent_when_the_venue_goes_away_after_telling_the_time() -> None:
    with TradingServer() as server:
        time = Said(
            body=f'{{"serverTime":{server.now_ms}}}', headers={"Connection": "close"}
        )
        server.answers = lambda asked: time if asked.call == "GET time" else None
        venue = BinanceVenue(
            rest_url=server.url,
            credentials=Credentials(api_key=KEY, api_secret=SECRET),
            clock=HandClock(),
        )
        venue.probe()
        server.answers = lambda _asked: Said(
            status=500, headers={"Connection": "close"}
        )
        venue.account()

    answer = venue.place(child(), ALLOWED)

    venue.close()
    assert is_never_sent(answer, PauseReason.VENUE_UNAVAILABLE)
    assert answer.written_ns == 0


def test_order_to_a_host_without_an_address_was_never_sent() -> None:
    with venue_at("http://no-such-host.invalid") as venue:
        answer = venue.place(child(), ALLOWED)

    assert is_never_sent(answer, PauseReason.VENUE_UNAVAILABLE)


def test_order_over_tls_that_is_not_trusted_was_never_sent(
    server: TradingServer,
) -> None:
    with venue_at(server.url.replace("http:", "https:")) as venue:
        answer = venue.place(child(), ALLOWED)

    assert is_never_sent(answer, PauseReason.VENUE_UNAVAILABLE)
    assert answer.pause is not None
    assert "SSL" in answer.pause.detail


def test_idle_connection_that_the_venue_closed_is_replaced_before_sending(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child()
    answers = {
        "POST order": said(order_body(one, fills=[fill_body("2")])),
        "GET account": Said(body="{}", close_after=True),  # after that of the time
    }
    server.answers = lambda asked: answers.get(asked.call)
    venue.probe()  # the account's answer makes no sense, but it is one
    assert server.has_closed.acquire(timeout=10)

    answer = venue.place(one, ALLOWED)

    assert answer.result is not None
    assert (server.connections, server.calls()) == (2, ["GET account", "POST order"])


def test_connection_is_kept_for_the_next_order(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child()
    server.answers = lambda asked: (
        said(order_body(one, fills=[fill_body("2")]))
        if asked.method == "POST"
        else None
    )

    for _ in range(3):
        venue.place(one, ALLOWED)

    assert server.connections == 1


def test_redirects_are_not_followed(server: TradingServer, venue: BinanceVenue) -> None:
    elsewhere = {"Location": f"{server.url}/api/v3/elsewhere"}
    server.answers = lambda asked: (
        Said(status=307, headers=elsewhere) if asked.method == "POST" else None
    )

    assert is_unknown(venue.place(child(), ALLOWED))
    assert server.calls() == ["POST order"]


def test_proxies_of_the_environment_are_not_used(
    server: TradingServer, venue: BinanceVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    one = child()
    server.answers = lambda asked: (
        said(order_body(one, fills=[fill_body("2")]))
        if asked.method == "POST"
        else None
    )

    assert venue.place(one, ALLOWED).result is not None


def test_eight_orders_are_on_their_way_at_the_same_time(
    server: TradingServer, venue: BinanceVenue
) -> None:
    together = threading.Barrier(8)

    def answers(asked: Asked) -> Said | None:
        if asked.method != "POST":
            return None
        together.wait(10)
        number = int(asked.fields["newClientOrderId"].rpartition("-")[2])
        return said(order_body(child(number=number), fills=[fill_body("2")]))

    server.answers = answers
    done: list[VenueAnswer] = []
    threads = [
        threading.Thread(
            target=lambda n=n: done.append(venue.place(child(number=n), ALLOWED))
        )
        for n in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert [answer.result is not None for answer in done] == [True] * 8


def test_strange_limit_headers_do_not_spoil_an_order(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child()
    strange = {
        "X-MBX-USED-WEIGHT-1M": "many",
        "X-MBX-ORDER-COUNT-10S": "-3",
        "X-MBX-ORDER-COUNT-1D": "1e9",
        "Retry-After": "tomorrow",
    }
    body = said(order_body(one, fills=[fill_body("2")])).body
    server.answers = lambda asked: (
        Said(body=body, headers=strange, content_type="text/plain; charset=nonsense")
        if asked.method == "POST"
        else None
    )

    assert venue.place(one, ALLOWED).result is not None


def test_nothing_is_sent_after_closing(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    venue.close()

    placed = venue.place(child(), ALLOWED)

    assert placed.result is not None
    assert placed.result.status is ChildStatus.NEVER_SENT
    assert is_unknown(venue.look_up(child(), since=clock.now(), thoroughly=True))
    assert venue.account() is None
    assert venue.probe() is not None
    assert server.asked == []


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(ConfigurationError):
        TradingSettings(connections=0)
    with pytest.raises(ConfigurationError):
        TradingSettings(timeout_seconds=0)


def test_error_reply_leaves_the_connection_usable(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = lambda asked: (
        error(-2010, "Account has insufficient balance for requested action.")
        if asked.method == "POST"
        else None
    )

    for _ in range(3):
        venue.place(child(), ALLOWED)

    assert server.connections == 1
