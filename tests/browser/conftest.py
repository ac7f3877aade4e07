"""A real browser that reaches this machine only, and the built book in it."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from built_book import HTML, served, watched_page

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
THIS_MACHINE_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture(scope="session")
def chromium():
    """Path of $CHROMIUM, or of the first browser on the PATH."""
    wanted = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else BROWSERS
    found = next(filter(None, map(shutil.which, wanted)), None)
    if found is None:
        pytest.exit(
            f"cannot run {' or '.join(wanted)}: install a Chromium (Debian: the package "
            "chromium), or set CHROMIUM to the path of one",
            returncode=1,
        )
    return found


@pytest.fixture(scope="session")
def browser(chromium):
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[THIS_MACHINE_ONLY])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address():
    """Where the built book is served."""
    if not HTML.exists():
        pytest.exit(f"there is no book in {HTML}: run make book", returncode=1)
    with served(HTML) as address:
        yield address


@pytest.fixture
def trouble():
    """What has gone wrong on ``page`` so far."""
    return []


@pytest.fixture
def page(browser, address, trouble):
    """An empty page; the book's pages are at their names, as in ``page.goto("explorer.html")``."""
    with watched_page(browser, address, trouble) as page:
        yield page


@pytest.fixture
def shown(page):
    """Show HTML of one's own on ``page``, as at an address of the book; returns the page."""

    def show(html, until):
        page.route(
            "**/shown.html*",
            lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"),
        )
        page.goto("shown.html")
        page.wait_for_function(until)
        return page

    return show


@pytest.fixture
def phone(browser, address):
    """An empty page of a phone, for fingers."""
    context = browser.new_context(
        base_url=address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()
