r"""What the hidden units of a network are tuned to: labels, tokens, frequencies.

Nothing is assumed of how a network came about. Every unit is described by itself, and counted as

- *silent*, if its strength is below a part of the largest;
- a *wave*, if on both slots and on the labels more than half of its power is in one frequency, the
  same on all three;
- a *label unit*, if more than half of what it writes goes to one label;
- *other*, if it is none of these.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory import checks
from theory.circuits.balance import unit_cost
from theory.circuits.hidden_units import HiddenUnits

WAVE, LABEL, OTHER, SILENT = KINDS = ("wave", "label", "other", "silent")
#: Part of the power from which a unit counts as tuned.
TUNED = 0.5


def find(
    units: HiddenUnits, examples: np.ndarray, labels: np.ndarray, *, active: float = 0.03
) -> xr.Dataset:
    r"""Return what each unit is tuned to, and its part in logits and norm.

    Parameters
    ----------
    units
        Of any two-layer network. Waves are looked for where it has two slots and as many labels as
        tokens, an odd number.
    examples, labels
        Over which its part in the right logits is taken: tokens, shape (examples, slots), and right
        labels, shape (examples,).
    active
        Part of the largest strength below which a unit is silent, in [0, 1).

    Returns
    -------
    xarray.Dataset
        Along ``unit``: its ``kind``; ``strength`` c_h; ``right_logit``, its part of A, which add up
        to A; ``squared_norm``, the least at its strength, of which the units of a network in
        balance add up to :math:`|\theta|^2`; ``label`` that it writes to most, with
        ``label_share``, the part of the power that goes there (1 if all), and ``labels``, to how
        many it writes (the participation ratio :math:`(\sum w^2)^2 / \sum w^4`); ``tokens`` along
        ``slot``, how many it reads, counted the same way; ``frequency``, k, with ``wave_share``,
        the part of the power at it, the least of the slots and labels (0 where no waves are looked
        for).

    Raises
    ------
    ValueError
        If examples, labels or `active` do not fit.

    Examples
    --------
    >>> from theory.circuits.build import waves
    >>> table = np.array([(a, b) for a in range(7) for b in range(7)])
    >>> found = find(waves(7, [2], logit=7.0), table, table.sum(axis=1) % 7)
    >>> set(found.kind.values.tolist()), set(found.frequency.values.tolist())
    ({'wave'}, {2})
    >>> round(found.right_logit.sum().item(), 6)
    7.0
    """
    active = checks.number("active", active, at_least=0, below=1)
    _require_examples(units, examples, labels)
    written = units.written**2
    power = np.maximum(written.sum(axis=1), np.finfo(float).tiny)
    most = written.max(axis=1)
    frequency, wave_share = _frequencies(units)
    # The mean taken off, a unit that writes to one label alone has 1 - 1/q of its power there.
    label_share = most / power / (1 - 1 / written.shape[1])
    kind = np.where(wave_share > TUNED, WAVE, np.where(label_share > TUNED, LABEL, OTHER))
    found = {
        "kind": np.where(units.active(active), kind, SILENT),
        "strength": units.strengths,
        "right_logit": units.right_logits(examples, labels),
        "squared_norm": unit_cost(units.strengths, units.power),
        "label": written.argmax(axis=1),
        "label_share": label_share,
        "labels": _participation(units.outputs.T),
        "frequency": frequency,
        "wave_share": wave_share,
    }
    tokens = np.array([_participation(array) for array in units.embeddings])
    return xr.Dataset(
        {name: ("unit", values) for name, values in found.items()}
        | {"tokens": (("slot", "unit"), tokens)}
    )


def accounts(found: xr.Dataset) -> xr.Dataset:
    """Return what each kind of unit accounts for, along ``kind``, of what `find` found.

    ``units``, how many; ``right_logit`` and ``squared_norm``, sums over them.

    Examples
    --------
    >>> from theory.circuits.build import label_units
    >>> examples, labels = np.array([[0, 1], [1, 0], [2, 4]]), np.array([0, 1, 2])
    >>> found = find(label_units(examples, labels, 5, 5, 6.0), examples, labels)
    >>> accounts(found).units.sel(kind="label").item()
    3
    """
    of = [found.kind == kind for kind in KINDS]
    sums = [
        found[["right_logit", "squared_norm"]].where(each, 0).sum("unit").assign(units=each.sum())
        for each in of
    ]
    return xr.concat(sums, xr.DataArray(list(KINDS), dims="kind", name="kind"))


def pure_norm(units: HiddenUnits) -> float:
    r"""Return the part of :math:`|\theta|^2` in pure waves: of each unit, its own frequency.

    Of units of two slots with as many labels as tokens, an odd number.

    Examples
    --------
    >>> from theory.circuits.build import waves
    >>> units = waves(7, [2], logit=7.0)
    >>> whole = np.sum(units.reading_norms**2 + units.writing_norms**2)
    >>> bool(np.isclose(pure_norm(units), whole))
    True
    """
    frequency, _ = _frequencies(units)
    at = frequency, np.arange(units.size)
    tables = (*units.embeddings, units.outputs.T)
    power = [abs(np.fft.rfft(table, axis=0)[at]) ** 2 for table in tables]
    return float(2 * np.sum(power) / len(tables[0]))


def _frequencies(units: HiddenUnits) -> tuple[np.ndarray, np.ndarray]:
    """Return the frequency of each unit, and the part of its power there, shapes (units,)."""
    tokens, labels = len(units.embeddings[0]), units.outputs.shape[1]
    if len(units.embeddings) != 2 or tokens != labels or tokens % 2 == 0:
        return np.zeros(units.size, int), np.zeros(units.size)
    shares = np.array([_spectrum(array) for array in (*units.embeddings, units.outputs.T)])
    least = shares.min(axis=0)
    best = least.argmax(axis=0)
    return best + 1, least[best, np.arange(units.size)]


def _spectrum(array: np.ndarray) -> np.ndarray:
    """Return the part of each frequency above 0 in the power of columns, off their means."""
    spectrum = abs(np.fft.rfft(array, axis=0)[1:]) ** 2
    shares: np.ndarray = spectrum / np.maximum(spectrum.sum(axis=0), np.finfo(float).tiny)
    return shares


def _participation(array: np.ndarray) -> np.ndarray:
    """Return over how many rows the columns are spread: 1 for one, all if all are of one size."""
    squared = array**2
    total = np.maximum((squared**2).sum(axis=0), np.finfo(float).tiny)
    spread: np.ndarray = squared.sum(axis=0) ** 2 / total
    return spread


def _require_examples(units: HiddenUnits, examples: np.ndarray, labels: np.ndarray) -> None:
    slots, tokens = len(units.embeddings), len(units.embeddings[0])
    if examples.ndim != 2 or examples.shape[1] != slots or len(examples) == 0:
        raise ValueError(f"examples must have {slots} tokens each, got shape {examples.shape}")
    if examples.min() < 0 or examples.max() >= tokens:
        raise ValueError(f"examples must be tokens in [0, {tokens}), got {examples.max()}")
    if (
        labels.shape != (len(examples),)
        or labels.min() < 0
        or labels.max() >= units.outputs.shape[1]
    ):
        raise ValueError(
            f"labels must be one of {units.outputs.shape[1]} for each example, "
            f"got shape {labels.shape}"
        )
