"""The pages as notebooks: the same cells as in the book, and live in JupyterLab."""

import json
import os
import subprocess
import sys
import time

import nbformat
import pytest

from built_book import HTML, ROOT

DOWNLOADS = sorted((HTML / "_sources").glob("*.ipynb"))
EXECUTED = HTML.parent / "jupyter_execute"

# Run the notebook that JupyterLab shows; its code cells, with their outputs.
RUN_ALL = """async () => {
  const { content } = jupyterapp.shell.currentWidget;
  await jupyterapp.commands.execute("notebook:run-all-cells");
  const { cells } = content.model.sharedModel.toJSON();
  return cells.filter((cell) => cell.cell_type === "code" && cell.source.length);
}"""


# Put a cell with this code below the one that is active, and run it.
RUN = """async (code) => {
  const { content } = jupyterapp.shell.currentWidget;
  await jupyterapp.commands.execute("notebook:insert-cell-below");
  content.activeCell.model.sharedModel.setSource(code);
  await jupyterapp.commands.execute("notebook:run-cell");
}"""

# Whether the notebook that JupyterLab shows has a kernel that waits for work.
READY = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  return context?.isReady && context.session?.kernel?.status === "idle";
}"""


def code(notebook):
    """The code cells that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


@pytest.mark.parametrize("download", DOWNLOADS, ids=lambda file: file.stem)
def test_the_book_has_executed_what_a_notebook_holds(download):
    offered = code(nbformat.read(download, 4))
    executed = code(nbformat.read(EXECUTED / download.name, 4))
    assert [cell.source for cell in offered] == [cell.source for cell in executed]
    counts = [cell.execution_count for cell in executed]
    allowed = [[*range(1, len(executed) + 1)]]
    if os.environ.get("CI") != "true":
        allowed.append([None] * len(executed))  # a page from the cache, which keeps no counts
    assert counts in allowed
    assert "error" not in {output.output_type for cell in executed for output in cell.outputs}


def started(runtime, process):
    """Address and token of a Jupyter server, from the file that it writes when it is ready."""
    for _ in range(300):
        assert process.poll() is None, "JupyterLab has stopped"
        for file in runtime.glob("jpserver-*.json"):
            return json.loads(file.read_text())
        time.sleep(0.1)
    raise TimeoutError("JupyterLab does not start")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab as ``make lab`` starts it, for a user who has never started it before."""
    home = tmp_path_factory.mktemp("home")
    settings = f"--LabApp.app_settings_dir={ROOT / 'book' / '_lab'}"
    for_tests = ["--no-browser", "--allow-root", "--expose-app-in-browser"]
    address = ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
    command = [sys.executable, "-m", "jupyterlab", settings, *for_tests, *address, ROOT / "book"]
    environment = os.environ | {"HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home)}
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
    ):
        yield started(home, process)
        process.terminate()


def open_in(lab, page, name):
    """Open a page of the book in JupyterLab, and nothing that was open before."""
    page.goto(f"{lab['url']}lab/tree/{name}?token={lab['token']}&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_function(READY, timeout=60_000)


def awaited(page, function, *given):
    """What an async function comes to.

    The window keeps its promise: one that only the answer waits for may be collected as garbage.
    """
    page.evaluate(
        f"""(given) => {{
          window.outcome = null;
          window.promise = ({function})(...given).then((value) => (window.outcome = {{ value }}));
        }}""",
        list(given),
    )
    outcome = page.wait_for_function("() => window.outcome", timeout=120_000)
    return outcome.json_value().get("value")


def test_a_page_opens_in_jupyterlab_as_a_live_notebook(lab, page):
    open_in(lab, page, "three_ingredients.md")
    cells = awaited(page, RUN_ALL)
    assert all(cell["execution_count"] for cell in cells)
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert "display_data" in kinds
    assert "error" not in kinds
    assert page.locator(".jp-RenderedHTMLCommon", has_text="{doc}").count() == 0


# Widgets: the code that shows one, one of its sliders, and what Python then knows of it.
EXPLORER = (
    "from theory.explorer import Explorer\nshown = Explorer()\nshown",
    "Exponent",
    "shown.kappa",
)
INSIDE = (
    "from theory import runs\nfrom theory.explorer.inside import InsideARun\n"
    "shown = InsideARun(runs.read('data/inside_a_run.nc'), step=0)\nshown",
    "Step of the run",
    "shown.step",
)


@pytest.fixture(params=[EXPLORER, INSIDE], ids=["Explorer", "InsideARun"])
def live(request, lab, page):
    """A live notebook with a widget: the page, a slider, and a way to ask Python of its value."""
    code, label, value = request.param
    open_in(lab, page, "explorer.md")
    awaited(page, RUN, code)
    slider = page.locator(".jp-OutputArea-output").get_by_label(label)
    slider.wait_for(timeout=60_000)

    def ask():
        awaited(page, RUN, f"print('it is', {value})")
        said = page.locator(".jp-OutputArea-output pre", has_text="it is").last
        return float(said.inner_text(timeout=60_000).removeprefix("it is "))

    return page, slider, ask


def active_cell(page):
    return page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")


def value_of(slider):
    """What a slider says it stands at, as a number."""
    return float(slider.get_attribute("aria-valuetext").removesuffix(" updates").replace(",", ""))


def agree(slider, ask):
    """Whether Python comes to know what the slider says; the last of quick moves is sent late."""
    return any(ask() == value_of(slider) for _ in range(10))


def test_a_widget_lives_in_jupyterlab_and_tells_python(live):
    _, slider, ask = live
    before = value_of(slider)
    slider.fill("30")
    assert value_of(slider) != before
    assert agree(slider, ask)


def test_keys_move_a_slider_in_jupyterlab_and_leave_its_cells_alone(live):
    page, slider, ask = live
    cell = active_cell(page)
    slider.focus()
    places = [value_of(slider)]
    for key in ("ArrowRight", "ArrowUp", "PageUp", "End"):
        page.keyboard.press(key)
        places.append(value_of(slider))
    assert places == sorted({*places})
    assert active_cell(page) == cell
    assert agree(slider, ask)


def test_other_keys_do_in_a_widget_what_they_do_in_jupyterlab(live):
    page, slider, _ = live
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("b")  # a cell below
    page.wait_for_function(
        "(count) => document.querySelectorAll('.jp-Notebook .jp-Cell').length === count",
        arg=cells + 1,
    )


def test_outside_of_a_widget_arrow_keys_go_from_cell_to_cell(live):
    page, slider, _ = live
    slider.focus()
    page.keyboard.press("ArrowRight")
    cell, before = active_cell(page), value_of(slider)
    page.evaluate("() => { jupyterapp.shell.currentWidget.content.activeCell.node.focus(); }")
    page.keyboard.press("ArrowUp")
    page.wait_for_function(
        "(cell) => jupyterapp.shell.currentWidget.content.activeCellIndex === cell - 1", arg=cell
    )
    assert value_of(slider) == before
