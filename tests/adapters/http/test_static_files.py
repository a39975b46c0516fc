"""Files of pages, with headers that keep a page to itself; and what is vendored."""

import hashlib
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from adapters.http.server import HttpServer
from adapters.http.static_files import CONTENT_TYPES, FOLDER, StaticFiles
from tests.adapters.http.answers import problem


VENDOR = FOLDER / "vendor"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
SCRIPT = "/static/docs/docs.js"
PATIENCE_SECONDS = 120
"""Only a failing test waits so long."""


def test_file_is_served_whole_with_its_type(client: FlaskClient) -> None:
    response = client.get(SCRIPT)

    assert response.status_code == 200
    assert response.content_type == "text/javascript; charset=utf-8"
    assert response.data == (FOLDER / "docs" / "docs.js").read_bytes()


@pytest.mark.parametrize("path", ["/docs", SCRIPT])
def test_page_loads_nothing_from_elsewhere_and_stands_in_no_frame(
    client: FlaskClient, path: str
) -> None:
    headers = client.get(path).headers

    policy = dict(
        directive.split(" ", 1)
        for directive in headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_known_file_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(SCRIPT)
    known = {"If-None-Match": f'W/"other", {first.headers["ETag"]}'}

    again = client.get(SCRIPT, headers=known)

    assert first.headers["Cache-Control"] == "no-cache"
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Content-Length" not in again.headers
    assert "Content-Security-Policy" in again.headers


def test_head_of_a_file_has_no_body(client: FlaskClient) -> None:
    head = client.head(SCRIPT)

    assert head.headers["Content-Length"] == str(len(client.get(SCRIPT).data))
    assert head.data == b""


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/docs",
        "/static/vendor/vendored.toml",
        "/static/../static_files.py",
        "/static/%2e%2e/static_files.py",
        "/static/docs/..%2f..%2fstatic_files.py",
        "/static//docs/docs.js",
        "/docs/",
    ],
)
def test_nothing_else_of_the_disk_is_served(client: FlaskClient, path: str) -> None:
    assert problem(client.get(path), 404)["code"] == "UNKNOWN_PATH"


def test_a_file_is_read_only(client: FlaskClient) -> None:
    refused = client.post(SCRIPT, data=b"{}", content_type="application/json")

    assert problem(refused, 405)["code"] == "METHOD_NOT_ALLOWED"


def test_files_of_other_kinds_have_no_route(tmp_path: Path) -> None:
    (tmp_path / "page.js").write_text("1")
    (tmp_path / "secret.key").write_text("2")
    (tmp_path / ".js").write_text("3")

    routes = StaticFiles(tmp_path, {}).routes()

    assert [route.path for route in routes] == ["/static/page.js"]


def test_vendored_files_are_those_that_were_published() -> None:
    listed = tomllib.loads((VENDOR / "vendored.toml").read_text(encoding="utf-8"))
    hashes = {
        f"{name}/{file}": digest
        for name, package in listed.items()
        for file, digest in package["files"].items()
    }

    there = {
        file.relative_to(VENDOR).as_posix(): hashlib.sha256(
            file.read_bytes()
        ).hexdigest()
        for file in VENDOR.rglob("*")
        if file.is_file() and file.name != "vendored.toml"
    }
    assert there == hashes


def test_each_vendored_package_has_a_version_and_its_licence() -> None:
    listed = tomllib.loads((VENDOR / "vendored.toml").read_text(encoding="utf-8"))

    for name, package in listed.items():
        assert package["version"]
        assert package["licence"]
        assert any("LICENSE" in file for file in package["files"]), name


def test_files_of_our_own_name_no_other_host() -> None:
    own = [
        file
        for file in FOLDER.rglob("*")
        if file.suffix in CONTENT_TYPES and VENDOR not in file.parents
    ]

    assert own
    for file in own:
        assert "//" not in file.read_text(encoding="utf-8").replace("// ", ""), file


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")
def test_docs_show_the_description_in_a_browser(
    server: HttpServer, tmp_path: Path
) -> None:
    assert CHROMIUM is not None
    ran = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}",
            "--virtual-time-budget=20000",
            "--enable-logging=stderr",
            "--dump-dom",
            f"{server.url}/docs",
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )

    assert "Place an order" in ran.stdout
    assert "Stop all child orders" in ran.stdout
    assert "Content Security Policy" not in ran.stderr
    assert "CONSOLE" not in ran.stderr
