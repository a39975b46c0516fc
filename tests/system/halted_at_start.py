"""``run.py`` that is halted by a client while its open orders are being read.

``python -m tests.system.halted_at_start`` takes the options of ``run.py``.
"""

import sys

import run
from actors.intake.actor_desk import ActorDesk
from actors.messages.client_requests import Recovered
from run import Service
from tests.system.client import Client


REASON = "during the start"


class HaltedAtStart(Service):
    def _recovered(self, desk: ActorDesk) -> Recovered:
        client = Client(self.url)
        client.post("/api/v1/halt", {"reason": REASON})
        client.close()
        return super()._recovered(desk)


if __name__ == "__main__":
    # serve() makes one by this name
    run.Service = HaltedAtStart  # type: ignore[misc] # see above
    sys.exit(run.main())
