"""A worker like ``trading``, with time stamps along the way of a child order.

They cost about 0.1 ms a child, so its figures say where time goes, not how much in all.
"""

import functools
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from actors.executor.executor import Executor
from actors.gateway.gateway import Gateway
from actors.gateway.worker import VenueCaller
from actors.ledger import Ledger
from actors.messages.gateway import PlaceCall, SubmitChild
from actors.messages.ledger import WriteRecord
from actors.router.router import Router
from actors.runtime.addresses import ActorAddress
from adapters.clock import SystemClock
from adapters.persistence.store import SqlTradeStore
from benchmarks import trading
from benchmarks.worker import answer


_now_ns: Final = SystemClock().monotonic_ns
_stamps: Final[list[tuple[int, str]]] = []
_messages: Final[Counter[str]] = Counter()

_PARTS: Final[tuple[tuple[type[Any], str, type[Any] | None], ...]] = (
    (Router, "_match", None),
    (Executor, "_offer", None),
    (Ledger, "on_receive", WriteRecord),
    (SqlTradeStore, "write", None),
    (SqlTradeStore, "_require_same", None),
    (Executor, "_written", None),
    (Gateway, "on_receive", SubmitChild),
    (VenueCaller, "make", PlaceCall),
    (Executor, "_child_answered", None),
)
"""Methods that are stamped, at their begin and end; if a type is named, then only when
they are given one of it."""


class _TracedTrading(trading.Trading):
    def start(
        self, *, database: str, port: int, feed: str, **options: str
    ) -> dict[str, Any]:
        """Start the service, stamped."""
        for owner, name, given in _PARTS:
            _stamp(owner, name, given)
        ActorAddress.tell = _counted(ActorAddress.tell)  # type: ignore[method-assign]  # to count
        return super().start(database=database, port=port, feed=feed, **options)

    def trace(self) -> dict[str, Any]:
        """Return the stamps, and the messages by their type, since last asked."""
        found = {"stamps": sorted(_stamps), "messages": dict(_messages)}
        _stamps.clear()
        _messages.clear()
        return found


def _stamp(owner: type[Any], name: str, given: type[Any] | None) -> None:
    method = getattr(owner, name)
    label = f"{owner.__name__}.{name}"

    @functools.wraps(method)
    def stamped(self: Any, *args: Any, **more: Any) -> Any:
        if given is not None and not isinstance(args[0], given):
            return method(self, *args, **more)
        _stamps.append((_now_ns(), f"{label} begins"))
        try:
            return method(self, *args, **more)
        finally:
            _stamps.append((_now_ns(), f"{label} ends"))

    setattr(owner, name, stamped)


def _counted(tell: Callable[[ActorAddress, Any], bool]) -> Any:
    def counted(self: ActorAddress, message: Any) -> bool:
        _messages[type(message).__name__] += 1
        return tell(self, message)

    return counted


if __name__ == "__main__":
    answer(_TracedTrading())
