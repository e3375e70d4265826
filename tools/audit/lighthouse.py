"""Runs Lighthouse five times on pages of the demo town, and prints the medians.

Search engines are asked about only where a page may be indexed.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from run import KEPT, ROOT, install_npm_packages

PAGES = ("/", "/map", "/incidents", "/ideas", "/incidents/new", "/status", "/legal/accessibility")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 5
UNINDEXED = frozenset({"/incidents/new"})


@contextmanager
def demo_town() -> Iterator[str]:
    """Yield the address of a demo town, served for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="civic-audit-")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("CIVIC_")}
    environ |= {"CIVIC_DATA_DIR": folder, "CIVIC_PORT": str(port), "CIVIC_TILES": "none"}
    civic = [sys.executable, "-m", "civic"]
    try:
        subprocess.run([*civic, "demo"], cwd=ROOT, env=environ, check=True, capture_output=True)
        server = subprocess.Popen([*civic, "serve", "--no-worker"], cwd=ROOT, env=environ)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(120):
                try:
                    urllib.request.urlopen(f"{address}/readyz", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            server.terminate()
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def look_at(url: str, categories: tuple[str, ...]) -> dict[str, float]:
    """Return the scores of one run, 0 to 100; none where it did not come to an end."""
    command = [
        str(KEPT / "node_modules" / ".bin" / "lighthouse"),
        url,
        "--quiet",
        "--output=json",
        f"--only-categories={','.join(categories)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]
    names = ("chromium", "chromium-browser", "google-chrome")
    chrome = next(filter(None, map(shutil.which, names)), "")
    done = subprocess.run(
        command, env=os.environ | {"CHROME_PATH": chrome}, capture_output=True, check=False
    )
    if done.returncode:
        print(done.stderr.decode(errors="replace")[-500:], flush=True)
        return {}
    found = json.loads(done.stdout)["categories"]
    return {name: 100 * (found[name]["score"] or 0) for name in categories}


def main() -> None:
    """Print one line a page."""
    install_npm_packages()
    runs = int(os.environ.get("AUDIT_RUNS", RUNS))
    with demo_town() as address:
        for path in PAGES:
            categories = CATEGORIES[:3] if path in UNINDEXED else CATEGORIES
            looks = [look_at(address + path, categories) for _ in range(runs)]
            found = [look for look in looks if look]
            if not found:
                print(f"figures: {path}: no run came to an end", flush=True)
                continue
            scores = (f"{name} {median(one[name] for one in found):.0f}" for name in categories)
            print(f"figures: {path} ({len(found)} runs): {', '.join(scores)}", flush=True)


if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    main()
