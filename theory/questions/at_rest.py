r"""How a two-layer network is brought to rest on one circuit, and what is measured of it there.

All with square units, if nothing else is said, full batch, by Adam with the penalty
:math:`\tfrac\gamma2 |\theta|^2` in the loss from the first update on, and then by
`theory.networks.come_to_rest`. What training with another penalty before would leave behind is not
in it: how many units a network keeps depends on that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import (
    Adam,
    Split,
    Stage,
    Task,
    Training,
    TwoLayer,
    advance,
    come_to_rest,
    random_labels,
)

LEARNING_RATE, UPDATES = 3e-3, 1200
#: How near to balance of pull and penalty a network is brought, as a part of the penalty.
RESIDUAL = 3e-4
#: Parts of the largest strength from which a unit counts: what is asked, and to see if it matters.
ACTIVE, ALSO_ACTIVE = 0.03, 0.01
#: Examples with random labels that a memorising network is tested on.
TESTED = 500

_ACTIVATIONS = {2: "square", 3: "cube"}
# Takes units, examples and labels; returns numbers by name.
Measure = Callable[[circuits.HiddenUnits, np.ndarray, np.ndarray], Mapping[str, float]]


def at_rest(
    split: Split,
    width: int,
    l2: float,
    seed: int,
    updates: int = UPDATES,
    examples: np.ndarray | None = None,
    also: Measure | None = None,
    power: int = 2,
) -> xr.Dataset:
    r"""Return what a network is like at rest on the training set of a split.

    Of one that has died all parameters are 0, and what has no value then is NaN.

    Parameters
    ----------
    examples
        Places in the task with which it goes on after the training set, for as many updates, and on
        which it is then brought to rest and measured.
    also
        Measures its units for more.
    power
        To which its units raise what they read, 2 or 3.

    Returns
    -------
    xarray.Dataset
        Numbers: ``train_loss`` (nat), ``objective``, :math:`\ell + \tfrac\gamma2 |\theta|^2`,
        ``parameter_norm``, ``test_accuracy``, ``train_accuracy``; ``right_logit``, A over the
        training set, ``odds`` and ``kappa`` of `theory.circuits.forces`; ``units``, how many are
        active, and ``units_loosely``, by the other threshold; of these ``wave_units`` and
        ``label_units``, and the medians of ``unit_labels`` and ``unit_tokens``, to how many labels
        and from how many tokens of a slot they go (`theory.circuits.find`); ``moved`` and
        ``residual`` of `theory.networks.Rest`.
    """
    optimiser, places = Adam(LEARNING_RATE, l2=l2), split.train if examples is None else examples
    then = () if examples is None else (Stage(optimiser, updates, examples),)
    training = Training(
        TwoLayer(width, _ACTIVATIONS[power]), split, (Stage(optimiser, updates), *then), seed
    )
    run, end = advance(training, record_every=updates)
    rest = come_to_rest(training, end, RESIDUAL)
    slots = split.task.inputs.shape[1]
    units = circuits.HiddenUnits.of(rest.checkpoint.parameters, slots, power)
    inputs, labels = split.task.inputs[places], split.task.labels[places]
    forces = circuits.forces(units, inputs, labels, l2)
    return xr.Dataset(
        {
            "train_loss": forces.loss,
            "objective": rest.objective,
            "parameter_norm": np.sqrt(forces.squared_norm),
            "test_accuracy": rest.test_accuracy,
            "train_accuracy": run.train_accuracy[-1].item(),
            "right_logit": forces.right_logit,
            "odds": forces.odds,
            "kappa": forces.kappa,
            **_described(units, inputs, labels),
            **(also(units, inputs, labels) if also else {}),
            "moved": rest.moved,
            "residual": rest.residual,
        }
    )


def _described(
    units: circuits.HiddenUnits, examples: np.ndarray, labels: np.ndarray
) -> Mapping[str, float]:
    found = circuits.find(units, examples, labels, active=ACTIVE)
    active = found.isel(unit=(found.kind != circuits.SILENT).values)
    return {
        "units": active.sizes["unit"],
        "units_loosely": int(units.active(ALSO_ACTIVE).sum()),
        "wave_units": int((active.kind == circuits.WAVE).sum()),
        "label_units": int((active.kind == circuits.LABEL).sum()),
        "unit_labels": active.labels.median().item() if active.sizes["unit"] else np.nan,
        "unit_tokens": active.tokens.median().item() if active.sizes["unit"] else np.nan,
    }


def to_memorise(
    per_label: float, num_labels: int, num_tokens: int, slots: int, labels: str, seed: int
) -> Split:
    """Return random examples with random labels, and others to test on.

    Parameters
    ----------
    per_label
        d; round(d q) examples, no two of them alike, are drawn from all there are.
    num_labels, num_tokens, slots
        q, m and k.
    labels
        "balanced": all labels as often, up to one; "independent": each drawn on its own; "unequal":
        one label comes as often as another, up to nine times as often, evenly spread.
    seed
        Of examples and labels.

    Raises
    ------
    ValueError
        If `labels` is none of these.
    """
    if labels not in ("balanced", "independent", "unequal"):
        raise ValueError(f"labels must be balanced, independent or unequal, got {labels!r}")
    rng = np.random.default_rng([seed, num_labels, slots])
    size = round(per_label * num_labels)
    places = rng.choice(num_tokens**slots, size + TESTED, replace=False)
    inputs = np.stack(np.unravel_index(places, (num_tokens,) * slots), axis=1)
    right = rng.integers(num_labels, size=size + TESTED)
    if labels != "independent":
        often = np.linspace(1, 9, num_labels) if labels == "unequal" else np.ones(num_labels)
        steps = np.cumsum(often) / often.sum() * size
        right[:size] = rng.permutation(np.searchsorted(steps, np.arange(size) + 0.5))
    settings = {"per_label": per_label, "labels": labels, "seed": seed}
    task = Task("random labels", settings, inputs, right, num_tokens, num_labels)
    return Split(task, np.arange(size), np.arange(size, size + TESTED), seed)


def with_random_labels(pool: Split, size: int, seed: int) -> Split:
    """Return so many of all examples, with random labels, each as often; the others to test on."""
    order = np.random.default_rng([seed, 1]).permutation(len(pool.task.labels))
    known = replace(pool, train=np.sort(order[:size]), test=np.sort(order[size:]))
    return random_labels(known, seed, balanced=True)


def label_size(split: Split) -> float:
    r"""Return the mean of the labels' numbers of examples with the power 2/3, in examples.

    With it, and q, the formula for labels of one size is the sum over labels of any.
    """
    labels = split.task.labels[split.train]
    sizes = np.bincount(labels, minlength=split.task.num_labels)
    return float(np.mean(sizes ** (2 / 3)) ** 1.5)
