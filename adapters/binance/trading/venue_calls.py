"""Calls to the venue, within its limits and by its clock, each with its consequences.

Errors of the network or the venue are not raised: a call returns a body or a
``Failure``, after whatever the failure means for other calls has been applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.binance.rest_replies import parse_server_time
from adapters.binance.trading.error_reactions import (
    BAD_TIMESTAMP,
    Outcome,
    Reaction,
    reaction_to,
    refusal_code_of,
    words_of,
)
from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.rate_limit_ban import ban_seconds, said_duration
from adapters.binance.trading.settings import TradingSettings
from adapters.binance.trading.signed_rest import SignedRest, Withheld
from adapters.binance.venue_limits import PAUSE_SECONDS_MAX, Use, VenueLimits
from adapters.network.http_transport import (
    Answer,
    HttpReply,
    NoReply,
    OpenConnection,
    Transport,
)
from adapters.network.server_clock import ServerClock
from adapters.process.redaction import Redactor
from domain.errors import MalformedMessageError
from domain.orders.child_order import FollowUp
from domain.ports.runtime import Clock
from domain.ports.venue import Permit
from domain.venue.answers import PauseReason, TradingPause


ORDER_PATH: Final = "/api/v3/order"
OUT_OF_REACH: Final = timedelta(seconds=5)
"""How long nothing is sent after a connection to the venue failed."""

_OK: Final = 200
_BUG: Final = "internal error"
_BANS: Final = frozenset({PauseReason.RATE_LIMITED, PauseReason.VENUE_BLOCKED})
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What is known after a call that failed."""

    outcome: Outcome
    detail: str
    follow_up: FollowUp = FollowUp.GO_ON
    pause: TradingPause | None = None
    code: int = 0
    """The venue's code for refusing this request; 0 when it did not. A code that came
    with a status that leaves the outcome open proves nothing, and is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The outcome of sending an order."""

    outcome: bytes | Failure
    written_ns: int = 0
    """Monotonic: when the order began to leave; 0: it did not."""


class VenueCalls:
    """One account's calls. Blocking, for a bounded time; thread-safe."""

    def __init__(
        self,
        *,
        rest_url: str,
        credentials: Credentials,
        clock: Clock,
        limits: VenueLimits,
        settings: TradingSettings,
    ) -> None:
        transport = Transport(rest_url, settings, clock)
        self._rest = SignedRest(
            rest_url=rest_url, credentials=credentials, transport=transport
        )
        self._clock = clock
        self.limits = limits
        self._credentials = credentials
        self._redactor = Redactor(credentials.secrets())
        window_ms = settings.receive_window / _MILLISECOND
        self._window = format(window_ms, ".3f").rstrip("0").rstrip(".")
        self._is_closed = False
        self._time_trouble = "not asked"
        self.server_clock = ServerClock(
            clock=clock, ask_ms=self._ask_time, age_max=settings.offset_age_max
        )

    def place(self, fields: Mapping[str, str], permit: Permit) -> Placed:
        """Send a new order; once more if only its time was refused.

        Each stamp is a new decision to send, so each is followed by a permit check. If
        the second attempt is withheld, it stays open whether our time is right now, and
        the first refusal's pause stays in force.
        """
        placed = self._place_once(fields, permit)
        first = placed.outcome
        if not isinstance(first, Failure) or not _is_refused_for_its_time(first):
            return placed
        permit.give_back()
        if permit.refusal() is None:
            self.server_clock.measure(while_wanted=lambda: permit.refusal() is None)
        if reason := permit.refusal():
            return Placed(outcome=replace(first, detail=reason))
        placed = self._place_once(fields, permit)
        again = placed.outcome
        if isinstance(again, Failure) and _is_withheld(again):
            return Placed(outcome=replace(first, detail=again.detail))
        return placed

    def read(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        weight: int,
        use: Use = Use.LOOK_UP,
    ) -> bytes | Failure:
        """Read something about the account."""
        outcome = self._read_once(path, fields, weight, use)
        if _is_refused_for_its_time(outcome):
            self.server_clock.measure()
            return self._read_once(path, fields, weight, use)
        return outcome

    def why_withheld(self) -> Failure | None:
        """Say why nothing may be sent now; None when something may."""
        if self._is_closed:
            return Failure(outcome=Outcome.NOT_TAKEN, detail="the venue is closed")
        pause = self.limits.standing_pause()
        return None if pause is None else _not_sent(pause)

    def hide(self, text: str) -> str:
        """Return a text of the venue's without secrets."""
        return self._redactor.hide(text).replace("\0", "?")

    def stream_parameters(self, window_ms: int) -> dict[str, str | int] | None:
        """Sign a subscription to the user's events; None when no time is known.

        Unlike REST's, these are signed in order of their names, not percent-encoded.
        """
        now_ms = self.server_clock.timestamp_ms()
        if now_ms is None:
            return None
        fields: dict[str, str | int] = {
            "apiKey": self._credentials.api_key,
            "recvWindow": window_ms,
            "timestamp": now_ms,
        }
        payload = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
        return {**fields, "signature": self._credentials.sign(payload.encode())}

    def pause_until(self, retry_at_ms: int | None) -> None:
        """Send nothing until a time of the venue's; for a minute if there is none."""
        seconds = 60.0
        if retry_at_ms is not None:
            now = self.limits.venue_now().timestamp()
            seconds = min(max(retry_at_ms / 1000 - now, 1.0), PAUSE_SECONDS_MAX)
        self.limits.pause(seconds)

    def measure_clock(self) -> Failure | None:
        """Ask the venue for its time now; None when it answered."""
        if self.server_clock.measure():
            return None
        return self._no_time()

    def keep_warm(self) -> bool:
        """Use a few connections, so that an order finds one that is alive.

        Returns:
            Whether all of them are alive.
        """
        if self.why_withheld():
            return False
        answers = [
            self._ping(connection) for connection in self._rest.quiet_connections()
        ]
        return not any(isinstance(answer, Failure) for answer in answers)

    def _ping(self, connection: OpenConnection | NoReply) -> bytes | Failure:
        if isinstance(connection, NoReply):
            return _out_of_reach(connection.cause)
        if self.limits.claim(1):
            connection.release()  # it will merely become too old to be used
            return _withheld("the limits are nearly used up")
        answer = self._rest.get_on(connection, "/api/v3/ping", {}, signed=False)
        return self._consequences(answer)

    def close(self) -> None:
        """Close idle connections; nothing is sent afterwards."""
        self._is_closed = True
        self._rest.close()

    def _place_once(self, fields: Mapping[str, str], permit: Permit) -> Placed:
        """Stamp, check the permit, send; what takes time comes before the stamp."""
        if trouble := self._know_the_time():
            return Placed(outcome=trouble)
        connection = self._rest.open()
        if isinstance(connection, NoReply):
            return Placed(outcome=_out_of_reach(connection.cause))
        stamped = self._stamped(fields)
        if stamped is None:
            connection.release()
            return Placed(outcome=self._no_time())
        if held := self.why_withheld() or self._claim_order():
            connection.release()
            return Placed(outcome=held)
        answer: Answer | Withheld = NoReply(may_have_arrived=True, cause=_BUG)
        try:
            answer = self._rest.post(
                ORDER_PATH, stamped, connection=connection, may_leave=permit.claim
            )
        finally:
            self._settle_order(answer)
        if isinstance(answer, Withheld):
            return Placed(outcome=_withheld(answer.reason))
        return Placed(outcome=self._consequences(answer), written_ns=answer.written_ns)

    def _claim_order(self) -> Failure | None:
        pause = self.limits.claim_order()
        return None if pause is None else _not_sent(pause)

    def _settle_order(self, answer: Answer | Withheld) -> None:
        headers = answer.headers if isinstance(answer, HttpReply) else {}
        was_sent = isinstance(answer, HttpReply) or (
            isinstance(answer, NoReply) and answer.may_have_arrived
        )
        left_ns = 0 if isinstance(answer, Withheld) else answer.written_ns
        self.limits.settle_order(headers, was_sent=was_sent, left_ns=left_ns)

    def _read_once(
        self, path: str, fields: Mapping[str, str], weight: int, use: Use
    ) -> bytes | Failure:
        if trouble := self._know_the_time():
            return trouble
        if wait := self.limits.claim(weight, use):
            # No pause: orders, which may use more of the limits, may still be sent.
            detail = f"not asked: the limits are nearly used up for {wait:.0f} s"
            return Failure(outcome=Outcome.NOT_TAKEN, detail=detail)
        stamped = self._stamped(fields)
        if stamped is None:
            return self._no_time()
        return self._consequences(self._rest.get(path, stamped))

    def _know_the_time(self) -> Failure | None:
        """Measure the venue's time if necessary; return why nothing can be sent."""
        if held := self.why_withheld():
            return held
        return None if self.server_clock.timestamp_ms() else self._no_time()

    def _no_time(self) -> Failure:
        trouble = _out_of_reach(f"no time: {self._time_trouble}")
        return self.why_withheld() or trouble

    def _stamped(self, fields: Mapping[str, str]) -> dict[str, str] | None:
        """Add the time; None when it is no longer known well enough."""
        now_ms = self.server_clock.stamp_ms()
        if now_ms is None:
            return None
        return {**fields, "recvWindow": self._window, "timestamp": str(now_ms)}

    def _ask_time(self) -> int | None:
        if self._is_closed or self.limits.claim(1, Use.ORDER):
            self._time_trouble = "the limits are nearly used up"
            return None
        answer = self._rest.get("/api/v3/time", {}, signed=False)
        body = self._consequences(answer)
        if isinstance(body, Failure):
            self._time_trouble = body.detail
            return None
        try:
            now_ms = parse_server_time(body)
        except MalformedMessageError as error:
            self._time_trouble = str(error)
            return None
        self._time_trouble = "the venue takes too long to tell it"
        self.limits.set_time(datetime.fromtimestamp(now_ms / 1000, UTC))
        return now_ms

    def _consequences(self, answer: Answer) -> bytes | Failure:
        if isinstance(answer, NoReply):
            if not answer.may_have_arrived:
                return _out_of_reach(answer.cause)
            return Failure(outcome=Outcome.UNKNOWN, detail=answer.cause)
        self.limits.learn(answer.headers, answer.written_ns)
        if answer.status == _OK:
            return answer.body
        reaction = reaction_to(answer)
        detail = self.hide(words_of(answer))
        return Failure(
            outcome=reaction.outcome,
            detail=detail,
            follow_up=reaction.follow_up,
            pause=self._pause(reaction, answer, detail),
            code=refusal_code_of(answer),
        )

    def _pause(
        self, reaction: Reaction, reply: HttpReply, detail: str
    ) -> TradingPause | None:
        if reaction.pause is None:
            return None
        duration, now = reaction.pause_for, self.limits.venue_now()
        if reaction.pause is PauseReason.RATE_LIMITED:
            duration = timedelta(seconds=ban_seconds(reply, now))
        elif reaction.pause in _BANS and duration is not None:
            duration = max(duration, said_duration(reply, now))
        if reaction.pause in _BANS and duration is not None:
            self.limits.pause(duration.total_seconds(), reaction.pause, words=detail)
        return TradingPause(reason=reaction.pause, detail=detail, duration=duration)


def _is_refused_for_its_time(outcome: bytes | Failure) -> bool:
    """Whether the venue refused the request's time, and so did not execute it."""
    return (
        isinstance(outcome, Failure)
        and outcome.code == BAD_TIMESTAMP
        and outcome.outcome is Outcome.NOT_TAKEN
    )


def _is_withheld(failure: Failure) -> bool:
    """Whether we withheld only this request, which says nothing about others."""
    return failure.outcome is Outcome.NOT_TAKEN and failure.pause is None


def _withheld(reason: str) -> Failure:
    return Failure(outcome=Outcome.NOT_TAKEN, detail=reason)


def _not_sent(pause: TradingPause) -> Failure:
    return Failure(outcome=Outcome.NOT_TAKEN, detail=pause.detail, pause=pause)


def _out_of_reach(cause: str) -> Failure:
    told = "the venue cannot be reached: "
    detail = told + cause.replace(told, "")
    pause = TradingPause(
        reason=PauseReason.VENUE_UNAVAILABLE, detail=detail, duration=OUT_OF_REACH
    )
    return Failure(outcome=Outcome.NOT_TAKEN, detail=detail, pause=pause)
