"""The program's name, as people type it and as it is installed, and its version."""

import sys
from importlib import metadata
from typing import Final


INSTALLED: Final = "trade-executor"
IN_SOURCE_TREE: Final = "python run.py"


def program_name() -> str:
    """Return the program's name as it was called."""
    return INSTALLED if sys.argv[:1] == [INSTALLED] else IN_SOURCE_TREE


def version() -> str:
    """Return the installed version; says so where nothing is installed."""
    try:
        return metadata.version(INSTALLED)
    except metadata.PackageNotFoundError:
        return "(not installed: run make setup)"
