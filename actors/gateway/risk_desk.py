"""Holds every child against the operator's limits and the account, before it leaves."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from actors.runtime.timers import NANOSECONDS
from domain.account import after_fills, without_reserved
from domain.execution import ChildOrder, ChildResult
from domain.instrument import SymbolRules
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.risk import NO_LIMITS, RiskLimits, check_balance, check_child_risk
from domain.values import Symbol
from domain.venue import Account, BalancesChanged


SECOND_NS: Final = NANOSECONDS


@dataclass(slots=True)
class RiskDesk:
    """The limits, the account as it is known, and how many children left lately."""

    rules: Mapping[Symbol, SymbolRules]
    limits: RiskLimits = NO_LIMITS
    account: Account | None = None
    """None while it was never read: then the venue alone says what is too much."""

    _left_ns: deque[int] = field(default_factory=deque)
    """When the children of the last second left."""

    def refusal(
        self, child: ChildOrder, in_flight: Iterable[ChildOrder]
    ) -> Refusal | None:
        """Say which limit a child would break, and its value.

        Args:
            child: about to leave.
            in_flight: that have left; what they give away is not there any more.
        """
        rules = self.rules[child.symbol]
        return check_child_risk(self.limits, rules, child) or check_balance(
            self._account_without(in_flight),
            rules,
            side=child.side,
            price=child.price,
            quantity=child.quantity,
        )

    def wait_ns(self, now_ns: int) -> int:
        """Return how long the next child has to wait for its second."""
        most = self.limits.max_children_per_second
        if most is None:
            return 0
        while self._left_ns and now_ns - self._left_ns[0] >= SECOND_NS:
            self._left_ns.popleft()
        if len(self._left_ns) < most:
            return 0
        return self._left_ns[0] + SECOND_NS - now_ns

    def note_left(self, now_ns: int) -> None:
        """Count a child that leaves now."""
        if self.limits.max_children_per_second is not None:
            self._left_ns.append(now_ns)

    def waited_too_long(self) -> str:
        """Say why a child that waited for its second does not leave."""
        most = self.limits.max_children_per_second
        code = RefusalCode.CHILD_RATE_ABOVE_LIMIT
        return f"{code}: at most {most} child orders a second"

    def settled(self, child: ChildOrder, result: ChildResult) -> None:
        """Book on the account what a child gave away and got."""
        if self.account is not None and result.fills:
            rules = self.rules[child.symbol]
            self.account = after_fills(self.account, rules, child.side, result.fills)

    def balances_changed(self, message: BalancesChanged) -> None:
        """Take the venue's word for some assets."""
        if self.account is not None:
            balances = {**self.account.balances, **message.balances}
            self.account = Account(
                can_trade=self.account.can_trade, balances=balances, as_of=message.at
            )

    def _account_without(self, in_flight: Iterable[ChildOrder]) -> Account | None:
        account = self.account
        if account is None:
            return None
        for child in in_flight:
            rules = self.rules[child.symbol]
            account = without_reserved(account, rules, child)
        return account


def most_of_child(limits: RiskLimits, rules: SymbolRules) -> Decimal:
    """Return the largest notional of a child of the symbol; 0 when it is free."""
    return limits.max_child_notional.get(rules.quote_asset, Decimal(0))
