"""``run.py`` with actors that can be made to fail: by their names, on its stdin.

``python -m tests.system.poisoned_service`` takes the options of ``run.py``. Everything
is as it is there; each line that comes in kills the actor of that name.
"""

import sys
import threading
from typing import Self

import run


class PoisonedService(run.Service):
    def __enter__(self) -> Self:
        entered = super().__enter__()
        threading.Thread(target=self._poison, daemon=True).start()
        return entered

    def _poison(self) -> None:
        for line in sys.stdin:
            # No actor understands a plain object: it raises, as a bug would.
            self.directory.tell(line.strip(), object())


if __name__ == "__main__":
    run.Service = PoisonedService  # type: ignore[misc] # serve() makes one by this name
    sys.exit(run.main())
