"""The minimal model with numbers of its own: one unit a label, and N units of waves.

What both circuits cost in one real network, derived and not fitted: `theory.circuits`.
"""

from __future__ import annotations

import xarray as xr

from theory import circuits
from theory.questions import decay_again, generalising_cost, memorising_cost
from theory.questions.question import Measured
from theory.statistics import power
from theory.theories.competing_circuits import OF_DERIVED_UNITS
from theory.theories.enough_group_units import OF_LABELS
from theory.theories.enough_units import OF_WIDTH
from theory.theories.fewer_answers import OF_ANSWERS
from theory.theories.theory import Prediction, Theory, known


def _memorising(measured: Measured, logit: xr.DataArray | float) -> xr.DataArray:
    """Return the norm of one unit a label at a logit, along ``case``."""
    size = known(measured, "label_size")
    labels, slots = (memorising_cost.setting(name, size) for name in ("num_labels", "slots"))
    found: xr.DataArray = circuits.memorising_norm(logit, size, labels, slots=slots) + 0 * size
    return found


def _norm_from_penalty(measured: Measured) -> Prediction:
    law = known(measured, "parameter_norm") / known(measured, "norm_from_penalty")
    l2 = memorising_cost.setting("l2", law)
    return Prediction(
        _memorising(measured, circuits.memorising_logit(l2)) / law,
        "one unit a label, at 4/3 of the log-odds that the penalty affords",
    )


def _norm_by(name: str, measured: Measured) -> Prediction:
    norm = _memorising(measured, known(measured, "right_logit"))
    return Prediction(
        memorising_cost.exponent(norm, name), "one unit a label, at the logits that there are"
    )


def _norm_over_law(measured: Measured) -> Prediction:
    law = known(measured, "parameter_norm") / known(measured, "norm_over_law")
    return Prediction(
        _memorising(measured, known(measured, "right_logit")) / law,
        "one unit a label, at the logit that there is; what units of other labels do is left out",
    )


def _memorising_logit(measured: Measured) -> Prediction:
    l2 = memorising_cost.setting("l2", known(measured, "right_logit"))
    return Prediction(
        circuits.memorising_logit(l2),
        "4/3 of what the penalty affords: a rule for units that can be added, observed here",
    )


def _by_case(formula: str, cases: xr.DataArray) -> xr.DataArray:
    """Return a formula of modulus and penalty, along ``case``."""
    modulus, l2 = (generalising_cost.setting(name, cases) for name in ("modulus", "l2"))
    found: xr.DataArray = getattr(circuits, formula)(modulus, l2)
    return found


def _units(measured: Measured) -> Prediction:
    expected = _by_case("expected_units", known(measured, "units"))
    return Prediction(expected, "the best number of threes")


def _logit(measured: Measured) -> Prediction:
    cases = known(measured, "logit_over_guess")
    expected = _by_case("expected_logit", cases) / generalising_cost.guessed_logit(cases)
    return Prediction(expected, "what the best number of threes needs")


def _generalising_norm(measured: Measured) -> Prediction:
    over = known(measured, "norm_over_law")
    logit, units = (_by_case(name, over) for name in ("expected_logit", "expected_units"))
    modulus = generalising_cost.setting("modulus", over)
    law = known(measured, "parameter_norm") / over
    return Prediction(
        circuits.generalising_norm(logit, modulus, units) / law,
        "pure waves, threes of a frequency, and the best number of them",
    )


def _equal_cost(measured: Measured) -> Prediction:
    over = known(measured, "equal_cost_over_law")
    law = known(measured, "equal_cost") / over
    modulus = generalising_cost.setting("modulus", over)
    return Prediction(
        _by_case("critical_size", over) / modulus / law, "both norms are equal at equal loss"
    )


def _by_penalty(formula: str, measured: Measured) -> xr.DataArray:
    """Return the exponent of a formula in the penalty, along ``modulus``, as it is measured."""
    return generalising_cost.by_penalty(_by_case(formula, known(measured, "active")))


def _at_rest(_: Measured) -> Prediction:
    return Prediction(1.0, "at rest nothing changes")


def _enough(_: Measured) -> Prediction:
    return Prediction(1.0, "a network takes as many units as pay, where there are enough")


def _cost_slope(_: Measured) -> Prediction:
    l2 = xr.DataArray(list(decay_again.PENALTIES), dims="l2")
    critical = circuits.critical_size(decay_again.MODULUS, l2)
    value = float(power(xr.DataArray(critical), l2, "l2"))
    return Prediction(value, "one unit a label, and N units of waves")


DERIVED_COSTS = Theory(
    "derived costs",
    "Memorising takes one hidden unit a label, generalising N units of waves.",
    "derived here",
    "Ours. The number of units is a heuristic, found after networks of moduli up to 97 were seen.",
    {
        ("decay_again", "cost_slope"): _cost_slope,
        ("efficiency_again", "memorising_exponent"): lambda _: Prediction(
            1 / 3, "one unit a label, of power 2"
        ),
        ("nine_tasks", "memorising_exponent"): lambda _: Prediction(
            1 / 3, "one unit a label, of power 2, whatever the task was"
        ),
        ("memorising_cost", "norm_from_penalty"): _norm_from_penalty,
        ("memorising_cost", "norm_by_labels"): lambda measured: _norm_by("num_labels", measured),
        ("memorising_cost", "norm_by_slots"): lambda measured: _norm_by("slots", measured),
        ("memorising_cost", "norm_over_law"): _norm_over_law,
        ("memorising_cost", "longer"): _at_rest,
        ("generalising_cost", "longer"): _at_rest,
        ("generalising_cost", "equal_cost_longer"): _at_rest,
        ("generalising_cost", "wider"): _enough,
        ("generalising_cost", "equal_cost_wider"): _enough,
        ("memorising_cost", "units_per_label"): lambda _: Prediction(
            1.0, "strength is cheaper in one unit than in two"
        ),
        ("memorising_cost", "tokens_per_example"): lambda _: Prediction(
            1.0, "a unit reads the tokens of its label's examples"
        ),
        ("memorising_cost", "right_logit"): _memorising_logit,
        ("generalising_cost", "norm_over_law"): _generalising_norm,
        ("generalising_cost", "units_by_penalty"): lambda measured: Prediction(
            _by_penalty("expected_units", measured), "a weaker penalty affords more units"
        ),
        ("generalising_cost", "equal_cost_over_law"): _equal_cost,
        ("generalising_cost", "equal_cost_by_penalty"): lambda measured: Prediction(
            _by_penalty("critical_size", measured), "by the number of units"
        ),
        ("generalising_cost", "units"): _units,
        ("generalising_cost", "logit_over_guess"): _logit,
        ("generalising_cost", "norm_over_pure"): lambda _: Prediction(
            1.0, "units are waves and nothing else"
        ),
        **OF_ANSWERS,
        ("held_norm", "memory_over_derived"): lambda _: Prediction(
            1.0, "one unit a label, and A of 4/3 of the log-odds"
        ),
        ("held_norm", "memory_exponent"): lambda _: Prediction(1 / 3, "one unit a label"),
        **OF_WIDTH,
        **OF_LABELS,
        **OF_DERIVED_UNITS,
        ("own_exponent", "slope_over_own"): lambda _: Prediction(
            1.0, "the envelope: what a weaker penalty saves is what more odds are worth"
        ),
    },
)
