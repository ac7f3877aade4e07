r"""How strong each frequency is in the logits of a network that adds modulo m (derived here).

Averaged over pairs, the logit of a label depends on how far it is ahead of the right one,
:math:`\delta = c - y`. For odd m that average is, off its mean,

.. math:: f(\delta) = \sum_{k=1}^{(m-1)/2} \Big(g_k \cos\frac{2 \pi k \delta}{m}
          + h_k \sin\frac{2 \pi k \delta}{m}\Big), \qquad \sum_k g_k = f(0).

So the strengths :math:`g_k` add up to the right logit less the mean of all. On pairs that a network
was not trained on they are what generalises, in the units of the minimal model's weights.
"""

from __future__ import annotations

import numpy as np


def frequency_strengths(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the part of each frequency in the right logit, a mean over examples (logits).

    Parameters
    ----------
    logits
        Of some pairs, shape (examples, m), m odd.
    labels
        The right ones: sums modulo m, shape (examples,).

    Returns
    -------
    numpy.ndarray
        Of the frequencies 1 to (m - 1)/2; negative where waves speak against the right label.

    Raises
    ------
    ValueError
        If m is even or below 3, or there is not a label for each of at least one example.

    Examples
    --------
    >>> ahead = np.arange(7) - np.array([[2], [5]])
    >>> logits = 3 * np.cos(2 * np.pi * ahead / 7) + np.cos(6 * np.pi * ahead / 7)
    >>> frequency_strengths(logits, np.array([2, 5])).round(6) + 0.0
    array([3., 0., 1.])
    """
    logits, labels = np.asarray(logits, dtype=float), np.asarray(labels)
    if logits.ndim != 2 or logits.shape[1] < 3 or logits.shape[1] % 2 == 0:
        raise ValueError(f"logits must be of an odd number of labels, got shape {logits.shape}")
    if labels.shape != logits.shape[:1] or labels.size == 0:
        raise ValueError(
            f"labels must be one for each of {len(logits)} examples, got shape {labels.shape}"
        )
    modulus = logits.shape[1]
    ahead = (labels[:, None] + np.arange(modulus)) % modulus
    mean = np.take_along_axis(logits, ahead, axis=1).mean(axis=0)
    strengths: np.ndarray = 2 / modulus * np.fft.rfft(mean)[1:].real
    return strengths
