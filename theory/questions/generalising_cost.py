"""What generalising costs on sums, from how many units, and when memorising costs as much.

Networks that generalise are brought to rest on four fifths of all pairs, and beside them networks
that memorise random labels on two numbers of pairs, around where both cost the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from theory import circuits, sweeps
from theory.networks import modular_addition
from theory.questions.at_rest import UPDATES, at_rest, with_random_labels
from theory.questions.practice import POOL
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import crossing
from theory.statistics import power

ASKS = "What does generalising cost on sums, and when does memorising cost as much?"
PART = "what a circuit costs"
KNOWN = (
    "Exploratory runs, not stored, at moduli 23 to 97, 127, 149 and 193, and pilots with seeds 1, "
    "2, 7 and 8 at 29 and one at 79. There the norm was within 3%, N within 5 units. N depends "
    "less on the penalty than predicted, and the size of equal cost rises with it where the "
    "predicted one falls, so that both exponents are known to be off. At 17 four fifths of all "
    "pairs are too few to generalise from."
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
    width, updates
        Hidden units, and updates before the network is brought to rest.
    """

    modulus: int
    l2: float = 1e-4
    width: int = 128
    updates: int = UPDATES


CASES: Mapping[str, Case] = {
    "m = 29": Case(29),
    "m = 89": Case(89),
    "m = 151": Case(151),
    "m = 29, penalty 1e-5": Case(29, 1e-5),
    "m = 29, penalty 1e-3": Case(29, 1e-3),
    "m = 89, penalty 1e-5": Case(89, 1e-5),
    "m = 89, penalty 1e-3": Case(89, 1e-3),
    "m = 29, width 48": Case(29, width=48),
    "m = 29, longer": Case(29, updates=5 * UPDATES),
}
#: Cases at each modulus whose penalties differ, by penalty.
_BY_PENALTY = {
    29: {1e-5: "m = 29, penalty 1e-5", 1e-4: "m = 29", 1e-3: "m = 29, penalty 1e-3"},
    89: {1e-5: "m = 89, penalty 1e-5", 1e-4: "m = 89", 1e-3: "m = 89, penalty 1e-3"},
}
#: D/m at which random labels are memorised.
SIZES = (11.0, 18.0)
#: No more, for time: two hours on one core.
SAMPLING = Sampling(least=10, largest=10)
SEEDS = tuple(range(2000, 2000 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "seed": SEEDS}
LIVE = {"case": ("m = 29", "m = 29, penalty 1e-3"), "seed": SEEDS}
#: Test accuracy from which a network counts as generalising.
GENERALISES = 0.95

#: The norm and D/m over powers of the modulus: the first by least squares over moduli 47 to 67 of
#: the question on the critical size, with the power of the penalty from the one on efficiency; the
#: second over exploratory runs, not stored, at moduli 31, 37, 59, 67 and 83.
_NORM_LAW, _SIZE_LAW = (4.846, 0.551, -0.0474), (6.905, 0.186)

QUANTITIES = (
    Quantity(
        "units",
        "Active hidden units of a network that generalises.",
        PRIMARY,
        0.1,
        relative=True,
        null=28.0,
        guess="as at modulus 47",
    ),
    Quantity(
        "right_logit",
        "A, the right logit less the mean of all, of a network that generalises.",
        PRIMARY,
        0.04,
        relative=True,
        null=10.2,
        guess="as at modulus 47 and a penalty of 1e-4",
    ),
    Quantity(
        "units_by_penalty",
        "The exponent with which the number of active units changes with the penalty.",
        PRIMARY,
        0.03,
        null=0.0,
        guess="it does not",
    ),
    Quantity(
        "equal_cost_over_law",
        "D/m at which memorising random labels has the objective of generalising on four fifths of "
        "all pairs, at a penalty of 1e-4, over a power law in the modulus through five moduli.",
        PRIMARY,
        0.05,
        relative=True,
        null=1.0,
        guess="the power law",
    ),
    Quantity(
        "equal_cost_by_penalty",
        "The exponent with which that D/m changes with the penalty.",
        PRIMARY,
        0.02,
        null=0.0,
        guess="it does not",
    ),
    Quantity(
        "norm_over_law",
        "The norm of a network that generalises, over a power law in modulus and penalty through "
        "those of earlier questions. It goes with the sixth root of N A^2, which N hardly changes.",
        SECONDARY,
        0.04,
        relative=True,
        null=1.0,
        guess="the power law",
    ),
    Quantity(
        "longer",
        "The norm after five times as many updates, over that after the usual ones, at modulus 29.",
        CHECK,
        0.02,
        relative=True,
    ),
    Quantity(
        "norm_over_pure",
        "The norm over that of as many pure waves with that logit.",
        CHECK,
        0.03,
        relative=True,
    ),
    Quantity("parameter_norm", "The parameter norm of a network that generalises."),
    Quantity("equal_cost", "D/m at which both have the same objective."),
    Quantity("kappa", "The exponent of a generalising network at rest, of the envelope."),
    Quantity("waves", "The part of active units that are waves."),
    Quantity("generalises", "Whether a network does: 1, or 0 where it is left out of all else."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweeps.sweep(again, points, folder)


def again(case: str, seed: int) -> xr.Dataset:
    """Return one run: `at_rest.at_rest` of a network that generalises.

    With ``memorising_objective`` and ``memorising_norm`` along ``per_label``, of those that have
    memorised random labels, each as often as another.
    """
    of = CASES[case]
    task = modular_addition(of.modulus)
    pool = task.split(round(POOL * len(task.labels)), rng=seed)
    splits = [with_random_labels(pool, round(size * task.num_labels), seed) for size in SIZES]
    memorising = [at_rest(each, of.width, of.l2, seed, of.updates) for each in splits]
    sizes = {"per_label": list(SIZES)}
    return at_rest(pool, of.width, of.l2, seed, of.updates).assign(
        {
            f"memorising_{name}": xr.DataArray([each[of_each] for each in memorising], sizes)
            for name, of_each in (("objective", "objective"), ("norm", "parameter_norm"))
        }
    )


def setting(name: str, runs: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Return what the cases say of one of their attributes, along ``case``."""
    values = [getattr(CASES[case], name) for case in runs["case"].values]
    return xr.DataArray(values, {"case": runs["case"]}, "case")


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; NaN where a network does not generalise."""
    generalises = runs.test_accuracy >= GENERALISES
    runs = runs.where(generalises)
    modulus, l2 = setting("modulus", runs), setting("l2", runs)
    constant, by_modulus, by_penalty = _NORM_LAW
    law = constant * modulus**by_modulus * (l2 / 1e-4) ** by_penalty
    equal, _ = crossing(runs.memorising_objective, runs.objective)
    usual = runs["case"].isin([case for case, of in CASES.items() if of == Case(of.modulus)])
    size_constant, size_power = _SIZE_LAW
    pure = (circuits.WAVE_COST * modulus) ** 0.5 * (runs.units * runs.right_logit**2) ** (1 / 6)
    norm = runs.parameter_norm
    return {
        "units": runs.units,
        "right_logit": runs.right_logit,
        "units_by_penalty": _by_penalty(runs.units),
        "equal_cost_over_law": (equal / (size_constant * modulus**size_power)).isel(
            case=usual.values
        ),
        "equal_cost_by_penalty": _by_penalty(equal),
        "norm_over_law": norm / law,
        "longer": norm.sel(case="m = 29, longer", drop=True) / norm.sel(case="m = 29", drop=True),
        "norm_over_pure": norm / pure,
        "parameter_norm": norm,
        "equal_cost": equal,
        "kappa": runs.kappa,
        "waves": runs.wave_units / runs.units,
        "generalises": generalises.astype(float),
    }


def _by_penalty(values: xr.DataArray) -> xr.DataArray:
    """Return the exponent of a quantity in the penalty, along ``modulus``.

    NaN where a penalty is missing: over two decades or over one it is not the same number.
    """
    found = []
    for cases in _BY_PENALTY.values():
        at = values.sel(case=list(cases.values())).assign_coords(case=list(cases))
        found.append(power(at, at["case"], "case").where(at.notnull().all("case")))
    return xr.concat(found, xr.DataArray(list(_BY_PENALTY), dims="modulus", name="modulus"))
