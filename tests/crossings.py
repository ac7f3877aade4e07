"""An independent reference for crossings of two circuits: plain flow, tightly integrated."""

import numpy as np
from scipy.integrate import solve_ivp

from theory import Circuit, MinimalModel


def balanced(weights, kappa=1.2, param_norm=(1.0, 2.0), weight_decay=0.005, num_labels=113):
    """Two circuits with equal subweights of the given products: no imbalance."""
    circuits = tuple(
        Circuit(name, norm, generalises, weight**0.5, weight**0.5)
        for name, norm, generalises, weight in zip(
            ("generalising", "memorising"), param_norm, (True, False), weights, strict=True
        )
    )
    return MinimalModel(circuits, kappa, weight_decay, num_labels)


def crossing_time(model, longest=1e5):
    """First time at which w_G = w_M > 0 along the flow of a model without sweeps, else NaN.

    Written in z with w = (|rho| / 2) sinh z, or w = w(0) e^z without imbalance. Weights that are
    zero must not be held there by the penalty.
    """
    first, second = (model.stack(f"{which}_subweight").values for which in ("first", "second"))
    cost, r, wrong = model.cost.values, model.r, model.num_labels - 1
    rho = abs(second**2 - first**2)
    even = rho == 0

    def weights(z):
        return np.where(even, first * second * np.exp(np.where(even, z, 0)), rho / 2 * np.sinh(z))

    def velocity(_, z):
        w = weights(z)
        return 2 * (wrong / (np.exp(w.sum()) + wrong) - cost * np.sign(w) * abs(w) ** r)

    def lead(_, z):
        w = weights(z)
        return np.log(w[0] / w[1]) if w.min() > 0 else w[0] - w[1]

    lead.terminal, lead.direction = True, 1
    with np.errstate(divide="ignore"):
        start = np.log(abs((first + second) / np.where(even, first + second, second - first)))
    limits = {"rtol": 1e-13, "atol": 1e-13}
    run = solve_ivp(velocity, (0, longest), start, "DOP853", events=lead, **limits)
    return run.t[-1] if run.status == 1 else np.nan
