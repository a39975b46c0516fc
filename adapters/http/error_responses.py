"""What an endpoint's error, or Flask's, is answered with."""

import logging
from http import HTTPStatus

from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from adapters.api.codes import Code
from adapters.api.shown_text import shown
from adapters.http.problems import (
    CODE_OF_STATUS,
    Problem,
    ProblemError,
    failed,
    internal_error,
    method_not_allowed,
)
from adapters.http.request_head import body_too_long
from adapters.http.request_reading import Request
from adapters.http.response import Response
from domain.errors import TradeExecutorError


logger = logging.getLogger(__name__)


def error_response(request: Request, error: Exception) -> Response:
    """Answer a request that led to an error; one that is our bug is logged, too."""
    match error:
        case ProblemError():
            return error.problem.response()
        case TradeExecutorError():
            problem = failed(error)
        case HTTPException():
            return _refused(request, error)
        case _:
            problem = internal_error()
    if problem.status is HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error(
            "Request failed method=%s path=%s",
            request.method,
            request.path,
            exc_info=error,
        )
    return problem.response()


def problem_of(error: BaseException) -> Problem:
    """Say why one thing of several failed; an error that is our bug is logged."""
    if isinstance(error, TradeExecutorError):
        return failed(error)
    logger.error("Request failed in part", exc_info=error)
    return internal_error()


def _refused(request: Request, error: HTTPException) -> Response:
    """Answer a request that Flask refuses, or whose body cannot be had."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    match error:
        case MethodNotAllowed():
            allowed = ", ".join(sorted(error.valid_methods or ()))
            problem = method_not_allowed(request.method, request.path)
            return problem.response(("Allow", allowed))
        case RequestEntityTooLarge():
            return body_too_long().response()
        case NotFound():
            detail = f"there is nothing at {shown(request.path)}"
        case _:
            detail = error.description or status.phrase
    code = CODE_OF_STATUS.get(status, Code.INTERNAL_ERROR)
    return Problem(status=status, code=code, detail=detail).response()
