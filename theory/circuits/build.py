r"""Circuits built by hand, as hidden units: what the formulas say is exact for them.

Both kinds come in balance, so their norm is the least that rescaling units can reach.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theory import checks
from theory.circuits.hidden_units import HiddenUnits
from theory.circuits.units import Phases, quietest


def label_units(
    examples: np.ndarray,
    labels: np.ndarray,
    num_tokens: int,
    num_labels: int,
    logit: float,
    *,
    power: int = 2,
) -> HiddenUnits:
    r"""Return a circuit that memorises, by one unit for each label.

    The unit of a label reads all tokens of its examples alike and writes to that label alone,
    `logit` on each of them. What units of other labels do that see the same tokens is left alone.

    Parameters
    ----------
    examples
        Tokens, shape (examples, slots), in ``[0, num_tokens)``.
    labels
        In ``[0, num_labels)``, shape (examples,).
    num_tokens, num_labels
        n and q, at least 2 each.
    logit
        A > 0, what a unit writes.
    power
        n, of the activation.

    Returns
    -------
    HiddenUnits
        In balance, one unit for each label that has examples. Where no two examples of a label
        share a token, and all labels have as many, :math:`|\theta|` is `memorising_norm` exactly.
        Outputs taken off their mean would make :math:`|\theta|^2` smaller by a factor of
        :math:`(1 - 1/q)^{1/(n+1)}`.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> units = label_units(np.array([[0, 1], [1, 2], [2, 0]]), np.array([0, 0, 1]), 3, 2, 8.0)
    >>> units.size, units.right_logits(np.array([[2, 0]]), np.array([1])).round(6)
    (2, array([0., 4.]))
    """
    num_tokens = checks.integer("num_tokens", num_tokens, at_least=2)
    num_labels = checks.integer("num_labels", num_labels, at_least=2)
    logit = checks.number("logit", logit, above=0)
    examples, labels = _tokens(examples, labels, num_tokens, num_labels)
    known = np.unique(labels)
    slots = examples.shape[1]
    reads = np.zeros((slots, num_tokens, known.size))
    for slot in range(slots):
        reads[slot, examples[:, slot], np.searchsorted(known, labels)] = 1
    # In balance: the tokens' squares, x^2 each, add up to n times the square of the output.
    tokens = reads.sum(axis=(0, 1)) / power
    size = (logit / (slots**power * np.sqrt(tokens))) ** (1 / (power + 1))
    outputs = np.zeros((known.size, num_labels))
    outputs[np.arange(known.size), known] = np.sqrt(tokens) * size
    return HiddenUnits(tuple(reads * size), outputs, power)


def waves(
    modulus: int,
    frequencies: Sequence[int],
    logit: float,
    *,
    per_frequency: int = 6,
    phases: Sequence[Phases] | None = None,
) -> HiddenUnits:
    r"""Return a circuit that adds modulo m, by square units of pure waves.

    .. math:: u[a] = \alpha \cos(\omega a + f), \quad v[b] = \alpha \cos(\omega b + g), \quad
              w[c] = \alpha \cos(\omega c + f + g), \qquad \omega = 2 \pi k / m

    All units have the same part in A. Six to a frequency leave nothing but the wanted waves. Four
    leave waves in c alone, which do not tell inputs apart, and three some noise
    (`theory.circuits.units.interference`).

    Parameters
    ----------
    modulus
        m, odd, at least 3.
    frequencies
        k, different numbers from 1 to (m - 1)/2.
    logit
        A > 0, the right logit less the mean of all, over the full table.
    per_frequency
        Units of a frequency, at least 1.
    phases
        f and g of the units of each frequency; the quietest if not given.

    Returns
    -------
    HiddenUnits
        :math:`|\theta|` is `generalising_norm` of this logit and number of units, exactly, where no
        two of a frequency's waves beat (as with six).

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> units = waves(7, [1, 2, 3], logit=6.0)
    >>> units.size, units.logits(np.array([[3, 5]])).round(6)
    (18, array([[-1.,  6., -1., -1., -1., -1., -1.]]))
    """
    modulus = checks.integer("modulus", modulus, at_least=3)
    if modulus % 2 == 0:
        raise ValueError(f"modulus must be odd, got {modulus}")
    known = [checks.integer("frequencies", each, at_least=1) for each in frequencies]
    if not known or len(set(known)) < len(known) or max(known) > (modulus - 1) // 2:
        raise ValueError(
            f"frequencies must be different numbers up to {(modulus - 1) // 2}, got {known}"
        )
    logit = checks.number("logit", logit, above=0)
    if phases is None:
        phases = [six() if per_frequency == 6 else quietest(per_frequency)] * len(known)
    if len(phases) != len(known):
        raise ValueError(f"phases must be those of {len(known)} frequencies, got {len(phases)}")
    first, second = (np.concatenate(each) for each in zip(*phases, strict=True))
    counts = [len(each.first) for each in phases]
    angle = 2 * np.pi / modulus * np.outer(np.arange(modulus), np.repeat(known, counts))
    size = (2 * logit / sum(counts)) ** (1 / 3)
    embeddings = size * np.cos(angle + first), size * np.cos(angle + second)
    return HiddenUnits(embeddings, size * np.cos(angle + first + second).T)


def six() -> Phases:
    r"""Return the phases of three pairs, whose waves cancel but for the wanted one.

    Within a pair f grows and g falls by a quarter turn; from pair to pair f + g grows by a third.

    Examples
    --------
    >>> from theory.circuits.units import interference
    >>> round(interference(six()), 12)
    0.0
    """
    quarter, third = np.array([0.0, np.pi / 2]), 2 * np.pi / 3 * np.arange(3)
    first = (third[:, None] + quarter).ravel()
    second = np.tile(-quarter, 3)
    return Phases(first, second)


def _tokens(
    examples: np.ndarray, labels: np.ndarray, num_tokens: int, num_labels: int
) -> tuple[np.ndarray, np.ndarray]:
    examples, labels = np.asarray(examples), np.asarray(labels)
    if examples.ndim != 2 or labels.shape != examples.shape[:1] or labels.size == 0:
        raise ValueError(
            f"labels must be one for each example, got shapes {examples.shape}, {labels.shape}"
        )
    for name, numbers, size in (("examples", examples, num_tokens), ("labels", labels, num_labels)):
        if numbers.min() < 0 or numbers.max() >= size:
            raise ValueError(f"{name} must be in [0, {size}), got {numbers.min()}..{numbers.max()}")
    return examples, labels
