"""A worker that runs the whole service, with every child order timed exactly."""

import gc
import os
import sys
import threading
import time
from typing import Any, Final

import run
from actors.intake.actor_desk import ActorDesk
from adapters.binance.trading.keys import KEY_VARIABLE, SECRET_VARIABLE
from adapters.configuration.settings import read_serve_settings
from adapters.metrics.meter import PrometheusMeter
from adapters.process.logs import Logs
from adapters.process.signals import GracefulSignals
from benchmarks.live_venue import KEY, SECRET, CallWatch, seconds_alone
from benchmarks.market import SYMBOL
from benchmarks.usage import cpu_seconds_by_thread, usage
from benchmarks.worker import answer
from domain.values import Symbol
from run import Service


_POLL_SECONDS: Final = 0.02
_ENLIST_SECONDS: Final = 60.0
_KEPT: Final = ("frame_to_child_seconds", "frame_to_wire_seconds")


class _ExactMeter(PrometheusMeter):
    """Keeps every sample of some histograms besides."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, list[float]] = {name: [] for name in _KEPT}

    def observe_seconds(self, name: str, seconds: float) -> None:
        super().observe_seconds(name, seconds)
        if name in self.kept:
            self.kept[name].append(seconds)


class Trading:
    """The service in this process, as its worker is asked for it."""

    def __init__(self) -> None:
        self._meter = _ExactMeter()
        self._calls = CallWatch()
        self._service: Service | None = None

    def start(
        self, *, database: str, port: int, feed: str, **options: str
    ) -> dict[str, Any]:
        """Start the service on a market at ``port``; more options as it has them."""
        os.environ |= {KEY_VARIABLE: KEY, SECRET_VARIABLE: SECRET}
        settings = read_serve_settings(
            {
                "market": "binance",
                "symbols": SYMBOL,
                "port": "0",
                "database": f"sqlite:///{database}",
                "feed": feed,
                "rest_url": f"http://127.0.0.1:{port}",
                "stream_url": f"ws://127.0.0.1:{port}",
                "ws_api_url": f"ws://127.0.0.1:{port}/ws-api/v3",
                **options,
            },
            {},
        )
        self._calls.watch()
        Logs(log_format=settings.log_format, level=settings.log_level)
        # Service makes one by this name, and hands it on at once.
        run.PrometheusMeter = lambda: self._meter  # type: ignore[attr-defined, assignment]
        service = Service(settings, GracefulSignals())
        started = time.perf_counter()
        service.__enter__()
        self._service = service
        return {"url": service.url, "seconds": time.perf_counter() - started}

    def await_orders(self, *, count: int, with_book: bool = True) -> dict[str, float]:
        """Wait until so many orders are known to the router, and its book is usable.

        Without its book for a start so long that the benchmark's venue is given up.
        """
        assert self._service is not None
        started = time.perf_counter()
        desk = self._desk(self._service)
        pause = threading.Event()
        while True:
            book = desk.book(Symbol(SYMBOL), 1)
            is_usable = book.state == "SYNCED" or not with_book
            if book.waiting_orders >= count and is_usable:
                return {"seconds": time.perf_counter() - started}
            if time.perf_counter() - started > _ENLIST_SECONDS:
                raise TimeoutError(f"{book.waiting_orders} of {count}: {book}")
            pause.wait(_POLL_SECONDS)

    def seconds(self, *, name: str) -> list[float]:
        """Return all samples of a histogram since last asked."""
        found, self._meter.kept[name] = self._meter.kept[name], []
        return found

    def calls(self) -> dict[str, float]:
        """Return what went to the venue since last asked."""
        return self._calls.take()

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
    answer(Trading(), seconds_alone=seconds_alone, threads=cpu_seconds_by_thread)
