"""A proxy for any protocol over TCP that can swallow: take all and pass nothing on."""

import contextlib
import selectors
import socket
import threading
from typing import Self


_CHUNK = 65_536


class SwallowingProxy:
    """Passes on to one server; all connections in one thread."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = host, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._is_over = False
        self._swallowed: set[socket.socket] = set()
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes it
        self._thread.join()
        for one in (self._listener, *self._open):
            one.close()
        self._selector.close()

    def swallow(self) -> None:
        """Pass nothing on any more that comes on connections of now; new ones work."""
        self._swallowed = set(self._open)

    def _run(self) -> None:
        while not self._is_over:
            for key, _ in self._selector.select():
                if key.data is None:
                    self._accept()
                else:
                    self._pass_on(key.data[0], key.data[1])

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(self._upstream)
        for pair in ((client, server), (server, client)):
            self._open.add(pair[0])
            self._selector.register(pair[0], selectors.EVENT_READ, pair)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if data := source.recv(_CHUNK):
                if source not in self._swallowed:
                    sink.sendall(data)
                return
        self._selector.unregister(source)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
