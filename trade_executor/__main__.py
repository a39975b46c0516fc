"""``trade-executor`` and ``python -m trade_executor``: runs ``run.py``, as Python does.

The folder of a script comes first on the import path, of its process only. So what is
installed is the source tree, unchanged, and what others have installed under the names
actors, adapters or domain is not in its way.
"""

import runpy
import sys
from pathlib import Path
from typing import Final


PROGRAM: Final = "trade-executor"


def main() -> None:
    """Run the command line; ends the process with the exit code."""
    script = script_above(Path(__file__).resolve())
    sys.argv[0] = PROGRAM  # what --help and messages call it
    sys.path.insert(0, str(script.parent))
    runpy.run_module(script.stem, run_name="__main__")


def script_above(file: Path) -> Path:
    """Return ``run.py``: beside us when installed, one folder up in the source tree."""
    candidates = (folder / "run.py" for folder in file.parents)
    return next(script for script in candidates if script.exists())


if __name__ == "__main__":
    main()
