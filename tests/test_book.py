"""The book's own Sphinx extensions, on a book of one page."""

import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx import builders

import code_keyed_cache
import kernel_environment
import theory
from code_keyed_cache import choose_cache, state_key
from one_build import lock
from self_contained import problems
from side_by_side import SAFE, read_side_by_side, write_in_turn

BOOK = Path(__file__).parent.parent / "book"
PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# One page

```{code-cell} ipython3
import matplotlib.pyplot as plt
from pathlib import Path
plt.plot([0, 1], color="black")
print(Path("data/runs.txt").read_text())
```

An equation $x^2$, and a paper {cite:t}`varma2023explaining`.

```{prf:theorem}
:label: a-theorem
It holds.
```

```{eval-rst}
.. automodule:: theory.runs
   :members:
```

```{bibliography}
```
"""


def start(folder):
    """Build a book as ``make book`` does, for a user whose home cannot be written."""
    command = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    options = ["build", "-W", "-n", "--keep-going", folder]
    no_folder = str(folder / "references.bib")
    return subprocess.Popen(
        [sys.executable, "-c", command, *options],
        env=os.environ | {"HOME": no_folder, "MPLCONFIGDIR": no_folder, "CI": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def build(folder):
    """Wait for a build, and return its status and what it complains of."""
    with start(folder) as building:
        _, complaints = building.communicate()
    return building.returncode, complaints


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The settings and extensions of the real book, with one page."""
    folder = tmp_path_factory.mktemp("book")
    for name in ["_ext", "_static"]:
        shutil.copytree(BOOK / name, folder / name)
    for name in ["_config.yml", "references.bib"]:
        shutil.copy(BOOK / name, folder)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (folder / "page.md").write_text(PAGE)
    (folder / "data").mkdir()
    (folder / "data" / "runs.txt").write_text("early runs")
    return folder


@pytest.fixture(scope="module")
def pages(book):
    """The built pages of the small book."""
    status, complaints = build(book)
    assert status == 0, complaints
    return book / "_build" / "html"


def test_a_built_book_loads_nothing_from_elsewhere(pages):
    assert problems(pages) == []


def test_equations_are_typeset_by_the_local_mathjax(pages):
    assert 'src="_static/mathjax/tex-chtml.js' in (pages / "page.html").read_text()
    assert (pages / "_static/mathjax/tex-chtml.js").exists()
    assert list(pages.glob("_static/mathjax/output/chtml/fonts/woff-v2/*.woff"))


def test_what_a_cell_has_drawn_is_in_the_page_and_beside_it(pages):
    page = (pages / "page.html").read_text()
    assert page.count('<div class="drawing"><svg ') == 1
    (file,) = re.findall('<a href="(_images/.*?\\.svg)" download="figure-1.svg">', page)
    assert (pages / file).exists()


def test_builds_side_by_side_both_show_new_data(book, pages):
    assert "early runs" in (pages / "page.html").read_text()
    (book / "data" / "runs.txt").write_text("late runs")
    with start(book) as one, start(book) as other:
        said = [each.communicate() for each in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), said
    assert sum("another build of this book is running" in output for output, _ in said) == 1
    assert "late runs" in (pages / "page.html").read_text()


def test_the_build_fails_when_a_page_is_not_self_contained(book, pages):
    page = book / "page.md"
    page.write_text(f"{PAGE}\n<script src='https://cdn.example/a.js'></script>\n")
    status, complaints = build(book)
    assert status != 0
    assert "page.html loads https://cdn.example/a.js" in complaints


@pytest.mark.parametrize(
    "loading",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<script src="//cdn.example/a.js"></script>',
        '<script>const late = "https://cdn.example/a.js";</script>',
        '<link rel="stylesheet" href="https://cdn.example/a.css">',
        '<link rel="icon" href="http://cdn.example/a.ico">',
        '<img src="https://cdn.example/a.png">',
        '<img srcset="here.png 1x, https://cdn.example/a.png 2x">',
        '<iframe src="https://cdn.example/"></iframe>',
        '<object data="https://cdn.example/a.svg"></object>',
        '<p style="background: url(https://cdn.example/a.png)">',
        "<style>@import 'https://cdn.example/a.css';</style>",
    ],
)
def test_an_external_asset_is_found(tmp_path, loading):
    (tmp_path / "here.png").touch()
    (tmp_path / "page.html").write_text(loading)
    assert len(problems(tmp_path)) == 1


@pytest.mark.parametrize(
    "rule",
    [
        '@import "https://cdn.example/a.css";',
        "@import url(https://cdn.example/a.css);",
        "a { src: url('https://cdn.example/a.woff') }",
        "a { src: url(missing.woff) }",
    ],
)
def test_a_style_sheet_is_read_too(tmp_path, rule):
    (tmp_path / "book.css").write_text(rule)
    assert len(problems(tmp_path)) == 1


@pytest.mark.parametrize("missing", ['<img src="no.png">', '<a href="no.html#part">a link</a>'])
def test_a_missing_file_is_found(tmp_path, missing):
    (tmp_path / "page.html").write_text(missing)
    assert len(problems(tmp_path)) == 1


def test_links_to_other_sites_and_embedded_data_are_fine(tmp_path):
    (tmp_path / "page.html").write_text(
        '<a href="https://arxiv.org/abs/2309.02390">paper</a> <a href="#top">up</a>'
        '<img src="data:image/png;base64,AAAA"> <script src="page.html?v=1"></script>'
    )
    assert problems(tmp_path) == []


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.py").write_text("kappa = 1.2\n")
    return tmp_path


def test_the_key_of_the_cache_stays_while_nothing_changes(folder):
    before = state_key([folder], ["numpy==2.0"])
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "model.pyc").touch()
    assert state_key([folder, folder / "missing"], ["numpy==2.0"]) == before


def test_the_key_of_the_cache_follows_contents_names_and_versions(folder):
    keys = {state_key([folder], ["numpy==2.0"]), state_key([folder], ["numpy==2.1"])}
    (folder / "model.py").write_text("kappa = 1.3\n")
    keys.add(state_key([folder], ["numpy==2.0"]))
    (folder / "model.py").rename(folder / "other.py")
    keys.add(state_key([folder], ["numpy==2.0"]))
    assert len(keys) == 4


def configured(folder):
    """The settings that the extension makes for a book in a folder."""
    settings = SimpleNamespace(nb_execution_mode="cache", nb_execution_cache_path="")
    app = SimpleNamespace(srcdir=folder, outdir=folder / "_build" / "html")
    choose_cache(app, settings)
    return settings


def test_pages_that_the_data_of_the_book_made_stale_have_no_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "data" / "deep").mkdir(parents=True)
    caches = set()
    for content in ["old", "old", "new"]:
        (tmp_path / "data" / "deep" / "runs.nc").write_text(content)
        cache = Path(configured(tmp_path).nb_execution_cache_path)
        cache.mkdir(parents=True, exist_ok=True)
        caches.add(cache)
    assert len(caches) == 2
    assert list((tmp_path / "_build").iterdir()) == [cache]


def test_the_cache_of_earlier_code_is_deleted(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    for code in ["early", "late"]:
        monkeypatch.setattr(code_keyed_cache, "state_key", lambda *_, code=code: code)
        cache = Path(configured(tmp_path).nb_execution_cache_path)
        cache.mkdir(parents=True)
    assert list((tmp_path / "_build").iterdir()) == [cache]
    assert cache.name == ".cache-late"


def test_the_cache_follows_the_package_that_is_installed(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(code_keyed_cache, "state_key", lambda folders, _: folders[0].name)
    assert configured(tmp_path).nb_execution_cache_path.endswith(".cache-theory")
    assert code_keyed_cache.package_folder() == Path(theory.__file__).parent


def test_ci_executes_every_page(tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert configured(tmp_path).nb_execution_mode == "force"


@pytest.mark.parametrize("set_before", [{}, {"OPENBLAS_NUM_THREADS": "4"}])
def test_kernels_inherit_silence_and_one_thread_unless_the_caller_says_otherwise(
    monkeypatch, set_before
):
    monkeypatch.setattr("os.environ", dict(set_before))
    kernel_environment.setup(SimpleNamespace(connect=lambda *_: None))
    expected = {"TQDM_DISABLE": "1", "OPENBLAS_NUM_THREADS": "1"} | set_before
    assert os.environ == expected


HOLD = """
import sys, time
from pathlib import Path
from one_build import lock
held = lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_build_that_was_killed_holds_nobody_up(tmp_path):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLD, tmp_path]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        other.kill()
    lock(tmp_path).close()


def test_pages_are_read_on_all_cores_and_written_in_turn(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    monkeypatch.setattr("sphinx.builders.make_chunks", lambda *_: None)
    app = SimpleNamespace(parallel=1, extensions={name: SimpleNamespace() for name in SAFE})
    read_side_by_side(app, None, [])
    assert app.parallel == 3
    assert all(each.parallel_read_safe for each in app.extensions.values())
    # As Sphinx calls it: no core waits for a heap of long pages.
    assert builders.make_chunks(["a", "b", "c"], 3) == [["a"], ["b"], ["c"]]
    write_in_turn(app, None)
    assert app.parallel == 1


def test_the_api_pages_have_every_room():
    pages = [page.read_text() for page in (BOOK / "api").glob("*.md")]
    documented = re.findall(r"automodule:: theory\.(\w+)", "\n".join(pages))
    rooms = {module.name for module in pkgutil.iter_modules(theory.__path__)}
    inside = {"__main__", "_version", "checks", "events", "netcdf", "progress"}
    assert set(documented) == rooms - inside
