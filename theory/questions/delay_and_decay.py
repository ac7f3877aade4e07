r"""How long a network takes from fitting to generalising, by the strength of weight decay.

Momentum descent and Adam with the penalty :math:`\tfrac\gamma2 |\theta|^2`, and AdamW, over a
factor of 32 in decay. With each, the number of examples and the learning rate are changed, too; how
the time goes with examples is asked in `theory.questions.delay_and_size`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import (
    Adam,
    AdamW,
    GradientDescent,
    Optimiser,
    Split,
    Stage,
    Training,
    TwoLayer,
    modular_addition,
)
from theory.questions.descended import nested
from theory.questions.passages import FALLEN, HALF, MOST, passages, passed_after
from theory.questions.practice import pool_of
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.shapes import (
    EXPONENTIAL,
    INVERSE,
    LOGARITHM,
    POWER,
    Shape,
    advantage,
    shifted,
)
from theory.statistics import Bounds, exp, log, power, slope_bounds
from theory.sweeps import sweep

ASKS = "How does the time from fitting to generalising go with the strength of weight decay?"
PART = "decay and time"
KNOWN = (
    "Exploratory runs, not stored. Modulus 31, 672 examples, momentum descent from 1e-3 to "
    "1.25e-4: exponent -.99; AdamW -.86; Adam with L2 about a logarithm. Pilots of these steps, "
    "seed 0. Modulus 31 and 43 at 1.7 of the derived critical size, exponents of delays to "
    "half-way: descent -1.04 and -1.04, Adam -.24 and -.235, and of its totals -.110 and -.122; "
    "AdamW at 31 -.51, and to nine tenths -.65 to -.87; at 43 AdamW at 1/16 was half-way at 1430, "
    "and later back at .43. Sizes at modulus 31: exponents of delays of descent in D -5.2 from "
    "1.67 to 2.15 of the critical size and -4.4 from 1.2 to 1.43; of Adam about -5 and -1.5, and "
    "AdamW's fell about as an exponential of D. So exponents of descent near -1.04 and of Adam "
    "near -.24 are expected. New are how much that scatters over seeds and moduli, shapes that "
    "are held out, and what the models say, which was computed before these runs and after the "
    "pilots. In tries of these steps at moduli 37 and 41, with 32 units and 3000 updates, norms "
    "grew from fitting to half-way. These moduli are composite; those were primes."
)
WIDTH = 64
#: The exponent of arXiv:2605.20441, in the decay less a constant.
SHIFTED = shifted(-0.757)


@dataclass(frozen=True)
class Way:
    """A way to train: the strongest decay, the learning rate, the start, and the patience.

    Attributes
    ----------
    optimiser
        Takes a learning rate and a decay.
    rate, decay
        What both are where nothing is changed.
    embedding_scale
        Of the start.
    updates
        After so many it is given up.
    """

    optimiser: Any
    rate: float
    decay: float
    embedding_scale: float
    updates: int


def _descent(rate: float, decay: float) -> Optimiser:
    return GradientDescent(rate, l2=decay, momentum=0.9)


def _adam(rate: float, decay: float) -> Optimiser:
    return Adam(rate, l2=decay)


DESCENT, ADAM, ADAMW = "descent", "Adam", "AdamW"
WAYS: Mapping[str, Way] = {
    DESCENT: Way(_descent, 0.1, 2e-3, 0.4, 80_000),
    ADAM: Way(_adam, 1e-3, 5e-4, 0.1, 30_000),
    ADAMW: Way(AdamW, 1e-3, 1.0, 0.1, 40_000),
}


@dataclass(frozen=True)
class Change:
    """What is changed: the decay and the rate by a factor, D in parts of the critical size."""

    decay: float = 0.25
    part: float = 1.7
    rate: float = 1.0


#: Parts of the strongest decay, and parts of the derived critical size.
DECAYS = tuple(2.0**-halvings for halvings in range(6))
PARTS_OF_SIZE = (1.2, 1.3, 1.4, 1.55, 1.7, 1.85, 2.0)
CHANGES: Mapping[str, Change] = {
    **{f"decay {decay:g}": Change(decay) for decay in DECAYS},
    **{f"size {part:g}": Change(part=part) for part in PARTS_OF_SIZE if part != Change.part},
    **{f"rate {rate:g}": Change(rate=rate) for rate in (0.5, 2.0)},
}
#: Where each ladder is found.
BASE, SHORTEST = f"decay {Change.decay:g}", f"decay {DECAYS[0]:g}"
BY_DECAY = tuple(f"decay {decay:g}" for decay in DECAYS)
#: What is foretold from the shortest, by what is changed.
KINDS = {
    kind: [name for name in CHANGES if name.startswith(kind) and name != SHORTEST]
    for kind in ("decay", "size", "rate")
}
#: gamma at which the critical size is derived.
L2_OF_SIZE = 1e-4
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6100, 6100 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": (35, 39, 45),
    "way": tuple(WAYS),
    "change": tuple(CHANGES),
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "way": (ADAM,), "change": BY_DECAY[:4]}

_NO_MATTER = "decay does not matter"
QUANTITIES = (
    Quantity(
        "descent_exponent",
        "The exponent in the strength of the penalty of the updates from fitting to half of the "
        "accuracy, with momentum descent.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "adam_total_exponent",
        "The exponent in the strength of the penalty of the updates from the start to half of the "
        "accuracy, with Adam.",
        PRIMARY,
        0.02,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "adam_exponent",
        "The exponent in the strength of the penalty of the updates from fitting to half of the "
        "accuracy, with Adam.",
        PRIMARY,
        0.05,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "adamw_most_exponent",
        "The exponent in the decay of the updates from fitting to nine tenths of the accuracy, "
        "with AdamW.",
        PRIMARY,
        0.1,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "adamw_exponent",
        "The exponent in the decay of the updates from fitting to half of the accuracy, with "
        "AdamW.",
        SECONDARY,
        0.1,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "descent_most_exponent",
        "The exponent in the strength of the penalty of the updates from fitting to nine tenths "
        "of the accuracy, with momentum descent.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "adamw_shifted",
        "How many nats a decay that was left out is worth more to the power -.757 of the decay "
        "less a constant than to a free power, with AdamW, from fitting to nine tenths.",
        SECONDARY,
        0.2,
    ),
    Quantity(
        "adam_logarithm",
        "How many nats a decay that was left out is worth more to a logarithm of the decay than to "
        "a power of it, with Adam, from fitting.",
    ),
    Quantity("exponents", "Exponents at each modulus, from fitting."),
    Quantity("worth", "Nats that a decay left out is worth more to each shape than to a power."),
    Quantity(
        "off",
        "By what factor less one the time of another run is missed in the median, from one short "
        "run and a law.",
    ),
    Quantity("delay", "Updates from fitting to half of the accuracy."),
    Quantity("fits", "Updates to fit."),
    Quantity("norm_ratio", "The squared norm where it fits over that half-way."),
    Quantity("known_share", "The share of runs that came to half of the accuracy."),
    Quantity("fell_back", "The share of those that fell back below two fifths afterwards."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, way: str, change: str, seed: int) -> xr.Dataset:
    """Return when one network passes the marks, as `passages.passages`."""
    given, changed = WAYS[way], CHANGES[change]
    pool = pool_at(modulus, seed)
    size = round(changed.part * float(circuits.critical_size(modulus, L2_OF_SIZE)))
    optimiser = given.optimiser(given.rate * changed.rate, given.decay * changed.decay)
    stage = Stage(optimiser, given.updates, nested(pool, [size], seed)[0])
    network = TwoLayer(WIDTH, embedding_scale=given.embedding_scale)
    right = MOST if changed.part == Change.part else HALF
    return passages(Training(network, pool, (stage,), seed), right)


def pool_at(modulus: int, seed: int) -> Split:
    """Return what examples are drawn from, and what is only ever tested on."""
    return pool_of(modular_addition(modulus), seed)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    ladder = along_decay(runs)
    half, most = (passed_after(ladder, mark) for mark in ("half", "most"))
    exponents = _exponent(half)
    total = ladder.half.sel(way=ADAM, drop=True)
    to_half, to_most = ladder.half - ladder.fits, (ladder.most - ladder.fits).sel(way=ADAMW)
    return {
        "descent_exponent": exponents.at(way=DESCENT),
        "adam_total_exponent": power(total, total["decay"], "decay"),
        "adam_exponent": exponents.at(way=ADAM),
        "adamw_exponent": exponents.at(way=ADAMW),
        "adamw_most_exponent": _exponent(most).at(way=ADAMW),
        "adam_logarithm": _worth(to_half.sel(way=ADAM), LOGARITHM),
        "adamw_shifted": _worth(to_most, SHIFTED),
        "descent_most_exponent": _exponent(most).at(way=DESCENT),
        "exponents": exponents,
        "worth": _worth_of_all(to_half),
        "off": foretold(runs),
        "delay": to_half,
        "fits": ladder.fits,
        "norm_ratio": (ladder.fit_norm / ladder.half_norm) ** 2,
        "known_share": ladder.half.notnull().astype(float),
        "fell_back": (ladder.lowest_after < FALLEN).astype(float),
    }


def along_decay(runs: xr.Dataset) -> xr.Dataset:
    """Return the runs of the ladder of decays, along ``decay``, in parts of the strongest."""
    ladder = runs.sel(change=list(BY_DECAY))
    return ladder.assign_coords(change=list(DECAYS)).rename(change="decay")


def foretold(runs: xr.Dataset) -> xr.DataArray:
    """Return the median factor, less 1, by which the time of other runs is missed.

    Along ``law``, and ``kind`` of change: from the shortest run of the same seed. "changes" takes
    what each change did to the mean logarithm at the other two moduli; "inverse" that the time is
    one over rate and decay; "norms" that it is that times the logarithm of the squared norm where
    it fits over that half-way, which is known only afterwards. A law that gives no time has missed
    it by an infinite factor. Times that were not reached are left out.
    """
    delay = log(runs.half - runs.fits)
    longer = delay - delay.sel(change=SHORTEST, drop=True)
    moduli = runs["modulus"]
    others = [longer.where(moduli != each).mean(["modulus", "seed"]) for each in moduli.values]
    pace = -_per_change(lambda change: np.log(change.rate * change.decay))
    inverse = pace - pace.sel(change=SHORTEST, drop=True)
    falls = log(log((runs.fit_norm / runs.half_norm) ** 2))
    norms = inverse + falls - falls.sel(change=SHORTEST, drop=True)
    said = {"changes": xr.concat(others, moduli), "inverse": inverse, "norms": norms}
    off = [abs(longer - each).fillna(np.inf).where(longer.notnull()) for each in said.values()]
    every = xr.concat(off, xr.DataArray(list(said), dims="law", name="law"))
    by_kind = [every.sel(change=names).median("change") for names in KINDS.values()]
    return exp(xr.concat(by_kind, xr.DataArray(list(KINDS), dims="kind", name="kind"))) - 1


def _per_change(number: Callable[[Change], float]) -> xr.DataArray:
    names = list(CHANGES)
    return xr.DataArray([number(CHANGES[name]) for name in names], {"change": names}, "change")


def _exponent(log_time: Bounds) -> Bounds:
    return slope_bounds(log_time, log(log_time.low["decay"]), "decay")


def _worth(time: xr.DataArray, shape: Shape) -> xr.DataArray:
    return advantage(time, time["decay"], "decay", shape, POWER)


def _worth_of_all(time: xr.DataArray) -> xr.DataArray:
    shapes = {
        "inverse": INVERSE,
        "logarithm": LOGARITHM,
        "shifted": SHIFTED,
        "exponential": EXPONENTIAL,
    }
    found = [
        xr.concat([_worth(time.sel(way=way), shape) for way in WAYS], time["way"])
        for shape in shapes.values()
    ]
    return xr.concat(found, xr.DataArray(list(shapes), dims="shape", name="shape"))
