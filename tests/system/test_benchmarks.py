"""The benchmarks still run: nobody measures with what no longer starts."""

from pathlib import Path

from benchmarks.frame_latency import RATE, TRIGGER_EVERY, start_paced
from benchmarks.waiting_orders import measure_with
from benchmarks.worker import Worker


def test_a_start_with_orders_is_measured() -> None:
    memory, threads, start = measure_with(3)

    assert memory.base is not None
    assert memory.base.value > 1
    assert threads.measured.value > 1
    assert start.budget is not None
    assert start.measured.value > 0


def test_each_child_order_is_timed(tmp_path: Path) -> None:
    with (
        Worker("venue") as venue,
        Worker("trading") as trading,
        Worker("clients") as clients,
    ):
        start_paced("depth", tmp_path, 1, (venue, trading, clients))
        venue.ask("pace", rate=RATE)
        venue.ask("finish")
        samples = trading.ask("seconds", name="frame_to_child_seconds")
        trading.ask("stop")

    assert 0 < len(samples) <= RATE // TRIGGER_EVERY + 1
    assert min(samples) > 0
