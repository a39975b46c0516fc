"""``run.py`` with actors that can be made to fail: by their names, on its stdin.

``python -m tests.system.poisoned_service`` takes the options of ``run.py``. Everything
is as it is there; each line that comes in kills the actor of that name. After "panic "
the name is of one that is to meet what is no ``Exception``; "thread" ends a thread of
nobody's, and after "thread " comes the beginning of the name of one of ours.
"""

import ctypes
import sys
import threading
from typing import Self

import run
from run import Service


class PoisonedService(Service):
    def __enter__(self) -> Self:
        entered = super().__enter__()
        threading.Thread(target=self._poison, daemon=True).start()
        return entered

    def _poison(self) -> None:
        for line in sys.stdin:
            what, _, name = line.strip().rpartition(" ")
            if name == "thread":
                threading.Thread(target=_fail, name="unlucky").start()
            elif what == "thread":
                _raise_in(name)
            else:
                # No actor understands a plain object: it raises, as a bug would.
                self.directory.tell(name, Poison() if what else object())


class Poison:
    """Whoever says that it does not understand this, panics."""

    def __repr__(self) -> str:
        raise SystemExit(0)


def _fail() -> None:
    raise SystemExit(0)


def _raise_in(name: str) -> None:
    """Have a thread meet SystemExit at its next step, wherever that is."""
    for thread in threading.enumerate():
        if thread.name.startswith(name):
            known, error = (
                ctypes.c_ulong(thread.ident or 0),
                ctypes.py_object(SystemExit),
            )
            ctypes.pythonapi.PyThreadState_SetAsyncExc(known, error)
            return


if __name__ == "__main__":
    # serve() makes one by this name
    run.Service = PoisonedService  # type: ignore[misc] # see above
    sys.exit(run.main())
