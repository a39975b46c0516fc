"""What a depth frame costs, step by step: ``python -m benchmarks.frame_profile``.

All in one thread, without a socket, in CPU time. The frames are those of the ``rate``
row; what the row's ``cpu_us_per_frame`` has beyond these steps are the socket and the
other threads.
"""

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from actors import names
from actors.listener import Listener, ListenerTimes
from actors.router.router import Router
from actors.runtime.runtime import ActorContext, Runtime
from actors.runtime.threaded import ThreadedRuntime
from adapters.binance.market_data.frames import FrameParser
from adapters.binance.rest_replies import parse_depth
from adapters.binance.statements import read_statements
from adapters.clock import SystemClock
from benchmarks.frame_rate import FRAMES_MAX
from benchmarks.market import SYMBOL, Prepared, prepare
from benchmarks.samples import median
from benchmarks.update_cost import Silent
from domain.market.order_book import LocalOrderBook
from domain.market.updates import DepthUpdate, FeedConnected, together
from domain.values import Symbol


ROUNDS: Final = 9

TOGETHER: Final = 50
"""Frames handled together: about as many as one read of 64 kB brings when behind."""

_SYMBOL: Final = Symbol(SYMBOL)

_Amounts = list[tuple[Decimal, Decimal]]


class _Sides(msgspec.Struct):
    b: msgspec.Raw
    a: msgspec.Raw


class _Plain(msgspec.Struct):
    b: _Amounts
    a: _Amounts


class _SidesFrame(msgspec.Struct):
    data: _Sides


class _PlainFrame(msgspec.Struct):
    data: _Plain


Step = Callable[[Sequence[bytes]], None]


class _Steps:
    """Each step takes the frames that one read of the socket brings."""

    def __init__(self, prepared: Prepared, runtime: Runtime) -> None:
        self._decode_plainly = msgspec.json.Decoder(_PlainFrame).decode
        self._cut_sides = msgspec.json.Decoder(_SidesFrame).decode
        self._parse = FrameParser().parse
        snapshot = parse_depth(_SYMBOL, prepared.snapshot)
        self._book = LocalOrderBook(_SYMBOL)
        self._book.load(snapshot)
        self._updates: list[DepthUpdate] = []
        self._run_woken_actors = runtime.dispatcher.run_woken_actors
        self._router = Router.start(
            context=ActorContext(runtime=runtime, name=names.router(_SYMBOL)),
            symbol=_SYMBOL,
            feed=Silent(),
        )
        self._listener = Listener.start(
            context=ActorContext(runtime=runtime, name=names.listener(_SYMBOL)),
            symbol=_SYMBOL,
            feed=Silent(),
            times=ListenerTimes(settle=None, checks_quiet=False),
        )
        self._listener.tell(FeedConnected(symbol=_SYMBOL))
        self._listener.tell(self._read(prepared.frames[0]))
        self._listener.tell(snapshot)
        self.all: dict[str, Step] = {
            "the floor's decoding, with decimals": self._as_the_floor,
            "find both sides in the frame": self._find_sides,
            "the same, check the amounts, cut them out": self._read_statements,
            "the whole parsing": self._parse_all,
            "apply to the book, look whether it is crossed": self._apply,
            "the same, through listener and router": self._tell,
        }

    def stop(self) -> None:
        """End the actors."""
        self._listener.stop()
        self._router.stop()

    def _as_the_floor(self, frames: Sequence[bytes]) -> None:
        decode = self._decode_plainly
        for frame in frames:
            decode(frame)

    def _find_sides(self, frames: Sequence[bytes]) -> None:
        find = self._cut_sides
        for frame in frames:
            find(frame)

    def _read_statements(self, frames: Sequence[bytes]) -> None:
        find = self._cut_sides
        for frame in frames:
            sides = find(frame).data
            read_statements(sides.b)
            read_statements(sides.a)

    def _parse_all(self, frames: Sequence[bytes]) -> None:
        self._updates = [self._read(frame) for frame in frames]

    def _read(self, frame: bytes) -> DepthUpdate:
        update = self._parse(frame)
        assert isinstance(update, DepthUpdate)
        return update

    def _apply(self, _frames: Sequence[bytes]) -> None:
        book = self._book
        for update in self._updates:
            book.apply(update)
            book.is_crossed()

    def _tell(self, _frames: Sequence[bytes]) -> None:
        with self._run_woken_actors():
            self._listener.tell(together(self._updates))


def main() -> None:
    """Print each step's CPU time per frame, the median of some rounds."""
    prepared = prepare("depth", frames_max=FRAMES_MAX["depth"])
    took: dict[str, list[float]] = defaultdict(list)
    gc.collect()
    gc.freeze()  # as the service does once it has started
    for _ in range(ROUNDS):
        with ThreadedRuntime(clock=SystemClock(), threads=1) as threads:
            _measure(_Steps(prepared, threads.runtime), prepared.frames, took)
    print(f"{len(prepared.frames)} {prepared.source} frames, us of CPU per frame")
    for name, samples in took.items():
        print(f"{median(samples):7.2f}  {name}")


def _measure(
    steps: _Steps, frames: Sequence[bytes], took: dict[str, list[float]]
) -> None:
    spent_ns = dict.fromkeys(steps.all, 0)
    for start in range(1, len(frames), TOGETHER):
        for name, step in steps.all.items():
            started = time.thread_time_ns()
            step(frames[start : start + TOGETHER])
            spent_ns[name] += time.thread_time_ns() - started
    for name, spent in spent_ns.items():
        took[name].append(spent / len(frames) / 1_000)
    steps.stop()


if __name__ == "__main__":
    main()
