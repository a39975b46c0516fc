"""Calls a WSGI application from the loop, and awaits its answers."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from adapters.http.call_rounds import CallRounds, Wakes
from adapters.http.deferred_response import DeferredBody
from adapters.http.problems import internal_error
from adapters.http.server_options import ServerOptions
from adapters.http.wire_response import Answer, answer_of


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

T = TypeVar("T")

logger = logging.getLogger(__name__)

URGENT_THREADS: Final = 2
"""For readiness and metrics, besides those for everything else."""

_NAMES: Final = "http-call"


class ApplicationCalls:
    """Makes calls in the loop if they never wait, and else in threads."""

    def __init__(
        self, application: "WSGIApplication", options: ServerOptions, threads: int
    ) -> None:
        """Prepare; belongs to the running loop.

        Args:
            application: called by several threads at a time.
            options: which calls never wait, and which are urgent.
            threads: for calls that may wait.
        """
        self._application: Final = application
        self._options: Final = options
        self._loop: Final = asyncio.get_running_loop()
        self._rounds: Final = CallRounds(
            self._loop, options.run_woken_actors, options.slice_seconds
        )
        self._wakes: Final = Wakes(self._loop)
        self._threads: Final = ThreadPoolExecutor(threads, _NAMES)
        self._urgent_threads: Final = ThreadPoolExecutor(URGENT_THREADS, _NAMES)
        self._in_threads = 0

    async def answer(self, environ: "WSGIEnvironment") -> Answer:
        """Return the application's answer; 500 if it broke."""
        call = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        is_urgent = call in self._options.urgent_calls
        answer = Answer()
        try:
            if call in self._options.non_blocking_calls:
                begin = partial(self._begin, environ, answer)
                body = await self._rounds.call(begin, is_urgent=is_urgent)
                if type(body) is DeferredBody:
                    await self._until_ready(body)
                    self._rounds.begin()
                answer.read(body)
            else:
                await self._answer_in_thread(environ, answer, is_urgent=is_urgent)
        except Exception:
            logger.exception("Request failed")
            return answer_of(internal_error())
        return answer

    def close(self) -> None:
        """End the threads; those that still wait for something end by themselves."""
        for threads in (self._threads, self._urgent_threads):
            threads.shutdown(wait=not self._in_threads, cancel_futures=True)

    def _begin(self, environ: "WSGIEnvironment", answer: Answer) -> Iterable[bytes]:
        return self._application(environ, answer.start)

    async def _answer_in_thread(
        self, environ: "WSGIEnvironment", answer: Answer, *, is_urgent: bool
    ) -> None:
        def begin() -> Iterable[bytes]:
            body = self._begin(environ, answer)
            if type(body) is not DeferredBody:
                answer.read(body)
            return body

        threads = self._urgent_threads if is_urgent else self._threads
        body = await self._run(threads, begin)
        if type(body) is DeferredBody:
            await self._until_ready(body)
            await self._run(threads, partial(answer.read, body))

    async def _until_ready(self, body: DeferredBody) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()
        if body.when_ready(partial(self._wakes.wake, waiter)):
            await waiter

    async def _run(self, threads: ThreadPoolExecutor, function: Callable[[], T]) -> T:
        self._in_threads += 1
        running = self._loop.run_in_executor(threads, function)
        running.add_done_callback(self._ended)
        return await running

    def _ended(self, _: object) -> None:
        self._in_threads -= 1
