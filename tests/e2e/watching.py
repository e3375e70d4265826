"""A page that fails its test: on errors, failed requests, broken policies, strangers asked."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

Visit = Callable[..., Any]
"""The fixture ``visit``: opens a page, with its watch as ``page.watch``."""

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
PATIENCE_MS = 30_000
SCRIPT = re.compile(r"/js/main[^/]*\.js")

_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy broken: ${event.violatedDirective} by ${event.blockedURI}`));
"""
_LOADING = re.compile(r"Failed to load resource|Response Status Error Code")


class Watch:
    """What went wrong on one page so far."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.found: list[str] = []
        self._expected: dict[str, set[int]] = {}
        page.add_init_script(_TELL_VIOLATIONS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)

    def expect(self, path: str, *statuses: int) -> None:
        """Let addresses that begin with ``path`` answer with an error."""
        self._expected.setdefault(path, set()).update(statuses)

    def check(self) -> None:
        """Fail with all that went wrong."""
        found, self.found = self.found, []
        assert not found, "\n".join(found)

    def _note(self, text: str) -> None:
        self.found.append(f"{self.page.url}: {text}")

    def _on_console(self, message: ConsoleMessage) -> None:
        # What failed to load is told by its answer.
        if message.type == "error" and not _LOADING.search(message.text):
            self._note(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.origin + "/", "data:", "blob:", "about:")):
            self._note(f"asked a stranger: {request.url}")

    def _on_failure(self, request: Request) -> None:
        # What a new page no longer needs is let go.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"failed: {request.method} {request.url} {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status < 400:
            return
        path = urlsplit(response.url).path
        if any(
            path.startswith(start) and response.status in statuses
            for start, statuses in self._expected.items()
        ):
            return
        self._note(f"{response.status} for {response.request.method} {response.url}")


def wait_until(page: Page, expression: str, arg: Any = None) -> None:
    """Wait until ``expression`` is true of the page.

    Playwright's own wait asks again from within the page, whose policy forbids eval.
    """
    end = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)


AT_REST = """() => {
  const isNear = (one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return one.checkVisibility() && bottom > -200 && top < innerHeight + 200;
  };
  const canvases = [...document.querySelectorAll("[data-map-canvas], [data-place-canvas]")];
  return document.readyState === "complete"
    && document.documentElement.dataset.coming === "0"
    && !document.querySelector(".htmx-request, [aria-busy=true]")
    && canvases.filter(isNear).every((one) => one.matches(".leaflet-container"));
}"""


def rest(page: Page) -> None:
    """Wait until the page has all its modules, its map where one is near, and asks for nothing.

    A network that is idle says less: on a slow machine it is idle between one module and the next.
    """
    wait_until(page, AT_REST)


def come_to(page: Page, path: str) -> Response:
    """Go to ``path`` and wait until the page rests."""
    answer = page.goto(path)
    assert answer is not None
    rest(page)
    return answer


def hold_scripts(page: Page) -> list[Any]:
    """Keep the scripts away, as a slow network does; what is returned is for ``let_come``."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route(SCRIPT, hold)
    return held


def let_come(page: Page, held: list[Any]) -> None:
    for route in held:
        route.continue_()
    page.unroute(SCRIPT)


def overflow_of(page: Page) -> list[Any]:
    """What sticks out of the page to the right; empty when nobody has to scroll sideways."""
    found: list[Any] = page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          // A table whose rows are stacked is read downwards only.
          const cut = [...document.querySelectorAll(".table-wrap")]
            .map((one) => [one, one.querySelector(".table-stack td")])
            .filter(([, cell]) => cell && getComputedStyle(cell).display === "block")
            .map(([one]) => one)
            .filter((one) => one.scrollWidth > one.clientWidth + 1)
            .map((one) => `rows cut: ${one.getAttribute("aria-label")} ${one.scrollWidth}`);
          if (cut.length) return cut;
          if (document.documentElement.scrollWidth <= wide) return [];
          const isCut = (one) => one && one !== document.body &&
            (getComputedStyle(one).overflowX !== "visible" || isCut(one.parentElement));
          return [...document.body.querySelectorAll("*")]
            .filter((one) => one.getBoundingClientRect().right > wide + 1)
            .filter((one) => one.checkVisibility() && !isCut(one.parentElement))
            .slice(0, 8)
            .map((one) => `${one.tagName}.${one.className} ${one.getBoundingClientRect().right}`)
            .concat(`scrollWidth ${document.documentElement.scrollWidth} > ${wide}`);
        }"""
    )
    return found


def cut_of(page: Page) -> list[str]:
    """What a box cuts off on its side without an ellipsis; empty when all words can be read."""
    found: list[str] = page.evaluate(
        """() => {
          const quiet = ".visually-hidden, .leaflet-container, select, thead";
          const isQuiet = (one) => one.closest(quiet);
          const cuts = (box) => ["hidden", "clip"].includes(getComputedStyle(box).overflowX) &&
            getComputedStyle(box).textOverflow !== "ellipsis";
          const found = new Set();
          for (const box of document.querySelectorAll("main *")) {
            if (!box.checkVisibility() || isQuiet(box) || !cuts(box)) continue;
            const edge = box.getBoundingClientRect();
            const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
              const { currentNode: text } = texts;
              const owner = text.parentElement;
              if (!text.data.trim() || isQuiet(owner) || !owner.checkVisibility()) continue;
              const range = document.createRange();
              range.selectNodeContents(text);
              const isCut = ({ left, right }) => left < edge.left - 2 || right > edge.right + 2;
              if ([...range.getClientRects()].some(isCut)) {
                found.add(`${box.tagName}.${box.className} cuts ${text.data.trim().slice(0, 60)}`);
              }
            }
          }
          return [...found];
        }"""
    )
    return found
