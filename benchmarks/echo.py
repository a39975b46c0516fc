"""A worker that is the floor of HTTP: Flask and waitress echo JSON, and do no more.

Waitress is here because the budget was set by it, and what a budget is measured by
should not change with what it measures.
"""

import socket
import threading

from flask import Flask, Response, jsonify, request
from waitress.server import create_server

from adapters.http.server import THREADS
from benchmarks.usage import usage
from benchmarks.worker import answer


def _start() -> dict[str, str]:
    app = Flask(__name__)

    @app.post("/echo")
    def echo() -> Response:
        return jsonify(request.get_json())

    listener = socket.create_server(("127.0.0.1", 0))
    server = create_server(app, sockets=[listener], threads=THREADS)
    threading.Thread(target=server.run, daemon=True).start()
    return {"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}


if __name__ == "__main__":
    answer(start=_start, usage=usage)
