"""What a connection sends stays below the venue's pace."""

from adapters.network.paced_sender import Pace, PacedSender
from adapters.network.pacing import SECOND_NS


PACE = Pace(messages_max=4, span_seconds=1.2)


class WireTap:
    """The sending side of a websocket, written down."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_text(self, text_data: str) -> int:
        self.sent.append(text_data)
        return len(text_data)

    def ping(self, payload: bytes) -> None:
        self.sent.append(f"ping {payload.decode()}")

    def send_pong(self, payload: bytes) -> None:
        self.sent.append(f"pong {payload.decode()}")


def test_sender_stays_below_five_messages_a_second() -> None:
    requests = [f"request {number}" for number in range(12)]
    sender = PacedSender(lambda _now_ns: requests.pop(0) if requests else None, PACE)
    tap, sent_at = WireTap(), []

    for tick in range(200):
        now_ns = tick * SECOND_NS // 10
        before = len(tap.sent)
        sender.answer_ping(tap, b"flood", now_ns)
        sender.send_due(tap, now_ns)
        sent_at += [now_ns] * (len(tap.sent) - before)

    assert "request 11" in tap.sent
    for start in sent_at:
        assert sum(start <= time <= start + SECOND_NS for time in sent_at) < 5


def test_pong_goes_out_at_once_while_requests_wait() -> None:
    sender = PacedSender(lambda _now_ns: "request", PACE)
    tap = WireTap()

    sender.send_due(tap, 0)
    sender.answer_ping(tap, b"1", 0)

    assert tap.sent == ["request"] * 3 + ["pong 1"]


def test_probe_waits_for_the_pace_like_any_message() -> None:
    sender = PacedSender(lambda _now_ns: None, PACE)
    tap = WireTap()

    sent = [sender.send_ping(tap, now_ns) for now_ns in range(7, 11)]

    assert sent == [True, True, True, False]
    assert tap.sent == ["ping 7", "ping 8", "ping 9"]


def test_flood_of_pings_is_answered_by_the_latest_payload() -> None:
    sender = PacedSender(lambda _now_ns: None, PACE)
    tap = WireTap()

    for number in range(10):
        sender.answer_ping(tap, str(number).encode(), 0)
    sender.send_due(tap, 2 * SECOND_NS)

    assert tap.sent == ["pong 0", "pong 1", "pong 9"]
