"""What an endpoint's error, or Flask's, is answered with."""

import logging
from http import HTTPStatus

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from adapters.http.problems import (
    CODE_OF_STATUS,
    Code,
    Problem,
    ProblemError,
    failed,
    internal_error,
    shown,
)
from adapters.http.request_reading import BODY_BYTES_MAX, Request
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


def _refused(request: Request, error: HTTPException) -> Response:
    """Answer a request that Flask refuses, or whose body cannot be had."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    code = CODE_OF_STATUS.get(status, Code.INTERNAL_ERROR)
    match code:
        case Code.UNKNOWN_PATH:
            detail = f"there is nothing at {shown(request.path)}"
        case Code.METHOD_NOT_ALLOWED:
            detail = f"{shown(request.method)} cannot be done at {shown(request.path)}"
        case Code.BODY_TOO_LARGE:
            detail = f"the body is longer than {BODY_BYTES_MAX} bytes"
        case _:
            detail = error.description or status.phrase
    problem = Problem(status=status, code=code, detail=detail)
    if isinstance(error, MethodNotAllowed):
        return problem.response(("Allow", ", ".join(sorted(error.valid_methods or ()))))
    return problem.response()
