"""The messages that an executor receives."""

from actors.messages.client_requests import GetExecutor, OrderRequest
from actors.messages.gateway import ChildAnswered, ChildUnknown
from actors.messages.ledger import ChildHistoryLoaded, OrderLoaded, Written
from actors.messages.lifecycle import Drain
from actors.messages.reconciliation import BreakFound
from actors.messages.routing import Offer, RouterStarted, Withdrawn
from actors.messages.timers import AlgorithmDue, BackoffOver, ExpiryDue, RereadDue
from actors.runtime.addresses import NameTaken


ExecutorMessage = (
    Offer
    | Written
    | ChildAnswered
    | ChildUnknown
    | RouterStarted
    | Withdrawn
    | OrderRequest
    | BreakFound
    | ChildHistoryLoaded
    | OrderLoaded
    | NameTaken
    | ExpiryDue
    | BackoffOver
    | AlgorithmDue
    | RereadDue
    | GetExecutor
    | Drain
)
