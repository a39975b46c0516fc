"""What pages and bulk calls will need of the server: files, and long bodies."""

import socket
from pathlib import Path

import pytest
import urllib3
from flask import Flask, Response, request, send_from_directory

from adapters.http.server import HttpServer
from tests.adapters.http.talking import Serve, connect, post, read_to_end


SCRIPT = b"'use strict';\n" * 50_000


@pytest.fixture
def server(serve: Serve, tmp_path: Path) -> HttpServer:
    (tmp_path / "page.js").write_bytes(SCRIPT)
    app = Flask(__name__, static_folder=None)

    @app.get("/files/<path:name>")
    def file(name: str) -> Response:
        return send_from_directory(tmp_path, name)

    @app.post("/sum")
    def add() -> Response:
        return Response(str(sum(request.get_json())))

    return serve(app)


def test_file_is_sent_whole_and_not_again_when_it_is_known(server: HttpServer) -> None:
    url = f"{server.url}/files/page.js"

    first = urllib3.request("GET", url)
    again = urllib3.request(
        "GET", url, headers={"If-None-Match": first.headers["ETag"]}
    )

    assert first.status == 200
    assert first.data == SCRIPT
    assert first.headers["Content-Type"].startswith("text/javascript")
    assert again.status == 304
    assert again.data == b""


def test_head_and_part_of_a_file(server: HttpServer) -> None:
    url = f"{server.url}/files/page.js"

    head = urllib3.request("HEAD", url)
    part = urllib3.request("GET", url, headers={"Range": "bytes=14-27"})

    assert head.headers["Content-Length"] == str(len(SCRIPT))
    assert head.data == b""
    assert part.status == 206
    assert part.data == b"'use strict';\n"


def test_nothing_outside_the_folder_is_sent(server: HttpServer) -> None:
    for path in ("../secret", "%2e%2e/secret", "..%2fsecret"):
        with connect(server) as sock:
            sock.sendall(b"GET /files/%b HTTP/1.0\r\n\r\n" % path.encode())
            assert read_to_end(sock).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("piece", [100, 1_460, 65_536])
def test_long_body_is_read_in_any_pieces(server: HttpServer, piece: int) -> None:
    numbers = b"[" + b",".join(b"%d" % number for number in range(12_000)) + b"]"
    assert 60_000 < len(numbers) <= 65_536
    with connect(server) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = post(
            numbers,
            b"Content-Length: %d" % len(numbers),
            b"Connection: close",
            path=b"/sum",
        )
        for start in range(0, len(sent), piece):
            sock.sendall(sent[start : start + piece])
        answer = read_to_end(sock)

    assert answer.endswith(b"\r\n\r\n%d" % sum(range(12_000)))
