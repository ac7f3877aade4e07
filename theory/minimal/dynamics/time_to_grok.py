"""When gradient flow groks: the first time at which w_G > w_M, or why there is none."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.integrate import LSODA, OdeSolver, Radau
from scipy.optimize import brentq

from theory.checks import number
from theory.minimal.dynamics import fates
from theory.minimal.dynamics.coordinates import Array, Coordinates, Indices, Verdicts
from theory.minimal.dynamics.fates import REASONS, Fates
from theory.minimal.dynamics.flow import name_of
from theory.minimal.dynamics.integrator import first_crossing
from theory.minimal.dynamics.law import ABSOLUTE, FIRST_STEP, RELATIVE, Law, at_rest
from theory.minimal.dynamics.problem import Problem
from theory.minimal.model import MinimalModel

#: Error of z_i allowed in an explicit step: errors of T stay below 1e-6.
TOLERANCE = 3e-6
#: The same for delicate cells, and the least that rounding leaves room for.
_DELICATE, _LEAST = 1e-10, 1e-14
#: Times before which cells are integrated again, as delicate ones: z_i has hardly moved by then.
_EARLY = 5.0
#: Cells that are laid out at once.
_BLOCK = 65_536
#: Steps of the stiff integrator before a cell counts as undecidable.
_MOST_STEPS = 10_000
#: No time to grok is looked for beyond.
_LATEST = 1e300
#: Floor of z_i down to which the stiff integrator can tell weights apart.
_SMALLEST = 1e-8


def time_to_grok(model: MinimalModel, threshold: float = 0.95) -> xr.DataArray:
    r"""Return the first time at which gradient flow generalises (Section 3; derived here).

    .. math:: T = \inf \{ t \ge 0 : w_G(t) > w_M(t) \}

    For other sets of circuits, those that are right at the threshold against the others, as in
    `theory.generalisation_step`. It is the limit of lambda times `theory.crossing_update`.

    Parameters
    ----------
    model
        The model; its swept cells are integrated side by side.
    threshold
        Fraction of the test inputs, in (0, 1].

    Returns
    -------
    xarray.DataArray
        T in updates times learning rate, dims: the swept ones; relative error at most 1e-6.
        Rounding takes digits where both sides start at speeds that differ by a part d < 2e-5 (up
        to 2e-11 / d, never more than 0.1), or end at weights that differ by d < 1e-6 (up to
        1e-12 / d). NaN only where the circuits provably never cross; the coordinate ``reason``
        (text, one of `theory.minimal.REASONS`) says why, or "groks", or "generalises from the
        start".

    Raises
    ------
    ValueError
        If `threshold` is out of range, or if subweights are too small to square.
    ArithmeticError
        If a cell can be neither integrated nor decided; it is named.

    Examples
    --------
    >>> print(f"{time_to_grok(MinimalModel.paper()).item():.3f}")
    50.058
    >>> time_to_grok(MinimalModel.paper(kappa=3)).reason.item()
    'never: trapped at zero'
    """
    return solve(model, number("threshold", threshold, above=0, at_most=1), TOLERANCE)


def solve(model: MinimalModel, threshold: float, tolerance: float) -> xr.DataArray:
    """Return `time_to_grok` with steps of another tolerance."""
    swept = model.swept
    time, verdict = np.empty(swept.shape), np.empty(swept.shape, np.int8)
    numbers = np.arange(swept.size).reshape(swept.shape)
    for block, part in _parts(model):
        fate = fates.at_the_door(Coordinates.of(part), fates.sides(part, part.swept, threshold))
        found = _times(model, fate, numbers[block].ravel(), tolerance)
        time[block], verdict[block] = (values.reshape(part.swept.shape) for values in found)
    attrs = {"long_name": "time to grok", "units": "1"}
    times = xr.DataArray(time, swept.coords, swept.dims, "time_to_grok", attrs)
    reason = np.array(REASONS, dtype=object)[verdict - 1]
    return times.assign_coords(reason=(swept.dims, reason))


def _parts(model: MinimalModel) -> Iterator[tuple[tuple[slice, ...], MinimalModel]]:
    """Yield parts of a sweep that are small enough to be laid out at once, and where they are."""
    shape, dims = model.swept.shape, model.swept.dims
    if model.swept.size <= _BLOCK:
        yield (slice(None),) * len(shape), model
        return
    for block in _blocks(shape):
        yield block, model.isel(dict(zip(dims, block, strict=True)))


def _blocks(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Yield the places of such parts of a grid."""
    row = math.prod(shape[1:])
    rows = max(1, _BLOCK // max(row, 1))
    whole = [tuple(slice(None) for _ in shape[1:])]
    for first in range(0, shape[0], rows):
        for rest in whole if row <= _BLOCK else _blocks(shape[1:]):
            yield (slice(first, first + rows), *rest)


def _times(
    model: MinimalModel, fate: Fates, cells: Indices, tolerance: float
) -> tuple[Array, Verdicts]:
    """Return time and verdict of a block, whose cells have these numbers in the whole model."""
    time, verdict = np.where(fate.verdict == fates.FROM_THE_START, 0.0, np.nan), fate.verdict.copy()
    waiting = np.flatnonzero(verdict == fates.OPEN)
    if waiting.size:
        fate = fate if waiting.size == cells.size else fate.take(waiting)
        found = _integrate(model, fate, cells[waiting], tolerance)
        time[waiting], verdict[waiting] = found
    return time, verdict


def _integrate(
    model: MinimalModel, fate: Fates, cells: Indices, tolerance: float
) -> tuple[Array, Verdicts]:
    """Return the times and verdicts of cells that take an integration."""
    outcome = first_crossing(_problem(fate, tolerance, np.full(cells.size, np.inf)))
    time, verdict, stiff = outcome.time, outcome.verdict, outcome.stiff
    early = np.flatnonzero(time < _EARLY)
    while early.size:
        # What little has moved by then must be large against the errors.
        reached = time[early]
        again = first_crossing(_problem(fate.take(early), tolerance, reached))
        time[early], verdict[early], stiff[early] = again.time, again.verdict, again.stiff
        early = early[again.time < reached / 10]
    for lane in np.flatnonzero(stiff):
        time[lane], verdict[lane] = _Stiff(model, fate, int(lane), int(cells[lane])).solve()
    verdict[np.isfinite(time)] = fates.GROKS
    return time, verdict


def _problem(fate: Fates, tolerance: float, reach: Array) -> Problem:
    """Return what to integrate if z_i moves by about `reach`, shape (lanes,).

    If that is little, the kink at zero matters most of the way.
    """
    c = fate.coordinates
    floor = np.minimum(_floor(c), reach)
    finer = np.minimum(1.0, reach / (floor + abs(c.start)).max(axis=0))
    early = _tolerance(fate, min(tolerance, _DELICATE)) * finer
    allowed = np.where(np.isinf(reach), _tolerance(fate, tolerance), early)
    allowed = np.maximum(allowed, _LEAST)
    cells = np.arange(c.lanes)
    return Problem(c, cells, fate.sign, floor, ~fate.certain, allowed, fate.watch)


def _tolerance(fate: Fates, tolerance: float) -> Array:
    """Return the error of z_i allowed in a step of each cell.

    Where the limit lies close to the crossing the lead ends up as small as its distance, and where
    both sides start at nearly one speed it is never large. Where it is not known on which side the
    limit lies, errors must not decide it. Where a weight passes the kink at zero, a step errs more
    than it seems to.
    """
    close = tolerance * np.minimum(1.0, 5 * fate.narrowness) * _head_start(fate)
    close *= _bluntness(fate.coordinates)
    delicate = ~fate.certain | (fate.coordinates.start < 0).any(axis=0)
    return np.where(delicate, np.minimum(close, _DELICATE), close)


def _bluntness(c: Coordinates) -> Array:
    """Return 1 where costs forgive as much as in the paper's model, less where they are sharper.

    The first circuit to fit the data has a z_i of size `fit` by then. An error relative to
    1 + `fit` is one of its weight, and r times that one of its cost, by which it shrinks.
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        fit = np.where(c.scale > 0, np.arcsinh(c.log_rivals / c.scale), np.inf).min(axis=0)
    sharpness = (1 + fit) * np.maximum(1.0, c.r.max(axis=0))
    return np.asarray(np.minimum(1.0, 4 / sharpness))


def _head_start(fate: Fates) -> Array:
    """Return how far apart both sides start, from 1e-5 for level to 1 for a factor of e^8."""
    c, leading = fate.coordinates, fate.sign > 0
    speed = c.speed(c.weight(c.start))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = speed.sum(axis=0, where=leading) / speed.sum(axis=0, where=~leading)
        return np.asarray(np.clip(np.nan_to_num(abs(np.log(ratio)) / 8), 1e-5, 1.0))


def _floor(c: Coordinates) -> Array:
    """Return the z_i up to which errors count as absolute.

    It is 1, or the largest that a circuit can grow to under a strong penalty if that is less.
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log_ratio = -np.log1p(np.exp(-c.log_rivals)) - np.log(c.cost)
        log_size = np.where((log_ratio < 0) & (c.r > 0), log_ratio / c.r, 0.0)
        size = np.minimum(1.0, np.exp(log_size - np.log(np.maximum(c.rho, 1.0))))
    return np.where(c.balance == 0, np.maximum(size, 1e-280), 1.0)


@dataclass(frozen=True)
class _Stiff:
    """One lane that explicit steps cannot finish, followed by an implicit method."""

    model: MinimalModel
    fate: Fates
    lane: int
    cell: int

    def solve(self) -> tuple[float, int]:
        """Return time and verdict.

        Raises
        ------
        ArithmeticError
            If the lane stays undecided.
        """
        one = self.fate.take(np.array([self.lane]))
        if _floor(one.coordinates).min() < _SMALLEST:
            raise ArithmeticError(
                f"time to grok {name_of(self.model, self.cell)} is undecided: the penalty holds "
                "weights so close to zero that they cannot be told apart"
            )
        for method in (LSODA, Radau):
            found = self._solve(one, method)
            if found is not None:
                return found
        raise ArithmeticError(f"time to grok {name_of(self.model, self.cell)} is undecided")

    def _solve(self, one: Fates, method: type[LSODA] | type[Radau]) -> tuple[float, int] | None:
        """Return time and verdict, None where `method` reaches neither."""
        law = Law(one.coordinates, 0)
        solver = method(
            lambda time, z: np.array(law.slope(z, time)),
            0.0,
            one.coordinates.start[:, 0],
            _LATEST,
            jac=lambda time, z: np.array(law.jacobian(z, time)),
            first_step=FIRST_STEP,
            rtol=RELATIVE,
            atol=ABSOLUTE,
        )
        for _ in range(_MOST_STEPS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # the status says it, too
                solver.step()
            if solver.status != "running":
                break
            weight = one.coordinates.weight(at_rest(one.coordinates, solver.y[:, None]))
            if one.lead(weight) > 0:
                return _refine(one, solver), fates.GROKS
            verdict = one.watch(np.zeros(1, np.intp), weight, one.coordinates.growth(weight))[0]
            if verdict:
                return np.nan, int(verdict)
        return None


def _refine(one: Fates, solver: OdeSolver) -> float:
    """Return where within the solver's last step the lead passes zero."""
    inside = solver.dense_output()

    def lead(time: float) -> float:
        return float(one.lead(one.coordinates.weight(inside(time)[:, None]))[0])

    return float(brentq(lead, solver.t_old, solver.t, xtol=1e-300, rtol=1e-12))
