"""The files of the pages: scripts, style sheets, and the pages themselves."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from adapters.access.scopes import Scope
from adapters.http.request_reading import Request
from adapters.http.response import Response
from adapters.http.routes import Route


FOLDER: Final = Path(__file__).parent / "static"
PREFIX: Final = "/static/"
PAGES: Final[Mapping[str, str]] = MappingProxyType(
    {"/": "page/index.html", "/docs": "docs/index.html"}
)
"""Path of each page, and its file."""

CONTENT_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".woff2": "font/woff2",
    }
)
"""Of files by their names' ends; files of other kinds are not served."""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""A page loads and calls nothing but this service, runs no script that was put into its
text, and stands in no other page."""

OWN_HEADERS: Final = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-cache"),
)
"""In place of those that every answer has, and besides them."""


class _File(NamedTuple):
    content: bytes
    tag: str


class StaticFiles:
    """Serves the files of a folder, and pages among them under paths of their own.

    Each file has a route, so that no path of a request ever becomes one of the disk. A
    browser asks each time whether its copy is still right, and is told so by 304.
    """

    def __init__(self, folder: Path = FOLDER, pages: Mapping[str, str] = PAGES) -> None:
        """Read nothing yet but the folder.

        Args:
            folder: of the files.
            pages: files by further paths.
        """
        self._folder = folder
        self._pages = pages
        self._files: dict[str, _File] = {}

    def routes(self) -> Sequence[Route]:
        """Return a route for each file and each page."""
        paths = {PREFIX + name: name for name in self._names()} | dict(self._pages)
        return [
            Route("GET", path, partial(self._serve, name), Scope.READ)
            for path, name in paths.items()
        ]

    def _names(self) -> Iterable[str]:
        for file in sorted(self._folder.rglob("*")):
            if file.suffix in CONTENT_TYPES and file.is_file():
                yield file.relative_to(self._folder).as_posix()

    def _serve(self, name: str, request: Request) -> Response:
        file = self._files.get(name) or self._read(name)
        headers = (*OWN_HEADERS, ("ETag", file.tag))
        if file.tag in request.environ.get("HTTP_IF_NONE_MATCH", ""):
            return Response.without_body(HTTPStatus.NOT_MODIFIED, headers)
        kind = CONTENT_TYPES[Path(name).suffix]
        return Response(file.content, kind, HTTPStatus.OK, headers)

    def _read(self, name: str) -> _File:
        content = (self._folder / name).read_bytes()
        file = _File(content, f'"{hashlib.sha256(content).hexdigest()}"')
        self._files[name] = file
        return file
