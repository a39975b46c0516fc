"""What people type to call the program, for the messages that tell them."""

import sys
from typing import Final


INSTALLED: Final = "trade-executor"
IN_SOURCE_TREE: Final = "python run.py"


def program_name() -> str:
    """Return the program's name as it was called."""
    return INSTALLED if sys.argv[:1] == [INSTALLED] else IN_SOURCE_TREE
