"""The end of an inbox: what it took in is looked at, and the rest is refused."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pykka
import pytest

from actors.runtime.mailbox import Inbox, Mailbox


MAKERS: list[Callable[[], Inbox]] = [
    Inbox,
    lambda: Mailbox(None, list[object]().append),
]


@pytest.fixture(params=MAKERS, ids=["inbox", "mailbox"])
def inbox(request: pytest.FixtureRequest) -> Inbox:
    made: Inbox = request.param()
    return made


@dataclass
class Letter:
    """As much of Pykka's envelope as an inbox looks at."""

    message: Any
    reply_to: "pykka.Future[Any] | None" = None


def test_what_was_put_before_the_close_stays_readable(inbox: Inbox) -> None:
    inbox.put(Letter("early"))

    left = inbox.close()

    assert [one.message for one in left] == ["early"]
    assert (len(inbox), inbox.empty()) == (1, False)
    assert inbox.get().message == "early"
    assert inbox.empty()


def test_what_is_put_after_the_close_is_refused(inbox: Inbox) -> None:
    inbox.close()

    with pytest.raises(pykka.ActorDeadError):
        inbox.put(Letter("late"))

    assert inbox.empty()


def test_a_question_after_the_close_is_answered_with_the_death(inbox: Inbox) -> None:
    answer: pykka.ThreadingFuture[Any] = pykka.ThreadingFuture()
    inbox.close()

    inbox.put(Letter("late", reply_to=answer))

    with pytest.raises(pykka.ActorDeadError):
        answer.get(timeout=0)


def test_every_message_of_many_threads_is_either_seen_or_refused(inbox: Inbox) -> None:
    producers, each = 4, 2_000
    accepted: list[list[int]] = [[] for _ in range(producers)]
    half = threading.Semaphore(0)

    def produce(number: int) -> None:
        for message in range(number * each, (number + 1) * each):
            if message % each == each // 2:
                half.release()
            try:
                inbox.put(Letter(message))
            except pykka.ActorDeadError:
                return
            accepted[number].append(message)

    threads = [threading.Thread(target=produce, args=(n,)) for n in range(producers)]
    for thread in threads:
        thread.start()
    assert half.acquire(timeout=10)
    seen = [one.message for one in inbox.close()]
    for thread in threads:
        thread.join()

    assert sorted(seen) == sorted(itertools.chain(*accepted))
