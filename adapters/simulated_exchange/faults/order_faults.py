"""The armed faults of the trading side, and whom they hit."""

from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

from msgspec import to_builtins

from adapters.simulated_exchange.faults.fault_quota import FaultQuota
from adapters.simulated_exchange.faults.order_fault_requests import (
    ArmedFault,
    LostUserEvents,
)
from adapters.simulated_exchange.trading.calls import CallKind


F = TypeVar("F", bound=ArmedFault)


@dataclass(slots=True)
class _Armed:
    fault: ArmedFault
    quota: FaultQuota


class OrderFaults:
    """Every armed fault of the trading side."""

    def __init__(self, seed: int, applied: Counter[str]) -> None:
        """Start with none; count in `applied` what has been done."""
        self._seed = seed
        self._applied = applied
        self._armed: list[_Armed] = []

    def arm(self, fault: ArmedFault) -> None:
        """Arm a fault for the requests or events to come."""
        seed = self._seed if fault.seed is None else fault.seed
        source = f"{seed}:{fault.__struct_config__.tag}"
        quota = FaultQuota(fault.count, fault.probability, source)
        self._armed.append(_Armed(fault, quota))

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
        if not armed.quota.hit():
            return False
        if armed.quota.is_used_up:
            self._armed.remove(armed)
        self._applied[str(armed.fault.__struct_config__.tag)] += 1
        return True


def _concerns(fault: ArmedFault, call: CallKind, symbol: str) -> bool:
    wanted = getattr(fault, "call", "any")
    return wanted in {"any", call} and fault.symbol in {None, symbol}
