r"""What generalising costs where several sums have one answer (derived here).

On pairs (a, b) with the right label f(a + b mod m), m odd, where every label is that of as many
sums, let :math:`\bar w` be a unit's output less its mean over labels, which is its mean over sums,
too. In A, the right logit less the mean of all over the full table, the terms in u^2 and v^2
vanish, and the unit's part is

.. math:: a_h = \frac{2}{m^3} \sum_{k \ne 0} \overline{\hat y_k}\, \hat u_k \hat v_k
          \le \frac{2}{m^2}\, \max_k |\hat y_k|\, |u| |v|, \qquad y_s = \bar w_{f(s)} .

:math:`\hat y_k = \sum_c \bar w_c K_c(k)`, with :math:`K_c(k)` the sum of :math:`e^{-i \omega s}`
over the sums with the label c, is at most :math:`\sigma_1 |\bar w|`, with the larger singular value
of the matrix of two rows, real and imaginary part. Where every sum has its own label
:math:`\sigma_1^2 = \sigma_2^2 = m/2`. So with the *gain* :math:`\sigma_1^2 / (m/2)` the strengths
that A takes fall by its root, and if no unit speaks against the right answer

.. math:: |\theta|^2 \;\ge\; \tfrac32\, 2^{2/3}\, m\, N^{1/3} A^{2/3} \max_k \text{gain}_k^{-1/3}.

It is attained by units of the best frequency and phase alone, which do not solve the task: what
they say of other sums does not cancel. Units of both phases have the mean of both gains. If f is
the sum modulo a divisor q, all gains are m/q at the multiples of m/q, and 0 elsewhere.
"""

from __future__ import annotations

import numpy as np


def wave_gains(answers: np.ndarray) -> np.ndarray:
    """Return how much farther a wave of each frequency reaches than if each sum had its own label.

    Parameters
    ----------
    answers
        f: the label of every sum, shape (m,), m odd, integers from 0 on; each of as many sums.

    Returns
    -------
    numpy.ndarray
        At the frequencies 1 to (m - 1)/2 the larger gain, and the mean of both, shape
        ((m - 1)/2, 2).

    Raises
    ------
    ValueError
        If m is even or below 3, or labels are not of as many sums each.

    Examples
    --------
    >>> wave_gains(np.arange(9) % 3).round(3).tolist()
    [[0.0, 0.0], [0.0, 0.0], [3.0, 3.0], [0.0, 0.0]]
    """
    answers = np.asarray(answers)
    modulus = answers.size
    if answers.ndim != 1 or modulus < 3 or modulus % 2 == 0:
        raise ValueError(f"answers must be of an odd number of sums, got shape {answers.shape}")
    counts = np.bincount(answers)
    if not np.all(counts == counts[0]):
        raise ValueError(f"answers must have each label as often, got {counts.tolist()}")
    angles = 2 * np.pi * np.outer(np.arange(1, (modulus + 1) // 2), np.arange(modulus)) / modulus
    member = np.equal.outer(answers, np.arange(counts.size)).astype(float)
    rows = np.stack([np.cos(angles) @ member, np.sin(angles) @ member], axis=1)
    squares = np.linalg.svd(rows, compute_uv=False) ** 2 / (modulus / 2)
    return np.stack([squares[:, 0], squares.mean(axis=1)], axis=1)
