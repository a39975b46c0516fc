"""Whether child orders may leave now, and which routers have to know."""

import logging
from datetime import timedelta
from typing import Final

from actors.gateway.pause_registry import PauseRegistry
from actors.runtime.timers import NANOSECONDS
from domain.ports.runtime import Clock
from domain.risk.halt import NEVER_HALTED, Halt
from domain.values import Symbol
from domain.venue.answers import PauseReason, TradingPause
from domain.venue.symbol_rules import TRADING, SymbolRules


logger = logging.getLogger(__name__)

PROBE_SECONDS: Final = (15.0, 30.0, 60.0, 120.0, 300.0)
"""Delay before the 1st, 2nd, ... probe of a pause that only a probe can end."""


class TradingGate:
    """The pauses, and when to probe whether those without an end are over."""

    def __init__(self, clock: Clock, symbols: tuple[Symbol, ...]) -> None:
        """Make a gate that lets everything pass.

        Args:
            clock: by which pauses end.
            symbols: all that are traded.
        """
        self._clock = clock
        self._symbols = symbols
        self._pauses = PauseRegistry(clock.monotonic_ns)
        self._must_probe = False
        self._probes = 0
        self._probe_at_ns: int | None = None
        self._may_try_keys = False
        self._are_keys_untried = False
        self._told: dict[Symbol, TradingPause | None] = {}
        self._has_changed = True
        self._judged_halt: Halt | None = None

    def pause_of(self, symbol: Symbol, halt: Halt) -> TradingPause | None:
        """Return why no child of the symbol may leave; None when it may."""
        return self._pauses.of(symbol, halt)

    @property
    def wants_probe(self) -> bool:
        """Whether it is time to probe if orders could be sent again."""
        return self._must_probe

    @property
    def probe_at_ns(self) -> int | None:
        """When the next probe is due, monotonic; None when none is planned."""
        return self._probe_at_ns

    @property
    def pause_over_at_ns(self) -> int | None:
        """When the next pause ends by itself, monotonic; None when none does."""
        return self._pauses.next_end_ns

    @property
    def may_look_up(self) -> bool:
        """Whether the venue may be asked about a child now."""
        return self.may_use_keys and not self._pauses.is_venue_quiet

    @property
    def may_use_keys(self) -> bool:
        """Whether the keys may be used to read.

        Rejected keys may still be able to read, or may get our address banned: so they
        are tried once after each failed probe.
        """
        are_doubted = self._are_keys_untried or self._pauses.are_keys_rejected
        return self._may_try_keys or not are_doubted

    def probe_first(self) -> None:
        """Read nothing with the keys before a probe has tried them."""
        self._must_probe = self._are_keys_untried = True

    def want_probe(self) -> None:
        """Request a probe now."""
        self._must_probe = True

    def probe_begins(self) -> None:
        """Note that a probe is under way."""
        self._must_probe = False

    def note_keys_used(self) -> None:
        """Note that the keys are being used to read."""
        self._may_try_keys = False

    @property
    def is_all_paused(self) -> bool:
        """Whether a pause of all symbols is in force."""
        return self._pauses.is_all_paused

    def hold(self, pause: TradingPause, symbol: Symbol) -> None:
        """Put a pause in force that the answer to a call about ``symbol`` implies."""
        before = self._pauses.of(symbol, NEVER_HALTED)  # log it also during a halt
        length_ns = self._pauses.hold(pause, symbol)
        self._has_changed = True
        if before is None:
            logger.error(
                "Trading paused reason=%s detail=%s", pause.reason, pause.detail
            )
        if length_ns is None:
            self._plan_probe()

    def wait_for_predecessor(self, until_ns: int) -> None:
        """Pause until the service before us can no longer send anything."""
        left_ns = until_ns - self._clock.monotonic_ns()
        if left_ns > 0:
            detail = "the service that had the database before us may still send"
            pause = TradingPause(
                reason=PauseReason.TAKING_OVER,
                detail=detail,
                duration=timedelta(microseconds=-(-left_ns // 1_000)),
            )
            self.hold(pause, self._symbols[0])

    def rules_changed(self, rules: SymbolRules) -> None:
        """Pause a symbol while the venue does not trade it."""
        self._has_changed = True
        if rules.status == TRADING:
            self._pauses.end_symbol(rules.symbol)
            return
        detail = f"{rules.symbol} is in status {rules.status} at the venue"
        pause = TradingPause(reason=PauseReason.SYMBOL_NOT_TRADING, detail=detail)
        logger.error("Symbol paused symbol=%s detail=%s", rules.symbol, detail)
        self._pauses.hold_symbol(pause, rules.symbol)

    def probed(self, pause: TradingPause | None, symbol: Symbol) -> None:
        """Take the outcome of a probe."""
        self._may_try_keys = pause is not None
        self._are_keys_untried = False
        if pause is None:
            self._pauses.end_probed()
            self._probes, self._probe_at_ns = 0, None
            self._has_changed = True
        else:
            self.hold(pause, symbol)
            self._plan_probe_if_needed()  # for another pause that only a probe can end

    def probe_lost(self) -> None:
        """Plan another probe: the last one will not be answered."""
        self._are_keys_untried = False
        self._plan_probe()

    def probe_due(self) -> None:
        """Request the planned probe, if a pause still needs it."""
        self._probe_at_ns = None
        self._must_probe = self._pauses.needs_probe

    def pause_over(self) -> None:
        """End the pauses whose time is over."""
        self._pauses.end_due()
        self._plan_probe_if_needed()
        self._has_changed = True

    def asked_about(self, symbol: Symbol) -> None:
        """Note that the symbol's router has to be told its trading state."""
        self._told.pop(symbol, None)
        self._has_changed = True

    def changes(self, halt: Halt) -> list[tuple[Symbol, TradingPause | None]]:
        """List the symbols whose router has to be told of a change, and their pause.

        Args:
            halt: the setting of the operator's switch.
        """
        if not self._has_changed and halt == self._judged_halt:
            return []
        self._has_changed, self._judged_halt = False, halt
        changes = []
        for symbol in self._symbols:
            pause = self.pause_of(symbol, halt)
            if symbol in self._told and self._told[symbol] == pause:
                continue
            if pause is None and self._told.get(symbol) is not None:
                logger.warning("Trading resumed symbol=%s", symbol)
            self._told[symbol] = pause
            changes.append((symbol, pause))
        return changes

    def _plan_probe_if_needed(self) -> None:
        if self._pauses.needs_probe:
            self._plan_probe()

    def _plan_probe(self) -> None:
        if self._probe_at_ns is not None:
            return  # planned already, after another call
        delay = PROBE_SECONDS[min(self._probes, len(PROBE_SECONDS) - 1)]
        self._probes += 1
        self._probe_at_ns = self._clock.monotonic_ns() + round(delay * NANOSECONDS)
