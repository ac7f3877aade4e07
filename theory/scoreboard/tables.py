"""Curves of stored runs, place by place, to score laws by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from theory import circuits
from theory.questions import (
    critical_again,
    delay_and_decay,
    delay_and_size,
    held_norm,
    large_starts,
    load,
    memorising_cost,
    mixtures,
    name_of,
    width,
)
from theory.questions.delay_and_decay import ADAMW, BY_DECAY, WAYS, Change
from theory.questions.question import Question
from theory.statistics import Bounds
from theory.theories.laws import (
    DELAY_BY_DECAY,
    DELAY_BY_SIZE,
    FIT_BY_WIDTH,
    HALF_BY_WIDTH,
    HALF_WAY,
    HELD_NORM,
    LARGE_START,
    MEMORISING_NORM,
    MEMORY_SHARE,
    Places,
)

# What is known of places, by name.
Known = Mapping[str, xr.DataArray | float]


@dataclass(frozen=True)
class Table:
    """A quantity at places, of several seeds each, on the scale on which it is compared.

    Attributes
    ----------
    name, question
        As in `theory.theories.laws`, and that of the question whose runs they are.
    values
        The median over seeds at each place, shape (places,).
    noise
        The variance of such a median by seeds alone, shape (places,).
    places
        What is known of each place, by name.
    group, rung
        Two labels of each place, such as its modulus and its decay, shape (places,). What is
        foretold shares neither with what a law is fitted to.
    left_out
        How many places are not here, since most of their seeds did not come so far in time.
    """

    name: str
    question: str
    values: np.ndarray
    noise: np.ndarray
    places: Places
    group: np.ndarray
    rung: np.ndarray
    left_out: int = 0


def tables(shelf: str | Path = "data") -> dict[str, Table]:
    """Return all tables, by name, from the stored runs."""
    found = [table for make in _MAKERS for table in make(shelf)]
    return {each.name: each for each in found}


def table(
    name: str,
    question: Question,
    values: xr.DataArray,
    dims: Sequence[str],
    places: Known,
    relative: bool = True,
) -> Table:
    """Return a table of values along seeds and one or two dimensions: group, and rung.

    Parameters
    ----------
    name, question
        Of the curve, and whose runs they are.
    values
        Above 0 if `relative`. A run in which a mark was not reached is NaN, and counts as later
        than all others.
    dims
        Of the values, but for ``seed``: the first is the group, the last the rung.
    places
        What is known of places: numbers, or arrays along some of `dims`.
    relative
        Whether logarithms are compared.
    """
    flat = _flat(values, (*dims, "seed")).reshape(-1, values.sizes["seed"])
    scaled = np.log(flat) if relative else flat
    medians = np.median(np.where(np.isnan(scaled), np.inf, scaled), axis=1)
    there = np.isfinite(medians)
    grid = np.meshgrid(*(values[dim].values for dim in dims), indexing="ij")
    like = xr.zeros_like(values.isel(seed=0, drop=True))
    known = {each: _flat(like + value, dims)[there] for each, value in places.items()}
    return Table(
        name,
        name_of(question),
        medians[there],
        _noise(scaled[there]),
        known,
        grid[0].ravel()[there],
        grid[-1].ravel()[there],
        int((~there).sum()),
    )


def _flat(values: xr.DataArray, dims: Sequence[str]) -> np.ndarray:
    found: np.ndarray = values.transpose(*dims).values.ravel().astype(float)
    return found


def _noise(scaled: np.ndarray) -> np.ndarray:
    """Return the variance of a median over seeds at each place."""
    # The median of normal numbers scatters by pi/2 more than their mean.
    found: np.ndarray = np.pi / 2 * np.nanvar(scaled, axis=1, ddof=1) / scaled.shape[1]
    return found


def _by_decay(shelf: str | Path) -> list[Table]:
    runs = load(delay_and_decay, shelf)
    ladder = delay_and_decay.along_decay(runs)
    found = []
    for way, name in DELAY_BY_DECAY.items():
        there = ladder.sel(way=way, drop=True)
        places = {
            "decay": there["decay"] * WAYS[way].decay,
            "modulus": there["modulus"],
            "fit_norm": there.fit_norm.median("seed"),
        }
        late = there.half - there.fits
        found.append(table(name, delay_and_decay, late, ("modulus", "decay"), places))
    return found


def _by_size(shelf: str | Path) -> list[Table]:
    ladder = delay_and_size.along_size(load(delay_and_size, shelf))
    modulus = ladder["modulus"]
    critical = xr.DataArray(circuits.critical_size(modulus, delay_and_decay.L2_OF_SIZE))
    places = {
        "size": ladder["part"],
        "modulus": modulus,
        "fraction": ladder["part"] * critical / modulus**2,
    }
    late = ladder.half - ladder.fits
    return [
        table(name, delay_and_size, late.sel(way=way), ("modulus", "part"), places)
        for way, name in DELAY_BY_SIZE.items()
    ]


def _large(shelf: str | Path) -> list[Table]:
    runs = load(large_starts, shelf).sel(scale=list(large_starts.FROM))
    found = []
    for way, name in LARGE_START.items():
        places: Known = {"scale": runs["scale"], "falls": large_starts.WAYS[way].falls}
        times = runs.generalises.sel(way=way)
        found.append(table(name, large_starts, times, ("case", "scale"), places))
    return found


def _held(shelf: str | Path) -> list[Table]:
    runs = load(held_norm, shelf)
    places: Known = {
        "norm": runs["large"],
        "modulus": runs["modulus"],
        "free_norm": free_norm(shelf),
    }
    return [table(HELD_NORM, held_norm, runs.large_half, ("modulus", "large"), places)]


def free_norm(shelf: str | Path = "data") -> float:
    """Return the norm at which free networks are half right, in parts of the derived norm.

    With AdamW at the strongest decay that was run; with less of it norms are larger.
    """
    runs = load(delay_and_decay, shelf).sel(way=ADAMW, change=BY_DECAY[0])
    norms = runs.half_norm.median("seed")
    derived = [held_norm.derived_norm(each, Change.part) for each in norms["modulus"].values]
    return float((norms / derived).mean())


def _widths(shelf: str | Path) -> list[Table]:
    runs = load(width, shelf)
    places = {"width": runs["width"], "modulus": runs["modulus"]}
    return [
        table(name, width, runs[mark], ("modulus", "width"), places)
        for name, mark in ((HALF_BY_WIDTH, "half"), (FIT_BY_WIDTH, "fits"))
    ]


def _memorising(shelf: str | Path) -> list[Table]:
    found = memorising_cost.measure(load(memorising_cost, shelf))
    norm, logit, size = (
        Bounds.of(found[name]).low for name in ("parameter_norm", "right_logit", "label_size")
    )
    places = {
        "logit": logit.median("seed"),
        "label_size": size.median("seed"),
        "per_label": memorising_cost.setting("per_label", norm),
        "labels": memorising_cost.setting("num_labels", norm),
        "slots": memorising_cost.setting("slots", norm),
    }
    made = table(MEMORISING_NORM, memorising_cost, norm, ("case",), places)
    # Cases that differ in none of these are twins: none is foretold from another.
    cases = (memorising_cost.CASES[case] for case in made.group)
    twins = np.array([f"{case.per_label}, {case.num_labels}, {case.slots}" for case in cases])
    return [replace(made, group=twins, rung=twins)]


def _half_ways(shelf: str | Path) -> list[Table]:
    found = critical_again.measure(load(critical_again, shelf))
    half, cost = (Bounds.of(found[name]).low for name in ("half_way", "equal_cost"))
    places = {"modulus": half["modulus"], "equal_cost": cost.median("seed")}
    return [
        table(name, critical_again, half.sel(start=start), ("modulus",), places)
        for start, name in HALF_WAY.items()
    ]


def _shares(shelf: str | Path) -> list[Table]:
    found = mixtures.measure(load(mixtures, shelf))
    share, size = (Bounds.of(found[name]).low for name in ("share", "relative_size"))
    places = {"size": size.median("seed")}
    dims = ("case", "step")
    made = table(MEMORY_SHARE, mixtures, share, dims, places, relative=False)
    # Three cases are of one modulus, and of the same pools.
    moduli = np.array([mixtures.CASES[case].modulus for case in made.group])
    return [replace(made, group=moduli)]


_MAKERS: tuple[Callable[[str | Path], list[Table]], ...] = (
    _by_decay,
    _by_size,
    _large,
    _held,
    _widths,
    _memorising,
    _half_ways,
    _shares,
)
