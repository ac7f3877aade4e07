"""Efficiency: what norm either circuit needs for its logits, by the number of examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.figures import PALETTE, Figure
from theory.paper_figures.panels import ends, plain_sizes, shades, table
from theory.paper_figures.paper_figure import Drawn
from theory.questions import efficiency, load
from theory.sweeps import sweep

TITLE = "Efficiency of both circuits, by the number of examples"
MINUTES = 8.0
NETWORK = "two layers"
#: Labels of networks that can only memorise, and of those that generalise.
CIRCUITS = {"memorising": "independent", "generalising": "sums"}
POINTS: Mapping[str, Sequence[Any]] = {**efficiency.POINTS, "labels": tuple(CIRCUITS.values())}


def stored(shelf: str | Path) -> Drawn:
    """Return networks on random labels and on sums, from the question on efficiency."""
    return {NETWORK: _circuits(load(efficiency, shelf))}


def again(folder: str | Path) -> Drawn:
    """Do these runs."""
    return {NETWORK: _circuits(sweep(efficiency.again, POINTS, folder))}


def _circuits(runs: xr.Dataset) -> xr.Dataset:
    """Return ``norm`` and ``logit`` of networks, along ``circuit``, ``examples`` and others.

    Norms and right logits over the mean of all, NaN of what was to generalise and does not.
    """
    both = runs.sel(labels=list(CIRCUITS.values()))
    pure = (both["labels"] != CIRCUITS["generalising"]) | (
        both.test_accuracy >= efficiency.GENERALISES
    )
    found = xr.Dataset({"norm": both.parameter_norm, "logit": both.train_logit}).where(pure)
    sizes = (both["per_label"] * efficiency.MODULUS).round().astype(int)
    named = found.assign_coords(labels=list(CIRCUITS), per_label=sizes.values)
    return named.rename(labels="circuit", per_label="examples", l2="strength")


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a row a network; paler dots for fewer examples."""
    figure, axes = table(len(drawn), 3, height=3.2)
    for row, (title, runs) in zip(axes, drawn.items(), strict=True):
        for ax, circuit in zip(row, CIRCUITS, strict=False):
            _scatter(ax, runs.sel(circuit=circuit), circuit)
            ax.set_title(f"{circuit}, {title}", fontsize="medium")
        _by_size(row[2], runs)
        row[0].set_ylabel("right logit")
    return figure


def _scatter(ax: Any, runs: xr.Dataset, circuit: str) -> None:
    """Draw logits against norms, a dot a network."""
    there = runs.dropna("examples", how="all")
    sizes = there["examples"].values.tolist()
    for size, shade, label in zip(sizes, shades(len(sizes)), ends(sizes, "examples"), strict=True):
        some = there.sel(examples=size)
        color = PALETTE[circuit]["color"]
        dots = {"color": color, "alpha": shade, "marker": "o", "markersize": 3, "linestyle": ""}
        ax.plot(some.norm.values.ravel(), some.logit.values.ravel(), label=label, **dots)
    ax.set_xlabel("parameter norm")
    # Below the panel: inside there is no place without networks.
    ax.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.25))


def _by_size(ax: Any, runs: xr.Dataset) -> None:
    """Draw the norm that a circuit needs for one logit against the number of examples."""
    logit = common_logit(runs)
    for circuit in CIRCUITS:
        norm = norm_for(runs.sel(circuit=circuit), logit).dropna("examples", how="all")
        ax.semilogx(norm["examples"], norm.mean("seed"), marker=".", **PALETTE[circuit])
    ax.set(xlabel="examples", ylabel="parameter norm")
    plain_sizes(ax)
    ax.set_title(f"norm at a right logit of {logit:.1f}", fontsize="medium")


def common_logit(runs: xr.Dataset) -> float:
    """Return a logit that networks of every size have with some strength, if there is one.

    Examples
    --------
    >>> logits = [[2.0, 8.0], [4.0, 16.0]]
    >>> common_logit(xr.Dataset({"logit": (("examples", "strength"), logits)})).__round__(3)
    5.657
    """
    low, high = runs.logit.min("strength").max(), runs.logit.max("strength").min()
    return float(np.sqrt(low * high))


def norm_for(runs: xr.Dataset, logit: float) -> xr.DataArray:
    """Return the norm at a right logit, between networks of different strengths.

    Linear in the logarithms; NaN outside of their logits, and where one of them is NaN.

    Examples
    --------
    >>> runs = xr.Dataset({"norm": ("strength", [8.0, 2.0]), "logit": ("strength", [4.0, 1.0])})
    >>> norm_for(runs, 2.0).item().__round__(3)
    4.0
    """

    def between(norms: NDArray[np.float64], logits: NDArray[np.float64]) -> float:
        if not np.isfinite(logits).all():
            return np.nan
        order = np.argsort(logits)
        at = np.interp(np.log(logit), np.log(logits[order]), np.log(norms[order]), np.nan, np.nan)
        return float(np.exp(at))

    dims = [["strength"], ["strength"]]
    found: xr.DataArray = xr.apply_ufunc(
        between, runs.norm, runs.logit, input_core_dims=dims, vectorize=True
    )
    return found
