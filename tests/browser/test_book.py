"""What the book does as a whole: where it starts, its search, and how it prints."""

import pytest


def test_the_index_leads_to_the_first_page(page):
    page.goto("index.html")
    page.wait_for_url("**/welcome.html")


def test_the_search_finds_a_word(page, trouble):
    page.goto("search.html?q=ungrokking")
    page.locator("#search-results li a", has_text="How much data").first.click()
    assert page.locator("h1:visible").inner_text().startswith("How much data")
    assert trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_prints_in_dark_ink(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto("real_network.html")
    page.evaluate("""addEventListener("beforeprint", () => {
        window.printed = document.documentElement.dataset.theme;
    })""")
    page.pdf()
    assert page.evaluate("window.printed") == "light"
    assert page.locator(f"html[data-theme={scheme}]").count() == 1
