"""The built book, served to a browser that reports what goes wrong."""

from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).parent.parent
HTML = ROOT / "book" / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

FAULTS = """(options) => axe.run(document, { resultTypes: ["violations"], ...options }).then(
  ({ violations }) => violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`)))"""

TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *args):
        pass


@contextmanager
def served(folder):
    """Serve the files of a folder, and nothing else; yields the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def watch(page, trouble):
    """Note in a list what goes wrong on a page: in its console, and with its requests."""

    def hear(message):
        if message.type in {"error", "warning"}:
            trouble.append(f"{message.type}: {message.text}")

    def check(response):
        if response.status >= 400:
            trouble.append(f"{response.status}: {response.url}")

    page.on("console", hear)
    page.on("response", check)
    page.on("pageerror", lambda error: trouble.append(f"uncaught: {error}"))
    page.on("requestfailed", lambda request: trouble.append(f"not reached: {request.url}"))


@contextmanager
def watched_page(browser, address, trouble):
    """An empty page of 1280 by 900 pixels; relative addresses start from the given one."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",  # no waiting until a colour has faded into another
    )
    page = context.new_page()
    watch(page, trouble)
    yield page
    context.close()


def resize(page, width, height=900):
    """Give the window of a page another size, and wait until its scripts have heard of it."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(
        "size => innerWidth === size[0] && innerHeight === size[1]", arg=[width, height]
    )
    page.evaluate(TWO_FRAMES)


def faults(page, **options):
    """Serious and critical faults that axe finds, all its rules or some."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(FAULTS, options)
