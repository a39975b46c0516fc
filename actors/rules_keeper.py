"""Reads the venue's rules regularly, and tells the actors that a change concerns."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, assert_never

from actors import names
from actors.messages.gateway import RefreshRules, RulesChanged
from actors.messages.timers import RequestedRefreshDue, RulesRefreshDue
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import NANOSECONDS
from domain.errors import TradeExecutorError
from domain.values import Symbol
from domain.venue.symbol_rules import DELISTED, RULES_UNREADABLE, SymbolRules


logger = logging.getLogger(__name__)

REFRESH_SECONDS: Final = 60.0
"""Interval between readings while all is well."""

HURRY_SECONDS: Final = 5.0
"""Minimum between readings that an actor asked for, as the venue refused a child."""

SOON_SECONDS: Final = 0.5
"""Delay before such a reading: refusals come in bursts, and one reading serves all."""

ReadRules = Callable[[], Mapping[Symbol, SymbolRules]]
"""Reads the rules of all symbols; blocks. Raises a TradeExecutorError."""

RulesKeeperMessage = RefreshRules | RulesRefreshDue | RequestedRefreshDue
"""What the rules keeper understands."""


class RulesBook(Mapping[Symbol, SymbolRules]):
    """The rules as last read, updated in place: holders always see the newest ones."""

    def __init__(self, rules: Mapping[Symbol, SymbolRules]) -> None:
        self._rules = dict(rules)
        self._read_ns: int | None = None

    @property
    def read_ns(self) -> int | None:
        """When the last reading began, monotonic; None: the rules never change."""
        return self._read_ns

    def __getitem__(self, symbol: Symbol) -> SymbolRules:
        """Return the rules of a symbol."""
        return self._rules[symbol]

    def __iter__(self) -> Iterator[Symbol]:
        """Iterate over the symbols, in the order of the settings."""
        return iter(self._rules)

    def __len__(self) -> int:
        """Count the symbols."""
        return len(self._rules)

    def begin(self, now_ns: int) -> None:
        """Note that the rules will be read again; those known were read just now."""
        if self._read_ns is None:
            self._read_ns = now_ns

    def renew(
        self, rules: Mapping[Symbol, SymbolRules], begun_ns: int
    ) -> list[SymbolRules]:
        """Take a reading; return the rules that have changed.

        A symbol that the venue no longer knows counts as not traded, and so does one
        whose rules cannot be read, until they can; its other rules stay as known.

        Args:
            rules: of all symbols that the venue knows.
            begun_ns: when the reading began, monotonic.
        """
        newest = {
            symbol: _newest(old, rules.get(symbol)) for symbol, old in self.items()
        }
        changed = [new for symbol, new in newest.items() if new != self[symbol]]
        self._rules = newest  # atomic, because other threads read it
        self._read_ns = begun_ns  # afterwards: who sees it relies on the new rules
        return changed


class RulesKeeper(RuntimeActor):
    """Owns the reading of the venue's rules.

    Owns: the rules book, which others only read.
    Receives: RefreshRules from the gateway and from executors;
        RulesRefreshDue, RequestedRefreshDue.
    Sends: RulesChanged to the gateway, and to the symbol's router.
    Asks: nobody.
    Ends: when its supervisor stops it.
    """

    blocking = True

    def __init__(
        self, *, context: ActorContext, book: RulesBook, read: ReadRules
    ) -> None:
        super().__init__(context=context)
        self._book = book
        self._read = read
        self._is_hurried = False
        self._tried_ns = self._now_ns()

    def on_start(self) -> None:
        """Wait: the rules have just been read, at the start of the service."""
        self._book.begin(self._now_ns())
        self._remind(REFRESH_SECONDS, RulesRefreshDue())

    def on_receive(self, message: RulesKeeperMessage) -> None:
        """Handle one message."""
        match message:
            case RefreshRules():
                self._hurry()
            case RequestedRefreshDue():
                self._refresh()
            case RulesRefreshDue():
                self._refresh()
                self._remind(REFRESH_SECONDS, RulesRefreshDue())
            case _:
                assert_never(message)

    def _hurry(self) -> None:
        if not self._is_hurried:
            self._is_hurried = True
            rested = (self._now_ns() - self._tried_ns) / NANOSECONDS
            seconds = max(HURRY_SECONDS - rested, SOON_SECONDS)
            self._remind(seconds, RequestedRefreshDue())

    def _refresh(self) -> None:
        self._is_hurried = False
        begun_ns = self._tried_ns = self._now_ns()
        try:
            changed = self._book.renew(self._read(), begun_ns)
        except TradeExecutorError as error:
            logger.warning("Rules not read problem=%s", error)
            return
        for rules in changed:
            symbol, status = rules.symbol, rules.status
            logger.warning("Rules changed symbol=%s status=%s", symbol, status)
            message = RulesChanged(rules=rules)
            self.context.tell(names.router(symbol), message)
            self.context.tell(names.GATEWAY, message)

    def _now_ns(self) -> int:
        return self.context.runtime.clock.monotonic_ns()

    def _remind(
        self, seconds: float, due: RulesRefreshDue | RequestedRefreshDue
    ) -> None:
        self.context.runtime.timers.schedule(seconds, self.address, due)


def _newest(old: SymbolRules, read: SymbolRules | None) -> SymbolRules:
    if read is None:
        return replace(old, status=DELISTED)
    if read.status == RULES_UNREADABLE:
        return replace(old, status=RULES_UNREADABLE)
    return read
