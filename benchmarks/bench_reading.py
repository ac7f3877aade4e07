"""How soon a page shows its first picture, and what it weighs, from a server on this machine.

In headless Chromium on one core, with an empty cache: the median of some visits. *First words* is
the first contentful paint, *largest* the largest, both in milliseconds since the page was asked
for. The bars are aims, not verdicts.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import machine
import numpy as np
from playwright.sync_api import Browser, sync_playwright

HTML = Path(__file__).parents[1] / "book" / "_build" / "html"
PAGES = ("welcome", "real_network", "explorer", "semi_grokking", "results")
VISITS = 5
FIRST_BAR, WEIGHT_BAR = 1000, 500
PAINTS = """
new Promise((done) => {
  let largest = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) largest = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => {
    const [first] = performance.getEntriesByName("first-contentful-paint");
    done([first.startTime, largest]);
  }, 1500);
})
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder while the context lasts, and yield its address."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def main() -> None:
    """Print a line for every page."""
    if not HTML.exists():
        raise SystemExit(f"there is no book in {HTML}: run make book")
    machine.one_core()
    print(machine.describe("playwright"))
    print(f"aims: first words within {FIRST_BAR} ms, pages below {WEIGHT_BAR} kB")
    with sync_playwright() as play, served(HTML) as address:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"))
        for name in PAGES:
            visits = [visit(browser, f"{address}/{name}.html") for _ in range(VISITS)]
            first, largest = np.median(visits, axis=0)
            weight = (HTML / f"{name}.html").stat().st_size / 1000
            paints = f"first words {first:5.0f} ms, largest {largest:5.0f} ms"
            print(f"{name:14} {paints}, {weight:4.0f} kB")
        browser.close()


def visit(browser: Browser, address: str) -> list[float]:
    """Return the first and the largest contentful paint of a page, in milliseconds."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    found: list[float] = page.evaluate(PAINTS)
    page.close()
    return found


if __name__ == "__main__":
    main()
