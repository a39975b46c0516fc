"""Connection pools of urllib3 that drop idle connections, and bound each answer.

A connection that nobody has closed may be dead all the same: a router on the way may
have dropped it silently, and a request on it would wait for its timeout.
"""

from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from adapters.network.bounded_answer import whole_within
from adapters.network.pacing import SECOND_NS
from domain.ports.runtime import Clock


IDLE_SECONDS_MAX: Final = 5.0
"""Far below the 30 to 350 s after which routers and firewalls drop a connection."""


class _Named:
    """Mixin of connections and pools: errors name the address, not the class."""

    def __repr__(self) -> str:
        host, port = getattr(self, "host", ""), getattr(self, "port", "")
        return f"{host}:{port}"

    __str__ = __repr__


class _Fresh(_Named):
    """Mixin of connections: one that was idle for too long counts as dropped."""

    clock: Clock
    heard_ns = 0

    @property
    def is_connected(self) -> bool:
        idle_ns = self.clock.monotonic_ns() - self.heard_ns
        is_old = idle_ns > IDLE_SECONDS_MAX * SECOND_NS
        is_open: bool = super().is_connected  # type: ignore[misc]  # of urllib3's
        return is_open and not is_old

    def getresponse(self) -> Any:
        response = super().getresponse()  # type: ignore[misc]  # of urllib3's
        self.heard_ns = self.clock.monotonic_ns()
        return response


def fresh_pool_manager(
    clock: Clock, *, answer_seconds_max: float, **settings: Any
) -> urllib3.PoolManager:
    """Make a pool manager like urllib3's own, with these two limits.

    Args:
        clock: measures idle time.
        answer_seconds_max: for a whole answer.
        settings: urllib3's.
    """
    found = clock
    answers = whole_within(answer_seconds_max)

    class FreshHttp(_Fresh, HTTPConnection):
        clock = found
        response_class = answers

    class FreshHttps(_Fresh, HTTPSConnection):
        clock = found
        response_class = answers

    class HttpPool(_Named, urllib3.HTTPConnectionPool):
        ConnectionCls = FreshHttp

    class HttpsPool(_Named, urllib3.HTTPSConnectionPool):
        ConnectionCls = FreshHttps

    manager = urllib3.PoolManager(**settings)
    manager.pool_classes_by_scheme = {"http": HttpPool, "https": HttpsPool}
    return manager
