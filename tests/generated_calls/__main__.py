"""Has schemathesis call a service of its own, as the service's description says.

``python -m tests.generated_calls SCHEMATHESIS`` (``make generated-calls``) needs that
program, which brings dozens of packages along, so it is no test of ``make test``. It
places, amends and cancels orders and throws the halt switch, on a simulated market.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from adapters.api.stream_calls import FOLLOW_EVENTS
from tests.system.processes import Service


CONFIGURATION: Final = Path(__file__).parent.resolve() / "schemathesis.toml"
"""What is not checked, and why."""


def main(program: str, *options: str) -> int:
    """Return the exit code of schemathesis: 0 if it found nothing."""
    with (
        TemporaryDirectory() as name,
        Service(Path(name) / "orders.db", "--market", "simulated") as service,
    ):
        service.await_trading()
        command = (
            *(program, "--config-file", str(CONFIGURATION)),
            *("run", f"{service.url}/openapi.json"),
            *("--exclude-path", FOLLOW_EVENTS.path),  # it never ends
            *("--continue-on-failure", "--generation-database", ":memory:"),
            *options,
        )
        return subprocess.run(command, check=False, cwd=name).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
