"""The call that reads the audit trail."""

from http import HTTPStatus
from typing import Final

from adapters.access.scopes import Scope
from adapters.api.audit import AuditEntryAnswer
from adapters.api.bodies import ListAnswer
from adapters.api.calls import CURSOR, DISK, Answer, Call, limit
from domain.pages import PAGE_MAX


READ_AUDIT: Final = Call(
    name="readAudit",
    method="GET",
    path="/api/v1/audit",
    topic="Operator",
    own_scope=Scope.ADMIN,
    summary="Read who made which call that may have changed something, newest first",
    description=(
        "A call is there within about a second. Calls that were refused for want of a "
        "good token, or for the page that made them, are not."
    ),
    query=(limit(PAGE_MAX), CURSOR),
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="A page.",
            body=ListAnswer[AuditEntryAnswer],
        ),
    ),
    codes=DISK,
)
AUDIT_CALLS: Final = (READ_AUDIT,)
