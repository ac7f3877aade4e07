"""One palette and one way to draw a run, the same for models and networks.

Colours differ in lightness and lines in style, so every figure reads in greyscale too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from theory import measures, runs
from theory.checks import integer, number
from theory.statistics import student_interval

P = ParamSpec("P")
R = TypeVar("R")
Times = npt.NDArray[np.float64]

#: Colour and line style by meaning; the colours are those of the prose (book/_static/book.css).
PALETTE: Mapping[str, Mapping[str, Any]] = {
    "memorising": {"color": "#e69f00", "linestyle": (0, (5, 1.5))},
    "generalising": {"color": "#0072b2", "linestyle": "-"},
    "train": {"color": "#44aa99", "linestyle": (0, (5, 1.5))},
    "test": {"color": "#882255", "linestyle": "-"},
    "norm": {"color": "#555555", "linestyle": "-"},
}

#: Colour of each regime that `theory.measures.regime` names, in the order of the legend.
REGIME_COLOURS: Mapping[str, str] = {
    "comprehension": "#0072b2",
    "grokking": "#9ad0f0",
    "semi-grokking": "#fbf7df",
    "memorisation": "#e69f00",
    "collapse": "#3a3a3a",
}

_STYLE: Any = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 12,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
}


def _styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run `draw` with the book's style, and leave matplotlib's settings as they were."""

    @functools.wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        with plt.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return styled


def panels(rows: int = 1, columns: int = 1, height: float = 3.4) -> tuple[Figure, Any]:
    """Return a figure and its axes: one, or an array of shape (rows, columns) without unit axes.

    Parameters
    ----------
    rows, columns
        Number of panels, at least 1.
    height
        Height of a row, in inches.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> figure, axes = panels(columns=2)
    >>> axes.shape
    (2,)
    >>> plt.close(figure)
    """
    rows = integer("rows", rows, at_least=1)
    columns = integer("columns", columns, at_least=1)
    size = (6.4 if columns == 1 else 7.6, number("height", height, above=0) * rows)
    # Not under the style: the first figure chooses a backend, and what that sets must last.
    figure = plt.figure(figsize=size, layout="constrained", dpi=110)
    with plt.rc_context(_STYLE):
        return figure, figure.subplots(rows, columns)


@_styled
def draw_losses(ax: Axes, run: xr.Dataset, time_scale: float = 1.0) -> None:
    """Draw the train and the test loss of `run`, or the one that it has, on logarithmic axes.

    Parameters
    ----------
    ax
        Where to draw.
    run
        A single run: no dimension but ``step``.
    time_scale
        Factor by which steps are multiplied, above 0.

    Raises
    ------
    ValueError
        If `run` is swept or holds nothing to draw, or `time_scale` is out of range.
    """
    drawn = _draw(ax, run, {"train": "train_loss", "test": "test_loss"}, time_scale)
    if any(np.any(run[name] > 0) for name in drawn):
        ax.set_yscale("log")
    units = sorted({runs.units(run, name) for name in drawn})
    ax.set_ylabel(f"loss ({', '.join('no unit' if unit == '1' else unit for unit in units)})")


@_styled
def draw_accuracies(ax: Axes, run: xr.Dataset, time_scale: float = 1.0) -> None:
    """Draw the accuracies of `run`; takes and raises as `draw_losses`."""
    _draw(ax, run, {"train": "train_accuracy", "test": "test_accuracy"}, time_scale)
    ax.set_ylim(-0.03, 1.03)
    ax.set_ylabel("accuracy (fraction)")


@_styled
def draw_norm(ax: Axes, run: xr.Dataset, time_scale: float = 1.0) -> None:
    """Draw the parameter norm of `run`; takes and raises as `draw_losses`."""
    _draw(ax, run, {"norm": "parameter_norm"}, time_scale)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("parameter norm (no unit)")


@_styled
def draw_weights(ax: Axes, run: xr.Dataset, time_scale: float = 1.0) -> None:
    """Draw the weight of every circuit of a model's `run`; takes and raises as `draw_losses`.

    A circuit that generalises to some test inputs has the generalising colour, others the
    memorising one.
    """
    times, single = _time(run, time_scale), _single(run)
    for weight in runs.quantity(single, "weight").transpose("circuit", "step"):
        meaning = "generalising" if weight["generalises"] > 0 else "memorising"
        label = weight["circuit"].item()
        ax.plot(times, weight, label=label, marker=_marker(times), **PALETTE[meaning])
    _finish(ax, times)
    ax.legend(loc="upper left")
    ax.set_ylabel("weight (logit)")


@_styled
def mark_delay(
    ax: Axes, run: xr.Dataset, time_scale: float = 1.0, *, fit_accuracy: float | None = None
) -> None:
    """Mark where `run` fits, where it generalises, and where that is lost again for good.

    Takes and raises as `draw_losses`, and `fit_accuracy` as `theory.fit_step`. What cannot be
    known of `run` has no mark.
    """
    number("time_scale", time_scale, above=0)
    marks = []
    if fit_accuracy is not None or _has_nats(_single(run)):
        marks.append(("fits", measures.fit_step(run, fit_accuracy=fit_accuracy), "train"))
    if "test_accuracy" in run or "weight" in run:
        step = measures.generalisation_step(run)
        marks += [("generalises", step, "test"), ("lost again", step["lost"], "test")]
    for word, step, meaning in marks:
        at = float(step) * time_scale
        if at > 0:  # known, and not at the start, which a logarithmic axis lacks
            ax.axvline(at, color=PALETTE[meaning]["color"], linewidth=1, linestyle=":")
            ax.text(
                at, 1.01, word, transform=ax.get_xaxis_transform(), ha="center", fontsize="small"
            )


@_styled
def draw_regimes(ax: Axes, regime: xr.DataArray, x: str) -> None:
    """Draw a phase diagram, a coloured cell for every point of a grid.

    Parameters
    ----------
    ax
        Where to draw. Lines drawn later lie on top.
    regime
        Names of `REGIME_COLOURS`, with two dimensions that have coordinates.
    x
        Which of them runs to the right.

    Raises
    ------
    ValueError
        If `regime` does not have these dimensions, or holds another name.
    """
    if regime.ndim != 2 or x not in regime.dims:
        raise ValueError(f"regime must have two dimensions, {x} among them, got {regime.dims}")
    (y,) = set(regime.dims) - {x}
    names = regime.transpose(y, x)
    known, found = list(REGIME_COLOURS), set(names.values.ravel().tolist())
    if not found <= set(known):
        unknown = sorted(found - set(known))
        raise ValueError(f"regime must hold {', '.join(known)}, got {unknown}")
    codes = np.vectorize(known.index)(names.values)
    colours = ListedColormap([REGIME_COLOURS[name] for name in known])
    ax.pcolormesh(names[x], names[y], codes, cmap=colours, vmin=-0.5, vmax=len(known) - 0.5)
    patches = [
        Patch(facecolor=REGIME_COLOURS[name], edgecolor="0.5", label=name)
        for name in known
        if name in found
    ]
    ax.legend(
        handles=patches, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, fontsize="small"
    )


@_styled
def draw_replicates(
    ax: Axes, values: xr.DataArray, along: str, meaning: str, label: str, marker: str = "o"
) -> None:
    """Draw the mean over the seeds with its 95% interval, against another dimension.

    Parameters
    ----------
    ax
        Where to draw.
    values
        Numbers with the dimensions ``seed`` and `along`; where one is NaN nothing is drawn.
    along
        The dimension that runs to the right; it has coordinates.
    meaning
        A name of `PALETTE`, for the colour.
    label
        For the legend.
    marker
        As matplotlib's.

    Raises
    ------
    ValueError
        If `values` has other dimensions, or `meaning` is not a name of `PALETTE`.
    """
    if set(values.dims) != {"seed", along}:
        raise ValueError(f"values must have the dimensions seed and {along}, got {values.dims}")
    if meaning not in PALETTE:
        raise ValueError(f"meaning must be one of {', '.join(PALETTE)}, got {meaning!r}")
    known = values.transpose(along, "seed")
    known = known[known.notnull().all("seed").values]
    found = np.array([student_interval(each.values) for each in known]).reshape(-1, 3)
    mean, low, high = found.T
    ax.errorbar(
        known[along],
        mean,
        [mean - low, high - mean],
        label=label,
        marker=marker,
        linestyle="none",
        linewidth=1.2,
        capsize=2,
        color=PALETTE[meaning]["color"],
    )


@_styled
def draw_table(ax: Axes, table: npt.ArrayLike) -> None:
    """Draw numbers as a picture, light for large ones; the first row is at the top.

    Parameters
    ----------
    ax
        Where to draw.
    table
        Numbers, shape (rows, columns); NaN leaves a cell empty.

    Raises
    ------
    ValueError
        If `table` is not 2-D.
    """
    numbers = np.asarray(table, dtype=float)
    if numbers.ndim != 2:
        raise ValueError(f"table must be 2-D, got shape {numbers.shape}")
    ax.imshow(numbers, cmap="cividis", interpolation="nearest")
    ax.set_axis_off()


def _draw(ax: Axes, run: xr.Dataset, names: Mapping[str, str], time_scale: float) -> list[str]:
    """Draw those of the quantities that a run has, and return their names."""
    times, single = _time(run, time_scale), _single(run)
    there = {meaning: name for meaning, name in names.items() if name in single}
    if not there:
        wanted = " or ".join(names.values())
        raise ValueError(f"run must hold {wanted}, got {list(single.data_vars)}")
    for meaning, name in there.items():
        label = meaning if len(names) > 1 else None
        known = single[name].notnull().values
        ax.plot(
            times[known],
            single[name][known],
            label=label,
            marker=_marker(times[known]),
            **PALETTE[meaning],
        )
    _finish(ax, times)
    return list(there.values())


def _has_nats(run: xr.Dataset) -> bool:
    return "train_loss" in run and runs.units(run, "train_loss") == "nat"


def _marker(times: Times) -> str:
    """Return how to show records: a line that is a single point would not be seen."""
    return "o" if np.count_nonzero(times) < 2 else ""


def _single(run: xr.Dataset) -> xr.Dataset:
    swept = set(runs.validate(run).sizes) - {"step", "circuit"}
    if swept:
        raise ValueError(f"run must be a single run, got one swept over {sorted(map(str, swept))}")
    return run


def _time(run: xr.Dataset, time_scale: float) -> Times:
    scale = number("time_scale", time_scale, above=0)
    times: Times = run["step"].values.astype(float) * scale
    return times


def _finish(ax: Axes, times: Times) -> None:
    late = times[times > 0]  # step 0 has no place on a logarithmic axis
    if late.size:
        ax.set_xscale("log")
    if late.size > 1:
        ax.set_xlim(late.min(), late.max())
    ax.set_xlabel("updates")
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
