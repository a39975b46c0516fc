"""The calls about the service itself: what is traded, books, health, descriptions."""

from http import HTTPStatus
from typing import Final

from adapters.api.bodies import ListAnswer
from adapters.api.calls import DISK, Answer, Call, limit
from adapters.api.codes import Code
from adapters.api.markets import BookAnswer, SymbolAnswer
from adapters.api.service import HealthAnswer, ReadinessAnswer
from domain.reasons import RefusalCode


LEVELS_DEFAULT: Final = 20
LEVELS_MAX: Final = 5000

_MARKETS: Final = "Markets"
_SERVICE: Final = "Service"

LIST_SYMBOLS: Final = Call(
    name="listSymbols",
    method="GET",
    path="/api/v1/symbols",
    topic=_MARKETS,
    summary="List what is traded, with the venue's rules",
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="All of it.",
            body=ListAnswer[SymbolAnswer],
        ),
    ),
    codes=DISK,
)
READ_BOOK: Final = Call(
    name="readBook",
    method="GET",
    path="/api/v1/symbols/{symbol}/book",
    topic=_MARKETS,
    summary="Read the best levels of a book, and whether it is usable",
    query=(limit(LEVELS_DEFAULT, LEVELS_MAX),),
    answers=(Answer(status=HTTPStatus.OK, description="The book.", body=BookAnswer),),
    codes=DISK | {RefusalCode.UNKNOWN_SYMBOL},
    other_status={RefusalCode.UNKNOWN_SYMBOL: HTTPStatus.NOT_FOUND},
)
READ_HEALTH: Final = Call(
    name="readHealth",
    method="GET",
    path="/healthz",
    topic=_SERVICE,
    is_open=True,
    summary="Ask whether the process answers",
    answers=(Answer(status=HTTPStatus.OK, description="It does.", body=HealthAnswer),),
    checks_query=False,
)
READ_READINESS: Final = Call(
    name="readReadiness",
    method="GET",
    path="/readyz",
    topic=_SERVICE,
    summary="Ask whether orders are taken in, and which symbols can trade",
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="Orders are taken in, and a symbol can trade.",
            body=ReadinessAnswer,
        ),
        Answer(
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            description="Orders are not taken in, or no symbol can trade.",
            body=ReadinessAnswer,
        ),
    ),
    codes=frozenset({RefusalCode.TIMEOUT, Code.UNAVAILABLE, RefusalCode.STOPPING}),
    checks_query=False,
)
READ_METRICS: Final = Call(
    name="readMetrics",
    method="GET",
    path="/metrics",
    topic=_SERVICE,
    summary="Read the metrics, for Prometheus",
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="In Prometheus' text format.",
            body={"type": "string"},
            content_type="text/plain",
        ),
    ),
    checks_query=False,
)
READ_DESCRIPTION: Final = Call(
    name="readDescription",
    method="GET",
    path="/openapi.json",
    topic=_SERVICE,
    is_open=True,
    summary="Read this description",
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="An OpenAPI 3.1 document.",
            body={"type": "object"},
        ),
    ),
    checks_query=False,
)
SERVICE_CALLS: Final = (
    LIST_SYMBOLS,
    READ_BOOK,
    READ_HEALTH,
    READ_READINESS,
    READ_METRICS,
    READ_DESCRIPTION,
)
