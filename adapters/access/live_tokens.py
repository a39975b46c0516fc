"""The tokens that are good now, in memory: read from the database every second.

So a call costs no question to the database, a token made or revoked by the command
line counts within about a second, and a database that is out of reach locks nobody out.
"""

import hmac
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from adapters.access.callers import Caller
from adapters.access.scopes import Scope
from adapters.access.token_text import digest_of


logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""Between two looks at the database."""

_THREAD_ENDS_SECONDS: Final = 2.0
_INDEXED: Final = 8
"""Bytes of a digest by which it is looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveToken:
    """A token that is good."""

    name: str
    digest: bytes
    scope: Scope


class TokenSource(Protocol):
    """Where the tokens are kept."""

    def live(self) -> Iterable[LiveToken]:
        """Read the tokens that are good now.

        Raises:
            StoreUnavailableError: nobody can say now.
        """
        ...


Entry = tuple[bytes, Caller]


class LiveTokens:
    """Knows whose token a text is. Any thread may ask."""

    def __init__(self, source: TokenSource) -> None:
        """Read the tokens for the first time.

        Args:
            source: read from the thread of ``start``, too.

        Raises:
            StoreUnavailableError: they cannot be read.
        """
        self._source: Final = source
        self._found: Iterable[LiveToken] = ()
        self._entries: Mapping[bytes, list[Entry]] = {}
        self._names: frozenset[str] = frozenset()
        self._is_readable = True
        self._on_change: list[Callable[[], object]] = []
        self._is_over: Final = threading.Event()
        self._thread: Final = threading.Thread(
            target=self._run, name="tokens", daemon=True
        )
        self._take(source.live())

    @property
    def count(self) -> int:
        """How many tokens there are with which somebody could call."""
        return len(self._names)

    def on_change(self, call: Callable[[], object]) -> None:
        """Have ``call`` called after each change, by our thread."""
        self._on_change.append(call)

    def caller(self, token: str) -> Caller | None:
        """Return whose token it is; None if it is no good one."""
        digest = digest_of(token)
        for known, caller in self._entries.get(digest[:_INDEXED], ()):
            if hmac.compare_digest(known, digest):
                return caller
        return None

    def still_counts(self, caller: Caller) -> bool:
        """Whether the caller may go on: its token has not been revoked."""
        return not caller.has_token or caller.name in self._names

    def start(self) -> None:
        """Begin to look every second."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(_THREAD_ENDS_SECONDS)

    def look(self) -> None:
        """Read the tokens again; keep those known when that cannot be done."""
        try:
            found = list(self._source.live())
        except Exception as error:  # noqa: BLE001 - whatever it is, trading goes on
            if self._is_readable:
                self._is_readable = False
                logger.warning("Tokens not readable, known ones count error=%s", error)
            return
        if not self._is_readable:
            self._is_readable = True
            logger.info("Tokens readable again")
        if found != self._found:
            self._take(found)
            for call in self._on_change:
                call()

    def _take(self, found: Iterable[LiveToken]) -> None:
        self._found = list(found)
        entries: dict[bytes, list[Entry]] = {}
        for token in self._found:
            caller = Caller(name=token.name, scope=token.scope)
            entry = (token.digest, caller)
            entries.setdefault(token.digest[:_INDEXED], []).append(entry)
        # Two assignments: each is seen whole by other threads.
        self._entries = entries
        self._names = frozenset(token.name for token in self._found)

    def _run(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            self.look()
