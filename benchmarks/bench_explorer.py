"""Work of one frame of the explorer while a slider is dragged, in headless Chromium on one core.

A frame is all that happens for one position of the slider: the run is solved, its rests and basins
are found, the three pictures are drawn and a part of the map is made. The browser fills in the
pixels later, often on another core or the GPU; the second figures include them, by reading one of
each picture. The bar is an aim, not a verdict.
"""

from __future__ import annotations

import shutil

import machine
import numpy as np
from playwright.sync_api import Page, sync_playwright

from theory.explorer import module

BAR = 4.0
WIDTHS = (930, 360)
FRAMES = 300
DRAGS = {
    "examples": "[60 * (6400 / 60) ** part, 'examples']",
    "decay": "[1e-4 * 1e4 ** part, 'decay']",
    "kappa": "[0.5 + 3.5 * part, 'kappa']",
}
PAGE = "<!doctype html><body style='width: {width}px'><div></div><style>{style}</style></body>"
MEASURE = """
const explorer = new Explorer(document.querySelector("div"));
window.measure = (positions, rastered) => positions.map(([value, name]) => {
  const started = performance.now();
  explorer.adjust({ [name]: value });
  explorer.map.work(BUSY);
  explorer.frame();
  for (const canvas of rastered ? document.querySelectorAll("canvas") : []) {
    canvas.getContext("2d").getImageData(0, 0, 1, 1);
  }
  return performance.now() - started;
});
window.ready = () => explorer.time.width > 0;
"""


def main() -> None:
    """Print the frame times of every drag at two widths."""
    machine.one_core()
    print(machine.describe("playwright"))
    kilobytes = len((module.program() + module.style()).encode()) / 1000
    print(f"program and style: {kilobytes:.0f} kB, nothing else is loaded")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"))
        print(f"Chromium {browser.version}; quickest tenth, median, slowest twentieth of {FRAMES}")
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width + 20, "height": 900})
            page.set_content(PAGE.format(width=width, style=module.style()))
            page.add_script_tag(content=module.program() + MEASURE, type="module")
            page.wait_for_function("window.ready?.()")
            for name, position in DRAGS.items():
                report(f"{width} px, {name}", [drag(page, position, how) for how in (False, True)])
        browser.close()


def drag(page: Page, position: str, rastered: bool) -> list[float]:
    """Return the milliseconds of every frame of a drag, after one to warm up."""
    positions = f"Array.from({{ length: {FRAMES} }}, (_, k) => k / {FRAMES - 1})"
    measure = f"window.measure({positions}.map((part) => {position}), {str(rastered).lower()})"
    page.evaluate(measure)
    return list(page.evaluate(measure))


def report(title: str, frames: list[list[float]]) -> None:
    """Print how long frames took: the quickest tenth, the median, the slowest twentieth."""
    (low, middle, high), rastered = (np.percentile(each, [10, 50, 95]) for each in frames)
    print(
        f"{title:18} {low:5.2f} {middle:5.2f} {high:6.2f} ms (bar {BAR:g}); with the pixels "
        f"{rastered[0]:5.2f} {rastered[1]:5.2f} {rastered[2]:6.2f} ms"
    )


if __name__ == "__main__":
    main()
