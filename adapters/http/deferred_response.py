"""Answers that are still to come when the application has returned.

One thread waiting for the disk per request would be too many: dozens of them would wake
at each commit and compete for the GIL. So an endpoint returns the future that it has,
and the thread serves the next request.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
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

    __slots__ = ("_answer", "_outcome")

    def __init__(self, outcome: Future[T], answer: Callable[[T], Response]) -> None:
        """Wait for nothing yet.

        Args:
            outcome: what the answer is made from; its error is answered like one that
                the endpoint itself raised.
            answer: makes the answer.
        """
        self._outcome: Future[Any] = outcome
        self._answer: Callable[[Any], Response] = answer

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Return the body, which is not ready yet; status and headers come with it."""
        return DeferredBody(self._outcome, self._answer, environ, start_response)


class DeferredBody:
    """The body of an answer that is still to come."""

    __slots__ = ("_answer", "_environ", "_outcome", "_start_response")

    def __init__(
        self,
        outcome: Future[Any],
        answer: Callable[[Any], Response],
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> None:
        self._outcome = outcome
        self._answer = answer
        self._environ = environ
        self._start_response = start_response

    def when_ready(self, call: Callable[[], object]) -> bool:
        """Have ``call`` called once, by any thread; return False if ready already."""
        if self._outcome.done():
            return False
        self._outcome.add_done_callback(lambda _: call())
        return True

    def __iter__(self) -> Iterator[bytes]:
        """Wait, start the response, and yield the body."""
        try:
            response = self._answer(self._outcome.result())
        except Exception as error:  # noqa: BLE001 - every error has its answer
            response = error_response(Request(self._environ), error)
        return iter(response(self._environ, self._start_response))
