"""A worker that runs the whole service, with every child order timed exactly."""

import gc
import sys
import threading
import time
from typing import Any, Final

from actors.desk import ActorDesk
from adapters.configuration.settings import read_serve_settings
from adapters.metrics import PrometheusMeter
from adapters.process.logs import Logs
from adapters.process.signals import GracefulSignals
from benchmarks.market import SYMBOL
from benchmarks.usage import usage
from benchmarks.worker import answer
from domain.values import Symbol
from run import Service


_POLL_SECONDS: Final = 0.02
_ENLIST_SECONDS: Final = 60.0


class _ExactMeter(PrometheusMeter):
    """Keeps every sample of one histogram besides."""

    def __init__(self) -> None:
        super().__init__()
        self.frame_to_child: list[float] = []

    def observe_seconds(self, name: str, seconds: float) -> None:
        super().observe_seconds(name, seconds)
        if name == "frame_to_child":
            self.frame_to_child.append(seconds)


class _Trading:
    def __init__(self) -> None:
        self._meter = _ExactMeter()
        self._service: Service | None = None

    def start(self, *, database: str, port: int, feed: str) -> dict[str, Any]:
        """Start the service on a market at ``port``."""
        settings = read_serve_settings(
            {
                "market": "binance",
                "symbols": SYMBOL,
                "port": "0",
                "database": f"sqlite:///{database}",
                "feed": feed,
                "rest_url": f"http://127.0.0.1:{port}",
                "stream_url": f"ws://127.0.0.1:{port}",
            },
            {},
        )
        Logs(log_format=settings.log_format, level=settings.log_level)
        service = Service(settings, GracefulSignals())
        service._meter = self._meter
        started = time.perf_counter()
        service.__enter__()
        self._service = service
        return {"url": service.url, "seconds": time.perf_counter() - started}

    def await_orders(self, *, count: int) -> dict[str, float]:
        """Wait until so many orders are known to the router and its book is usable."""
        assert self._service is not None
        started = time.perf_counter()
        desk = self._desk(self._service)
        pause = threading.Event()
        while True:
            book = desk.book(Symbol(SYMBOL), 1)
            if book.waiting_orders >= count and book.state == "SYNCED":
                return {"seconds": time.perf_counter() - started}
            if time.perf_counter() - started > _ENLIST_SECONDS:
                raise TimeoutError(f"{book.waiting_orders} of {count}: {book}")
            pause.wait(_POLL_SECONDS)

    def frame_to_child(self) -> list[float]:
        """Return the seconds of all child orders since last asked."""
        found, self._meter.frame_to_child = self._meter.frame_to_child, []
        return found

    def usage(self) -> dict[str, float]:
        """Return what the service uses."""
        gc.collect()
        return usage()

    def stop(self) -> None:
        """Stop the service."""
        assert self._service is not None
        self._service.__exit__(None, None, None)

    def _desk(self, service: Service) -> ActorDesk:
        return ActorDesk(
            runtime=service._threads.runtime,
            rules={},
            new_order_id=lambda: sys.exit("places nothing"),
            labels=("", ""),
        )


if __name__ == "__main__":
    _trading = _Trading()
    answer(
        {
            "start": _trading.start,
            "await_orders": _trading.await_orders,
            "frame_to_child": _trading.frame_to_child,
            "usage": _trading.usage,
            "stop": _trading.stop,
        }
    )
