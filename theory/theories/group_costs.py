"""What generalising costs on other groups: matrix coefficients of few representations.

Derived and not fitted: `theory.circuits.groups` and `theory.circuits.group_units`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import xarray as xr

from theory import circuits
from theory.circuits import GroupCircuit
from theory.questions import operations, other_tasks
from theory.questions.question import Measured
from theory.theories.enough_group_units import OF_GROUPS
from theory.theories.theory import Prediction, Theory, known


@cache
def _expected(case: str) -> GroupCircuit:
    return circuits.expected_circuit(other_tasks.irreps_of(case), other_tasks.CASES[case].l2)


def _by_case(name: str, measured: Measured, quantity: str) -> xr.DataArray:
    """Return what the heuristic says of the groups of a quantity, along ``case``."""
    case = known(measured, quantity)["case"]
    values = [getattr(_expected(each), name) for each in case.values]
    return xr.DataArray(values, {"case": case}, "case")


def _norm_over_addition(quantity: str, measured: Measured) -> Prediction:
    norm = _by_case("norm", measured, quantity)
    return Prediction(
        norm / other_tasks.law(norm), "few representations, of low dimension, with the best numbers"
    )


def _delta_over_even(measured: Measured) -> Prediction:
    delta = _by_case("delta", measured, "delta_over_even")
    even = [other_tasks.even_delta(each) for each in delta["case"].values]
    return Prediction(delta / even, "both of dimension 3, and no other")


def _renamed(measured: Measured) -> Prediction:
    """X - y is addition of -y. x * y is addition of logarithms, and one unit for the label 0."""
    case = known(measured, "norm_over_addition_renamed")["case"]
    elements, l2 = (other_tasks.setting(name, case) for name in ("elements", "l2"))
    norm = circuits.generalising_norm(
        circuits.expected_logit(elements, l2), elements, circuits.expected_units(elements, l2)
    )
    zero = xr.where(case == other_tasks.COMMUTING[1], _zero_cost(elements, l2), 0)
    return Prediction(
        (norm**2 + zero) ** 0.5 / other_tasks.law(elements),
        "addition of other names, and of logarithms with one more unit, for zero",
    )


def _zero_cost(elements: xr.DataArray, l2: xr.DataArray) -> xr.DataArray:
    r"""Return the squared norm of a unit that reads 0 in both slots and writes the label 0.

    With the logit B it costs :math:`3 B^{2/3}`. A part :math:`f = (2n + 1)/(n + 1)^2` of all pairs
    has this label, so more of it no longer pays where :math:`f\, n\, e^{-B} = \gamma B^{-1/3}`.
    """
    start = np.log((2 * elements + 1) / (elements + 1) ** 2 * elements / l2)
    logit = start
    for _ in range(20):
        logit = start + np.log(logit) / 3
    return xr.zeros_like(l2) + 3 * logit ** (2 / 3)


@cache
def equal_cost(case: str) -> float:
    r"""Return where random labels cost as much as a group, in examples for a label.

    At equal loss, one unit a label with 4/3 of the log-odds against what is expected of the group,
    :math:`3 n (d A_M / 4)^{2/3} = |\theta|^2` (see `theory.circuits.critical`).

    Parameters
    ----------
    case
        One of `theory.questions.operations.CASES` whose task is the table of a group.
    """
    irreps = operations.irreps_of(case)
    norm = circuits.expected_circuit(irreps, operations.L2).norm
    price = norm**2 / (3 * len(irreps[0].matrices))
    return float(4 * price**1.5 / circuits.memorising_logit(operations.L2))


def _equal_cost_groups(measured: Measured) -> Prediction:
    case = known(measured, "equal_cost_groups")["case"]
    values = [equal_cost(each) for each in case.values]
    return Prediction(
        xr.DataArray(values, {"case": case}, "case"),
        "one unit a label, and few representations with the best numbers of units",
    )


def _pure(_: Measured) -> Prediction:
    return Prediction(1.0, "each unit is a matrix coefficient, the cheapest there is")


GROUP_COSTS = Theory(
    "group costs",
    "Generalising on a group takes matrix coefficients of few representations of low dimension.",
    "derived here",
    "Ours. Which representations and how many units is a heuristic, found after S_4 was seen.",
    {
        ("other_tasks", "norm_over_addition"): lambda measured: _norm_over_addition(
            "norm_over_addition", measured
        ),
        ("other_tasks", "norm_over_addition_seen"): lambda measured: _norm_over_addition(
            "norm_over_addition_seen", measured
        ),
        ("other_tasks", "delta_over_even"): _delta_over_even,
        ("other_tasks", "table_logit"): lambda measured: Prediction(
            _by_case("logit", measured, "table_logit"), "what the best number of units needs"
        ),
        ("other_tasks", "units"): lambda measured: Prediction(
            _by_case("units", measured, "units"), "the best number of units"
        ),
        ("other_tasks", "norm_over_addition_renamed"): _renamed,
        ("other_tasks", "norm_over_pure"): _pure,
        ("nine_tasks", "equal_cost_groups"): _equal_cost_groups,
        **OF_GROUPS,
    },
)
