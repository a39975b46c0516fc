"""Requests that count at once, although a child in flight may still fill."""

from actors.executor.order_journal import OrderJournal
from actors.executor.requests import Requests
from domain.orders.next_action import Stopping
from domain.orders.order import OrderStatus
from domain.reasons import EndReason


def note_at_once(requests: Requests, journal: OrderJournal, stopping: Stopping) -> None:
    """Record pauses and cancels; each is answered when that is on disk."""
    for pause in requests.take_pauses():
        answer = journal.pause(pause.command)
        requests.answer_with(pause, answer, journal.is_on_disk)
    cancels = requests.take_cancels()
    if journal.known().status is not OrderStatus.PENDING_CANCEL:
        if cancels:
            journal.request_cancel()
        elif stopping is Stopping.CANCEL:
            journal.request_cancel(EndReason.CANCELED_AT_STOP)
    for cancel in cancels:
        requests.answer_with(cancel, journal.known(), journal.is_on_disk)
