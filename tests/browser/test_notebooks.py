"""The pages as notebooks: the same cells as in the book, and live in JupyterLab."""

from __future__ import annotations

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
  const { sessionContext, content } = jupyterapp.shell.currentWidget;
  await sessionContext.ready;
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


def code(notebook):
    """The code cells that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


@pytest.mark.parametrize("download", DOWNLOADS, ids=lambda file: file.stem)
def test_the_book_has_executed_what_a_notebook_holds(download):
    offered = code(nbformat.read(download, 4))
    executed = code(nbformat.read(EXECUTED / download.name, 4))
    assert [cell.source for cell in offered] == [cell.source for cell in executed]
    assert [cell.execution_count for cell in executed] == [*range(1, len(executed) + 1)]
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


def test_a_page_opens_in_jupyterlab_as_a_live_notebook(lab, page):
    page.goto(f"{lab['url']}lab/tree/three_ingredients.md?token={lab['token']}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    cells = page.evaluate(RUN_ALL)
    assert all(cell["execution_count"] for cell in cells)
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert "display_data" in kinds
    assert "error" not in kinds
    assert page.locator(".jp-RenderedHTMLCommon", has_text="{doc}").count() == 0


def test_the_explorer_lives_in_jupyterlab_and_tells_python(lab, page):
    page.goto(f"{lab['url']}lab/tree/explorer.md?token={lab['token']}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.evaluate("async () => jupyterapp.shell.currentWidget.sessionContext.ready")
    page.evaluate(RUN, "from theory.explorer import Explorer\nexplorer = Explorer()\nexplorer")
    slider = page.locator(".jp-OutputArea-output").get_by_label("Exponent")
    slider.fill("300", timeout=60_000)
    page.evaluate(RUN, "print('kappa is', explorer.kappa)")
    said = page.locator(".jp-OutputArea-output pre", has_text="kappa is").inner_text(timeout=60_000)
    shown = slider.get_attribute("aria-valuetext")
    assert said.strip() == f"kappa is {float(shown)}" != "kappa is 1.2"
