"""What all lists have in common: a limit, and a cursor from the page before."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from adapters.api.calls import Call
from adapters.http.request_reading import (
    Request,
    bad_parameter,
    read_limit,
    read_parameters,
)
from domain.errors import InvalidRequestError
from domain.pages import PAGE_MAX, PageWanted


_CURSOR: Final = re.compile(r"[!-~]{1,200}")


def read_page_wanted(request: Request, call: Call) -> PageWanted:
    """Read which page of a list is asked for, by parameters and nothing else."""
    return page_wanted(read_parameters(request, call))


def page_wanted(parameters: dict[str, str]) -> PageWanted:
    """Read which page is asked for, from parameters that may say more."""
    return PageWanted(
        limit=read_limit(parameters, PAGE_MAX, PAGE_MAX),
        cursor=read_cursor(parameters),
    )


def read_cursor(parameters: Mapping[str, str]) -> str | None:
    """Read where a page begins; None: with the first entry."""
    cursor = parameters.get("cursor")
    if cursor is not None and _CURSOR.fullmatch(cursor) is None:
        raise bad_parameter("cursor", "is not one that a list returned")
    return cursor


@contextmanager
def refusing_cursors() -> Iterator[None]:
    """Refuse a cursor that whoever reads the list inside does not know."""
    try:
        yield
    except InvalidRequestError as error:
        raise bad_parameter("cursor", "is not one that a list returned") from error
