"""What the book does as a whole: where it starts, its search, and how it prints."""

import pytest


def test_the_index_leads_to_the_first_page(page):
    page.goto("index.html")
    page.wait_for_url("**/welcome.html")


def test_what_the_first_page_says_leads_to_where_it_is_shown(page):
    page.goto("welcome.html")
    links = page.locator(":is(.prediction, .topics) a").evaluate_all(
        "(all) => [...new Set(all.map((each) => each.getAttribute('href')))]"
    )
    assert len(links) > 25
    for link in links:
        page.goto(link)
        assert page.locator(f"[id='{link.partition('#')[2]}']").count() == ("#" in link), link


def test_the_search_finds_a_word(page, trouble):
    page.goto("search.html?q=ungrokking")
    page.wait_for_load_state("networkidle")  # leaving earlier would stop snippets on their way
    page.locator("#search-results li a", has_text="How much data").first.click()
    assert page.locator("h1:visible").inner_text().startswith("How much data")
    assert trouble == []


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("semi-grokking", "semi_grokking.html"),
        ("ungrokking", "ungrokking.html"),
        ("kappa", "three_ingredients.html"),
        ("weight decay", "weight_decay.html"),
        ("critical size", "critical_size.html"),
    ],
)
def test_a_chapter_comes_before_the_api_and_without_formulas_source(page, query, first):
    page.goto(f"search.html?q={query}")
    found = page.locator("#search-results ul.search li")
    page.locator("#search-results", has_text="Search finished").wait_for()
    links = found.locator("a:first-child").evaluate_all(
        "(all) => all.map((each) => each.getAttribute('href').split(/[?#]/)[0])"
    )
    chapters = [each for each in links if each != "notation.html"]
    assert chapters.index(first) < 3
    api = [k for k, each in enumerate(links) if each.startswith("api")]
    assert api == [] or min(api) > links.index(first)
    assert "\\(" not in page.locator("#search-results").inner_text()


def test_a_proof_is_folded_on_the_screen_and_open_on_paper(page, trouble):
    page.goto("how_fast.html")
    proofs = page.locator("details.folded-proof")
    assert proofs.count() == page.locator("div.proof#proof").count() > 5
    first = proofs.first
    assert not first.locator("div.proof").is_visible()
    first.locator("summary").click()
    assert first.locator("div.proof").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.folded-proof:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.folded-proof[open]").count() == 1
    assert trouble == []


@pytest.mark.parametrize(
    ("name", "fold"),
    [("left_open.html", ".sd-dropdown"), ("welcome.html", ".numbers")],
)
def test_answers_that_are_folded_on_the_screen_are_open_on_paper(page, name, fold):
    page.goto(name)
    every, opened = (page.locator(f"main details{fold}{which}") for which in ("", "[open]"))
    assert every.count() > 3
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.count() == every.count()
    assert page.locator("main details.gv-part[open]").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.count() == 0


# The pictures of a page, as they are before and while it is printed.
PICTURES = """() => {
  const pictures = () => [...document.querySelectorAll("canvas")].map((each) => each.toDataURL());
  window.shown = pictures();
  addEventListener("beforeprint", () => (window.printed = pictures()));
}"""


@pytest.mark.parametrize("name", ["real_network.html", "explorer.html"])
def test_what_is_drawn_by_programs_prints_in_dark_ink_too(page, name):
    shown, printed = {}, {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(name)
        page.wait_for_function("document.querySelectorAll('canvas').length > 1")
        page.wait_for_timeout(1000)
        page.evaluate(PICTURES)
        page.pdf()
        shown[scheme] = page.evaluate("window.shown")
        printed[scheme] = page.evaluate("window.printed")
    assert all(one != other for one, other in zip(shown["light"], shown["dark"], strict=True))
    assert printed["dark"] == printed["light"]


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
