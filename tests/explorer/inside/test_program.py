"""The program, style and figure that notebooks and pages get."""

import base64
import gzip
import json
import re
from collections import Counter
from io import StringIO

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from built_book import ROOT
from inside_figure import glance_html, html, script
from theory import figures, runs
from theory.explorer import module
from theory.explorer.inside import InsideARun, glanced, packed, program

STORED = ROOT / "book" / "data" / "inside_a_run.nc"
RUN = runs.read(STORED)
OWN = {file.stem: file.read_text() for file in program.STATIC.glob("*.js")}
SHARED = {name: (module.STATIC / f"{name}.js").read_text() for name in program.SHARED}
ORDERS = {
    "all": [*program.SHARED, *program.FILES],
    "glance": [*program.GLANCE_SHARED, *program.GLANCE_FILES],
}


def test_every_file_is_in_a_program():
    assert {*program.FILES, *program.GLANCE_FILES} == {*OWN}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_files_stand_after_those_that_they_import(order):
    assert len(set(order)) == len(order)
    for place, name in enumerate(order):
        source = (OWN | SHARED)[name]
        imported = re.findall(r'^import .* from "(?:[./]+static)?[./]*/(\w+)\.js";$', source, re.M)
        assert source.count("\nimport ") == len(imported)
        assert set(imported) <= set(order[:place])


def test_no_two_files_use_the_same_name():
    declared = r"^(?:export )?(?:async )?(?:const|let|class|function) (\w+)"
    names = re.findall(declared, "\n".join((OWN | SHARED).values()), re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert len(names) > 50


def test_the_program_is_one_module_that_loads_nothing():
    assert re.findall(r"^(?:import|export).*", program.program(), re.MULTILINE) == [
        "export default { render };",
        "export { mountInside };",
    ]
    everything = program.program() + program.style()
    assert not re.search(r"</script|</style|https?://|@import|url\(|fetch\(|import\(", everything)


def test_so_is_that_of_a_glance():
    exports = re.findall(r"^(?:import|export).*", program.glance_program(), re.MULTILINE)
    assert exports == ["export { mountGlances };"]
    everything = program.glance_program() + program.glance_style()
    assert not re.search(r"</script|</style|https?://|@import|url\(|fetch\(|import\(", everything)


def test_its_colours_are_those_of_the_figures():
    style = program.style()
    for name in ("train", "test"):
        assert f"--gr-{name}: {figures.PALETTE[name]['color']};" in style


def test_a_script_beside_the_page_becomes_the_run():
    data = re.fullmatch(r'document.currentScript.textContent = "(.*)";\n', script(RUN))[1]
    assert json.loads(gzip.decompress(base64.b64decode(data))) == packed(RUN)
    assert len(data) < 450_000


def test_a_page_holds_the_program_and_names_the_run():
    page = html("run.js")
    assert '<div class="grokking-run"></div>\n<script src="run.js" defer></script>' in page
    assert f'<script type="module">\n{program.program()}mountInside();\n</script>' in page


def test_a_glance_at_a_run_takes_less_than_80_kilobytes():
    page = glance_html(RUN)
    assert len(page.encode()) < 80_000
    data = re.search(r'<div class="grokking-glance"></div>\n<script.*?>(.*?)</script>', page)[1]
    assert json.loads(gzip.decompress(base64.b64decode(data))) == glanced(RUN)
    assert f'<script type="module">\n{program.glance_program()}mountGlances();\n</script>' in page


PAGE = """# Title

```{{inside}} run.nc
:view: {view}
:name: fig-run
Some *words*.

More words.
```
"""


@pytest.fixture
def shown(tmp_path):
    """A function that has Sphinx build a page with a view, and returns its HTML and warnings."""
    (tmp_path / "run.nc").write_bytes(STORED.read_bytes())

    def show(view):
        (tmp_path / "index.md").write_text(PAGE.format(view=view))
        settings = {"extensions": ["myst_parser", "inside_figure"]}
        folders = [tmp_path, None, tmp_path / "html", tmp_path / "trees"]
        said = StringIO()
        with docutils_namespace():
            Sphinx(*folders, "html", settings, status=None, warning=said).build()
        return (tmp_path / "html" / "index.html").read_text(), said.getvalue()

    return show


def test_the_words_of_a_glance_stand_before_it(shown):
    page, said = shown("glance")
    assert said == ""
    words = page.index("<p>Some <em>words</em>.</p>\n<p>More words.</p>")
    assert page.index('id="fig-run"') < words < page.index(glance_html(RUN).strip())
    assert "grokking-run" not in page


def test_the_full_view_has_a_caption_and_a_script(shown, tmp_path):
    page, said = shown("full")
    assert said == ""
    assert page.index(html("_static/runs/run.js").strip()) < page.index("Some <em>words</em>.")
    assert (tmp_path / "html/_static/runs/run.js").read_text() == script(RUN)
    assert "grokking-glance" not in page


def test_another_view_is_a_warning_and_so_the_end_of_a_build(shown):
    _, said = shown("tiny")
    assert '"tiny" unknown; choose from "full", or "glance"' in said


@pytest.fixture
def widget():
    return InsideARun(RUN, step=0)


def test_a_widget_has_the_same_program_and_run(widget):
    assert (widget._esm, widget._css) == (program.program(), program.style())
    assert widget.recording == packed(RUN)
    assert {"recording", "step"} <= set(widget.traits(sync=True))


def test_a_widget_stands_where_it_is_told_or_at_the_end(widget):
    assert widget.step == 0
    assert InsideARun(RUN).step == 10_000
    widget.step = 1
    assert widget.step == 1


@pytest.mark.parametrize("step", [2, -1, 10_001, "end", None])
def test_a_step_at_which_nobody_has_looked_is_refused(widget, step):
    with pytest.raises(ValueError, match=rf"^step must be one of 0, 1, 3, .*, got {step!r}$"):
        widget.step = step
    assert widget.step == 0
