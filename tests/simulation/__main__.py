"""Runs seeds: ``python -m tests.simulation --seeds 0:500 [--trace] [--all]``."""

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable

from domain.ports.store import TradeStore
from tests.simulation.ending import live
from tests.simulation.world import World


def reproduce(seed: int) -> str:
    """Return the one command that shows a failing seed again."""
    return f"python -m tests.simulation --seeds {seed}:{seed + 1} --trace"


def run_seed(
    seed: int,
    trace: Callable[[str], None] | None = None,
    mirror: TradeStore | None = None,
) -> World:
    """Run one world to its end.

    Raises:
        AssertionError: naming the seed and the command that reproduces it.
    """
    world = World(seed, mirror)
    if trace is not None:
        world.trace = world.dispatcher.trace = trace
        trace(repr(world.profile))
    try:
        live(world)
    except Exception as error:
        text = f"seed {seed}: {error}\nreproduce with: {reproduce(seed)}"
        raise AssertionError(text) from error
    return world


def main() -> int:
    """Run the seeds asked for; return the number of failures, at most 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", default="0:500", help="first:end")
    parser.add_argument("--trace", action="store_true", help="print every message")
    parser.add_argument("--all", action="store_true", help="go on after a failure")
    options = parser.parse_args()
    first, _, end = options.seeds.partition(":")
    logging.disable(logging.CRITICAL)  # injected crashes would fill the screen
    started = time.monotonic()
    steps = failures = 0
    counts: Counter[str] = Counter()
    for seed in range(int(first), int(end or int(first) + 1)):
        try:
            world = run_seed(seed, print if options.trace else None)
            steps += world.steps
            counts += world.counts
        except AssertionError as error:
            failures += 1
            print(error, file=sys.stderr)  # noqa: T201 - a command line program
            if not options.all:
                break
    seconds = time.monotonic() - started
    print(f"{options.seeds}: {steps} steps, {failures} failures, {seconds:.1f} s")  # noqa: T201 - the same
    for what, count in sorted(counts.items()):
        print(f"{count:8} {what}")  # noqa: T201 - the same
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
