"""What the venue is asked besides children: balances, and what it has recorded."""

from collections import deque
from typing import Final

from actors.messages.lives import TimerDue
from actors.messages.venue import AccountCall, ActivityCall, ActivityRead
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import Place


ACCOUNT: Final = "account"
"""What the timer says."""

ACCOUNT_SECONDS: Final = 30.0
"""Between readings of the balances."""


class Questions:
    """Which of them waits for a worker."""

    def __init__(
        self, place: Place, address: ActorAddress, *, reads_account: bool
    ) -> None:
        self._place = place
        self._address = address
        self._waiting: deque[AccountCall | ActivityCall] = deque()
        if reads_account:
            self.ask_account()

    def __bool__(self) -> bool:
        """Whether something waits to be asked."""
        return bool(self._waiting)

    def ask_account(self) -> None:
        """Have the balances read."""
        self._waiting.append(AccountCall())

    def add(self, call: ActivityCall) -> None:
        """Have the venue's records read."""
        self._waiting.append(call)

    def next_call(self) -> AccountCall | ActivityCall:
        """Take out the next question."""
        return self._waiting.popleft()

    def account_answered(self) -> None:
        """Plan the next reading of the balances."""
        timers = self._place.runtime.timers
        timers.schedule(ACCOUNT_SECONDS, self._address, TimerDue(what=ACCOUNT))

    def lost(self, call: AccountCall | ActivityCall) -> None:
        """Note that nobody will answer: whoever made the call has failed."""
        if isinstance(call, AccountCall):
            self.account_answered()
        else:
            name = self._place.name
            call.reply_to.tell(ActivityRead(worker=name, call=call, activity=None))
