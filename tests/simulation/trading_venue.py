"""A venue that trades for real, on another machine: slow, faulty, and with a memory.

Its calls return at once in virtual time, with whatever a client would have seen at the
end of a call that took its time. What they lead to at the venue may come later.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from actors.runtime.deterministic import VirtualClock
from actors.runtime.timers import NANOSECONDS
from domain.orders import lifecycle
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    FollowUp,
)
from domain.ports.venue import Permit
from domain.values import ZERO, ChildId, Symbol
from domain.venue.answers import (
    Account,
    Balance,
    PauseReason,
    Since,
    TradingPause,
    VenueActivity,
    VenueAnswer,
    moment_of,
)
from tests.simulation.disk import Disk
from tests.simulation.engine import Engine
from tests.simulation.profile import Fate, Trading
from tests.simulation.violations import SimulatedCrashError, Violations


SYMBOL_REST_NS: Final = 60 * NANOSECONDS


class SimTradingVenue:
    """The Venue port over simulated markets. It outlives every kill of the service."""

    def __init__(
        self,
        engine: Engine,
        *,
        rng: Random,
        clock: VirtualClock,
        trading: Trading,
        disk: Disk,
        violations: Violations,
    ) -> None:
        self.engine = engine
        self._rng = rng
        self._clock = clock
        self._trading = trading
        self._disk = disk
        self._check = violations.check
        self._sent_at: dict[ChildId, datetime] = {}
        self._failing_probes = 0
        self._quiet_until_ns = 0
        self._symbol_rests: dict[Symbol, int] = {}
        self.has_faults = True
        self.note: Callable[[str, object], None] = lambda *_: None
        """Called with (what, about) when something happens here."""

        self.check_permission: Callable[[ChildOrder], None] = lambda _: None
        """Called with each child that is sent."""

    # The port.

    def place(self, child: ChildOrder, permit: Permit) -> VenueAnswer:
        """Take a child, or seem to, or not."""
        self.engine.arrive()
        if reason := permit.claim():
            self.note("venue not permitted", (child.child_id, reason))
            return VenueAnswer(result=lifecycle.never_sent(child, reason))
        self._check_sending(child)
        pause = self._pause_of(child.symbol)
        if pause is not None:
            return self._turned_away(child, pause)
        self._sent_at[child.child_id] = self._clock.now()
        fate = self._draw_fate()
        self.note(f"venue {fate.name}", child.child_id)
        return self._meet(child, fate)

    def _meet(self, child: ChildOrder, fate: Fate) -> VenueAnswer:
        match fate:
            case Fate.ANSWERED:
                return VenueAnswer(result=self.engine.execute(child))
            case Fate.REFUSED:
                return VenueAnswer(result=self._refusal(child))
            case Fate.PAUSED:
                return self._turned_away(child, self._draw_pause(child.symbol))
            case Fate.IMPOSSIBLE:
                self.engine.execute(child)
                return self._misdescribed(child)
            case _:
                self._lose_answer(child, fate)
                return VenueAnswer(detail="no answer")

    def _lose_answer(self, child: ChildOrder, fate: Fate) -> None:
        match fate:
            case Fate.FAILED_BEFORE:
                raise SimulatedCrashError("in the adapter, before it sent")
            case Fate.FAILED_AFTER:
                self.engine.execute(child)
                raise SimulatedCrashError("in the adapter, after it sent")
            case Fate.LATE:
                self.engine.send_late(child)
            case Fate.SILENT:
                self.engine.execute(child)
            case _:
                pass  # it is lost

    def look_up(
        self, child: ChildOrder, *, since: datetime, thoroughly: bool
    ) -> VenueAnswer:
        """Say what is known of a child by now, unless something is in the way."""
        del thoroughly  # what it does not show yet, it does not show anywhere
        self.engine.arrive()
        sent_at = self._sent_at.get(child.child_id)
        is_in_time = sent_at is None or since <= sent_at
        self._check(is_in_time, "looked up too late a time", since, child)
        trading, now = self._trading, self._clock.monotonic_ns()
        if self._has(trading.look_up_fails):
            raise SimulatedCrashError("in the adapter, asking")
        if now < self._quiet_until_ns:
            return VenueAnswer(detail="to be silent", pause=self._quiet())
        if self._has(trading.look_up_errors):
            self.note("venue look-up without answer", child.child_id)
            return VenueAnswer(detail="no answer to a look-up")
        kept = self.engine.kept(child.child_id)
        if kept is None or now < kept.shown_at_ns:
            return VenueAnswer(is_absent=True)
        if now < kept.trades_at_ns:
            return VenueAnswer(detail="trades are missing")
        if child.child_id in self.engine.misdescribed:
            return self._misdescribed(child)
        return VenueAnswer(result=kept.result)

    def probe(self) -> TradingPause | None:
        """Find out whether orders could be sent now."""
        self.note("venue probe", self._failing_probes)
        if self._clock.monotonic_ns() < self._quiet_until_ns:
            return self._quiet()
        if self._has(self._trading.look_up_fails):
            raise SimulatedCrashError("in the adapter, probing")
        if self._failing_probes:
            self._failing_probes -= 1
            return _keys_rejected()
        return None

    def account(self) -> Account | None:
        """Show that there is enough of everything, if anything can be seen."""
        if self._has(self._trading.look_up_fails):
            raise SimulatedCrashError("in the adapter, reading balances")
        if self._clock.monotonic_ns() < self._quiet_until_ns or self._has(0.3):
            return None
        plenty = Balance(free=Decimal(10**9), locked=ZERO)
        now = self._clock.now()
        return Account(can_trade=True, balances={"": plenty}, as_of=now)

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        """Say what is shown by now; nobody ever finds a difference in it."""
        self.engine.arrive()
        if self._has(self._trading.look_up_fails):
            raise SimulatedCrashError("in the adapter, reading records")
        is_quiet = self._clock.monotonic_ns() < self._quiet_until_ns
        if is_quiet or self._has(self._trading.look_up_errors):
            return None
        now = self._clock.now()
        since = moment_of(since, now)
        self.note("venue activity", symbol)
        return VenueActivity(
            symbol=symbol,
            since=since,
            until=now,
            as_of=now,
            trades=self.engine.listed(symbol, since),
            open_children=(),
        )

    def close(self) -> None:
        """Do nothing: the venue stays."""

    # The world.

    def heal(self) -> None:
        """Let everything go well from now on."""
        self.has_faults = self.engine.has_faults = False
        self._failing_probes = 0
        self._quiet_until_ns = 0
        self._symbol_rests.clear()

    # What it does.

    def _check_sending(self, child: ChildOrder) -> None:
        child_id = child.child_id
        is_new = child_id not in self._sent_at
        self._check(is_new, "a child was sent twice", child)
        intent = self._disk.intents.get(child_id)
        self._check(intent == child, "sent without its intent on disk", child)
        self.engine.check_unsettled(child)
        self.check_permission(child)

    def _misdescribed(self, child: ChildOrder) -> VenueAnswer:
        result = self.engine.misdescribe(child)
        if result is None:
            return VenueAnswer(detail="it is of another side", is_contradiction=True)
        return VenueAnswer(result=result)

    def _draw_fate(self) -> Fate:
        if self.has_faults:
            for fate, chance in self._trading.fates.items():
                if self._has(chance):
                    return fate
        return Fate.ANSWERED

    def _has(self, chance: float) -> bool:
        return self.has_faults and chance > 0 and self._rng.random() < chance

    def _refusal(self, child: ChildOrder) -> ChildResult:
        return ChildResult(
            child_id=child.child_id,
            order_id=child.order_id,
            status=ChildStatus.REJECTED,
            fills=(),
            reason="simulated",
            follow_up=self._rng.choice(tuple(FollowUp)),
        )

    # Pauses.

    def _turned_away(self, child: ChildOrder, pause: TradingPause) -> VenueAnswer:
        """Answer that a child was not sent; nobody ever looks for it."""
        self._sent_at[child.child_id] = self._clock.now()
        self.note(f"venue {pause.reason}", child.child_id)
        never_sent = lifecycle.never_sent(child, pause.reason.value)
        if pause.reason is PauseReason.SYMBOL_NOT_TRADING:
            never_sent = replace(never_sent, status=ChildStatus.REJECTED)
        return VenueAnswer(result=never_sent, pause=pause)

    def _pause_of(self, symbol: Symbol) -> TradingPause | None:
        now = self._clock.monotonic_ns()
        if now < self._quiet_until_ns:
            return self._quiet()
        if self._failing_probes:
            return _keys_rejected()
        if now < self._symbol_rests.get(symbol, 0):
            return _symbol_not_trading()
        return None

    def _draw_pause(self, symbol: Symbol) -> TradingPause:
        now = self._clock.monotonic_ns()
        kind = self._rng.randrange(3)
        if kind == 0:
            self._failing_probes = self._rng.randrange(1, 4)
            return _keys_rejected()
        if kind == 1:
            rest = self._rng.randrange(SYMBOL_REST_NS)
            self._symbol_rests[symbol] = now + rest
            return _symbol_not_trading()
        self._quiet_until_ns = now + self._rng.randrange(1, 20_000_000) * 1_000
        return self._quiet()

    def _quiet(self) -> TradingPause:
        left_ns = self._quiet_until_ns - self._clock.monotonic_ns()
        duration = timedelta(microseconds=-(-left_ns // 1_000))
        reason = PauseReason.RATE_LIMITED
        return TradingPause(reason=reason, detail="simulated", duration=duration)


def _keys_rejected() -> TradingPause:
    return TradingPause(reason=PauseReason.KEYS_REJECTED, detail="simulated")


def _symbol_not_trading() -> TradingPause:
    return TradingPause(reason=PauseReason.SYMBOL_NOT_TRADING, detail="simulated")
