"""The book's own Sphinx extensions, on a book of one page."""

from __future__ import annotations

import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import code_keyed_cache
import kernel_environment
import theory
from code_keyed_cache import choose_cache, code_key
from self_contained import problems

BOOK = Path(__file__).parent.parent / "book"
PAGE = """# One page

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


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build a book as ``make book`` does."""
    command = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    options = ["build", "-W", "-n", "--keep-going", folder]
    return subprocess.run([sys.executable, "-c", command, *options], capture_output=True, text=True)


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
    return folder


@pytest.fixture(scope="module")
def pages(book):
    """The built pages of the small book."""
    done = build(book)
    assert done.returncode == 0, done.stderr
    return book / "_build" / "html"


def test_a_built_book_loads_nothing_from_elsewhere(pages):
    assert problems(pages) == []


def test_equations_are_typeset_by_the_local_mathjax(pages):
    assert 'src="_static/mathjax/tex-chtml.js' in (pages / "page.html").read_text()
    assert (pages / "_static/mathjax/tex-chtml.js").exists()
    assert list(pages.glob("_static/mathjax/output/chtml/fonts/woff-v2/*.woff"))


def test_the_build_fails_when_a_page_is_not_self_contained(book, pages):
    page = book / "page.md"
    page.write_text(f"{PAGE}\n<script src='https://cdn.example/a.js'></script>\n")
    done = build(book)
    assert done.returncode != 0
    assert "page.html loads https://cdn.example/a.js" in done.stderr


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
def package(tmp_path):
    (tmp_path / "model.py").write_text("kappa = 1.2\n")
    return tmp_path


def test_the_key_of_the_cache_stays_while_nothing_changes(package):
    before = code_key(package, ["numpy==2.0"])
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "model.pyc").touch()
    assert code_key(package, ["numpy==2.0"]) == before


def test_the_key_of_the_cache_follows_code_names_and_versions(package):
    keys = {code_key(package, ["numpy==2.0"]), code_key(package, ["numpy==2.1"])}
    (package / "model.py").write_text("kappa = 1.3\n")
    keys.add(code_key(package, ["numpy==2.0"]))
    (package / "model.py").rename(package / "other.py")
    keys.add(code_key(package, ["numpy==2.0"]))
    assert len(keys) == 4


def configured(folder: Path) -> SimpleNamespace:
    """The settings that the extension makes for a book built in a folder."""
    settings = SimpleNamespace(nb_execution_mode="cache", nb_execution_cache_path="")
    choose_cache(SimpleNamespace(outdir=folder / "html"), settings)
    return settings


def test_the_cache_of_earlier_code_is_deleted(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    for code in ["early", "late"]:
        monkeypatch.setattr(code_keyed_cache, "code_key", lambda *_, code=code: code)
        cache = Path(configured(tmp_path).nb_execution_cache_path)
        cache.mkdir()
    assert list(tmp_path.iterdir()) == [cache]
    assert cache.name == ".cache-late"


def test_the_cache_follows_the_package_that_is_installed(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(code_keyed_cache, "code_key", lambda package, _: package.name)
    assert configured(tmp_path).nb_execution_cache_path.endswith(".cache-theory")
    assert code_keyed_cache.package_folder() == Path(theory.__file__).parent


def test_ci_executes_every_page(tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert configured(tmp_path).nb_execution_mode == "force"


def test_kernels_inherit_silence_and_one_thread(monkeypatch):
    monkeypatch.setattr("os.environ", {})
    kernel_environment.setup(None)
    assert os.environ == {"TQDM_DISABLE": "1", "OPENBLAS_NUM_THREADS": "1"}


def test_kernels_inherit_what_the_caller_has_set(monkeypatch):
    monkeypatch.setattr("os.environ", {"OPENBLAS_NUM_THREADS": "4"})
    kernel_environment.setup(None)
    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"


def test_the_api_page_has_every_room():
    documented = re.findall(r"automodule:: theory\.(\w+)", (BOOK / "api.md").read_text())
    rooms = {module.name for module in pkgutil.iter_modules(theory.__path__)}
    assert set(documented) == rooms - {"_version", "checks", "events", "netcdf", "progress"}
