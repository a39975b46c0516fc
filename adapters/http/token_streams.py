"""Ends answers that have no end of their own when their caller's token is revoked."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from adapters.access.callers import Caller
from adapters.access.live_tokens import LiveTokens
from adapters.http.callers import caller_of
from adapters.http.push import Drained, ServeClient


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class TokenStreams:
    """Knows the open streams; for the loop's thread, but anybody may end some."""

    def __init__(self, tokens: LiveTokens) -> None:
        """Know of none yet.

        Args:
            tokens: says whose token is good.
        """
        self._tokens: Final = tokens
        self._open: Final[dict[asyncio.WriteTransport, Caller]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        tokens.on_change(self._has_changed)

    def watched(self, environ: "WSGIEnvironment", attend: ServeClient) -> ServeClient:
        """Return what writes the answer for as long as the token is good."""
        caller = caller_of(environ)

        async def attend_watched(
            transport: asyncio.WriteTransport, drained: Drained
        ) -> None:
            self._loop = asyncio.get_running_loop()
            self._open[transport] = caller
            try:
                self._end_revoked()  # it may have been, since it was judged
                if not transport.is_closing():
                    await attend(transport, drained)
            finally:
                del self._open[transport]

        return attend_watched

    def _has_changed(self) -> None:
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and all streams with it
                loop.call_soon_threadsafe(self._end_revoked)

    def _end_revoked(self) -> None:
        """Cut off everybody whose token is no longer good."""
        for transport, caller in list(self._open.items()):
            if not self._tokens.still_counts(caller):
                transport.abort()
