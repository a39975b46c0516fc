"""The top of the tree: ledger, gateway, manager, and one supervisor per symbol."""

import logging

from actors import names
from actors.messages.lifecycle import Drain, StopIntake
from actors.runtime.runtime import ActorContext, ActorEnded
from actors.supervision.specifications import ChildSpec, RestartBudget, Strategy
from actors.supervision.supervisor import Supervisor
from domain.errors import TenureLostError


logger = logging.getLogger(__name__)


class RootSupervisor(Supervisor):
    """Owns all actors of the service, directly or through a symbol's supervisor.

    Owns: ledger, gateway, manager, symbol supervisors; one-for-one.
    Receives: ActorEnded, RestartPauseOver, Drain.
    Sends: StopIntake to the manager, Drain to symbol supervisors, stop messages.
    Asks: nobody.
    Ends: after Drain; or by failing, when the vital actors fail too often, which ends
        the process. A symbol supervisor that gives up only rests for a while.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        specs: tuple[ChildSpec, ...],
        budget: RestartBudget,
    ) -> None:
        super().__init__(
            context=context, specs=specs, strategy=Strategy.ONE_FOR_ONE, budget=budget
        )
        self._drains_in_turn = False

    def begin_drain(self, message: Drain) -> None:
        """Stop intake, let the symbols settle, and keep the ledger until last."""
        self._is_ending = True
        self._drains_in_turn = True
        self._to_start.clear()
        self.context.tell(names.MANAGER, StopIntake())
        for name, address in self._living.items():
            if self._is_symbol(name):
                address.tell(message)
        self.go_on_ending()

    def go_on_ending(self) -> None:
        """Stop the vital actors one after the other, the last one started first."""
        left = [name for name in self._specs if name in self._living]
        may_go_on = self._drains_in_turn and not self._stopping
        if may_go_on and left and not self._has_symbols():
            self.stop_child(left[-1])
        super().go_on_ending()

    def child_ended_early(self, ended: ActorEnded) -> None:
        """Start the ledger or the gateway again: executors wait for their answers."""
        if isinstance(ended.failure, TenureLostError):
            self._drains_in_turn = False  # nothing more can be settled
            self.end_for_good(ended.failure)
            return
        is_vital = ended.name == names.LEDGER or ended.name.startswith(names.GATEWAY)
        is_needed = is_vital and self._has_symbols()
        if self._drains_in_turn and is_needed and self.may_restart():
            logger.error("Actor ended name=%s cause=%r", ended.name, ended.failure)
            self._living[ended.name] = self.start_child(self._specs[ended.name])

    def _has_symbols(self) -> bool:
        return any(self._is_symbol(name) for name in self._living)

    @staticmethod
    def _is_symbol(name: str) -> bool:
        return name.startswith(names.SYMBOL_SUPERVISOR)
