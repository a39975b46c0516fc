"""The audit trail, for whoever may do everything."""

from collections.abc import Sequence
from typing import Protocol

from adapters.access.audit_log import AuditEntry
from adapters.api.audit import AuditEntryAnswer
from adapters.api.audit_calls import READ_AUDIT
from adapters.api.bodies import ListAnswer
from adapters.http.paging import read_page_wanted, refusing_cursors
from adapters.http.request_reading import Request
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from domain.pages import Page, PageWanted


class AuditReader(Protocol):
    """Reads the trail; any thread may call."""

    def page(self, wanted: PageWanted) -> Page[AuditEntry]:
        """Read a page of it, newest first.

        Raises:
            InvalidRequestError: the cursor is not one of this list.
            StoreUnavailableError: it cannot be read now.
        """
        ...


class AuditEndpoints:
    """Read the audit trail."""

    def __init__(self, trail: AuditReader) -> None:
        self._trail = trail

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (route_of(READ_AUDIT, self.read),)

    def read(self, request: Request) -> Response:
        """Return a page of the trail, newest first."""
        wanted = read_page_wanted(request, READ_AUDIT)
        with refusing_cursors():
            found = self._trail.page(wanted)
        items = [AuditEntryAnswer.of(entry) for entry in found.items]
        return json_response(ListAnswer(items=items, next_cursor=found.next_cursor))
