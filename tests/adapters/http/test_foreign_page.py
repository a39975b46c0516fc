"""Pages in a real browser: those of others get nothing done, one of our own does."""

import http.client
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from adapters.http.server import HttpServer
from domain.risk.halt import NEVER_HALTED
from tests.adapters.http.fakes import FakeDesk


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
PATIENCE_SECONDS = 60
"""Only a failing test waits so long."""

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium on this machine"
)

PAGE = """<!doctype html><title>page</title><iframe name="sink"></iframe><script>
const service = "SERVICE";
const order = JSON.stringify({symbol: "BNBUSDT", side: "SELL", price: "270",
                              quantity: "1"});
const json = {"Content-Type": "application/json"};
const calls = {
  place: ["/api/v1/orders", {method: "POST", headers: json, body: order}],
  place_as_text: ["/api/v1/orders", {method: "POST", mode: "no-cors", body: order}],
  original: ["/SellOrder", {method: "POST", mode: "no-cors", body: order}],
  cancel: ["/api/v1/orders/01ABC", {method: "DELETE"}],
  amend: ["/api/v1/orders/01ABC", {method: "PATCH", headers: json,
                                   body: '{"price":"271"}'}],
  halt: ["/api/v1/halt", {method: "POST", mode: "no-cors"}],
  halt_without_referrer: ["/api/v1/halt", {method: "POST", mode: "no-cors",
                                           referrerPolicy: "no-referrer"}],
  resume: ["/api/v1/resume", {method: "POST", mode: "no-cors"}],
  resume_with_json: ["/api/v1/resume", {method: "POST", headers: json}],
  read: ["/api/v1/orders", {}],
  read_opaque: ["/api/v1/orders/01ABC", {mode: "no-cors"}],
};
function post(path, type) {  // as the forms of old do
  const form = document.createElement("form");
  Object.assign(form, {action: service + path, method: "POST", target: "sink"});
  if (type) { form.enctype = type; }
  document.body.append(form);
  const answered = new Promise(done => document.querySelector("iframe").onload = done);
  form.submit();
  return answered;
}
addEventListener("load", async () => {
  const found = {};
  for (const [name, [path, how]] of Object.entries(calls)) {
    try {
      const answer = await fetch(service + path, how);
      const text = await answer.text();
      found[name] = answer.type === "opaque" ? "opaque" : [answer.status, text];
    } catch (error) { found[name] = "blocked"; }
  }
  navigator.sendBeacon(service + "/api/v1/resume");
  navigator.sendBeacon(service + "/api/v1/orders", order);
  await post("/api/v1/resume");
  await post("/api/v1/halt", "text/plain");
  await fetch("/found", {method: "POST", body: JSON.stringify(found)});
});
</script>"""


class Site:
    """A web site of somebody else, on this machine.

    What it does not know it passes on to the service as it comes: so the service sees
    what it would when the site's name is bound to this machine (DNS rebinding), or when
    a tunnel ends here.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.page = ""
        self.found: dict[str, Any] = {}
        self.is_done = threading.Event()
        handler = type("Handler", (_Handler,), {"site": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    site: ClassVar[Site]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, kind, content = 200, "text/html", b""
        if self.path == "/page":
            content = self.site.page.encode()
        elif self.path == "/found":
            self.site.found = json.loads(body)
        elif self.path.startswith(("/api", "/SellOrder")):
            status, kind, content = self._pass_on(body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        if self.path == "/found":
            self.site.is_done.set()

    do_GET = do_POST = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - http.server wants these names

    def _pass_on(self, body: bytes) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(
            self.site.service.removeprefix("http://"), timeout=PATIENCE_SECONDS
        )
        connection.putrequest(
            self.command, self.path, skip_host=True, skip_accept_encoding=True
        )
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers.get("Content-Type", ""), content

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(server: HttpServer) -> Iterator[Site]:
    site = Site(server.url)
    yield site
    site.close()


Visit = Callable[[str, str], dict[str, Any]]


@pytest.fixture
def visit(site: Site, tmp_path: Path) -> Visit:
    """Return what opens the site's page by a name, and calls the service at a URL."""

    def visit(name: str, service: str) -> dict[str, Any]:
        site.page = PAGE.replace("SERVICE", service)
        assert CHROMIUM is not None
        browser = subprocess.Popen(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--host-resolver-rules=MAP evil.example 127.0.0.1",
                f"--user-data-dir={tmp_path}",
                "--remote-debugging-port=0",  # or it ends when the page is loaded
                f"http://{name}:{site.port}/page",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert site.is_done.wait(PATIENCE_SECONDS)
        finally:
            browser.terminate()
            browser.wait(PATIENCE_SECONDS)
        return site.found

    return visit


def is_untouched(desk: FakeDesk) -> bool:
    commands = (*desk.placed, *desk.canceled, *desk.amended)
    return not commands and desk.switch.halt == NEVER_HALTED


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_page_of_another_site_gets_nothing_done_and_reads_nothing(
    visit: Visit, server: HttpServer, desk: FakeDesk, host: str
) -> None:
    found = visit("evil.example", server.url.replace("127.0.0.1", host))

    assert len(found) == 11
    assert set(found.values()) <= {"blocked", "opaque"}  # an opaque one tells nothing
    assert is_untouched(desk)


def test_page_whose_name_was_rebound_is_refused_every_call(
    visit: Visit, desk: FakeDesk
) -> None:
    found = visit("evil.example", "")  # its own origin, which leads to the service

    assert {name: status for name, (status, _) in found.items()} == dict.fromkeys(
        found, 403
    )
    assert all("HOST_NOT_ALLOWED" in text for _, text in found.values())
    assert is_untouched(desk)


def test_page_at_another_port_of_this_machine_gets_nothing_done(
    visit: Visit, server: HttpServer, desk: FakeDesk
) -> None:
    found = visit("localhost", server.url.replace("127.0.0.1", "localhost"))

    assert set(found.values()) <= {"blocked", "opaque"}
    assert is_untouched(desk)


def test_page_of_our_own_behind_a_tunnel_is_served(
    visit: Visit, desk: FakeDesk
) -> None:
    found = visit("localhost", "")

    assert found["place"][0] == 201
    assert found["cancel"][0] == 200
    assert found["resume_with_json"][0] == 200
    assert found["read"][0] == 200
    assert found["place_as_text"][0] == 415
    assert found["halt"][0] == 415
    assert len(desk.placed) == 1
