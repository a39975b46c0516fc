"""The armed faults of the trading side, and whom they hit.

Each fault draws from a chance of its own, seeded: the same requests in the same order
meet the same faults.
"""

import random
from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

from msgspec import to_builtins

from adapters.simulated_exchange.trading.calls import CallKind
from adapters.simulated_exchange.trading.order_fault_requests import (
    DrawnFault,
    LostUserEvents,
)


F = TypeVar("F", bound=DrawnFault)


@dataclass(slots=True)
class _Armed:
    fault: DrawnFault
    left: int | None
    """Requests still to hit; None when chance decides."""
    chance: random.Random


class OrderFaults:
    """Every armed fault of the trading side."""

    def __init__(self, seed: int, applied: Counter[str]) -> None:
        """Begin with none; count in `applied` what has been done."""
        self._seed = seed
        self._applied = applied
        self._armed: list[_Armed] = []

    def arm(self, fault: DrawnFault) -> None:
        """Arm a fault for the requests or events to come."""
        left = fault.count
        if left is None and fault.probability is None:
            left = 1
        seed = self._seed if fault.seed is None else fault.seed
        source = f"{seed}:{fault.__struct_config__.tag}"
        chance = random.Random(source)  # noqa: S311 - a fault has to repeat
        self._armed.append(_Armed(fault, left, chance))

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def describe(self) -> list[object]:
        """Return the armed faults as JSON values."""
        return [to_builtins(armed.fault) for armed in self._armed]

    def take(self, kind: type[F], call: CallKind, symbol: str) -> F | None:
        """Return the fault of a kind that this request meets, if it meets one."""
        for armed in self._armed:
            fault = armed.fault
            if (
                isinstance(fault, kind)
                and _concerns(fault, call, symbol)
                and self._hits(armed)
            ):
                return fault
        return None

    def take_event(self, symbol: str) -> LostUserEvents | None:
        """Return what happens to this execution report, if anything does."""
        return self.take(LostUserEvents, "query", symbol)

    def _hits(self, armed: _Armed) -> bool:
        probability = armed.fault.probability
        if probability is not None and armed.chance.random() >= probability:
            return False
        if armed.left is not None:
            armed.left -= 1
            if not armed.left:
                self._armed.remove(armed)
        self._applied[str(armed.fault.__struct_config__.tag)] += 1
        return True


def _concerns(fault: DrawnFault, call: CallKind, symbol: str) -> bool:
    wanted = getattr(fault, "call", "any")
    return wanted in {"any", call} and fault.symbol in {None, symbol}
