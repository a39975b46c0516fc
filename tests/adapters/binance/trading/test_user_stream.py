"""The user's events over a real WebSocket."""

import hashlib
import hmac
import json
import queue
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.settings import UserStreamSettings
from adapters.binance.trading.user_events import StreamEnding, parse_user_frame
from adapters.binance.trading.user_stream import UserStream
from adapters.binance.trading.venue import BinanceVenue
from adapters.clock import SystemClock
from domain.errors import MalformedMessageError
from domain.orders.child_order import VenueFill
from domain.ports.runtime import Clock
from domain.values import Side
from domain.venue.answers import (
    Balance,
    BalancesChanged,
    ExecutionReport,
    PauseReason,
    UserStreamConnected,
    UserStreamLost,
    UserStreamMessage,
)
from tests.adapters.binance.loopback_venue import LoopbackVenue, ServedSocket
from tests.adapters.binance.trading.loopback import KEY, SECRET
from tests.adapters.witnesses import WAIT_SECONDS, HandClock


NOW_MS = 1_700_000_000_000
QUICK = UserStreamSettings(
    backoff_first_seconds=0.01, backoff_max_seconds=0.02, refused_seconds=0.01
)

M = TypeVar("M", bound=UserStreamMessage)


class Listener:
    def __init__(self) -> None:
        self.heard: queue.SimpleQueue[UserStreamMessage] = queue.SimpleQueue()

    def tell(self, message: UserStreamMessage) -> bool:
        self.heard.put(message)
        return True

    def next_of(self, kind: type[M]) -> M:
        message = self.heard.get(timeout=WAIT_SECONDS)
        assert isinstance(message, kind), message
        return message


class Stage:
    """A server, a stream on it, and a listener."""

    def __init__(self, server: LoopbackVenue) -> None:
        self.server = server
        self.listener = Listener()
        self.streams: list[tuple[BinanceVenue, UserStream]] = []
        server.confirms_subscriptions = False
        server.reply = lambda _call, _fields: (200, {}, f'{{"serverTime":{NOW_MS}}}')

    def start(
        self, settings: UserStreamSettings = QUICK, clock: Clock | None = None
    ) -> None:
        clock = clock or SystemClock()
        venue = BinanceVenue(
            rest_url=self.server.rest_url,
            credentials=Credentials(api_key=KEY, api_secret=SECRET),
            clock=clock,
        )
        stream = venue.user_stream(
            url=f"{self.server.stream_url}/ws-api/v3",
            recipient=self.listener,
            rng=random.Random(7),
            settings=settings,
        )
        self.streams.append((venue, stream))
        stream.start()

    def request(self, number: int = 0) -> tuple[ServedSocket, dict[str, Any]]:
        connection = self.server.connection(number)
        self.server.wait_until(lambda: bool(connection.requests))
        return connection, connection.requests[0]

    def connect(self, number: int = 0) -> ServedSocket:
        connection, request = self.request(number)
        confirmed = {"id": request["id"], "status": 200, "result": {}}
        connection.send(json.dumps(confirmed))
        self.listener.next_of(UserStreamConnected)
        return connection

    def refuse(
        self, number: int, status: int, code: int, text: str, **more: Any
    ) -> None:
        connection, request = self.request(number)
        error = {"code": code, "msg": text, "data": more}
        reply = {"id": request["id"], "status": status, "error": error}
        connection.send(json.dumps(reply))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with LoopbackVenue() as server:
        stage = Stage(server)
        yield stage
        for venue, stream in stage.streams:
            stream.close()
            venue.close()


def event(**fields: Any) -> str:
    return json.dumps({"subscriptionId": 0, "event": fields})


def report(**more: Any) -> str:
    fields = {
        "e": "executionReport",
        "E": NOW_MS,
        "s": "BNBUSDT",
        "c": "OURS-1",
        "S": "SELL",
        "C": "",
        "x": "TRADE",
        "X": "FILLED",
        "r": "NONE",
        "i": 28,
        "l": "1.50000000",
        "z": "2.00000000",
        "L": "270.10000000",
        "n": "0.00100000",
        "N": "BNB",
        "T": NOW_MS + 123,
        "t": 56,
    }
    return event(**fields | more)


def test_subscription_is_signed_over_its_sorted_parameters(stage: Stage) -> None:
    stage.start()

    _, request = stage.request()

    params = request["params"]
    payload = f"apiKey={KEY}&recvWindow=5000&timestamp={params['timestamp']}"
    made = hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
    assert request["method"] == "userDataStream.subscribe.signature"
    assert params["signature"] == made
    assert abs(params["timestamp"] - NOW_MS) < 60_000


def test_execution_is_told_with_its_trade(stage: Stage) -> None:
    stage.start()
    connection = stage.connect()

    connection.send(report())

    assert stage.listener.next_of(ExecutionReport) == ExecutionReport(
        child_id="OURS-1",  # type: ignore[arg-type]  # a NewType
        symbol="BNBUSDT",  # type: ignore[arg-type]  # a NewType
        side=Side.SELL,
        execution_type="TRADE",
        status="FILLED",
        trade=VenueFill(
            price=Decimal("270.1"),
            quantity=Decimal("1.5"),
            fee=Decimal("0.001"),
            fee_asset="BNB",
            trade_id=56,
            executed_at=datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC),
        ),
        cumulative_quantity=Decimal(2),
        at=datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC),
    )


def test_cancelled_order_is_told_under_its_own_id(stage: Stage) -> None:
    stage.start()
    connection = stage.connect()

    connection.send(report(x="CANCELED", X="CANCELED", c="CANCEL-9", C="OURS-1", t=-1))

    told = stage.listener.next_of(ExecutionReport)
    assert (told.child_id, told.trade) == ("OURS-1", None)


def test_reports_that_come_twice_or_late_are_told_as_they_come(stage: Stage) -> None:
    stage.start()
    connection = stage.connect()

    connection.send(report(t=57), report(t=56), report(t=57))

    trades = [stage.listener.next_of(ExecutionReport).trade for _ in range(3)]
    assert [trade.trade_id for trade in trades if trade] == [57, 56, 57]


def test_changed_balances_are_told(stage: Stage) -> None:
    stage.start()
    connection = stage.connect()
    held = [{"a": "ETH", "f": "10.5", "l": "1"}]

    connection.send(event(e="outboundAccountPosition", u=NOW_MS, B=held))

    told = stage.listener.next_of(BalancesChanged)
    assert told.balances == {"ETH": Balance(free=Decimal("10.5"), locked=Decimal(1))}


@pytest.mark.parametrize(
    "frame",
    [
        event(e="listStatus"),
        event(e="ofNextYear", s=7),
        event(),
        "{}",
        '{"id":null,"status":200}',
        '{"id":"other","status":200}',
        "not json",
        "[]",
        report(l="NaN"),
        report(L="0"),
        report(S="NEITHER"),
        report(T="yesterday"),
        report(T=10**30),
        report(z="-1"),
        event(e="outboundAccountPosition", u=NOW_MS, B=[{"a": "ETH"}]),
        event(e="executionReport"),
    ],
)
def test_frames_of_no_use_do_no_harm(stage: Stage, frame: str) -> None:
    stage.start()
    connection = stage.connect()

    connection.send(frame, report())

    stage.listener.next_of(ExecutionReport)
    assert len(stage.server.connections) == 1


def test_binary_frames_do_no_harm(stage: Stage) -> None:
    stage.start()
    connection = stage.connect()

    connection.send(b"\x00", report())

    stage.listener.next_of(ExecutionReport)


@pytest.mark.parametrize(
    "frame",
    [
        '{"event":{"e":"serverShutdown","E":1770123456789}}',
        '{"e":"serverShutdown","E":1770123456789}',
        event(e="eventStreamTerminated"),
    ],
)
def test_announced_end_leads_to_a_new_connection(stage: Stage, frame: str) -> None:
    stage.start()
    connection = stage.connect()

    connection.send(frame)

    assert stage.listener.next_of(UserStreamLost).cause
    stage.connect(1).send(report())
    stage.listener.next_of(ExecutionReport)


def test_closed_connection_is_told_and_made_again(stage: Stage) -> None:
    stage.start()

    stage.connect().close()

    assert "closed" in stage.listener.next_of(UserStreamLost).cause
    stage.connect(1)


def test_connections_that_never_last_are_made_ever_more_seldom(stage: Stage) -> None:
    stage.start(UserStreamSettings(backoff_first_seconds=0.01))

    for number in range(4):
        stage.connect(number).close()
        stage.listener.next_of(UserStreamLost)

    _, stream = stage.streams[0]
    assert stream._backoff._next_seconds >= 0.08


def test_connection_that_lasted_is_made_again_at_once(stage: Stage) -> None:
    clock = HandClock()
    stage.start(UserStreamSettings(backoff_first_seconds=0.01), clock)
    for number in range(3):
        stage.connect(number).close()
        stage.listener.next_of(UserStreamLost)
    connection = stage.connect(3)

    clock.advance(11)
    connection.close()

    stage.listener.next_of(UserStreamLost)
    stage.connect(4)
    _, stream = stage.streams[0]
    assert stream._backoff._next_seconds == 0.02


def test_venue_that_cannot_be_reached_is_told_once_and_tried_on(stage: Stage) -> None:
    stage.server.refuses_connections = True
    stage.start()

    stage.server.wait_until(lambda: stage.server.attempts >= 3)
    stage.server.refuses_connections = False
    lost = stage.listener.next_of(UserStreamLost)
    stage.connect()

    assert lost.cause == "the handshake was refused with HTTP 503 without a word"


@pytest.mark.parametrize(
    ("status", "headers", "reason", "seconds"),
    [
        (403, {}, PauseReason.VENUE_BLOCKED, 60),
        (451, {}, PauseReason.VENUE_BLOCKED, 60),
        (429, {"Retry-After": "7"}, PauseReason.RATE_LIMITED, 7),
        (418, {}, PauseReason.RATE_LIMITED, 120),
    ],
)
def test_handshake_refused_for_all_silences_the_whole_process_with_its_words(
    stage: Stage,
    status: int,
    headers: dict[str, str],
    reason: PauseReason,
    seconds: float,
) -> None:
    stage.server.refuses_connections = True
    stage.server.refusal = (status, headers, f"not from here, {KEY}")
    stage.start(UserStreamSettings(refused_seconds=600), clock=HandClock())

    stage.listener.next_of(UserStreamLost)

    pause = stage.streams[0][0].probe()
    assert pause is not None
    assert (pause.reason, pause.duration) == (reason, timedelta(seconds=seconds))
    assert pause.detail.endswith(f"HTTP {status}: not from here, ***")


def test_rejected_key_is_told_with_the_venues_words_and_tried_seldom(
    stage: Stage,
) -> None:
    seldom = UserStreamSettings(refused_seconds=600)
    stage.start(seldom)

    stage.refuse(0, 401, -2015, f"Invalid API-key {KEY}, IP, or permissions.")

    cause = stage.listener.next_of(UserStreamLost).cause
    assert cause == "refused with 401, -2015: Invalid API-key ***, IP, or permissions."
    assert stage.server.attempts == 1


def test_key_that_is_revoked_later_ends_the_connection(stage: Stage) -> None:
    stage.start()
    connection = stage.connect()

    connection.send('{"id":null,"status":401,"error":{"code":-2015,"msg":"Bad"}}')

    assert "-2015" in stage.listener.next_of(UserStreamLost).cause
    stage.connect(1)


def test_late_request_has_the_clock_measured_again(stage: Stage) -> None:
    stage.start(UserStreamSettings(backoff_first_seconds=0.01, refused_seconds=600))

    stage.refuse(0, 400, -1021, "Timestamp for this request ...")

    stage.listener.next_of(UserStreamLost)
    stage.connect(1)
    assert [call for call, _ in stage.server.calls] == ["time", "time"]


def test_ban_silences_the_whole_process(stage: Stage) -> None:
    clock = HandClock()
    stage.start(clock=clock)

    stage.refuse(0, 418, -1003, "banned", retryAfter=NOW_MS + 90_000)

    stage.listener.next_of(UserStreamLost)
    pause = stage.streams[0][0].probe()
    assert pause is not None
    assert pause.duration is not None
    assert pause.duration.total_seconds() == 90


def test_subscription_that_is_not_confirmed_is_given_up(stage: Stage) -> None:
    clock = HandClock()
    stage.start(clock=clock)
    stage.request()

    clock.advance(11)

    cause = stage.listener.next_of(UserStreamLost).cause
    assert cause in (
        "server did not confirm the subscription",
        "server is silent and does not answer pings",
    )


def test_silent_server_is_pinged_and_then_given_up(stage: Stage) -> None:
    clock = HandClock()
    stage.start(clock=clock)
    connection = stage.connect()
    stage.server.answers_pings = False

    clock.advance(6)
    stage.server.wait_until(lambda: len(connection.pings) == 1)
    clock.advance(4)

    assert "silent" in stage.listener.next_of(UserStreamLost).cause


def test_old_connection_is_made_anew_before_the_venue_cuts_it(stage: Stage) -> None:
    clock = HandClock()
    stage.start(clock=clock)
    stage.connect()

    clock.advance(23 * 3600 + 51 * 60)

    assert "old" in stage.listener.next_of(UserStreamLost).cause
    stage.connect(1)


def test_pings_are_answered_with_their_payload(stage: Stage) -> None:
    stage.start()
    connection = stage.connect()

    connection.ping(b"1770123456789")

    stage.server.wait_until(lambda: connection.pongs == [b"1770123456789"])


def test_nothing_is_told_after_closing(stage: Stage) -> None:
    stage.start()
    stage.connect()
    _, stream = stage.streams[0]

    stream.close()

    assert stage.listener.heard.empty()


def test_key_is_not_sent_where_a_redirect_leads_to(stage: Stage) -> None:
    with LoopbackVenue() as elsewhere:
        stage.server.redirects_to = f"{elsewhere.stream_url}/ws-api/v3"
        stage.start()

        stage.listener.next_of(UserStreamLost)

        assert elsewhere.attempts == 0


def test_key_is_not_sent_through_a_proxy_of_the_environment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    stage.start()

    stage.connect()


def test_documented_events_are_read(shared_market_data: Path) -> None:
    docs = shared_market_data / "order_responses" / "docs"
    lines = (docs / "user_data_events.jsonl").read_text(encoding="utf-8").splitlines()

    read = [parse_user_frame(line.encode()) for line in lines]

    assert [type(frame) for frame in read] == [
        BalancesChanged,
        type(None),
        ExecutionReport,
        type(None),
        StreamEnding,
        type(None),
    ]


def test_hostile_bytes_are_malformed_and_nothing_else() -> None:
    for data in (b"", b"\xff", b"[" * 10_000, b'{"event":' * 5000, b'{"e":7}', b"1e9"):
        with pytest.raises(MalformedMessageError):
            parse_user_frame(data)
