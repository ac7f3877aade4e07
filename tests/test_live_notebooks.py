"""Pages as notebooks: what their buttons offer, on a book of one page."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "book"
URL = "https://github.com/owner/name"
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
1 + 1
```
"""


def build(folder, url):
    """Build a page with the settings and extensions of the real book, and some repository."""
    for name in ["_ext", "_static"]:
        shutil.copytree(BOOK / name, folder / name)
    shutil.copy(BOOK / "references.bib", folder)
    config = yaml.safe_load((BOOK / "_config.yml").read_text())
    config["repository"]["url"] = url
    config["execute"]["execute_notebooks"] = "off"
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (folder / "page.md").write_text(PAGE)
    command = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", command, "build", "-W", "-n", folder],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory):
    """The built page of a book whose repository is nowhere to be read."""
    return build(tmp_path_factory.mktemp("unpublished"), "")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The built page of a book whose repository everybody can read."""
    return build(tmp_path_factory.mktemp("published"), URL)


def cells(html):
    """Sources of the cells of the notebook that a built page offers."""
    return [cell.source for cell in nbformat.read(html / "_sources" / "page.ipynb", 4).cells]


def test_a_page_can_be_downloaded_as_a_notebook(unpublished):
    assert 'href="_sources/page.ipynb"' in (unpublished / "page.html").read_text()
    assert cells(unpublished) == ["# One page", "1 + 1"]


def test_nothing_is_launched_from_a_repository_that_nobody_can_read(unpublished):
    assert "launch-buttons" not in (unpublished / "page.html").read_text()


def test_a_published_page_can_be_run_on_binder_and_colab(published):
    page = (published / "page.html").read_text()
    assert "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/book/page.md" in page
    colab = "https://colab.research.google.com/github/owner/name"
    assert f"{colab}/blob/gh-pages/_sources/page.ipynb" in page


def test_a_published_notebook_installs_itself_on_colab_only(published):
    first, *others = cells(published)
    assert others == cells(published)[-2:] == ["# One page", "1 + 1"]
    assert f"git clone --quiet --depth 1 {URL} /content/source\n" in first
    assert "%cd -q /content/source/book\n" in first
    assert 'if "google.colab" in sys.modules:\n    !' in first


def test_binder_opens_pages_as_make_lab_does(tmp_path):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho {tmp_path}\n")
    python.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    subprocess.run([ROOT / "postBuild"], cwd=ROOT, env={"PATH": path}, check=True)
    installed = json.loads((tmp_path / "share/jupyter/lab/settings/overrides.json").read_text())
    assert installed == json.loads((BOOK / "_lab" / "overrides.json").read_text())
    assert "--LabApp.app_settings_dir=$(CURDIR)/book/_lab" in (ROOT / "Makefile").read_text()
