"""The page for class: four screens in full screen, with the keyboard."""

import pytest

from built_book import resize

SCREENS = "[...document.querySelectorAll('main article section > section')]"
NOTES = "main details.sd-dropdown"
TOPS = f"{SCREENS}.map((screen) => screen.getBoundingClientRect().top)"
HEIGHTS = f"{SCREENS}.map((screen) => screen.getBoundingClientRect().height)"


@pytest.fixture
def screens(page):
    """The page for class, in full screen."""
    page.emulate_media(reduced_motion="reduce")
    page.goto("for_class.html")
    page.get_by_role("button", name="Full screen").click()
    page.locator("html.class-mode").wait_for()
    return page


def at_top(page):
    """Which screen is at the top of the window."""
    tops = page.evaluate(TOPS)
    return min(range(len(tops)), key=lambda k: abs(tops[k]))


def test_keys_go_from_screen_to_screen(screens):
    assert at_top(screens) == 0
    for key, place in [
        ("ArrowRight", 1),
        ("PageDown", 2),
        ("ArrowRight", 3),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("PageUp", 1),
    ]:
        screens.keyboard.press(key)
        assert at_top(screens) == place
        if place < 3:  # below the last there is nothing to scroll
            assert abs(screens.evaluate(TOPS)[place]) < 5


def test_keys_of_a_slider_stay_its_own(screens):
    slider = screens.get_by_role("slider").first
    slider.focus()
    before, place = slider.input_value(), at_top(screens)
    slider.press("ArrowRight")
    assert slider.input_value() != before
    assert at_top(screens) == place


def test_a_remote_goes_on_though_a_slider_has_the_focus(screens):
    slider = screens.get_by_role("slider").first
    slider.focus()
    before, place = slider.input_value(), at_top(screens)
    slider.press("PageDown")
    assert slider.input_value() == before
    assert at_top(screens) == place + 1


def test_a_slider_that_was_dragged_gives_the_arrows_back(screens):
    slider = screens.get_by_role("slider").first
    slider.click()
    screens.wait_for_function("document.activeElement.type !== 'range'")


def test_notes_close_with_their_screen(screens):
    screens.locator(f"{NOTES} > summary").first.click()
    assert screens.locator("main details[open]").count() == 1
    screens.keyboard.press("PageDown")
    assert screens.locator("main details[open]").count() == 0


def test_nothing_else_is_on_a_screen(screens):
    for part in (".bd-sidebar-primary", ".bd-sidebar-secondary", ".class-bar"):
        assert not screens.locator(part).first.is_visible()
    screens.evaluate("document.exitFullscreen()")
    screens.locator("html:not(.class-mode)").wait_for()
    assert screens.locator(".class-bar").is_visible()
    screens.evaluate("scrollTo(0, 0)")
    screens.keyboard.press("ArrowRight")
    assert screens.evaluate("scrollY") == 0


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_a_figure_fits_on_a_projector(screens, width, height):
    resize(screens, width, height)
    for figure in (".grokking-glance", ".grokking-explorer", ".grokking-training", ".predictions"):
        box = screens.locator(figure).first.bounding_box()
        assert box["height"] < height - 80
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width


def test_notes_are_folded(screens):
    assert screens.locator(NOTES).count() == 4
    assert screens.locator("main details[open]").count() == 0
