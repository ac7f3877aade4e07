r"""The minimal model with the numbers of a network: circuits in the same units, with derived costs.

Of a two-layer network of square units on addition modulo m under a penalty
:math:`\tfrac\gamma2 |\theta|^2`: kappa is its degree, 3; :math:`P_G` is what generalising costs
(`theory.circuits.generalising_norm`); and :math:`P_M = P_G (D/D_\mathrm{crit})^{1/3}`, since
memorising costs as the cube root of D, and as much at the critical size
(`theory.circuits.critical_size`). Both mix one-sidedly (`theory.minimal.SharedUnits`) with one
constant that was read off networks. Nothing else is fitted. (The number of waves is taken as it is,
while in a network it goes with the logit, too; so at rest the log-odds are some 7% above those that
are derived.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from theory import checks, circuits
from theory.minimal import Circuit, MinimalModel, SharedUnits

#: Degree of the logits of square units in all parameters.
KAPPA = 3.0
#: What memorises starts from a sizable weight, as it is learned first: one logit.
_MEMORISING_START = (1.0, 1.0)


def repaired_model(modulus: int, l2: float, size: Any, start: float = 1e-3) -> MinimalModel:
    r"""Return the repaired model of a network.

    Parameters
    ----------
    modulus
        m, at least 23.
    l2
        gamma, from 1e-5 to 1e-3.
    size
        D > 0, in examples; a bare array becomes the dimension ``size``.
    start
        Second subweight of what generalises, above 0; the first is 0.

    Returns
    -------
    MinimalModel
        Its weights are log-odds; its circuits "generalising" and "memorising".

    Raises
    ------
    ValueError
        If an argument is out of its range, or the penalty too strong for memory to grow from its
        start: at degree 3 it would fall into the trap at zero.

    Examples
    --------
    >>> from theory.minimal import mixed_equilibrium
    >>> model = repaired_model(59, 1e-4, size=[600, 900, 1200])
    >>> share = mixed_equilibrium(model).weight.sel(circuit="generalising")
    >>> share.values.round(1)
    array([2.2, 5.6, 7.1])
    """
    modulus = checks.integer("modulus", modulus, at_least=23)
    l2 = checks.number("l2", l2, at_least=1e-5, at_most=1e-3)
    start = checks.number("start", start, above=0)
    examples = checks.labelled("size", size, above=0)
    logit, units = circuits.expected_logit(modulus, l2), circuits.expected_units(modulus, l2)
    norm = circuits.generalising_norm(logit, modulus, units)
    cheap = float(norm / circuits.affordable(l2) ** (1 / KAPPA))
    dear = cheap * (examples / circuits.critical_size(modulus, l2)) ** (1 / 3)
    model = MinimalModel(
        (
            Circuit("generalising", cheap, True, 0.0, start),
            Circuit("memorising", dear, False, *_MEMORISING_START),
        ),
        kappa=KAPPA,
        weight_decay=l2,
        num_labels=modulus,
        half_decay=True,
        penalty=SharedUnits((1.0, circuits.MIXING)),
    )
    weight = np.prod(_MEMORISING_START)
    pull = expit(np.log(modulus - 1) - weight)
    if np.any(l2 / KAPPA * np.asarray(dear) ** 2 * weight ** (2 / KAPPA - 1) >= pull):
        raise ValueError(
            f"l2 must be weak enough for memory to grow from its start, got {checks.shown(l2)} at "
            f"modulus {modulus}"
        )
    return model
