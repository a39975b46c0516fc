"""Answers that have no end: the loop writes to them as things happen."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from adapters.http.problems import Problem


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Headers = list[tuple[str, str]]

Drained = Callable[[], Awaitable[None]]
"""Waits while the transport has too much unread (``set_write_buffer_limits``); raises
ConnectionError if the connection is lost."""

ServeClient = Callable[[asyncio.WriteTransport, Drained], Awaitable[None]]
"""Writes to a client until it has gone or the stream ends it. Cancelled when the
connection is lost."""


class PushStream(Protocol):
    """A stream that any number of clients follow; lives in the server's loop."""

    def stop(self) -> None:
        """End all clients at once; called once, in the loop."""
        ...

    async def accept(
        self, environ: "WSGIEnvironment"
    ) -> tuple[Headers, ServeClient] | Problem:
        """Let a client in, or say why not; in the loop."""
        ...
