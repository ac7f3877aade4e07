"""Where memory sits in a network that has come down from grokking, and what it costs there.

Asked of the runs of `theory.questions.mixtures`: units are told apart by their tuning, costs are
compared with those of networks that memorise random labels alone, and the slope of the objective
along the ladder with the share of memory.
"""

from __future__ import annotations

import xarray as xr

from theory import circuits
from theory.questions import mixtures
from theory.questions.descended import POOL
from theory.questions.mixtures import LADDER, RANDOM, setting
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity
from theory.statistics import log

RUNS_OF = mixtures
POINTS, LIVE, SAMPLING = mixtures.POINTS, mixtures.LIVE, mixtures.SAMPLING
run, again = mixtures.run, mixtures.again
ASKS = "Are memory and waves in the same units, and is memory there what random labels need alone?"
PART = "inside a mixture"
KNOWN = (
    "Exploratory runs, not stored, at moduli 31, 41, 47 and 53: units with pure waves carried all "
    "memory at 13 examples a label and more, two thirds at 9; networks with separate units would "
    "have had a squared norm of 2000 where 1430 to 1620 were measured; slopes of the objective "
    "were .81 to 1.16 of the identity; sums cost 1 to 3% more norm than random labels at few "
    "examples a label. At modulus 41 units u v w had 2 to 3% of their squared norm off their own "
    "waves, of which two thirds were there on the pool already. At modulus 47, seed 1, units that "
    "are waves carried all memory from .9 of the critical size on, 1.05 of it at 1.6. Amended "
    "with the other question, before any run had been looked at."
)
#: Steps, in parts of the derived critical size, at which units are cut.
CUT = (0.7, 1.0, 1.6)
#: Steps over which the slope of the objective is taken, each with the next.
SLOPES = (0.7, 0.8, 0.9, 1.0, 1.2)
_EVEN, _DOWN = 1.0, LADDER[0]

QUANTITIES = (
    Quantity(
        "memory_in_waves",
        "The part of w_M that is in units that are waves, at 1.6 of the critical size.",
        CHECK,
        0.1,
        null=0.0,
        guess="each circuit has units of its own",
    ),
    Quantity(
        "norm_over_separate",
        "The norm at the critical size over that of two separate circuits, of these weights: that "
        "of the pool for its waves, and of random labels for memory. With a third of memory it is "
        "below .9 in any case, since what had grokked can keep all it has.",
        SECONDARY,
        0.05,
        relative=True,
        null=1.0,
        guess="each circuit has units of its own",
    ),
    Quantity(
        "memory_norm",
        "The norm that is not in pure waves, and was not on the pool, at 1.6 of the critical size, "
        "over that of a network that memorises random labels alone, of this weight.",
        SECONDARY,
        0.2,
        relative=True,
        null=1.0,
        guess="as much as alone",
    ),
    Quantity(
        "identity_below",
        "The slope of the objective in log D over a third of gamma, squared norm and share of "
        "memory, from .7 to .9 of the critical size.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "identity_above",
        "The same from .9 to 1.2.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "sums_over_random",
        "Norm over the cube root of the right logit at .5 of the critical size, over that of "
        "random labels.",
        SECONDARY,
        0.03,
        relative=True,
        null=1.0,
        guess="sums are memorised like random labels",
    ),
    Quantity("weight_over_random", "w_M over the right logit of random labels alone."),
    Quantity("memory_in_waves_along", "The part of w_M in wave units, at three sizes."),
    Quantity("cut_loss", "How much test accuracy is lost with all other units, at three sizes."),
    Quantity("cut_train_loss", "How much of what is trained on, with them."),
    Quantity("wave_units", "The part of active units that are waves, at three sizes."),
    Quantity("off_waves", "The part of the squared norm off pure waves, along the ladder."),
    Quantity("off_waves_pool", "The same on the pool."),
    Quantity("expected_memory_norm", "As memory_norm, of the mean field."),
    Quantity("slopes", "As identity, between neighbouring sizes."),
    Quantity("least_size", "The share of memory at the least size."),
    Quantity("random_over_formula", "Norm of random labels over one unit a label.", CHECK, 0.03),
)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    pool, ladder = runs.sel(step=POOL, drop=True), runs.sel(step=list(LADDER))
    weight = ladder.train_logit - ladder.test_logit
    in_waves = (ladder.wave_train_logit - ladder.wave_test_logit) / weight
    even, alone = ladder.sel(step=_EVEN, drop=True), runs.sel(random_step=_EVEN, drop=True)
    memory = weight.sel(step=_EVEN, drop=True)
    of_memory = alone.random_norm**2 * (memory / alone.random_logit) ** (2 / 3)
    of_waves = pool.parameter_norm**2 * (even.test_logit / pool.train_logit) ** (2 / 3)
    off = ladder.parameter_norm**2 - ladder.wave_norm
    off_pool = pool.parameter_norm**2 - pool.wave_norm
    down, few = (ladder.sel(step=RANDOM[0], drop=True), runs.sel(random_step=RANDOM[0], drop=True))
    rest = weight.sel(step=CUT[-1], drop=True)
    small = alone.random_norm**2 * (CUT[-1] / _EVEN * rest / alone.random_logit) ** (2 / 3)
    added = off.sel(step=CUT[-1], drop=True) - off_pool
    memory_norm = runs.expected_memory_norm**2
    said = memory_norm.sel(step=CUT[-1], drop=True) - memory_norm.sel(step=POOL, drop=True)
    sums = down.parameter_norm / down.train_logit ** (1 / 3)
    slopes = slope(ladder, setting("l2", runs))
    cut = ladder.sel(step=list(CUT))
    return {
        "memory_in_waves": in_waves.sel(step=CUT[-1], drop=True),
        "norm_over_separate": even.parameter_norm / (of_waves + of_memory) ** 0.5,
        "memory_norm": (added / small) ** 0.5,
        "identity_below": slopes.sel(step=list(SLOPES[:2])).mean("step"),
        "identity_above": slopes.sel(step=list(SLOPES[2:-1])).mean("step"),
        "random_over_formula": _over_formula(runs),
        "sums_over_random": sums / (few.random_norm / few.random_logit ** (1 / 3)),
        "weight_over_random": memory / alone.random_logit,
        "memory_in_waves_along": in_waves.sel(step=list(CUT)),
        "cut_loss": cut.test_accuracy - cut.cut_test_accuracy,
        "cut_train_loss": 1 - cut.cut_train_accuracy,
        "wave_units": cut.wave_units / cut.units,
        "off_waves": off / ladder.parameter_norm**2,
        "off_waves_pool": off_pool / pool.parameter_norm**2,
        "expected_memory_norm": (said / small) ** 0.5,
        "slopes": slopes,
        "least_size": 1 - (ladder.test_logit / ladder.train_logit).sel(step=_DOWN, drop=True),
    }


def _over_formula(runs: xr.Dataset) -> xr.DataArray:
    """Return the norm of what memorises random labels over that of one unit a label."""
    modulus = setting("modulus", runs)
    per_label = runs["random_step"] * mixtures.critical(runs) / modulus
    found: xr.DataArray = runs.random_norm / circuits.memorising_norm(
        runs.random_logit, per_label + 0 * runs.random_logit, modulus + 0 * runs.random_logit
    )
    return found


def slope(ladder: xr.Dataset, l2: xr.DataArray) -> xr.DataArray:
    r"""Return :math:`dF/d \log D` over :math:`\gamma |\theta|^2 f/3`, between steps.

    The right side is the mean of both ends.
    """
    share = 1 - ladder.test_logit / ladder.train_logit
    right = l2 * ladder.parameter_norm**2 * share / 3
    steps = list(SLOPES)
    size = log(ladder["step"]).sel(step=steps)
    low, high = slice(None, -1), slice(1, None)

    def between(values: xr.DataArray, part: slice) -> xr.DataArray:
        return values.sel(step=steps).isel(step=part).assign_coords(step=steps[:-1])

    rise = between(ladder.objective, high) - between(ladder.objective, low)
    over = between(size, high) - between(size, low)
    found: xr.DataArray = rise / over / ((between(right, low) + between(right, high)) / 2)
    return found
