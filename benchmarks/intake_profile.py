"""What placing an order costs each thread: ``python -m benchmarks.intake_profile``.

The service and the clients are those of the ``intake`` row. To see which code it is
that a thread runs, attach a sampling profiler to the process that this names.
"""

from collections.abc import Mapping
from typing import Final

from benchmarks.order_intake import BODY, CLIENTS, MARKET_RATE
from benchmarks.scratch import scratch
from benchmarks.worker import Worker


SECONDS: Final = 15.0
SHOWN_US_MIN: Final = 1.0


def main() -> None:
    """Place orders for a while, and print the microseconds of CPU for each."""
    with (
        scratch() as folder,
        Worker("venue") as venue,
        Worker("trading") as trading,
        Worker("clients") as clients,
    ):
        loaded = venue.ask("load", kind="depth", count=3_000, made_up=True)
        started = trading.ask(
            "start",
            database=str(folder / "intake.db"),
            port=loaded["port"],
            feed="depth",
        )
        venue.ask("pace", rate=MARKET_RATE)
        trading.ask("await_orders", count=0)
        load = {
            "url": started["url"] + "/api/v1/orders",
            "body": BODY,
            "connections": CLIENTS,
        }
        clients.ask("post", **load, seconds=1.0)
        print(f"process {trading.pid}, for {SECONDS:g} s")
        before = trading.ask("threads")
        placed = clients.ask("post", **load, seconds=SECONDS)
        _print(before, trading.ask("threads"), placed["requests"])
        trading.ask("stop")


def _print(
    before: Mapping[str, float], after: Mapping[str, float], orders: int
) -> None:
    each = {
        name: (seconds - before.get(name, 0.0)) / orders * 1e6
        for name, seconds in after.items()
    }
    for name, us in sorted(each.items(), key=lambda one: -one[1]):
        if us >= SHOWN_US_MIN:
            print(f"{us:7.1f} us  {name}")
    print(f"{sum(each.values()):7.1f} us  all, {orders / SECONDS:,.0f} orders/s")


if __name__ == "__main__":
    main()
