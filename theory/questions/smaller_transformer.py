"""The first two predictions on a smaller transformer, under L2 and with the paper's optimiser.

One layer, four heads, half as wide as the paper's. Transformers memorise random labels, go on from
a state that generalises, or start from their first parameters, as many updates each. With L2 they
come near rest, and objectives can be compared; AdamW does not rest, and norms are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import Adam, AdamW, Checkpoint, Split, Transformer
from theory.questions import transformers
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import crossing, half_way_bounds, objective
from theory.questions.transformers import Setting, some_of
from theory.statistics import Bounds, passage_bounds, power
from theory.sweeps import sweep

ASKS = "Do circuits cost, and networks ungrok, in a transformer as in two layers?"
PART = "a smaller transformer"
KNOWN = (
    "Exploratory runs, not stored, at moduli 23 to 79, of one or two seeds: norms of memorising go "
    "as D to .31 to .35 with L2, kappa is 4.9 to 5.4. A pilot of these steps modulo 53 with one "
    "seed. With L2: norms of random labels 17.6, 21.2, 24.2 and 26.8 at 4, 7, 10 and 14 examples a "
    "label, of what generalises 21.8, 21.9 and 22.0 at 14, 18 and on the pool; after grokking .08, "
    ".42 and .91 right at 4, 7 and 10, all from 14 on; from scratch nothing at 10 and all at 14. "
    "With AdamW: norms 27.6, 31.8, 34.5, 37.6 and 40.3 at 4, 7, 10, 14 and 23 of random labels, "
    "29.8 and 28.8 at 14 and 18 of what generalises; after grokking .17, .65 and .95 right at 4, 7 "
    "and 10, still falling, with a share in waves of .5 at 18; from scratch .06 and .24 at 14 and "
    "18, slowly rising. So the half-way size is .97 of that of equal objective, or 1.04 if what "
    "generalises is taken from scratch, where it is a little cheaper, its norm going as D to .06; "
    "starts are about 1.6 apart, and half-way sizes far below those of two layers. With AdamW the "
    "half-way size is 1.2 of that of equal norm. At risk are the exponents, the width and, by a "
    "few per cent, the place beside equal cost, at moduli of which only one was seen."
)
L2 = 1e-4
_NETWORK = Transformer(d_model=64, heads=4, d_head=16, d_mlp=256)
_PENALTY, _DECAY = Adam(1e-3, l2=L2), AdamW(1e-3, weight_decay=1.0)
CASES: Mapping[str, Setting] = {
    "L2, m = 61": Setting(61, _PENALTY, 1500, 5000, _NETWORK),
    "L2, m = 65": Setting(65, _PENALTY, 1500, 5000, _NETWORK),
    "AdamW, m = 59": Setting(59, _DECAY, 1000, 8000, _NETWORK),
}
WITH_L2, WITH_ADAMW = ("L2, m = 61", "L2, m = 65"), "AdamW, m = 59"
#: D/m at which what generalises is priced, wherever it comes from.
FAR = (16.0, 30.0)
#: D/m after grokking, from scratch (with L2) and of random labels.
SIZES = (2.8, 3.3, 3.9, 4.6, 5.4, 6.4, 7.6, 9.0, 10.6, 12.6, *FAR)
SCRATCH = (9.0, 10.0, 11.0, 12.0, 13.0, 14.5, *FAR)
RANDOM = (4.5, 5.7, 7.2, 9.0, 11.3, *FAR)
SAMPLING = Sampling(least=5, largest=5)
SEEDS = tuple(range(8100, 8100 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "per_label": SIZES, "seed": SEEDS}
#: What a page may run again: at rest, and away from the transition.
LIVE = {**POINTS, "case": WITH_L2, "per_label": FAR[:1]}
#: What two layers have: the guess without any theory of transformers.
_TWO_LAYERS = 12.3, "the mean of two layers with L2 at three moduli"

QUANTITIES = (
    Quantity(
        "memorising_exponent",
        "The exponent in D of the norm of what memorises random labels, with L2.",
        PRIMARY,
        0.02,
        null=0.0,
        guess="the number does not matter",
    ),
    Quantity(
        "generalising_exponent",
        "That of what generalises, from 16 to 30 examples a label, after grokking.",
        PRIMARY,
        0.02,
        null=0.34,
        guess="as much as for memorising",
    ),
    Quantity(
        "scratch_exponent",
        "The same from scratch.",
        PRIMARY,
        0.02,
        null=0.34,
        guess="as much as for memorising",
    ),
    Quantity(
        "half_over_cost",
        "The size at which half is right after grokking over that of equal objective, with L2.",
        PRIMARY,
        0.08,
        relative=True,
    ),
    Quantity("width", "D90/D10 after grokking, with L2.", PRIMARY, 0.1, relative=True),
    Quantity(
        "half_way",
        "The half-way size after grokking in examples a label, with L2.",
        SECONDARY,
        0.1,
        relative=True,
        null=_TWO_LAYERS[0],
        guess=_TWO_LAYERS[1],
    ),
    Quantity(
        "scratch_over_grokked",
        "The half-way size from scratch over that after grokking, with L2; from scratch by the "
        "two sizes between which it lies.",
        SECONDARY,
        0.08,
        relative=True,
        null=1.0,
        guess="one size for all",
    ),
    Quantity(
        "memorising_kappa",
        "The exponent of the envelope of what memorises, with L2: the median over sizes.",
        SECONDARY,
        0.05,
        relative=True,
    ),
    Quantity(
        "generalising_kappa",
        "That of what generalises after grokking, from 16 examples a label on.",
        SECONDARY,
        0.05,
        relative=True,
    ),
    Quantity(
        "adamw_memorising_exponent",
        "The exponent in D of the norm of random labels, with AdamW.",
        SECONDARY,
        0.05,
        null=0.0,
        guess="the number does not matter",
    ),
    Quantity(
        "adamw_generalising_exponent",
        "That of what generalises after grokking, with AdamW.",
        SECONDARY,
        0.05,
        null=0.34,
        guess="as much as for memorising",
    ),
    Quantity(
        "adamw_half_way",
        "The half-way size in examples a label after 8000 updates, with AdamW.",
        SECONDARY,
        0.1,
        relative=True,
        null=_TWO_LAYERS[0],
        guess=_TWO_LAYERS[1],
    ),
    Quantity(
        "adamw_half_over_norm",
        "That over the size of equal norm.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "kappa_identity",
        "The exponent by the norm over that by the parts of the penalty, with L2.",
        CHECK,
        0.02,
        relative=True,
    ),
    Quantity(
        "certificate",
        "The share of the logits in waves of what generalises after grokking, with L2.",
        CHECK,
        0.02,
    ),
    Quantity("fits", "Training accuracy.", CHECK, 0.01),
    Quantity("grokked", "Test accuracy of the networks that go on.", CHECK, 0.02),
    Quantity(
        "half_way_moves",
        "The half-way size after four fifths of the updates over that after all.",
        CHECK,
        0.05,
        relative=True,
    ),
    Quantity("memorising_exponent_far", "As memorising_exponent, from 16 to 30."),
    Quantity("equal_cost", "D/m at which objectives are equal, with L2."),
    Quantity(
        "half_over_scratch_cost",
        "As half_over_cost, with what generalises taken from scratch.",
    ),
    Quantity("equal_norm", "D/m at which norms are equal, with AdamW."),
    Quantity("scratch_objective", "The objective from scratch over after grokking, at 16 and 30."),
    Quantity("adamw_wave_share", "The share of the logits in waves with AdamW, at 16 and 30."),
    Quantity(
        "last_change",
        "How far the accuracy still falls in the last fifth, at the size where it does most.",
    ),
    Quantity("balance", "How far matrices are from balance, with L2, after grokking."),
    Quantity("parameter_norm", "The parameter norm."),
    Quantity("accuracy", "Accuracy on what is never trained on, after grokking."),
    Quantity("scratch_accuracy", "The same from scratch."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again`; with ``random_`` before their names those of random labels, along
    ``random_per_label``, and with ``scratch_`` those from scratch, with L2, along ``penalised``
    and ``scratch_per_label``. These have sizes of their own, whatever `points` say.
    """
    cases, seeds = points["case"], points["seed"]
    penalised = [case for case in cases if case in WITH_L2]
    main = sweep(again, points, folder)
    random = sweep(of_random, {"case": cases, "per_label": RANDOM, "seed": seeds}, folder)
    scratch = sweep(from_scratch, {"case": penalised, "per_label": SCRATCH, "seed": seeds}, folder)
    parts = (
        transformers.named("random", random, "per_label"),
        transformers.named("scratch", scratch.rename(case="penalised"), "per_label"),
    )
    return xr.merge([main, *parts], join="exact", compat="equals")


def again(case: str, per_label: float, seed: int) -> xr.Dataset:
    """Return one run after grokking, as `transformers.gone_on`, and more.

    ``grokked``, the accuracy that it came with; with L2 ``kappa``, ``kappa_of_parts`` and
    ``balance``, the largest of `theory.circuits.transformer_balances`, NaN with AdamW.
    """
    start, accuracy = _grokked(case, seed)
    return _learned(case, per_label, seed, start).assign(grokked=accuracy)


def from_scratch(case: str, per_label: float, seed: int) -> xr.Dataset:
    """Return one run from a network's first parameters, as `again` without ``grokked``."""
    return _learned(case, per_label, seed, None)


def of_random(case: str, per_label: float, seed: int) -> xr.Dataset:
    """Return one run on random labels, from a network's first parameters."""
    setting = CASES[case]
    found, end, split = transformers.memorised(setting, seed, _size(setting, per_label))
    return found.assign(_balances(setting, end, split))


def _learned(case: str, per_label: float, seed: int, start: Checkpoint | None) -> xr.Dataset:
    setting = CASES[case]
    size, pool = _size(setting, per_label), setting.pool(seed)
    found, end = transformers.gone_on(setting, seed, size, start)
    split = Split(pool.task, some_of(pool, size, seed), pool.test, seed)
    return found.assign(_balances(setting, end, split))


def _size(setting: Setting, per_label: float) -> int:
    return round(per_label * setting.modulus)


def _balances(setting: Setting, end: Checkpoint, split: Split) -> Mapping[str, float]:
    names = ("kappa", "kappa_of_parts", "balance")
    if not setting.optimiser.l2:
        return dict.fromkeys(names, np.nan)
    found = circuits.transformer_balances(setting.network, end.parameters, split, L2)
    return {
        "kappa": found.kappa.item(),
        "kappa_of_parts": found.kappa_of_parts.item(),
        "balance": found.off.max().item(),
    }


@lru_cache(maxsize=32)
def _grokked(case: str, seed: int) -> tuple[Checkpoint, float]:
    return transformers.grokked(CASES[case], seed)


def _own(runs: xr.Dataset) -> xr.Dataset:
    """Return the runs after grokking alone."""
    own = [name for name in runs.data_vars if not str(name).startswith(("random_", "scratch_"))]
    return runs[own].reset_coords(drop=True)


def part_of(runs: xr.Dataset, prefix: str) -> xr.Dataset:
    """Return the runs "random" or "scratch" under the names of the others, with L2 along ``case``.

    Their sizes are along ``per_label``.
    """
    found = transformers.part_of(runs, prefix)
    return found.rename(penalised="case") if "penalised" in found.dims else found


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    random, scratch = part_of(runs, "random"), part_of(runs, "scratch")
    at_rest, labels = (each.sel(case=list(WITH_L2)) for each in (_own(runs), random))
    decayed, decayed_labels = (
        each.sel(case=WITH_ADAMW, drop=True) for each in (_own(runs), random)
    )
    return {
        **_priced(at_rest, scratch, labels),
        **_unlearned(at_rest, scratch, labels),
        **_with_adamw(decayed, decayed_labels),
        "fits": runs.train_accuracy.mean("per_label"),
        "grokked": runs.grokked.mean("per_label"),
        "half_way_moves": transformers.half_way_then(runs, 0.8, "per_label").over(
            half_way_bounds(runs.test_accuracy)
        ),
        "last_change": (runs.test_accuracy_before - runs.test_accuracy).max("per_label"),
        "parameter_norm": runs.parameter_norm,
        "accuracy": runs.test_accuracy,
        "scratch_accuracy": scratch.test_accuracy,
    }


def _priced(grokked: xr.Dataset, scratch: xr.Dataset, labels: xr.Dataset) -> Measured:
    """Return what circuits cost with L2, and the exponents that they have at rest."""
    far, far_scratch = (each.sel(per_label=list(FAR)) for each in (grokked, scratch))
    every = xr.concat(
        [grokked.kappa / grokked.kappa_of_parts, labels.kappa / labels.kappa_of_parts], "per_label"
    )
    return {
        "memorising_exponent": _exponent(labels.parameter_norm),
        "memorising_exponent_far": _exponent(labels.parameter_norm.sel(per_label=list(FAR))),
        "generalising_exponent": _exponent(far.parameter_norm),
        "scratch_exponent": _exponent(far_scratch.parameter_norm),
        "scratch_objective": (objective(far_scratch, L2) / objective(far, L2)).mean("per_label"),
        "memorising_kappa": labels.kappa.median("per_label"),
        "generalising_kappa": far.kappa.mean("per_label"),
        "kappa_identity": every.median("per_label"),
        "certificate": far.wave_share.mean("per_label"),
        "balance": far.balance.max("per_label"),
    }


def _unlearned(grokked: xr.Dataset, scratch: xr.Dataset, labels: xr.Dataset) -> Measured:
    """Return where networks stop to generalise with L2, and where costs are equal."""
    cost, scratch_cost, random_cost = (objective(each, L2) for each in (grokked, scratch, labels))
    equal, equal_scratch = (
        crossing(random_cost, each.isel(per_label=-1, drop=True))[0]
        for each in (cost, scratch_cost)
    )
    half = half_way_bounds(grokked.test_accuracy)
    ninety, ten = (
        passage_bounds(grokked.test_accuracy, level, "per_label") for level in (0.9, 0.1)
    )
    return {
        "half_way": half,
        "half_over_cost": half.over(equal),
        "half_over_scratch_cost": half.over(equal_scratch),
        "equal_cost": equal,
        "width": ninety.over(ten),
        "scratch_over_grokked": _between(scratch.test_accuracy).over(half),
    }


def _with_adamw(grokked: xr.Dataset, labels: xr.Dataset) -> Measured:
    """Return the same with AdamW, by norms."""
    far = grokked.sel(per_label=list(FAR))
    equal = crossing(labels.parameter_norm, grokked.parameter_norm.isel(per_label=-1, drop=True))
    half = half_way_bounds(grokked.test_accuracy)
    return {
        "adamw_memorising_exponent": _exponent(labels.parameter_norm),
        "adamw_generalising_exponent": _exponent(far.parameter_norm),
        "adamw_half_way": half,
        "adamw_half_over_norm": half.over(equal[0]),
        "adamw_wave_share": far.wave_share.mean("per_label"),
        "equal_norm": equal[0],
    }


def _exponent(norm: xr.DataArray) -> xr.DataArray:
    return power(norm, norm["per_label"], "per_label")


def _between(right: xr.DataArray) -> Bounds:
    """Return the half-way size by the sizes around it, where the accuracy is a step.

    The largest before half is right for the first time, and the least from which on it always is.
    """
    sizes, half = right["per_label"], right >= 0.5
    first = sizes.where(half).min("per_label").fillna(np.inf)
    last_below = sizes.where(~half).max("per_label").fillna(0.0)
    low = sizes.where(sizes < first).max("per_label").fillna(0.0)
    high = sizes.where(sizes > last_below).min("per_label").fillna(np.inf)
    return Bounds(low, high)
