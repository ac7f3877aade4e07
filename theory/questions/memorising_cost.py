"""What memorising costs, for any number of labels, examples a label, slots, width and penalty.

Random examples with random labels, so that nothing can be learned but each by itself. Networks are
brought to rest, and their norm is compared at the logit that they have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import sweeps
from theory.questions.at_rest import UPDATES, at_rest, label_size, to_memorise
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling

ASKS = "What does it cost to memorise so many examples of so many labels?"
PART = "what a circuit costs"
KNOWN = (
    "exploratory runs, not stored, at 31 to 97 tokens: the norm within 4% of one unit a label, the "
    "logit falling short of 4/3 of what the penalty affords where a label has few examples; pilots "
    "with other seeds at some of these cases"
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
    """

    per_label: float = 6.0
    num_labels: int = 40
    slots: int = 2
    labels: str = "balanced"
    width: int = 128
    l2: float = 1e-4


_BASE = Case()
#: One thing changed at a time, but for the width where there are more labels than units.
CASES: Mapping[str, Case] = {
    "base": _BASE,
    "d = 3": replace(_BASE, per_label=3.0),
    "d = 12": replace(_BASE, per_label=12.0),
    "d = 24": replace(_BASE, per_label=24.0),
    "d = 60": replace(_BASE, per_label=60.0),
    "q = 20": replace(_BASE, num_labels=20),
    "q = 89": replace(_BASE, num_labels=89),
    "q = 178": replace(_BASE, num_labels=178, width=256),
    "penalty 1e-5": replace(_BASE, l2=1e-5),
    "penalty 1e-3": replace(_BASE, l2=1e-3),
    "width 64": replace(_BASE, width=64),
    "width 512": replace(_BASE, width=512),
    "3 slots": replace(_BASE, slots=3),
    "4 slots": replace(_BASE, slots=4),
    "independent": replace(_BASE, labels="independent"),
    "unequal": replace(_BASE, labels="unequal"),
}
#: Where few tokens are shared by the examples of different labels: d^2 well below the tokens.
SPARSE = ("base", "d = 3", "q = 20", "q = 89", "penalty 1e-5", "penalty 1e-3", "3 slots", "4 slots")
SAMPLING = Sampling(least=10, batch=5, largest=20)
SEEDS = tuple(range(1000, 1000 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "seed": SEEDS}
LIVE = {"case": ("base", "d = 3", "q = 20", "3 slots"), "seed": SEEDS}

#: The norm over d^0.340 A^0.382 of 47 labels, by least squares over `efficiency`'s 135 networks
#: with balanced labels.
_LAW = 6.565, 0.340, 0.382, 47

QUANTITIES = (
    Quantity(
        "norm_over_law",
        "The norm of a network that memorises, over a power law in d and A through those of the "
        "question on efficiency, with each label costing the same.",
        PRIMARY,
        0.03,
        relative=True,
        null=1.0,
        guess="the power law",
    ),
    Quantity(
        "units_per_label",
        "Active hidden units for each label, where few tokens are shared.",
        PRIMARY,
        0.05,
        relative=True,
        null=3.2,
        guess="as many as there are",
    ),
    Quantity(
        "tokens_per_example",
        "How many tokens of each slot a unit reads there, for each example of a label.",
        SECONDARY,
        0.1,
        relative=True,
        null=5.0,
        guess="as many as there are",
    ),
    Quantity(
        "right_logit",
        "A, the right logit less the mean of all.",
        SECONDARY,
        0.05,
        relative=True,
        null=10.5,
        guess="as in the exploratory runs, whatever the case",
    ),
    Quantity("parameter_norm", "The parameter norm."),
    Quantity("kappa", "The exponent of the network at rest, of the envelope."),
    Quantity("label_size", "Examples a label, averaged with the power 2/3."),
)


def run(
    folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS, updates: int = UPDATES
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweeps.sweep(partial(again, updates=updates), points, folder)


def again(case: str, seed: int, updates: int = UPDATES) -> xr.Dataset:
    """Return one run, as `at_rest.at_rest`, with ``label_size``."""
    of = CASES[case]
    split = to_memorise(of.per_label, of.num_labels, TOKENS, of.slots, of.labels, seed)
    return at_rest(split, of.width, of.l2, seed, updates).assign(label_size=label_size(split))


def setting(name: str, runs: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Return what the cases say of one of their attributes, along ``case``."""
    values = [getattr(CASES[case], name) for case in runs["case"].values]
    return xr.DataArray(values, {"case": runs["case"]}, "case")


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    size = setting("per_label", runs)
    labels = setting("num_labels", runs)
    constant, by_size, by_logit, known_labels = _LAW
    law = constant * size**by_size * runs.right_logit**by_logit * np.sqrt(labels / known_labels)
    sparse = runs.sel(case=[case for case in runs["case"].values if case in SPARSE])
    return {
        "norm_over_law": runs.parameter_norm / law,
        "units_per_label": sparse.units / labels.sel(case=sparse["case"]),
        "tokens_per_example": sparse.unit_tokens / size.sel(case=sparse["case"]),
        "right_logit": runs.right_logit,
        "parameter_norm": runs.parameter_norm,
        "kappa": runs.kappa,
        "label_size": runs.label_size,
    }
