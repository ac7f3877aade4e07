r"""Stationary points under any penalty, by root finding (derived here).

On a set of circuits, the rest at zero, every marginal cost must equal the pull of the data,

.. math:: \log s_i(w) = \log p(S),

which is solved in log w_i from many starts. A circuit at zero must be held there, s_i(0) >= p.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
import xarray as xr
from scipy.optimize import root

from theory.minimal import losses
from theory.minimal.cells import Cells, Mask
from theory.minimal.law import Array, Law, pull_slope
from theory.minimal.model import MinimalModel

#: What the points on one set of circuits are called, by decreasing total weight.
ROOTS = ("larger", "smaller", "third", "fourth")
#: Total weights to start from, in units of log(q - 1) + 1.
_TOTALS = np.geomspace(1e-4, 20.0, 14)
#: Share of the circuit that a start favours.
_FAVOURED = 0.9
#: Error of log s - log p at a root, and log weights up to which two roots are one.
_ERROR, _SAME = 1e-9, 1e-6


@dataclass(frozen=True)
class Point:
    """A stationary point of one cell: who has weight, which weights, and the Morse index."""

    support: tuple[int, ...]
    weight: Array
    index: int
    trap: bool


def stationary_points(model: MinimalModel) -> xr.Dataset:
    """Return what `theory.equilibrium` returns, for any penalty, by root finding.

    Points on the same circuits are called "larger", "smaller", and so on by their total weight.
    Roots are looked for from many starts, so that none is known to be missing, but none is proved
    to be either.

    Raises
    ------
    ArithmeticError
        If a set of circuits has more than four points.
    """
    cells, names = Cells.of(model), model.names
    found = [list(_points(cells.take(lane))) for lane in range(cells.lanes)]
    keys = sorted({key for points in found for key in _keyed(points)}, key=_order)
    shape = (len(keys), len(names), cells.lanes)
    weight, index = np.full(shape, np.nan), np.full((len(keys), cells.lanes), -1)
    kind = np.full((len(keys), cells.lanes), "absent", dtype="<U8")
    for lane, points in enumerate(found):
        for key, point in _keyed(points).items():
            row = keys.index(key)
            weight[row, :, lane], index[row, lane] = point.weight, point.index
            kind[row, lane] = _kind(point, len(names))
    return _labelled(model, keys, weight, index, kind)


def _points(cell: Cells) -> Iterator[Point]:
    """Yield the points of one cell, those with more weight on the same circuits first."""
    law, count = cell.law, len(cell.first)
    if not law.alpha > 0:
        return
    sizes = range(count + 1)
    for support in chain.from_iterable(combinations(range(count), size) for size in sizes):
        for weight in sorted(_roots(law, support, count), key=np.sum, reverse=True):
            at_zero = np.setdiff1d(np.arange(count), support)
            with np.errstate(all="ignore"):
                cost = law.marginal(weight)
                curvature = law.curvature(weight)[np.ix_(support, support)]
            wrong = law.pull(weight)
            if np.all(cost[at_zero] >= wrong):
                hessian = curvature - pull_slope(wrong)
                index = int((np.linalg.eigvalsh(hessian) < 0).sum()) if support else 0
                trap = not support and bool(np.all(np.isinf(cost)))
                yield Point(support, weight, index, trap)


def _roots(law: Law, support: tuple[int, ...], count: int) -> list[Array]:
    """Return all weights found at which the slopes of a set of circuits vanish."""
    if not support:
        return [np.zeros(count)]
    on, found = np.array(support), list[Array]()

    def whole(log_weight: Array) -> Array:
        weight = np.zeros(count)
        weight[on] = np.exp(np.clip(log_weight, -700, 700))
        return weight

    def excess(log_weight: Array) -> Array:
        weight = whole(log_weight)
        return np.asarray(np.log(law.marginal(weight)[on]) - _log_pull(law, weight))

    with np.errstate(all="ignore"):
        for start in _starts(law, len(on)):
            solution = root(excess, start, method="hybr", tol=1e-13)
            new = all(np.max(abs(solution.x - other)) > _SAME for other in found)
            if new and np.max(abs(excess(solution.x))) < _ERROR:
                found.append(solution.x)
    return [whole(log_weight) for log_weight in found]


def _log_pull(law: Law, weight: Array) -> float:
    return -float(np.logaddexp(0.0, weight.sum() - law.log_rivals))


def _starts(law: Law, count: int) -> Iterator[Array]:
    """Yield log weights to start from: of many totals, split evenly and in favour of each."""
    splits = [np.full(count, 1 / count)]
    if count > 1:
        rest = (1 - _FAVOURED) / (count - 1)
        splits += [np.where(np.arange(count) == i, _FAVOURED, rest) for i in range(count)]
    for total in _TOTALS * (float(law.log_rivals) + 1):
        for split in splits:
            yield np.log(total * split)


_Key = tuple[tuple[int, ...], str]


def _keyed(points: list[Point]) -> dict[_Key, Point]:
    """Return the points by their circuits and their rank among those on the same ones."""
    keyed = dict[_Key, Point]()
    for point in points:
        rank = sum(support == point.support for support, _ in keyed)
        if rank == len(ROOTS):
            raise ArithmeticError(f"more than {rank} stationary points on circuits {point.support}")
        keyed[point.support, ROOTS[rank] if point.support else "origin"] = point
    return keyed


def _order(key: _Key) -> tuple[int, int, tuple[int, ...]]:
    support, name = key
    return (*((0, ROOTS.index(name)) if support else (0, 1)), support)


def _kind(point: Point, count: int) -> str:
    if point.trap:
        return "trap"
    return {0: "minimum", count: "maximum"}.get(point.index, "saddle")


def _labelled(
    model: MinimalModel, keys: list[_Key], weight: Array, index: Array, kind: Mask
) -> xr.Dataset:
    """Return the points as a Dataset over the model's sweeps."""
    names, swept = model.names, model.swept
    labels = [
        "+".join(names[i] for i in support)
        + {"larger": "", "origin": "origin"}.get(name, f" ({name})")
        for support, name in keys
    ]
    cells = {name: swept.coords[name] for name in swept.coords}
    coords = {
        "point": labels,
        "circuit": list(names),
        "support": (("point", "circuit"), [[i in s for i in range(len(names))] for s, _ in keys]),
        "root": ("point", [name for _, name in keys]),
        **cells,
    }
    shape = (len(keys), *swept.shape)
    weights = xr.DataArray(
        weight.reshape(len(keys), len(names), *swept.shape),
        coords,
        ("point", "circuit", *swept.dims),
        attrs={"long_name": "weight of the circuit", "units": "logit"},
    )
    loss = losses.objective(model, weights.fillna(0.0)).where(weights.notnull().all("circuit"))
    loss.attrs = {"long_name": "objective", "units": "nat"}
    points = {
        "weight": weights,
        "kind": (("point", *swept.dims), kind.reshape(shape)),
        "index": (("point", *swept.dims), index.reshape(shape)),
        "loss": loss,
    }
    return xr.Dataset(points)
