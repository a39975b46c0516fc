import contextlib
import threading
from types import SimpleNamespace

import pytest
from pykka import ActorDeadError

from actors.runtime.mailbox import Mailbox, MailboxPausedError


def drained(mailbox: Mailbox, batch: int = -1) -> list[object]:
    mailbox.batch_left = batch
    read = []
    with contextlib.suppress(MailboxPausedError):
        while True:
            read.append(mailbox.get())
    return read


def test_a_put_between_the_last_get_and_finish_run_asks_for_another_run() -> None:
    runs: list[int] = []
    mailbox = Mailbox(1, runs.append)
    assert drained(mailbox) == []

    mailbox.put("late")
    assert runs == []
    mailbox.finish_run()

    assert runs == [1]
    assert drained(mailbox) == ["late"]


def test_a_put_after_finish_run_asks_for_one_run_only() -> None:
    runs: list[int] = []
    mailbox = Mailbox(1, runs.append)
    mailbox.finish_run()

    mailbox.put("first")
    mailbox.put("second")

    assert runs == [1]
    assert len(mailbox) == 2


def test_a_used_up_batch_leaves_the_rest_for_the_next_run() -> None:
    runs: list[int] = []
    mailbox = Mailbox(1, runs.append)
    for number in range(5):
        mailbox.put(number)

    assert drained(mailbox, batch=3) == [0, 1, 2]
    mailbox.finish_run()

    assert runs == [1]
    assert drained(mailbox) == [3, 4]


def test_nothing_put_before_the_first_run_asks_for_one() -> None:
    runs: list[int] = []
    mailbox = Mailbox(1, runs.append)

    mailbox.put("early")

    assert runs == []
    assert not mailbox.empty()


def test_no_message_of_many_threads_is_lost_and_no_run_overlaps() -> None:
    producers, each = 4, 5_000
    wanted = threading.Semaphore(0)
    mailbox = Mailbox(1, wanted.release)
    received: list[tuple[int, int]] = []

    def produce(producer: int) -> None:
        for number in range(each):
            mailbox.put((producer, number))

    threads = [threading.Thread(target=produce, args=(n,)) for n in range(producers)]
    for thread in threads:
        thread.start()
    received += drained(mailbox, 64)  # type: ignore[arg-type]  # what was put
    mailbox.finish_run()
    while len(received) < producers * each:
        assert wanted.acquire(timeout=10), "messages wait, and nobody is asked to run"
        received += drained(mailbox, 64)  # type: ignore[arg-type]  # what was put
        mailbox.finish_run()
    for thread in threads:
        thread.join()

    for producer in range(producers):
        own = [number for who, number in received if who == producer]
        assert own == list(range(each))


def test_a_run_that_ends_while_a_late_message_is_being_refused_is_the_last() -> None:
    """The sender has put it, and has not taken it back yet."""

    class Interrupted(Mailbox):
        def _take_back(self, envelope: object) -> None:
            self.finish_run()
            super()._take_back(envelope)

    runs: list[object] = []
    mailbox = Interrupted(1, runs.append)
    mailbox.close()

    with pytest.raises(ActorDeadError):
        mailbox.put(SimpleNamespace(reply_to=None))

    assert runs == []
