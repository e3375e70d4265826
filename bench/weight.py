"""What a browser fetches at a first visit, compressed as it travels."""

import shutil
from collections import Counter

from playwright.sync_api import sync_playwright

from bench.datasets import DataSet
from bench.serving import civic_server
from tests.e2e.watching import rest

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
COUNTED = ("Document", "Stylesheet", "Script")


def measure(data: DataSet) -> dict[str, dict[str, int]]:
    """Return the bytes by type of resource, for each page; nothing without a browser."""
    browser_path = shutil.which("chromium")
    if browser_path is None:
        return {}
    found: dict[str, dict[str, int]] = {}
    with civic_server(data.folder, data.url) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for path in ("/", "/map"):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            types: dict[str, str] = {}
            sizes: Counter[str] = Counter()
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.on(
                "Network.responseReceived",
                lambda told, types=types: types.update({told["requestId"]: told["type"]}),
            )
            session.on(
                "Network.loadingFinished",
                lambda told, types=types, sizes=sizes: sizes.update(
                    {types.get(told["requestId"], "Other"): int(told["encodedDataLength"])}
                ),
            )
            page.goto(f"http://127.0.0.1:{port}{path}")
            rest(page)
            found[path] = dict(sizes)
            context.close()
        browser.close()
    return found
