import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_rgb

import theory
from theory import circuits, figures, runs
from theory.figures.style import COLOUR_MAPS
from theory.statistics import student_interval

mpl.use("agg")


@pytest.fixture
def ax():
    figure, axes = figures.panels()
    yield axes
    plt.close(figure)


@pytest.fixture(scope="module")
def model_run():
    return theory.descend(theory.MinimalModel.paper(), steps=6000, record_every=10)


@pytest.fixture
def log():
    return runs.from_columns(
        [0, 10, 20],
        train_loss=[2.0, 0.1, 0.1],
        test_loss=[2.0, 2.0, 0.1],
        train_accuracy=[0.1, 1.0, 1.0],
        test_accuracy=[0.1, 0.1, 1.0],
        parameter_norm=[1.0, 3.0, 2.0],
    )


def drawn(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def grey(colour):
    return float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)))


@pytest.mark.parametrize(
    "pair", [("memorising", "generalising"), ("train", "test"), ("from scratch", "after grokking")]
)
def test_what_is_drawn_together_differs_in_lightness_and_line(pair):
    one, other = (figures.PALETTE[meaning] for meaning in pair)
    assert abs(grey(one["color"]) - grey(other["color"])) > 0.2
    assert one["linestyle"] != other["linestyle"]


def test_pages_have_the_colours_of_the_figures_in_the_light_and_in_the_dark(pytestconfig):
    css = (pytestconfig.rootpath / "book/_static/figures.css").read_text()
    in_css = re.findall(r"^  --(.*): (#\w{6});$", css, re.MULTILINE)
    coloured = {name: look["color"] for name, look in figures.PALETTE.items() if name != "norm"}
    declared = [*coloured.items(), *figures.IN_THE_DARK.items()]
    assert in_css == [(name.replace(" ", "-"), colour) for name, colour in declared]


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_colours_stand_out_in_the_dark():
    page = luminance("#121212")
    for colour in figures.IN_THE_DARK.values():
        assert (luminance(colour) + 0.05) / (page + 0.05) >= 3


@pytest.mark.parametrize(
    ("draw", "suffix", "label"),
    [
        (figures.draw_losses, "loss", "loss (nat)"),
        (figures.draw_accuracies, "accuracy", "accuracy (fraction)"),
    ],
)
def test_train_and_test_curves_hold_the_runs_numbers(ax, log, draw, suffix, label):
    draw(ax, log, time_scale=2.0)
    for part in ("train", "test"):
        line = drawn(ax)[part]
        np.testing.assert_array_equal(line.get_xdata(), [0, 20, 40])
        np.testing.assert_array_equal(line.get_ydata(), log[f"{part}_{suffix}"])
        assert line.get_color() == figures.PALETTE[part]["color"]
    assert ax.get_ylabel() == label
    assert ax.get_xlabel() == "updates"


def test_norm_starts_at_zero(ax, log):
    figures.draw_norm(ax, log)
    assert ax.get_ylim()[0] == 0


def test_circuits_have_the_colour_of_what_they_do(ax, model_run):
    figures.draw_weights(ax, model_run)
    for name in ("memorising", "generalising"):
        assert drawn(ax)[name].get_color() == figures.PALETTE[name]["color"]


def test_marks_stand_at_the_measured_steps(ax, model_run):
    figures.mark_delay(ax, model_run, time_scale=0.5)
    marks = [line.get_xdata()[0] for line in ax.get_lines()]
    measured = [theory.fit_step(model_run), theory.generalisation_step(model_run)]
    np.testing.assert_allclose(marks, [0.5 * float(step) for step in measured])
    assert [text.get_text() for text in ax.texts] == ["fits", "generalises"]


def test_what_never_happens_has_no_mark(ax):
    run = theory.descend(theory.MinimalModel.paper(), steps=100)
    figures.mark_delay(ax, run)
    assert not ax.get_lines()


@pytest.mark.parametrize("name", ["draw_losses", "draw_accuracies", "draw_norm", "draw_weights"])
def test_a_swept_run_is_refused_by_name(ax, name):
    run = theory.descend(theory.MinimalModel.paper(kappa=[1.0, 1.5]), steps=3)
    with pytest.raises(ValueError, match=r"single run, got one swept over .*kappa"):
        getattr(figures, name)(ax, run)


def test_a_missing_quantity_is_named(ax):
    run = runs.from_columns([0, 1], layer_norm=[1.0, 0.5])
    with pytest.raises(ValueError, match="must hold train_loss or test_loss, got"):
        figures.draw_losses(ax, run)
    with pytest.raises(ValueError, match="must hold parameter_norm, got"):
        figures.draw_norm(ax, run)
    with pytest.raises(ValueError, match="must hold weight"):
        figures.draw_weights(ax, run)


def test_a_log_is_drawn_as_far_as_it_goes(ax):
    log = runs.from_columns([0, 10, 20], train_loss=[2, 0.1, 0.1], test_accuracy=[0, 0.1, 1])
    figures.draw_losses(ax, log)
    assert drawn(ax).keys() == {"train"}
    ax.clear()
    figures.draw_accuracies(ax, log)
    assert drawn(ax).keys() == {"test"}
    assert ax.get_legend() is not None


@pytest.mark.parametrize(("steps", "scale"), [([0], "linear"), ([500], "log"), ([0, 500], "log")])
@pytest.mark.parametrize(
    "name", ["draw_losses", "draw_accuracies", "draw_norm", "draw_weights", "mark_delay"]
)
def test_a_run_of_few_records_shows_them(log, model_run, name, steps, scale):
    run = (model_run if name == "draw_weights" else log).isel(step=slice(len(steps)))
    run = run.assign_coords(step=steps)
    figure, ax = figures.panels()
    getattr(figures, name)(ax, run)
    figure.canvas.draw()
    if name != "mark_delay":
        assert ax.get_xscale() == scale
        for line in ax.get_lines():
            assert line.get_xdata().tolist() == steps
            assert line.get_marker() == "o"
    plt.close(figure)


def test_a_loss_of_nothing_is_drawn(log):
    figure, ax = figures.panels()
    figures.draw_losses(ax, log[["train_loss"]] * 0)
    figure.canvas.draw()
    assert drawn(ax)["train"].get_ydata().tolist() == [0, 0, 0]
    plt.close(figure)


@pytest.mark.parametrize(("units", "label"), [("1", "loss (no unit)"), ("bit", "loss (bit)")])
def test_a_loss_is_drawn_in_its_own_unit(ax, units, label):
    figures.draw_losses(ax, runs.from_columns([0, 9], loss_units=units, train_loss=[2.0, 1.0]))
    assert ax.get_ylabel() == label


@pytest.mark.parametrize(
    ("columns", "keywords", "words"),
    [
        ({"test_accuracy": [0, 1, 1]}, {}, ["generalises"]),
        ({"test_accuracy": [0, 1, 0]}, {}, ["generalises", "lost again"]),
        ({"train_loss": [2, 1, 0.1]}, {}, ["fits"]),
        ({"train_loss": [2, 1, 0.1], "loss_units": "1"}, {}, []),
        ({"train_accuracy": [0, 1, 1]}, {"fit_accuracy": 0.5}, ["fits"]),
    ],
)
def test_what_is_known_of_a_log_is_marked(ax, columns, keywords, words):
    figures.mark_delay(ax, runs.from_columns([0, 10, 20], **columns), **keywords)
    assert [text.get_text() for text in ax.texts] == words


@pytest.mark.parametrize(("name", "value"), [("rows", 0), ("columns", 0), ("height", 0.0)])
def test_panels_refuse_what_cannot_be_drawn(name, value):
    with pytest.raises(ValueError, match=rf"{name} must be .* got {value:g}"):
        figures.panels(**{name: value})


def test_time_must_run_forwards(ax, log):
    with pytest.raises(ValueError, match="time_scale must be above 0, got -1"):
        figures.draw_losses(ax, log, time_scale=-1.0)


def test_the_style_does_not_leak(log):
    before = dict(mpl.rcParams)
    figure, axes = figures.panels()
    figures.draw_losses(axes, log)
    plt.close(figure)
    assert dict(mpl.rcParams) == before


@pytest.fixture
def phases():
    names = [["grokking", "collapse", "grokking"], ["memorisation"] * 3]
    coords = {"alpha": [0.1, 1.0], "size": [10, 20, 30]}
    return xr.DataArray(names, coords, ("alpha", "size"))


@pytest.mark.parametrize("turned", [False, True])
def test_a_phase_diagram_has_the_colour_of_each_cell(ax, phases, turned):
    figures.draw_regimes(ax, phases.transpose() if turned else phases, x="size")
    (mesh,) = ax.collections
    mesh.update_scalarmappable()
    cells = [tuple(colour[:3]) for colour in mesh.get_facecolor()]
    assert cells == [to_rgb(figures.REGIME_COLOURS[name]) for name in phases.values.ravel()]
    assert ax.get_xlim() == (5, 35)


def test_the_legend_of_a_phase_diagram_names_what_is_there(ax, phases):
    figures.draw_regimes(ax, phases, x="alpha")
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["grokking", "memorisation", "collapse"]


def test_every_regime_has_a_colour_of_its_own_lightness():
    assert tuple(figures.REGIME_COLOURS) == theory.measures.REGIMES
    shades = sorted(grey(colour) for colour in figures.REGIME_COLOURS.values())
    assert min(np.diff(shades)) > 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda phases: phases[0], "regime must have two dimensions, size among them"),
        (lambda phases: phases.rename(size="other"), "regime must have two dimensions"),
        (lambda phases: phases.where(phases != "collapse", "chaos"), r"got \['chaos'\]"),
    ],
)
def test_a_phase_diagram_refuses_what_it_cannot_draw(ax, phases, change, message):
    with pytest.raises(ValueError, match=message):
        figures.draw_regimes(ax, change(phases), x="size")


def test_a_table_is_drawn_as_it_stands(ax):
    figures.draw_table(ax, [[0, np.nan], [2, 1], [2, 0]])
    (image,) = ax.get_images()
    np.testing.assert_array_equal(image.get_array().mask, [[0, 1], [0, 0], [0, 0]])
    assert image.get_array().tolist() == [[0, None], [2, 1], [2, 0]]
    assert image.origin == "upper"
    light = [grey(image.to_rgba(np.array([value]))[0][:3]) for value in (0, 1, 2)]
    assert light == sorted(light)


def test_a_bad_table(ax):
    with pytest.raises(ValueError, match=r"table must be 2-D, got shape \(3,\)"):
        figures.draw_table(ax, [1, 2, 3])


def test_replicates_are_drawn_as_mean_and_interval_but_not_where_one_is_missing(ax):
    values = xr.DataArray(
        [[1.0, 3.0], [np.nan, 1.0], [2.0, 2.0]], {"size": [10, 20, 40]}, ("size", "seed")
    )
    figures.draw_replicates(ax, values, "size", "test", "runs", "s")
    (bars,) = ax.containers
    points, _, (lines,) = bars.lines
    np.testing.assert_array_equal(points.get_xydata(), [[10, 2], [40, 2]])
    ends = np.array(lines.get_segments())[:, :, 1]
    np.testing.assert_allclose(ends[0], student_interval([1.0, 3.0])[1:])
    np.testing.assert_allclose(ends[1], [2, 2])
    assert points.get_marker() == "s"
    assert bars.get_label() == "runs"


def test_replicates_name_what_is_wrong(ax):
    values = xr.DataArray(np.ones((2, 2)), dims=("size", "seed"))
    with pytest.raises(ValueError, match="values must have the dimensions seed and step"):
        figures.draw_replicates(ax, values, "step", "test", "runs")
    with pytest.raises(ValueError, match=r"meaning must be one of .*, got 'tests'"):
        figures.draw_replicates(ax, values, "size", "tests", "runs")


def two_units():
    waves = circuits.waves(7, [2], 4.0)
    examples = np.array([[0, 1], [1, 2], [3, 3]])
    return circuits.together([waves, circuits.label_units(examples, np.arange(3), 7, 7, 4.0)])


def test_a_unit_is_drawn_as_it_reads_and_writes():
    units = two_units()
    figure, axes = figures.panels(columns=3)
    figures.draw_unit(axes, units, 6, "memorising")
    reads, _, writes = ([bar.get_height() for bar in ax.patches] for ax in axes)
    np.testing.assert_allclose(reads, units.embeddings[0][:, 6])
    np.testing.assert_allclose(writes, units.written[6])
    with pytest.raises(ValueError, match="meaning must be one of"):
        figures.draw_unit(axes, units, 6, "x")
    with pytest.raises(ValueError, match="axes must be three, got 2"):
        figures.draw_unit(axes[:2], units, 6, "memorising")
    plt.close(figure)


def test_units_are_laid_open_in_the_order_that_was_asked_for():
    units = two_units()
    figure, axes = figures.panels(columns=3)
    figures.draw_laid_open(axes, units, [8, 0])
    shown = axes[2].images[0].get_array()
    assert shown.shape == (2, 7)
    assert shown[0].argmax() == 2
    with pytest.raises(ValueError, match="axes must be three, got 1"):
        figures.draw_laid_open(axes[:1], units, [0])
    plt.close(figure)


def test_values_are_drawn_case_by_case(ax):
    ratio = xr.DataArray(
        [[0.98, 1.0, 1.02], [1.1, np.nan, 1.12]],
        {"case": ["one", "two"], "seed": [1, 2, 3]},
        ("case", "seed"),
    )
    figures.draw_cases(ax, ratio, "memorising", 1, 0.03)
    points = ax.containers[0].lines[0]
    np.testing.assert_allclose(points.get_xdata(), [1.0, 1.11])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]
    with pytest.raises(ValueError, match="values must have the dimensions case and seed"):
        figures.draw_cases(ax, ratio.isel(case=0), "memorising", 1, 0.03)
    with pytest.raises(ValueError, match="meaning must be one of"):
        figures.draw_cases(ax, ratio, "x", 1)


def test_colour_maps_are_those_that_are_declared(pytestconfig):
    files = [
        *pytestconfig.rootpath.glob("book/*.md"),
        *pytestconfig.rootpath.glob("theory/figures/*.py"),
    ]
    used = {name for file in files for name in re.findall(r'cmap="(\w+)"', file.read_text())}
    assert used == {*COLOUR_MAPS}


def test_what_happened_is_marked_in_losses_and_accuracies(log):
    described = theory.describe(log)
    figure = figures.draw_described(log, described)
    losses, accuracies = figure.axes
    for ax in (losses, accuracies):
        assert {text.get_text() for text in ax.texts} == {"fits", "generalises"}
        at = [line.get_xdata()[0] for line in ax.get_lines() if line.get_linestyle() == ":"]
        assert at == [described.fits.item(), described.generalises.item()]
    plt.close(figure)
    one = figures.draw_described(log[["test_accuracy"]], theory.describe(log[["test_accuracy"]]))
    assert len(one.axes) == 1
    plt.close(one)
    with pytest.raises(ValueError, match="run must hold a loss or an accuracy"):
        figures.draw_described(log[["parameter_norm"]], described)
