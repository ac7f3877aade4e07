"""Every figure of the paper, from stored runs."""

import io
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

from built_book import ROOT
from drawn_figures import faults
from svg_in_page import in_page
from theory import paper_figures
from theory.paper_figures import (
    FIGURES,
    figure_3,
    figure_4,
    figure_5,
    figure_10,
    single_runs,
    task_runs,
    transformer_runs,
    ungrokking_runs,
)
from theory.paper_figures.panels import read
from theory.questions import (
    efficiency,
    load,
    semi_grokking,
    transformer_ungrokking,
    ungrokking,
    weight_decay,
)

mpl.use("agg")

SHELF = ROOT / "book" / "data"


@pytest.fixture(params=FIGURES)
def figure(request):
    """Each of the figures."""
    return FIGURES[request.param]


@pytest.fixture
def drawn(figure):
    """What is drawn, closed afterwards."""
    yield figure.draw(figure.stored(SHELF))
    plt.close("all")


def test_there_is_one_for_every_figure_of_the_paper():
    assert list(FIGURES) == list(range(1, 11))
    assert len({each.TITLE for each in FIGURES.values()}) == len(FIGURES)
    assert all(each.MINUTES > 0 for each in FIGURES.values())


def test_every_panel_says_what_it_shows_and_shows_something(drawn):
    panels = [ax for ax in drawn.axes if ax.axison]
    assert panels
    for ax in panels:
        assert ax.get_xlabel() or ax.get_shared_x_axes() or ax.get_subplotspec()
        points = [line.get_xydata() for line in ax.lines]
        assert any(np.isfinite(each).all(axis=1).any() for each in points)


def test_it_fits_a_page_in_colours_that_mean_something(drawn):
    with io.StringIO() as file, mpl.rc_context({"svg.fonttype": "none"}):
        drawn.savefig(file, format="svg", bbox_inches="tight")
        assert faults(in_page(file.getvalue(), "A figure.", "fig-x")) == []


def test_it_can_be_drawn_of_another_network_beside_the_first(figure):
    one = figure.stored(SHELF)
    both = {**one, **{f"again, {title}": runs for title, runs in one.items()}}
    several = figure.draw(both)
    assert len(several.axes) > len(figure.draw(one).axes)
    plt.close("all")


@pytest.fixture
def served(monkeypatch):
    """Stored runs in place of new ones, at the points that are asked for."""

    def chosen(stored, points):
        return stored.sel({name: list(values) for name, values in points.items()})

    for module in (single_runs, ungrokking_runs, task_runs):
        stored = read(SHELF, module.__name__.rpartition(".")[2])
        monkeypatch.setattr(
            module,
            "run",
            lambda folder, points=module.POINTS, stored=stored: chosen(stored, points),
        )
    swept = {figure_3: efficiency, figure_4: weight_decay, figure_5: semi_grokking}
    swept |= {figure_10: ungrokking, transformer_runs: transformer_ungrokking}
    for module, question in swept.items():
        stored = load(question, SHELF)
        monkeypatch.setattr(
            module, "sweep", lambda function, points, folder, stored=stored: chosen(stored, points)
        )


def test_new_runs_are_drawn_as_stored_ones_are(figure, served, tmp_path):
    stored, new = figure.stored(SHELF), paper_figures.with_new_runs(figure, tmp_path)
    assert list(new) == list(stored)
    for title, runs in stored.items():
        xr.testing.assert_equal(new[title], runs)


@pytest.mark.parametrize("number", [1, *range(3, 11)])  # 2 is of the minimal model
def test_without_stored_runs_it_says_where_they_should_be(number, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"shelf must be the folder of the stored runs"):
        FIGURES[number].stored(tmp_path)


def test_the_figure_of_the_minimal_model_needs_no_stored_runs(tmp_path):
    assert len(FIGURES[2].stored(tmp_path)) == 3


@pytest.mark.parametrize("number", [0, 11, -1])
def test_an_unknown_figure_is_refused_with_those_that_there_are(number):
    with pytest.raises(ValueError, match=rf"got {number}; there are") as refused:
        paper_figures.figure_of(number)
    assert all(each.TITLE in str(refused.value) for each in FIGURES.values())
    assert "no more that are known" in str(refused.value)


def test_generalising_networks_that_do_not_generalise_are_not_drawn():
    (runs,) = figure_3.stored(SHELF).values()
    generalising = runs.sel(circuit="generalising").logit
    assert 0 < int(generalising.notnull().any(["strength", "seed"]).sum()) < runs.sizes["examples"]
    assert runs.sel(circuit="memorising").logit.notnull().all()


def test_a_file_is_written_whole_or_not_at_all(monkeypatch, tmp_path):
    file = tmp_path / "figure.svg"
    file.write_text("what was there")

    def half(self, content):
        with self.open("xb") as there:
            there.write(content[:10])
        raise OSError("no space left")

    figure, _ = plt.subplots()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        with pytest.raises(OSError, match="no space left"):
            paper_figures.save(figure, file)
    assert file.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [file]
    paper_figures.save(figure, file)
    assert "<svg" in file.read_text()


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_ending_of_a_file_says_its_format(ending, tmp_path):
    figure, _ = plt.subplots()
    paper_figures.save(figure, tmp_path / f"figure.{ending.upper()}")
    plt.close(figure)
    start = (tmp_path / f"figure.{ending.upper()}").read_bytes()[:5]
    assert start == {"svg": b"<?xml", "png": b"\x89PNG\r", "pdf": b"%PDF-"}[ending]


@pytest.mark.parametrize("name", ["figure", "figure.txt", "svg"])
def test_a_file_without_a_known_ending_is_refused(name):
    with pytest.raises(ValueError, match=rf"file must end with .*, got '{name}'"):
        paper_figures.format_of(name)
