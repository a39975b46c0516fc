"""A worker that plays the venue: REST replies, and prepared frames at any speed."""

import base64
import hashlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from benchmarks.market import MANY, SYMBOL, Prepared, generate, prepare
from benchmarks.venue_orders import (
    VenueOrders,
    account_body,
    subscribed_body,
    time_body,
)
from benchmarks.worker import answer


_WEBSOCKET_SALT: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONNECT_SECONDS: Final = 20.0
_PONG: Final = b"\x8a\x00"
_SHORT_LENGTH_MAX: Final = 125
_TWO_BYTE_LENGTH_MAX: Final = 65_535

EXCHANGE_INFO: Final = {
    "timezone": "UTC",
    "serverTime": 1_700_000_000_000,
    "rateLimits": [
        {
            "rateLimitType": kind,
            "interval": interval,
            "intervalNum": number,
            "limit": 1_000_000_000,
        }
        for kind, interval, number in (
            ("REQUEST_WEIGHT", "MINUTE", 1),
            ("ORDERS", "SECOND", 10),
            ("ORDERS", "DAY", 1),
            ("RAW_REQUESTS", "MINUTE", 5),
        )
    ],
    "exchangeFilters": [],
    "symbols": [
        {
            "symbol": SYMBOL,
            "status": "TRADING",
            "baseAsset": "BTC",
            "quoteAsset": "USDT",
            "filters": [
                {
                    "filterType": "PRICE_FILTER",
                    "minPrice": "0.01000000",
                    "maxPrice": "1000000.00000000",
                    "tickSize": "0.01000000",
                },
                {
                    "filterType": "LOT_SIZE",
                    "minQty": "0.00001000",
                    "maxQty": "9000.00000000",
                    "stepSize": "0.00001000",
                },
                {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
            ],
        }
    ],
}


class _Venue:
    """The frames, and the one connection they go to."""

    def __init__(self) -> None:
        self._prepared: Prepared | None = None
        self._wire: list[bytes] = []
        self._connection: socket.socket | None = None
        self._connected = threading.Event()
        self._sending = threading.Lock()
        self._stopping = threading.Event()
        self._pacer: threading.Thread | None = None
        self.orders = VenueOrders()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def snapshot(self) -> bytes:
        assert self._prepared is not None
        return self._prepared.snapshot

    def load(
        self, kind: str, count: int, *, made_up: bool = False, trigger_every: int = 0
    ) -> dict[str, object]:
        """Prepare frames; forget the last connection."""
        if made_up:
            found = generate(
                kind, count=count, trigger_every=trigger_every, levels=MANY
            )
        else:
            found = prepare(kind, frames_max=count)
        self._prepared = found
        self._wire = [_framed(frame) for frame in found.frames]
        self._connected.clear()
        return {
            "port": self._server.server_address[1],
            "source": found.source,
            "stream": found.stream,
            "frames": len(found.frames),
            "last_update_id": found.last_update_id,
            "mean_bytes": sum(map(len, found.frames)) / len(found.frames),
        }

    def connect(self, connection: socket.socket, path: str) -> None:
        """Take whoever listens to the market, or to the account."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if path.startswith("/ws-api"):
            self._report_to(connection)
        else:
            self._subscribe(connection)

    def _subscribe(self, connection: socket.socket) -> None:
        self._connection = connection
        self.send(connection, self._wire[0])
        self._connected.set()

    def _report_to(self, connection: socket.socket) -> None:
        request = _unmasked(connection.recv(4096))
        self.send(connection, _framed(subscribed_body(request)))
        self.orders.report = lambda event: self.send(connection, _framed(event))

    def send(self, connection: socket.socket, data: bytes) -> None:
        """Send whole frames; two threads may want to."""
        with self._sending:
            connection.sendall(data)

    def expect(self) -> None:
        """Have the next subscriber get the same frames from the first on."""
        self._connected.clear()

    def blast(self) -> dict[str, float]:
        """Send all frames but the first as fast as the other side takes them."""
        connection = self._subscriber()
        data = b"".join(self._wire[1:])
        started = time.perf_counter()
        self.send(connection, data)
        return {"seconds": time.perf_counter() - started}

    def pace(self, rate: float) -> None:
        """Begin to send all frames but the first at so many a second."""
        connection = self._subscriber()
        self._stopping.clear()
        self._pacer = threading.Thread(
            target=self._send_paced, args=(connection, rate), daemon=True
        )
        self._pacer.start()

    def finish(self) -> None:
        """Wait until all is sent."""
        assert self._pacer is not None
        self._pacer.join()

    def halt(self) -> None:
        """Send no more."""
        self._stopping.set()
        self.finish()

    def _send_paced(self, connection: socket.socket, rate: float) -> None:
        started = time.perf_counter()
        for number, frame in enumerate(self._wire[1:]):
            left = started + number / rate - time.perf_counter()
            if left > 0 and self._stopping.wait(left):
                return
            self.send(connection, frame)

    def _subscriber(self) -> socket.socket:
        if not self._connected.wait(_CONNECT_SECONDS) or self._connection is None:
            raise TimeoutError("nobody subscribed")
        return self._connection


def _handler(venue: _Venue) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # an answer is one packet

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if self.headers.get("Upgrade", "").lower() == "websocket":
                self._upgrade(path)
            else:
                self._reply(_body_of(venue, path))

        def do_POST(self) -> None:
            self._reply(venue.orders.place(self.path.partition("?")[2]))

        def _reply(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def _upgrade(self, path: str) -> None:
            key = self.headers["Sec-WebSocket-Key"].encode()
            digest = hashlib.sha1(key + _WEBSOCKET_SALT).digest()  # noqa: S324 - RFC 6455 wants it
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
            self.end_headers()
            self.wfile.flush()
            venue.connect(self.connection, path)
            while self.connection.recv(4096):
                venue.send(self.connection, _PONG)  # the other side says only pings
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


def _body_of(venue: _Venue, path: str) -> bytes:
    if path == "/api/v3/depth":
        return venue.snapshot
    if path == "/api/v3/time":
        return time_body()
    if path == "/api/v3/ping":
        return b"{}"
    if path == "/api/v3/account":
        return account_body(("BTC", "USDT", "BNB"))
    return json.dumps(EXCHANGE_INFO).encode()


def _unmasked(frame: bytes) -> bytes:
    """Return what a client's text frame of 126 to 65,535 bytes says."""
    mask, payload = frame[4:8], frame[8:]
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def _framed(payload: bytes) -> bytes:
    length = len(payload)
    if length <= _SHORT_LENGTH_MAX:
        head = bytes((0x81, length))
    elif length <= _TWO_BYTE_LENGTH_MAX:
        head = b"\x81\x7e" + length.to_bytes(2, "big")
    else:
        head = b"\x81\x7f" + length.to_bytes(8, "big")
    return head + payload


if __name__ == "__main__":
    answer(_Venue())
