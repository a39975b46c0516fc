"""``python -m tests.chaos --kills 200 --seed 1``: kills under faults, then an audit.

Service and simulated exchange are processes of their own. The exchange's audit is the
only truth: at the end the service's fills have to be its trades, order by order.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.report import findings, reproduce, summary
from tests.chaos.running import run_chaos


def main() -> int:
    """Run; return 1 when anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, help="drawn when not given")
    parser.add_argument("--keep", action="store_true", help="the folder, in any case")
    options = parser.parse_args()
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    sys.stdout.write(f"seed {seed}, {options.kills} kills, everything in {folder}\n")
    sys.stdout.flush()
    try:
        outcome = run_chaos(folder, kills=options.kills, seed=seed)
    except BaseException:
        sys.stdout.write(f"the same again: {reproduce(seed, options.kills)}\n")
        raise
    sys.stdout.write(f"{summary(outcome)}\n")
    if outcome.differences:
        sys.stdout.write(f"\n{findings(outcome)}\n")
    elif not options.keep:
        shutil.rmtree(folder)
    return 1 if outcome.differences else 0


if __name__ == "__main__":
    sys.exit(main())
