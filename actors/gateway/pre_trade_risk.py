"""Checks every child against the operator's limits and the account before it leaves."""

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildOrder
from domain.orders.completion import WithheldReason
from domain.ports.runtime import Clock
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.risk.limits import NO_LIMITS, RiskLimits, check_balance, check_child_risk
from domain.values import Symbol, format_amount
from domain.venue.account import unexplained
from domain.venue.answers import Account, BalancesChanged
from domain.venue.symbol_rules import SymbolRules


logger = logging.getLogger(__name__)

SECOND_NS: Final = NANOSECONDS

ACCOUNT_SECONDS: Final = 30.0
"""Interval between readings of the balances."""


class PreTradeRisk:
    """The limits, the account as last known, and how many children left lately."""

    def __init__(
        self,
        clock: Clock,
        rules: Mapping[Symbol, SymbolRules],
        limits: RiskLimits = NO_LIMITS,
    ) -> None:
        self._clock = clock
        self._rules = rules
        self._limits = limits
        self._account: Account | None = None
        self._must_read = False
        self._read_at_ns: int | None = None
        self._moved_ns = clock.monotonic_ns()
        """When we last traded, or heard of a change of balance."""

        self._left_ns: deque[int] = deque()
        self._may_leave_at_ns: int | None = None

    @property
    def account(self) -> Account | None:
        """The balances as the venue last stated them; None before the first time."""
        return self._account

    @property
    def wants_account(self) -> bool:
        """Whether it is time to read the balances."""
        return self._must_read

    @property
    def read_at_ns(self) -> int | None:
        """When the balances are read again, monotonic; None: not planned."""
        return self._read_at_ns

    @property
    def may_leave_at_ns(self) -> int | None:
        """When the child rate lets a waiting child leave; None when none waits."""
        return self._may_leave_at_ns

    def want_account(self) -> None:
        """Request a reading of the balances now."""
        self._must_read = True

    def reading_begins(self) -> None:
        """Note that the balances are being read."""
        self._must_read = False

    def account_read(self, account: Account | None) -> None:
        """Take the balances that were read; None when the reading failed."""
        self.read_again_later()
        if account is not None:
            self._compare(account)
            self._account = account

    def balances_changed(self, message: BalancesChanged) -> None:
        """Take the new values of the balances that the venue reports."""
        if self._account is not None:
            balances = {**self._account.balances, **message.balances}
            self._account = replace(self._account, balances=balances, as_of=message.at)
            self._moved_ns = self._clock.monotonic_ns()

    def _compare(self, read: Account) -> None:
        """Log changes that our trades do not explain, unless we have just traded."""
        quiet_ns = self._clock.monotonic_ns() - self._moved_ns
        if self._account is None or quiet_ns < ACCOUNT_SECONDS * NANOSECONDS:
            return
        rules = self._rules.values()
        traded = [asset for one in rules for asset in (one.base_asset, one.quote_asset)]
        for asset, (ours, venue) in unexplained(self._account, read, traded).items():
            amounts = format_amount(ours), format_amount(venue)
            logger.info(
                "Balance moved by others asset=%s from=%s to=%s", asset, *amounts
            )

    def read_again_later(self) -> None:
        """Plan the next reading after the usual interval."""
        wait_ns = round(ACCOUNT_SECONDS * NANOSECONDS)
        self._read_at_ns = self._clock.monotonic_ns() + wait_ns

    def read_due(self) -> None:
        """Request the planned reading."""
        self._read_at_ns = None
        self._must_read = True

    def may_send(self) -> bool:
        """Whether the rate lets a child leave now; else ``may_leave_at_ns`` is set."""
        self._may_leave_at_ns = None
        most = self._limits.max_children_per_second
        if most is None:
            return True
        now_ns = self._clock.monotonic_ns()
        while self._left_ns and now_ns - self._left_ns[0] >= SECOND_NS:
            self._left_ns.popleft()
        if len(self._left_ns) < most:
            return True
        self._may_leave_at_ns = self._left_ns[0] + SECOND_NS
        return False

    def rate_free(self) -> None:
        """Note that ``may_leave_at_ns`` has come."""
        self._may_leave_at_ns = None

    def why_late(self) -> str:
        """Say why a child waited so long that it may no longer leave."""
        most = self._limits.max_children_per_second
        if most is None:
            return WithheldReason.OFFER_TOO_OLD.value
        code = RefusalCode.CHILD_RATE_ABOVE_LIMIT
        return f"{code}: at most {most} child orders a second"

    def note_left(self) -> None:
        """Count a child that leaves now."""
        self._moved_ns = self._clock.monotonic_ns()
        if self._limits.max_children_per_second is not None:
            self._left_ns.append(self._clock.monotonic_ns())

    def refusal(self, child: ChildOrder) -> Refusal | None:
        """Say which limit a child would break, and its value.

        The balances are as the venue last stated them, without our own fills since: its
        update may come before or after the answer on a child, so adding the fills could
        count them twice. What these balances miss, the venue itself refuses.
        """
        rules = self._rules[child.symbol]
        if refusal := check_child_risk(self._limits, rules, child):
            return refusal
        refusal = check_balance(
            self._account,
            rules,
            side=child.side,
            price=child.price,
            quantity=child.quantity,
        )
        if refusal is not None:
            self._must_read = True  # the balance may have changed unannounced
        return refusal

    def note_moved(self) -> None:
        """Note that one of our children moved the account, or may have."""
        self._moved_ns = self._clock.monotonic_ns()


def most_of_child(limits: RiskLimits, rules: SymbolRules) -> Decimal:
    """Return the largest notional of a child of the symbol; 0 when unlimited."""
    return limits.max_child_notional.get(rules.quote_asset, Decimal(0))
