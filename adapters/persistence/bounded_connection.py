"""A connection to PostgreSQL that never waits for an answer without limit.

The server's own limits do not help when the server side hangs: a session that was
stopped, or a proxy that accepts everything and passes nothing on.
"""

import time
from collections.abc import Generator
from typing import Any

import psycopg


class BoundedConnection(psycopg.Connection[Any]):
    """Closes itself when an answer does not come in time."""

    answer_seconds: float | None = None
    """How long any answer may take; None: no limit."""

    def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
        """Wait, as the driver does for each answer of the server."""
        if self.answer_seconds is not None:
            gen = self._in_time(gen, self.answer_seconds)
        return super().wait(gen, *arguments, **options)

    def _in_time(self, gen: Any, seconds: float) -> Generator[Any, Any, Any]:
        """Pass on what the driver waits for; it resumes at least every 0.1 s."""
        until = time.monotonic() + seconds
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > until:
                    break
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value
        gen.close()
        self.pgconn.finish()  # a later answer would be of no use
        msg = f"the server has not answered for {seconds:g} s"
        raise psycopg.OperationalError(msg)
