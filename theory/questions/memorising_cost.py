"""What memorising costs, for any number of labels, examples a label, slots, width and penalty.

Random examples with random labels, so that nothing can be learned but each by itself. Networks are
brought to rest, and their norm is compared at the logit that they have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xarray as xr

from theory import sweeps
from theory.questions.at_rest import UPDATES, at_rest, label_size, to_memorise
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import power

ASKS = "What does it cost to memorise so many examples of so many labels?"
PART = "what a circuit costs"
KNOWN = (
    "Exploratory runs, not stored, at 31 to 97 tokens, and pilots of most cases with 79 and 89 "
    "tokens and seeds 1, 2, 7 and 8. There the norm was within 4% of one unit a label, less near "
    "at four slots; with 89 labels some share a unit; and the logit fell short of what is "
    "predicted by 4 to 15%, so that this prediction is known to fail in most cases."
)
TOKENS = 89


@dataclass(frozen=True)
class Case:
    """What a network memorises: all but the seed.

    Attributes
    ----------
    per_label, num_labels, slots
        d, q and k.
    labels
        As `at_rest.to_memorise`.
    width, l2
        Of the network, and gamma of its penalty.
    updates
        Before it is brought to rest.
    """

    per_label: float = 6.0
    num_labels: int = 40
    slots: int = 2
    labels: str = "balanced"
    width: int = 128
    l2: float = 1e-4
    updates: int = UPDATES


_BASE = Case()
LONGER = "d = 24, longer"
#: One thing changed at a time, but for the width where there are more labels than units.
CASES: Mapping[str, Case] = {
    "base": _BASE,
    "d = 3": replace(_BASE, per_label=3.0),
    "d = 12": replace(_BASE, per_label=12.0),
    "d = 24": replace(_BASE, per_label=24.0),
    "d = 60": replace(_BASE, per_label=60.0),
    "q = 20": replace(_BASE, num_labels=20),
    "q = 89": replace(_BASE, num_labels=89),
    "q = 120": replace(_BASE, num_labels=120),
    "q = 178": replace(_BASE, num_labels=178, width=256),
    "penalty 1e-5": replace(_BASE, l2=1e-5),
    "penalty 1e-3": replace(_BASE, l2=1e-3),
    "width 64": replace(_BASE, width=64),
    "width 512": replace(_BASE, width=512),
    "3 slots": replace(_BASE, slots=3),
    "4 slots": replace(_BASE, slots=4),
    "independent": replace(_BASE, labels="independent"),
    "unequal": replace(_BASE, labels="unequal"),
    LONGER: replace(_BASE, per_label=24.0, updates=5 * UPDATES),
}
#: Cases that differ in one attribute, by its name.
BY: Mapping[str, tuple[str, ...]] = {
    "num_labels": ("q = 20", "base", "q = 89", "q = 178"),
    "slots": ("base", "3 slots", "4 slots"),
}
#: Where few tokens are shared by the examples of different labels: d^2 below the tokens.
SPARSE = ("base", "d = 3", "q = 20", "q = 89", "penalty 1e-5", "penalty 1e-3", "3 slots", "4 slots")
SAMPLING = Sampling(least=10, batch=5, largest=20)
SEEDS = tuple(range(1000, 1000 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "seed": SEEDS}
LIVE = {"case": ("base", "d = 3", "q = 20", "3 slots"), "seed": SEEDS}

#: The norm over powers of d and A, at 47 labels, by least squares over the 135 networks with
#: balanced labels of the question on efficiency, and, with the penalty in place of A, the power of
#: that; each label is taken to cost the same.
_AT_LOGIT, _AT_PENALTY, _LABELS = (6.565, 0.340, 0.382), (16.10, 0.338, -0.0495), 47

QUANTITIES = (
    Quantity(
        "norm_from_penalty",
        "The norm of a network that memorises, over a power law in d and the penalty through those "
        "of the question on efficiency, with each label costing the same.",
        PRIMARY,
        0.03,
        relative=True,
        null=1.0,
        guess="the power law",
    ),
    Quantity(
        "norm_by_labels",
        "The exponent with which the norm grows with the number of labels, all of one size.",
        PRIMARY,
        0.03,
        null=0.34,
        guess="as with the number of examples, 0.34",
    ),
    Quantity(
        "norm_by_slots",
        "The exponent with which the norm changes with the number of tokens in an example.",
        PRIMARY,
        0.03,
        null=0.0,
        guess="it does not",
    ),
    Quantity(
        "units_per_label",
        "Active hidden units for each label, where few tokens are shared.",
        PRIMARY,
        0.05,
        relative=True,
        null=1.44,
        guess="as many as there are, where there are fewest: 128 for 89 labels",
    ),
    Quantity(
        "right_logit",
        "A, the right logit less the mean of all.",
        SECONDARY,
        0.05,
        relative=True,
    ),
    Quantity(
        "tokens_per_example",
        "Over how many tokens of a slot the reading of a unit is spread, for each example of a "
        "label, where few are shared.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "norm_over_law",
        "The norm over a power law in d and A through those of the question on efficiency. At the "
        "logit that a network has, little but the number of its units is left to be wrong.",
        CHECK,
        0.03,
        relative=True,
    ),
    Quantity(
        "longer",
        "The norm after five times as many updates, over that after the usual ones, of d = 24.",
        CHECK,
        0.02,
        relative=True,
    ),
    Quantity("parameter_norm", "The parameter norm."),
    Quantity("kappa", "The exponent of the network at rest, of the envelope."),
    Quantity("label_size", "Examples a label, averaged with the power 2/3."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweeps.sweep(again, points, folder)


def again(case: str, seed: int) -> xr.Dataset:
    """Return one run, as `at_rest.at_rest`, with ``label_size``."""
    of = CASES[case]
    split = to_memorise(of.per_label, of.num_labels, TOKENS, of.slots, of.labels, seed)
    return at_rest(split, of.width, of.l2, seed, of.updates).assign(label_size=label_size(split))


def setting(name: str, runs: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Return what the cases say of one of their attributes, along ``case``."""
    values = [getattr(CASES[case], name) for case in runs["case"].values]
    return xr.DataArray(values, {"case": runs["case"]}, "case")


def exponent(values: xr.DataArray, name: str) -> xr.DataArray:
    """Return the exponent of values in an attribute of the cases, over those that differ in it."""
    some = values.sel(case=list(BY[name]))
    return power(some, setting(name, some), "case")


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    every, runs = runs, runs.drop_sel(case=LONGER)  # the same networks as without it
    size, labels, l2 = (setting(name, runs) for name in ("per_label", "num_labels", "l2"))
    constant, by_size, by_logit = _AT_LOGIT
    at_logit = constant * size**by_size * runs.right_logit**by_logit
    constant, by_size, by_penalty = _AT_PENALTY
    at_penalty = constant * size**by_size * (l2 / 1e-4) ** by_penalty
    each = (labels / _LABELS) ** 0.5
    sparse = runs.sel(case=list(SPARSE))
    norm = runs.parameter_norm
    return {
        "norm_from_penalty": norm / (at_penalty * each),
        "norm_by_labels": exponent(norm, "num_labels"),
        "norm_by_slots": exponent(norm, "slots"),
        "units_per_label": sparse.units / setting("num_labels", sparse),
        "right_logit": runs.right_logit,
        "tokens_per_example": sparse.unit_tokens / setting("per_label", sparse),
        "norm_over_law": norm / (at_logit * each),
        "longer": every.parameter_norm.sel(case=LONGER, drop=True)
        / norm.sel(case="d = 24", drop=True),
        "parameter_norm": norm,
        "kappa": runs.kappa,
        "label_size": runs.label_size,
    }
