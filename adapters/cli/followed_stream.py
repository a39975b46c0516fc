"""The push stream from its first event to its last, however often it breaks."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import msgspec
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from adapters.cli.answers import ReceivedEvent, read_event
from adapters.cli.event_parser import EventParser
from adapters.cli.failures import (
    NotReachableError,
    RefusedError,
    UnreadableAnswerError,
)
from adapters.cli.service_client import ServiceClient
from adapters.clock import pause


SILENCE_SECONDS: Final = 45.0
"""A heartbeat comes every 15 s: without three of them the connection is lost."""

PAUSES_SECONDS: Final = (0.5, 1.0, 2.0, 4.0)
"""Before each further try to come back; the last one is for all that follow."""

GIVE_UP_SECONDS: Final = 600.0
"""How long nobody may answer. A large database takes minutes to start with."""

STEADY_SECONDS: Final = 5.0
"""A connection that has lived so long is no failed try."""

CHUNK_BYTES: Final = 65_536
CONTENT_TYPE: Final = "text/event-stream"
ORDER_EVENT: Final = "order"
PATH: Final = "/stream"
POSITION_BEYOND_END: Final = "POSITION_BEYOND_END"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The stream has begun, or goes on after the last event."""

    is_anew: bool
    """Whether events may be missing: it is the first connection, or the database was
    replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """There is no connection, and no new one for now."""

    error: NotReachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What was committed: one event at least, each of them of an order."""

    events: tuple[ReceivedEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Nothing was committed, but the service lives: a heartbeat, or a book."""


Happened = Connected | Lost | Arrived | Heard


class FollowedStream:
    """Follows the push stream; comes back by itself, and misses and doubles nothing."""

    def __init__(
        self,
        client: ServiceClient,
        query: Mapping[str, str] | None = None,
        *,
        pause: Callable[[float], None] = pause,
        now_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect to nobody yet.

        Args:
            client: of the service.
            query: which part of the stream; all of it by default.
            pause: waits for so many seconds.
            now_seconds: a clock that never goes back.
        """
        self._client: Final = client
        self._path: Final = f"{PATH}?{urlencode(query)}" if query else PATH
        self._pause: Final = pause
        self._now: Final = now_seconds
        self._position = ""
        self._is_anew = True

    def __iter__(self) -> Iterator[Happened]:
        """Follow the stream, for ever.

        Raises:
            NotReachableError: the service has not answered for too long.
            RefusedError: it refuses.
            NotAllowedError: the caller may not follow it.
        """
        failures, heard_at = 0, self._now()
        while True:
            try:
                answer = self._open()
            except NotReachableError as error:
                if self._now() - heard_at > GIVE_UP_SECONDS:
                    raise
                yield Lost(error=error)
            else:
                began_at = self._now()
                yield Connected(is_anew=self._is_anew)
                yield from self._read(answer)
                heard_at = self._now()
                if heard_at - began_at >= STEADY_SECONDS:
                    failures = 0
                    continue
            self._pause(PAUSES_SECONDS[min(failures, len(PAUSES_SECONDS) - 1)])
            failures += 1

    def _open(self) -> BaseHTTPResponse:
        try:
            return self._ask()
        except RefusedError as error:
            if not self._position or error.code != POSITION_BEYOND_END:
                raise
        self._position, self._is_anew = "", True  # its database was replaced
        return self._ask()

    def _ask(self) -> BaseHTTPResponse:
        headers = {"Last-Event-ID": self._position} if self._position else {}
        answer = self._client.open(self._path, headers, SILENCE_SECONDS)
        kind = answer.headers.get("Content-Type", "")
        if not kind.startswith(CONTENT_TYPE):
            answer.close()
            why = f"{kind or 'nothing'} from another program"
            raise NotReachableError(f"no service answers at {self._client.url} ({why})")
        return answer

    def _read(self, answer: BaseHTTPResponse) -> Iterator[Arrived | Heard]:
        """Read until the connection ends."""
        parser = EventParser(self._position)
        try:
            while chunk := answer.read1(CHUNK_BYTES):
                events = parser.feed(chunk)
                if events:
                    self._position, self._is_anew = events[-1].last_id, False
                steps = [one.data for one in events if one.kind == ORDER_EVENT]
                if steps:
                    yield Arrived(events=tuple(read_event(step) for step in steps))
                elif events:
                    yield Heard()
        except HTTPError:
            pass  # cut, or silent for too long
        except msgspec.DecodeError as error:
            why = f"an event from another version of the service: {error}"
            raise UnreadableAnswerError(why) from error
        finally:
            answer.close()
