"""Whether child orders may leave now, and who has to know."""

import logging
from datetime import timedelta
from typing import Final, assert_never

from actors import names
from actors.gateway.halt_switch import HaltSwitch
from actors.gateway.pause_registry import NEVER_NS, PauseRegistry
from actors.messages.journal import HaltLoaded, HaltSaved
from actors.messages.timers import PauseOver, ProbeDue
from actors.messages.venue import (
    GetTradingState,
    RulesChanged,
    SetHalt,
    TradingState,
)
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import NANOSECONDS, Timer
from domain.risk.halt import NEVER_HALTED, Halt
from domain.values import Symbol
from domain.venue.answers import PauseReason, TradingPause
from domain.venue.symbol_rules import TRADING, SymbolRules


logger = logging.getLogger(__name__)

PROBE_SECONDS: Final = (15.0, 30.0, 60.0, 120.0, 300.0)
"""Before the 1st, 2nd, ... probe of a pause that only a probe ends."""


PermissionMessage = GetTradingState | RulesChanged | SetHalt | HaltLoaded | HaltSaved
"""What bears on whether children may leave, besides what the venue answers."""


class TradingGate:
    """The pauses and the halt switch; the routers are told of every change."""

    def __init__(
        self,
        context: ActorContext,
        address: ActorAddress,
        symbols: tuple[Symbol, ...],
        unsaved_halts: list[Halt],
    ) -> None:
        self.switch = HaltSwitch(context, address, unsaved_halts)
        self.must_probe = False
        """Whether it is time to find out if orders could be sent again."""

        self._context = context
        self._address = address
        self._symbols = symbols
        self._pauses = PauseRegistry(context.runtime.clock.monotonic_ns)
        self._probes = 0
        self._next_probe: Timer | None = None
        self._may_try_keys = False
        self._are_keys_untried = False
        self._told: dict[Symbol, TradingPause | None] = {}
        self._has_changed = True

    def receive(self, message: PermissionMessage) -> None:
        """Handle what bears on all of it."""
        self._has_changed = True
        match message:
            case GetTradingState(symbol=symbol):
                self._told.pop(symbol, None)
            case RulesChanged(rules=rules):
                self.rules_changed(rules)
            case SetHalt() | HaltLoaded() | HaltSaved():
                self.switch.receive(message)
            case _:
                assert_never(message)

    def pause_of(self, symbol: Symbol) -> TradingPause | None:
        """Return why no child of the symbol may leave; None when it may."""
        return self._pauses.of(symbol, self.switch.halt)

    @property
    def may_look_up(self) -> bool:
        """Whether the venue may be asked about a child now."""
        return self.may_use_keys and not self._pauses.is_venue_quiet

    @property
    def may_use_keys(self) -> bool:
        """Whether the keys may be used to read.

        Rejected ones may still read, or may get our address banned: they are tried,
        once after each probe that failed.
        """
        are_doubted = self._are_keys_untried or self._pauses.are_keys_rejected
        return self._may_try_keys or not are_doubted

    def probe_first(self, *, has_keys: bool) -> None:
        """Have nothing read with the keys, if any, before a probe has tried them."""
        self.must_probe = self._are_keys_untried = has_keys

    def note_keys_used(self) -> None:
        """Note that something is read with the keys now."""
        self._may_try_keys = False

    @property
    def is_all_paused(self) -> bool:
        """Whether the venue taught that no child of any symbol may leave."""
        return self._pauses.is_all_paused

    def hold(self, pause: TradingPause, symbol: Symbol) -> None:
        """Let a pause hold that a call about ``symbol`` taught."""
        before = self._pauses.of(symbol, NEVER_HALTED)  # a halt ends, and this may not
        length_ns = self._pauses.hold(pause, symbol)
        self._has_changed = True
        if before is None:
            logger.error(
                "Trading paused reason=%s detail=%s", pause.reason, pause.detail
            )
        if length_ns is None:
            self._plan_probe()
        elif length_ns < NEVER_NS // 2:  # else the venue's rules end it
            self._remind(length_ns / NANOSECONDS, PauseOver())

    def wait_for_predecessor(self, until_ns: int) -> None:
        """Pause until nothing of the service before us can leave any more."""
        left_ns = until_ns - self._context.runtime.clock.monotonic_ns()
        if left_ns > 0:
            detail = "the service that had the database before us may still send"
            pause = TradingPause(
                reason=PauseReason.TAKING_OVER,
                detail=detail,
                duration=timedelta(microseconds=-(-left_ns // 1_000)),
            )
            self.hold(pause, self._symbols[0])

    def rules_changed(self, rules: SymbolRules) -> None:
        """Pause a symbol that the venue does not trade now, until it does again."""
        self._has_changed = True
        if rules.status == TRADING:
            self._pauses.end_symbol(rules.symbol)
            return
        detail = f"{rules.symbol} is in status {rules.status} at the venue"
        pause = TradingPause(reason=PauseReason.SYMBOL_NOT_TRADING, detail=detail)
        logger.error("Symbol paused symbol=%s detail=%s", rules.symbol, detail)
        self._pauses.hold_symbol(pause, rules.symbol)

    def probed(self, pause: TradingPause | None, symbol: Symbol) -> None:
        """Take the answer of a probe."""
        self._may_try_keys = pause is not None
        self._are_keys_untried = False
        if pause is None:
            self._pauses.end_probed()
            self._probes = 0
            if self._next_probe is not None:
                self._next_probe.cancel()
                self._next_probe = None
            self._has_changed = True
        else:
            self.hold(pause, symbol)
            self._plan_probe_if_needed()  # a pause of another kind may hold, too

    def probe_lost(self) -> None:
        """Plan another probe: nobody will answer the last one."""
        self._are_keys_untried = False
        self._plan_probe()

    def probe_due(self) -> None:
        """Probe now, if a pause still holds that only a probe ends."""
        self._next_probe = None
        self.must_probe = self._pauses.needs_probe

    def pause_over(self) -> None:
        """End the pauses whose time is over."""
        self._pauses.end_due()
        self._plan_probe_if_needed()
        self._has_changed = True

    def tell_routers(self) -> None:
        """Tell each router whose symbol's state changed, once the switch is known."""
        if not self._has_changed or not self.switch.is_known:
            return
        self._has_changed = False
        for symbol in self._symbols:
            pause = self.pause_of(symbol)
            if symbol in self._told and self._told[symbol] == pause:
                continue
            if pause is None and self._told.get(symbol) is not None:
                logger.warning("Trading resumed symbol=%s", symbol)
            self._told[symbol] = pause
            self._context.tell(names.router(symbol), TradingState(pause=pause))

    def _plan_probe_if_needed(self) -> None:
        if self._pauses.needs_probe:
            self._plan_probe()

    def _plan_probe(self) -> None:
        if self._next_probe is not None:
            return  # several calls may teach the same
        delay = PROBE_SECONDS[min(self._probes, len(PROBE_SECONDS) - 1)]
        self._probes += 1
        self._next_probe = self._remind(delay, ProbeDue())

    def _remind(self, seconds: float, due: ProbeDue | PauseOver) -> Timer:
        return self._context.runtime.timers.schedule(seconds, self._address, due)
