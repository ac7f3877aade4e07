r"""What generalising costs with ReLU units, of which frequencies, and the exponent of one network.

Networks are trained on the full table of sums but for one pair, and cooled until they are near
rest. The guess for their norm is that units read pure cosines, and write what then is best. Such a
unit is worth less than the best: for a large modulus
:math:`|\theta|^2 = \pi (1/2 - 4/\pi^2)^{-1/2}\, m A`, 10.21 m A, with the logit at which a penalty
on that is least (derived here).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import sweeps
from theory.networks import TwoLayer, modular_addition
from theory.questions.cooled import UPDATES, cooled, part_of_frequencies
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling

ASKS = "What does generalising cost with ReLU units, and which frequencies does it take?"
PART = "exponents and degrees"
KNOWN = (
    "Exploratory runs of ReLU networks, not stored, at moduli 23, 31 and 47, on four fifths of all "
    "pairs: norms within 1.3% of the optimum at penalties of 1e-5, 1e-4 and 1e-3. Pilots of this "
    "design with seed 1 at moduli 23 and 31 and a penalty of 1e-4: the norm was 0.2 to 0.4% above "
    "the optimum at width 256 and 0.1% at 512, A up to 0.4% above, all frequencies were alike to "
    "0.1%, kappa was 1.99 and five times as many updates changed the norm by 0.06%; with squares "
    "kappa was 2.68 to 2.76, and 0.52 to 0.59 of all frequencies were used. On four fifths of all "
    "pairs modulo 23 the norm was 2% below. Squares modulo 29 had a kappa of 2.45 to 2.75 in other "
    "exploratory runs. In double precision the norm was 0.3 and 0.4% above at 1e-3 and 1e-5, "
    "modulo 31. ReLU networks were never run on sums modulo 29 or 61."
)


@dataclass(frozen=True)
class Case:
    """What network generalises, and on which sums: all but the seed.

    Attributes
    ----------
    modulus
        Of the sums.
    l2
        gamma of the penalty.
    width, activation
        Hidden units, and what they do.
    updates
        At each learning rate.
    """

    modulus: int
    l2: float = 1e-4
    width: int = 256
    activation: str = "relu"
    updates: int = UPDATES


CASES: Mapping[str, Case] = {
    "m = 29": Case(29),
    "m = 29, penalty 1e-3": Case(29, 1e-3),
    "m = 29, penalty 1e-5": Case(29, 1e-5),
    "m = 61": Case(61, width=512),
    "m = 29, longer": Case(29, updates=5 * UPDATES),
    "m = 29, squares": Case(29, width=128, activation="square"),
}
#: Those of ReLU that differ in what is asked.
RELU = ("m = 29", "m = 29, penalty 1e-3", "m = 29, penalty 1e-5", "m = 61")
SQUARES = "m = 29, squares"
#: No more, for time: half an hour on one core, most of it at modulus 61.
SAMPLING = Sampling(least=6, largest=6)
SEEDS = tuple(range(2300, 2300 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {"case": RELU[:3], "seed": SEEDS}

#: How far pull and penalty may be from balance, as a part: beyond, nothing counts.
_NEAR = 0.01
#: The squared norm over m A of units that read pure cosines, for a large modulus.
_COSINES = np.pi / (1 / 2 - 4 / np.pi**2) ** 0.5

QUANTITIES = (
    Quantity(
        "norm_over_cosines",
        "The norm of a ReLU network that generalises, over that at which units that read pure "
        "cosines would rest.",
        PRIMARY,
        0.01,
        relative=True,
        null=1.0,
        guess="units read pure cosines",
    ),
    Quantity(
        "frequencies",
        "The part of all frequencies that the logits of a ReLU network are made of.",
        PRIMARY,
        0.03,
        relative=True,
        null=0.5,
        guess="as with squares, half of them or fewer",
    ),
    Quantity(
        "right_logit",
        "A, the right logit less the mean of all, of a ReLU network that generalises.",
        SECONDARY,
        0.02,
        relative=True,
    ),
    Quantity(
        "relu_kappa",
        "The exponent of a ReLU network near rest, of the envelope.",
        SECONDARY,
        0.03,
        null=2.64,
        guess="as with squares",
    ),
    Quantity(
        "square_kappa",
        "The exponent of a network of square units near rest, of the envelope, at modulus 29.",
        SECONDARY,
        0.1,
        null=2.64,
        guess="as in the question on efficiency",
    ),
    Quantity(
        "longer",
        "The norm after five times as many updates, over that after the usual ones.",
        CHECK,
        0.003,
        relative=True,
    ),
    Quantity(
        "euler",
        "The pull of the data along the parameters over that of the penalty, of ReLU networks.",
        CHECK,
        0.003,
        relative=True,
    ),
    Quantity("parameter_norm", "The parameter norm."),
    Quantity("price", "The squared norm over m A, of ReLU networks."),
    Quantity("objective", "The loss with its penalty (nat)."),
    Quantity("square_frequencies", "The part of all frequencies, with squares at modulus 29."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweeps.sweep(again, points, folder)


def again(case: str, seed: int) -> xr.Dataset:
    """Return one run: the numbers of `cooled.cooled`, with ``frequencies``."""
    of = CASES[case]
    task = modular_addition(of.modulus)
    split = task.split(len(task.labels) - 1, rng=seed)
    network = TwoLayer(of.width, of.activation)
    found = cooled(network, split, of.l2, seed, updates=of.updates)
    return found.numbers.assign(frequencies=part_of_frequencies(found.logits, task.labels))


def setting(name: str, runs: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Return what the cases say of one of their attributes, along ``case``."""
    values = [getattr(CASES[case], name) for case in runs["case"].values]
    return xr.DataArray(values, {"case": runs["case"]}, "case")


def cosine_norm(runs: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Return the norm at which units that read pure cosines would rest, along ``case``."""
    modulus = setting("modulus", runs)
    price = setting("l2", runs) * _COSINES * modulus / 2
    odds = xr.apply_ufunc(np.log1p, modulus * (1 - price) / price)
    norm: xr.DataArray = (_COSINES * (modulus - 1) * odds) ** 0.5
    return norm


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; NaN where a network is not near rest."""
    euler, runs = runs.euler, runs.where(abs(runs.euler - 1) < _NEAR)
    relu = runs.sel(case=list(RELU))
    square = runs.sel(case=SQUARES, drop=True)
    norm = runs.parameter_norm
    longer = norm.sel(case="m = 29, longer", drop=True) / norm.sel(case="m = 29", drop=True)
    return {
        "norm_over_cosines": relu.parameter_norm / cosine_norm(relu),
        "frequencies": relu.frequencies,
        "right_logit": relu.right_logit,
        "relu_kappa": relu.kappa,
        "square_kappa": square.kappa,
        "longer": longer,
        "euler": euler.sel(case=list(RELU)),
        "parameter_norm": norm,
        "price": relu.parameter_norm**2 / (setting("modulus", relu) * relu.right_logit),
        "objective": runs.objective,
        "square_frequencies": square.frequencies,
    }
