"""The operator's page in a real browser, as a person uses it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.system.waiting import eventually


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
DRIVER = shutil.which("chromedriver")

WITHIN_SECONDS = 5.0

MEDDLER = (Path(__file__).parent / "meddler.js").read_text(encoding="utf-8")
"""Runs in the page before anything of its own: trouble on demand."""

FIND = """
const [selector, text] = arguments;
const isShown = node => node.getClientRects().length > 0;
return [...document.querySelectorAll(selector)].find(node =>
  isShown(node) && node.textContent.replace(/\\s+/g, ' ').includes(text)) ?? null;
"""


def start_browser() -> Chrome:
    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "--hide-scrollbars",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options=options, service=ChromeService(DRIVER))
    browser.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": MEDDLER}
    )
    return browser


class Page:
    """The page of one service."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = url

    def open(self, *, meddle: dict[str, Any] | None = None) -> None:
        """Load it as a new user would; ``meddle`` says which trouble there is."""
        self.browser.get("about:blank")
        self.size(1280, 800)
        self.browser.get(f"{self.url}/healthz")
        self.run("sessionStorage.clear(); localStorage.clear();")
        self.meddle(meddle or {})
        self.browser.get(f"{self.url}/")

    def meddle(self, trouble: dict[str, Any]) -> None:
        """Say which trouble there is from now on."""
        self.run("localStorage.setItem('meddle', arguments[0])", json.dumps(trouble))

    def open_live(self) -> None:
        """Load it, and wait until it shows the orders."""
        self.open()
        self.await_live()

    def await_live(self) -> None:
        self.await_text(".link", "Live")
        self.await_gone("Reading orders")

    def size(self, width: int, height: int, *, is_dark: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1}
        is_phone = {"mobile": width < 700}
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", metrics | is_phone
        )
        scheme = {
            "name": "prefers-color-scheme",
            "value": "dark" if is_dark else "light",
        }
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [scheme]}
        )

    def run(self, script: str, *arguments: Any) -> Any:
        return self.browser.execute_script(script, *arguments)

    def find(self, selector: str, text: str = "") -> Any:
        """Return the first element in sight that says this, or None."""
        return self.run(FIND, selector, text)

    def await_text(self, selector: str, text: str) -> Any:
        try:
            return self.await_true(
                lambda: self.find(selector, text), f"{selector} says {text!r}"
            )
        except AssertionError as late:
            late.add_note(f"the page: {self.text()[:2000]!r}")
            raise

    def await_gone(self, text: str) -> None:
        eventually(
            lambda: self.find("body", text) is None,
            within_seconds=WITHIN_SECONDS,
            what=f"{text!r} is gone",
        )

    def await_true(self, look: Callable[[], object], what: str) -> Any:
        return eventually(look, within_seconds=WITHIN_SECONDS, what=what)

    def text(self) -> str:
        text: str = self.run("return document.body.innerText")
        return text

    def click(self, text: str, selector: str = "button") -> None:
        """Press what says this, when it is there and can be pressed."""

        def press() -> bool:
            found = self.find(selector, text)
            return found is not None and bool(
                self.run(
                    "if (arguments[0].disabled) return false;"
                    "arguments[0].click(); return true",
                    found,
                )
            )

        self.await_true(press, f"{selector} {text!r} can be pressed")

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.browser, duration=0).send_keys(*keys).perform()

    def type_into(self, selector: str, text: str) -> None:
        """Replace what stands in a field."""
        field = self.await_text(selector, "")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)

    def is_off(self, text: str) -> bool:
        """Whether a button is there and cannot be pressed."""
        found = self.find("button", text)
        return found is not None and not found.is_enabled()

    def complaints(self) -> list[str]:
        """Return errors of scripts and refused content; an answer of 4xx is neither."""
        return [
            entry["message"]
            for entry in self.browser.get_log("browser")  # type: ignore[no-untyped-call] # selenium's
            if entry["level"] == "SEVERE"
            and "Failed to load resource" not in entry["message"]
        ]

    def heap_bytes(self) -> float:
        """Return how much the page's scripts hold after a collection."""
        self.browser.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
        return float(self.metrics()["JSHeapUsedSize"])

    def metrics(self) -> dict[str, float]:
        self.browser.execute_cdp_cmd("Performance.enable", {})
        found = self.browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return {one["name"]: one["value"] for one in found}

    def wait_frames(self, count: int) -> None:
        """Wait until the page was drawn so many times."""
        self.browser.execute_async_script(
            "let [left, done] = arguments;"
            "const next = () => left-- > 0 ? requestAnimationFrame(next) : done();"
            "next();",
            count,
        )
