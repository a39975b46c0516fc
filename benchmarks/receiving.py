"""A worker that receives a blast of frames: plainly, or the way the service does."""

import gc
import random
import threading
import time
from decimal import Decimal
from typing import Any, Final

import msgspec
import websocket

from actors import names
from actors.listener import Listener, ListenerTimes
from actors.router.router import Router
from actors.runtime.runtime import ActorContext
from actors.runtime.threaded import ThreadedRuntime
from adapters.binance.endpoints import Endpoints
from adapters.binance.market_data.feed import BinanceFeed
from adapters.binance.market_data.settings import (
    FeedSettings,
    MarketDataSettings,
    StreamKind,
)
from adapters.clock import SystemClock
from adapters.metrics.meter import PrometheusMeter
from benchmarks.market import SYMBOL
from benchmarks.worker import answer
from domain.market.synchronisation import BookLoaded
from domain.market.updates import Burst, DepthUpdate
from domain.ports.market_feed import MarketFeed
from domain.values import Symbol


POOL_THREADS: Final = 2
"""The service's default."""

_READY_SECONDS: Final = 20.0
_DONE_SECONDS: Final = 60.0


class _Ticker(msgspec.Struct):
    u: int
    b: Decimal
    B: Decimal
    a: Decimal
    A: Decimal


class _Depth(msgspec.Struct):
    u: int
    b: list[tuple[Decimal, Decimal]]
    a: list[tuple[Decimal, Decimal]]


class _TickerFrame(msgspec.Struct):
    data: _Ticker


class _DepthFrame(msgspec.Struct):
    data: _Depth


class _Plain:
    """The floor: websocket-client receives, a typed decoder makes decimals."""

    def __init__(self, *, port: int, stream: str, frames: int) -> None:
        self._frames = frames
        self._is_ticker = stream.endswith("bookTicker")
        self._socket: Any = websocket.create_connection(
            f"ws://127.0.0.1:{port}/stream?streams={stream}",
            skip_utf8_validation=True,
        )
        self._socket.recv_data()  # the first frame; the blast follows
        self._took: dict[str, float] = {}
        gc.collect()
        gc.freeze()
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def result(self) -> dict[str, float]:
        self._thread.join(_DONE_SECONDS)
        self._socket.shutdown()  # close() would wait for an answer
        return self._took

    def _receive(self) -> None:
        frame: Any = _TickerFrame if self._is_ticker else _DepthFrame
        decode = msgspec.json.Decoder(frame).decode
        receive = self._socket.recv_data
        decode(receive()[1])
        started, cpu = time.perf_counter(), time.process_time()
        for _ in range(self._frames - 2):
            decode(receive()[1])
        self._took = {
            "frames": self._frames - 2,
            "seconds": time.perf_counter() - started,
            "cpu_seconds": time.process_time() - cpu,
        }


class _Progress:
    """How far the router is."""

    def __init__(self, last_update_id: int) -> None:
        self.last_update_id = last_update_id
        self.ready = threading.Event()
        self.done = threading.Event()
        self.updates = 0
        self.first_ns = self.last_ns = 0

    def note(self, update: DepthUpdate, count: int) -> None:
        if not self.updates:
            self.first_ns = update.received_ns
        self.updates += count
        if update.last_update_id >= self.last_update_id:
            self.last_ns = time.monotonic_ns()
            self.done.set()


class _CountingRouter(Router):
    """The router, counting the updates it has handled."""

    def __init__(
        self,
        *,
        context: ActorContext,
        symbol: Symbol,
        feed: MarketFeed,
        progress: _Progress,
    ) -> None:
        super().__init__(context=context, symbol=symbol, feed=feed)
        self._progress = progress

    def on_receive(self, message: Any) -> None:
        super().on_receive(message)
        if isinstance(message, DepthUpdate):
            self._progress.note(message, 1)
        elif isinstance(message, Burst):
            last = message.events[-1]
            assert isinstance(last, DepthUpdate)
            self._progress.note(last, len(message.events))
        elif isinstance(message, BookLoaded):
            self._progress.ready.set()


class _Pipeline:
    """The service's way: feed, listener and router on the pool of threads."""

    def __init__(
        self, *, port: int, stream: str, frames: int, last_update_id: int
    ) -> None:
        self._frames = frames
        clock = SystemClock()
        self._threads = ThreadedRuntime(clock=clock, threads=POOL_THREADS)
        self._threads.__enter__()
        runtime = self._threads.runtime
        kind = StreamKind(stream.partition("@")[2])
        self._feed = BinanceFeed(
            endpoints=Endpoints.of_host(f"http://127.0.0.1:{port}"),
            clock=clock,
            meter=PrometheusMeter(),
            rng=random.Random(1),
            settings=MarketDataSettings(feed=FeedSettings(streams=frozenset({kind}))),
            run_woken_actors=runtime.dispatcher.run_woken_actors,
        )
        symbol = Symbol(SYMBOL)
        self._progress = _Progress(last_update_id)
        self._router = _CountingRouter.start(
            context=ActorContext(runtime=runtime, name=names.router(symbol)),
            symbol=symbol,
            feed=self._feed,
            progress=self._progress,
        )
        self._listener = Listener.start(
            context=ActorContext(runtime=runtime, name=names.listener(symbol)),
            symbol=symbol,
            feed=self._feed,
            times=ListenerTimes(),
        )
        if not self._progress.ready.wait(_READY_SECONDS):
            raise TimeoutError("the book did not get in step")
        gc.collect()
        gc.freeze()
        self._cpu = time.process_time()

    def result(self) -> dict[str, float]:
        progress = self._progress
        is_done = progress.done.wait(_DONE_SECONDS)
        cpu = time.process_time() - self._cpu
        if not is_done:
            raise TimeoutError("the last update did not reach the router")
        self._feed.close()
        self._listener.stop()
        self._router.stop()
        self._threads.__exit__(None, None, None)
        return {
            "frames": self._frames - 2,
            "seconds": (progress.last_ns - progress.first_ns) / 1e9,
            "cpu_seconds": cpu,
            "merged": self._frames - 1 - progress.updates,
        }


class _Receiver:
    def __init__(self) -> None:
        self._running: _Plain | _Pipeline | None = None

    def plain(self, *, port: int, stream: str, frames: int) -> None:
        self._running = _Plain(port=port, stream=stream, frames=frames)

    def pipeline(
        self, *, port: int, stream: str, frames: int, last_update_id: int
    ) -> None:
        self._running = _Pipeline(
            port=port, stream=stream, frames=frames, last_update_id=last_update_id
        )

    def result(self) -> dict[str, float]:
        assert self._running is not None
        return self._running.result()


if __name__ == "__main__":
    answer(_Receiver())
