"""Answers that are still to come when the application has returned.

One thread waiting for the disk per request would be too many: dozens of them would wake
at each commit and compete for the GIL. So an endpoint returns the future that it has,
and the thread serves the next request.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.http.error_responses import error_response
from adapters.http.request_reading import Request
from adapters.http.response import Response


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

T = TypeVar("T")


class DeferredResponse:
    """The response of an endpoint that has to wait.

    To WSGI it is an ordinary application: a server that does not know it starts to read
    the body, and waits there. Ours asks first (``DeferredBody.when_ready``).
    """

    __slots__ = ("_answer", "_on_response", "_outcome")

    def __init__(self, outcome: Future[T], answer: Callable[[T], Response]) -> None:
        """Wait for nothing yet.

        Args:
            outcome: what the answer is made from; its error is answered like one that
                the endpoint itself raised.
            answer: makes the answer.
        """
        self._outcome: Future[Any] = outcome
        self._answer: Callable[[Any], Response] = answer
        self._on_response: Callable[[Response], object] | None = None

    def watch(
        self,
        on_response: Callable[[Response], object],
        on_outcome: Callable[["DeferredResponse"], object],
    ) -> None:
        """Be told of the response.

        Args:
            on_response: given it, when a client is answered.
            on_outcome: told once by any thread when it can be had, even if the client
                has gone.
        """
        self._on_response = on_response
        self._outcome.add_done_callback(lambda _: on_outcome(self))

    def respond(self, request: Request) -> Response:
        """Wait for the outcome, and make the response."""
        try:
            response = self._answer(self._outcome.result())
        except Exception as error:  # noqa: BLE001 - every error has its answer
            response = error_response(request, error)
        if self._on_response is not None:
            self._on_response(response)
        return response

    def when_done(self, call: Callable[[], object]) -> bool:
        """Have ``call`` called once, by any thread; return False if done already."""
        if self._outcome.done():
            return False
        self._outcome.add_done_callback(lambda _: call())
        return True

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Return the body, which is not ready yet; status and headers come with it."""
        return DeferredBody(self, environ, start_response)


class DeferredBody:
    """The body of an answer that is still to come."""

    __slots__ = ("_environ", "_response", "_start_response")

    def __init__(
        self,
        response: DeferredResponse,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> None:
        self._response = response
        self._environ = environ
        self._start_response = start_response

    def when_ready(self, call: Callable[[], object]) -> bool:
        """Have ``call`` called once, by any thread; return False if ready already."""
        return self._response.when_done(call)

    def __iter__(self) -> Iterator[bytes]:
        """Wait, start the response, and yield the body."""
        response = self._response.respond(Request(self._environ))
        return iter(response(self._environ, self._start_response))


def all_of(outcomes: Sequence[Future[T]]) -> Future[Sequence[Future[T]]]:
    """Return what is done as soon as all of these are, well or badly."""
    whole: Future[Sequence[Future[T]]] = Future()

    def one_is_done(_: object) -> None:
        with lock:
            left.pop()
            is_last = not left
        if is_last:
            whole.set_result(outcomes)

    lock, left = Lock(), [None] * len(outcomes)
    if not outcomes:
        whole.set_result(outcomes)
    for outcome in outcomes:
        outcome.add_done_callback(one_is_done)
    return whole
