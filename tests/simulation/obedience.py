"""Checks that a gateway asks the venue for nothing that the venue told it not to."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from actors.gateway.gateway import Gateway
from actors.messages.gateway import LookUpCall, PlaceCall, VenueCalled, VenueProbed
from actors.runtime.actor import RuntimeActor
from actors.runtime.deterministic import VirtualClock
from actors.runtime.timers import NANOSECONDS
from domain.risk.limits import RiskLimits
from domain.values import ZERO, Symbol, notional
from domain.venue.answers import PauseReason, TradingPause
from tests.simulation.stage import Observer
from tests.simulation.violations import Violations


SYMBOL_REST_NS = 60 * NANOSECONDS


@dataclass
class _Known:
    """What one gateway was told, and did."""

    ends_ns: dict[tuple[Symbol | None, PauseReason], int | None] = field(
        default_factory=dict
    )
    """Of pauses; None: a probe ends it."""

    may_try_keys: bool = False
    """Whether a probe failed since a child was last asked about."""

    left_ns: deque[int] = field(default_factory=deque)


class Obedience:
    """Watches what each gateway reads, and what it hands to its workers then."""

    def __init__(
        self, clock: VirtualClock, limits: RiskLimits | None, violations: Violations
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._check = violations.check
        self._known: defaultdict[str, _Known] = defaultdict(_Known)

    def observers(self) -> dict[type, Observer]:
        """Say who wants to see what."""
        return {PlaceCall: self._placing, LookUpCall: self._asking}

    def note_read(self, reader: RuntimeActor, message: object) -> None:
        """Note what a gateway is told."""
        if not isinstance(reader, Gateway):
            return
        known = self._known[reader.actor_urn]
        if isinstance(message, VenueCalled):
            if message.answer.pause is not None:
                self._hold(known, message.answer.pause, message.call.child.symbol)
        elif isinstance(message, VenueProbed):
            known.may_try_keys = message.pause is not None
            if message.pause is not None:
                self._hold(known, message.pause, None)
            else:
                ends = known.ends_ns
                known.ends_ns = {key: end for key, end in ends.items() if end}

    def _hold(self, known: _Known, pause: TradingPause, symbol: Symbol | None) -> None:
        is_own = pause.reason is PauseReason.SYMBOL_NOT_TRADING
        key = (symbol if is_own else None, pause.reason)
        end: int | None = None
        if is_own or pause.duration is not None:
            length_ns = SYMBOL_REST_NS
            if pause.duration is not None:
                length_ns = round(pause.duration.total_seconds() * NANOSECONDS)
            end = max(
                self._clock.monotonic_ns() + length_ns, known.ends_ns.get(key) or 0
            )
        known.ends_ns[key] = end

    def _placing(self, sender: Any, _owner: Any, message: PlaceCall) -> None:
        child, now = message.child, self._clock.monotonic_ns()
        known = self._known[sender.actor_urn]
        for (symbol, reason), end in known.ends_ns.items():
            is_over = end is not None and end <= now
            is_free = is_over or symbol not in (None, child.symbol)
            self._check(is_free, "sent during a pause", reason, end, child)
        if self._limits is not None:
            self._check_limits(self._limits, known, message)

    def _asking(self, sender: Any, _owner: Any, message: LookUpCall) -> None:
        known = self._known[sender.actor_urn]
        end = known.ends_ns.get((None, PauseReason.RATE_LIMITED))
        is_free = end is None or end <= self._clock.monotonic_ns()
        self._check(is_free, "asked while the venue wants silence", message)
        are_rejected = (None, PauseReason.KEYS_REJECTED) in known.ends_ns
        is_free = known.may_try_keys or not are_rejected
        self._check(is_free, "asked again and again with rejected keys", message)
        known.may_try_keys = False

    def _check_limits(
        self, limits: RiskLimits, known: _Known, message: PlaceCall
    ) -> None:
        child, now = message.child, self._clock.monotonic_ns()
        most = limits.max_child_notional.get("")
        amount = notional(max(child.price, child.far_touch or ZERO), child.quantity)
        self._check(most is None or amount <= most, "too large a child", child)
        left = known.left_ns
        left.append(now)
        while now - left[0] >= NANOSECONDS:
            left.popleft()
        rate = limits.max_children_per_second
        self._check(rate is None or len(left) <= rate, "too many a second", child)
