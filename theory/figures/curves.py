"""A run against its steps: losses, accuracies, norm, weights, and when it fits and generalises."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from theory import measures, runs
from theory.checks import number
from theory.describing import Description
from theory.figures.style import PALETTE, panels, styled

Times = npt.NDArray[np.float64]


@styled
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


@styled
def draw_accuracies(ax: Axes, run: xr.Dataset, time_scale: float = 1.0) -> None:
    """Draw the accuracies of `run`; takes and raises as `draw_losses`."""
    _draw(ax, run, {"train": "train_accuracy", "test": "test_accuracy"}, time_scale)
    ax.set_ylim(-0.03, 1.03)
    ax.set_ylabel("accuracy (fraction)")


@styled
def draw_norm(ax: Axes, run: xr.Dataset, time_scale: float = 1.0) -> None:
    """Draw the parameter norm of `run`; takes and raises as `draw_losses`."""
    _draw(ax, run, {"norm": "parameter_norm"}, time_scale)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("parameter norm (no unit)")


@styled
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


@styled
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
    _mark(ax, marks, time_scale)


def draw_described(run: xr.Dataset, described: Description) -> Figure:
    """Return a figure of the losses and accuracies of a run, with what happened marked in it.

    Parameters
    ----------
    run
        A single run: no dimension but ``step``.
    described
        What `theory.describe` says of it. What cannot be known of the run has no mark.

    Raises
    ------
    ValueError
        If `run` is swept, or holds neither a loss nor an accuracy.
    """
    ways = {"loss": draw_losses, "accuracy": draw_accuracies}
    there = [draw for part, draw in ways.items() if {f"train_{part}", f"test_{part}"} & set(run)]
    if not there:
        raise ValueError(f"run must hold a loss or an accuracy, got {list(run.data_vars)}")
    figure, axes = panels(columns=len(there))
    marks = [
        ("fits", described.fits, "train"),
        ("generalises", described.generalises, "test"),
        ("lost again", described.lost, "test"),
    ]
    for draw, ax in zip(there, np.ravel(axes), strict=True):
        draw(ax, run)
        _mark(ax, marks, 1.0)
    return figure


def _mark(ax: Axes, marks: list[tuple[str, xr.DataArray, str]], time_scale: float) -> None:
    """Draw a line at each step that is known, with its word, in the colour of its meaning."""
    for word, step, meaning in marks:
        at = float(step) * time_scale
        if at > 0:  # known, and not at the start, which a logarithmic axis lacks
            ax.axvline(at, color=PALETTE[meaning]["color"], linewidth=1, linestyle=":")
            ax.text(
                at, 1.01, word, transform=ax.get_xaxis_transform(), ha="center", fontsize="small"
            )


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
    if late.size and np.floor(np.log10(late.max())) >= np.ceil(np.log10(late.min())):
        # Where a power of ten is named, names between would lie on each other.
        ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("updates")
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
