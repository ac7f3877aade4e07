"""The paper's minimal model with circuits of their own and any kappa below 2.

What it predicts does not need the values of kappa, P_1 and beta, which the paper leaves open. Where
a number of the model has to be put in, any other gives the same prediction. It is silent about the
exponent of memorising and the width of the transition, which need them.
"""

from __future__ import annotations

import numpy as np

from theory.minimal import (
    MinimalModel,
    at_size,
    critical_size,
    equilibrium,
    plateau_weight,
    weight_ratio,
)
from theory.questions.question import Measured
from theory.theories.competing_circuits import OF_EQUALS
from theory.theories.endless import OF_ENDLESS_DATA
from theory.theories.growing_tables import OF_GROWING_TABLES
from theory.theories.memory_first import BY_SEPARATE
from theory.theories.model_courses import OF_SEPARATE_COURSES
from theory.theories.on_a_sphere import OF_SEPARATE
from theory.theories.one_layer import OF_TRANSFORMERS
from theory.theories.planted import OF_SLOW_GROWTH
from theory.theories.theory import Prediction, Theory, how_far, known
from theory.theories.times import OF_SEPARATE_CIRCUITS
from theory.theories.undecayed import WITHOUT_DECAY

_KAPPA = 1.2
#: Far below and far above the critical size.
_FEW, _MANY = 0.4, 2.0
_SIZES = np.array([200.0, 400.0])
_DECAYS = np.array([1e-4, 1e-3])


def size_exponent(circuit: str) -> float:
    """Return the exponent in D of the norm that a circuit needs for one logit."""
    norms = at_size(MinimalModel.paper(_KAPPA, param_norm=(1.0, 0.05)), _SIZES).stack("param_norm")
    return _power(norms.sel(circuit=circuit).values * np.ones(2), _SIZES)


def logit_exponent(circuit: str) -> float:
    """Return the exponent of the logit in the norm, of a circuit at rest alone."""
    model = MinimalModel.paper(_KAPPA, weight_decay=_DECAYS)
    weight = plateau_weight(model, circuit)
    norm = model.stack("param_norm").sel(circuit=circuit) * weight ** (1 / _KAPPA)
    return _power(weight.values, norm.values)


def accuracy(part: float) -> float:
    """Return the test accuracy at rest at this part of the critical size."""
    return float(weight_ratio(part, 1.0, _KAPPA) > 1)


def decay_exponent() -> float:
    """Return the exponent of w_G/w_M at rest in the weight decay."""
    rest = equilibrium(MinimalModel.paper(_KAPPA, weight_decay=_DECAYS)).weight.isel(point=0)
    ratio = rest.sel(circuit="generalising") / rest.sel(circuit="memorising")
    return _power(ratio.values, _DECAYS)


def objectives_over_norms() -> float:
    """Return where objectives are equal over where norms at one logit are.

    Objectives are least where norms are, since the norm of a circuit enters through P alone.
    """
    norm, first = 1.0, 0.05
    by_norm = critical_size(norm, first)
    there = at_size(MinimalModel.paper(_KAPPA, param_norm=(norm, first)), by_norm)
    one, other = (float(plateau_weight(there, name)) for name in there.names)
    return 1.0 if np.isclose(one, other) else np.nan


def _power(y: np.ndarray, x: np.ndarray) -> float:
    return float(np.diff(np.log(y))[0] / np.diff(np.log(x))[0])


def _half_way(measured: Measured) -> Prediction:
    critical, nearer = (known(measured, name) for name in ("critical", "critical_nearer"))
    return Prediction(
        critical,
        "equal weights where random labels and generalising cost the same; the error is what "
        "another size for the cost of generalising makes of it",
        error=how_far(nearer, critical),
    )


def _free_of_size(_: Measured) -> Prediction:
    return Prediction(size_exponent("generalising"), "P_G does not depend on D")


def _r(measured: Measured) -> Prediction:
    return Prediction(
        known(measured, "r_of_norm"),
        "the model has one r: the ratio of weights and the saving share it",
    )


def _kappa(_: Measured) -> Prediction:
    return Prediction(2.0, "one kappa for all, below 2", direction=-1)


def _nothing_moves(_: Measured) -> Prediction:
    return Prediction(decay_exponent(), "the ratio of the weights at rest is free of the decay")


def _no_difference(_: Measured) -> Prediction:
    return Prediction(0.0, "for any kappa below 2 every start ends in the same state")


def _one_state(_: Measured) -> Prediction:
    return Prediction(1.0, "for any kappa below 2 every start ends in the same state")


def _at_equal_price(_: Measured) -> Prediction:
    return Prediction(1.0, "weights are alike where prices are, for any kappa below 2")


def _paper_says(_: Measured) -> Prediction:
    because = "the ratio of the weights is free of the decay, which the paper takes AdamW's to be"
    return Prediction(decay_exponent(), because)


def _dearer(_: Measured) -> Prediction:
    return Prediction(
        1.0, "generalising is what grokking ends with since it is cheaper", direction=1
    )


def _same_objective(_: Measured) -> Prediction:
    return Prediction(1.0, "at rest the objective decides, not the way there")


def _how_many(_: Measured) -> Prediction:
    return Prediction(0.0, "how many examples there are decides, not which")


def _everywhere(_: Measured) -> Prediction:
    return Prediction(0.0, "prices take in the modulus")


def _prices_alike(_: Measured) -> Prediction:
    return Prediction(1.0, "prices take in the penalty")


def _step(_: Measured) -> Prediction:
    return Prediction(1.0, "all is right where w_G is above w_M, and nothing where it is not")


MINIMAL_MODEL = Theory(
    "minimal model",
    "Circuits of their own; memorising gets dearer with data; one kappa, below 2.",
    "Varma et al. 2023, sections 3 and 4",
    "Sure of the statements about directions, places and decay; the paper gives no numbers.",
    {
        ("efficiency", "memorising_exponent"): lambda _: Prediction(
            0.0, "each example has to be stored, so P_M rises with D", direction=1
        ),
        ("efficiency", "generalising_exponent"): _free_of_size,
        ("efficiency", "kappa_difference"): lambda _: Prediction(
            logit_exponent("memorising") - logit_exponent("generalising"), "there is one kappa"
        ),
        ("efficiency", "memorising_kappa"): _kappa,
        ("efficiency", "generalising_kappa"): _kappa,
        ("efficiency", "objective_over_loss"): lambda _: Prediction(
            objectives_over_norms(), "objectives are equal where norms are"
        ),
        ("efficiency", "trigonometric_share"): lambda _: Prediction(
            1.0, "how the paper chooses networks that generalise, at 95%; the model does not say it"
        ),
        ("efficiency_again", "memorising_exponent"): lambda _: Prediction(
            0.0, "each example has to be stored, so P_M rises with D", direction=1
        ),
        ("efficiency_again", "circuit_exponent"): _free_of_size,
        ("ungrokking", "accuracy_of_few"): lambda _: Prediction(
            accuracy(_FEW), "5 a label are far below the critical size"
        ),
        ("ungrokking", "accuracy_of_many"): lambda _: Prediction(
            accuracy(_MANY), "28 a label are far above it"
        ),
        ("ungrokking", "other_examples"): lambda _: Prediction(
            0.0, "by construction: how many they are decides, not which"
        ),
        ("ungrokking", "fewer_examples"): lambda _: Prediction(
            accuracy(_MANY) - accuracy(_FEW), "an eighth is far below the critical size"
        ),
        ("ungrokking", "longer"): lambda _: Prediction(1.0, "at rest nothing changes"),
        ("ungrokking", "slower"): lambda _: Prediction(1.0, "at rest nothing changes"),
        ("forgetting", "lost_by_penalty"): lambda _: Prediction(
            accuracy(_MANY) - accuracy(_FEW),
            "an eighth is far below the critical size, and without a penalty there is none",
        ),
        ("forgetting", "few_fall_free"): lambda _: Prediction(
            0.0, "without a penalty what generalises costs nothing"
        ),
        ("forgetting", "own_or_others"): _how_many,
        ("forgetting", "own_or_others_free"): _how_many,
        ("forgetting", "others_fall"): _how_many,
        ("forgetting", "same_fall"): _how_many,
        ("forgetting", "tasks_by_penalty"): lambda _: Prediction(
            0.0, "another task is learned with and without a penalty"
        ),
        ("weight_decay", "l2_accuracy_slope"): _nothing_moves,
        ("weight_decay", "l2_half_way_slope"): _nothing_moves,
        ("weight_decay", "adamw_accuracy_slope"): _nothing_moves,
        ("weight_decay", "adamw_half_way_slope"): _nothing_moves,
        ("decay_again", "slope_grokked"): _nothing_moves,
        ("decay_again", "slope_scratch"): _nothing_moves,
        ("decay_again", "slope_over_cost"): _nothing_moves,
        ("decay_again", "slope_over_cost_scratch"): _nothing_moves,
        ("decay_again", "accuracy_slope"): _nothing_moves,
        ("decay_again", "accuracy_slope_scratch"): _nothing_moves,
        **{
            ("optimisers", name): _paper_says
            for name in ("rest_slope", "rest_slope_scratch", "slope_before")
        },
        ("optimisers", "inside_over_l2"): _prices_alike,
        ("optimisers", "walls_over_l2"): _prices_alike,
        ("optimisers", "momentum_over_adam"): _same_objective,
        ("optimisers", "momentum_over_adam_scratch"): _same_objective,
        ("critical_size", "half_way"): _half_way,
        ("critical_size", "equal_weights"): _half_way,
        ("critical_size", "r_of_weights"): _r,
        ("mixtures", "equal_weights"): _at_equal_price,
        ("mixtures", "half_way"): _at_equal_price,
        ("mixtures", "share_at_equal_cost"): lambda _: Prediction(
            0.5, "weights are alike where prices are, for any kappa below 2"
        ),
        ("mixtures_elsewhere", "equal_weights"): _at_equal_price,
        ("mixtures_elsewhere", "decay_drift"): _prices_alike,
        ("shared_units", "norm_over_separate"): lambda _: Prediction(
            1.0, "squared norms of circuits add up"
        ),
        ("shared_units", "memory_norm"): lambda _: Prediction(
            1.0, "a circuit costs what it costs alone"
        ),
        ("shared_units", "sums_over_random"): lambda _: Prediction(
            1.0, "what memorises is what memorises random labels"
        ),
        ("semi_grokking", "in_part"): lambda _: Prediction(
            0.15, "where both circuits are as efficient neither wins", direction=1
        ),
        ("semi_grokking", "delay"): lambda _: Prediction(
            1.0, "what generalises is learned more slowly", direction=1
        ),
        **{
            place: lambda _: Prediction(0.0, "at rest nothing changes")
            for place in (
                ("semi_grokking", "stays"),
                ("semi_grokking", "adamw_stays"),
                ("long_runs", "adamw_last"),
                ("long_runs", "l2_rises"),
            )
        },
        **{
            (question, "adamw_in_part"): lambda _: Prediction(
                0.2, "where both circuits are as efficient neither wins", direction=1
            )
            for question in ("semi_grokking", "long_runs")
        },
        **{
            ("critical_again", name): _at_equal_price
            for name in (
                "half_over_cost",
                "half_over_cost_scratch",
                "weights_over_cost",
                "weights_over_cost_scratch",
            )
        },
        **{
            ("critical_again", name): _everywhere
            for name in ("trend", "trend_scratch", "weights_trend", "trend_between")
        },
        **{
            ("grokked_width", name): lambda _: Prediction(
                0.0, "the cheaper circuit wins, in a network of any width"
            )
            for name in ("half_over_cost_few", "even_over_cost_few")
        },
        ("critical_again", "longer"): lambda _: Prediction(1.0, "at rest nothing changes"),
        ("critical_again", "scratch_over_grokked"): _one_state,
        ("critical_again", "width_grokked"): _step,
        ("critical_again", "width_scratch"): _step,
        **{
            ("nine_tasks", name): _at_equal_price
            for name in ("half_over_cost", "half_over_cost_permutations")
        },
        ("nine_tasks", "width"): _step,
        ("nine_tasks", "memorising_exponent"): lambda _: Prediction(
            0.0, "each example has to be stored, so P_M rises with D", direction=1
        ),
        ("nine_tasks", "circuit_exponent"): _free_of_size,
        ("nine_tasks", "accuracy_slope"): _nothing_moves,
        ("other_networks", "half_over_cost"): _at_equal_price,
        ("other_networks", "width"): _step,
        ("two_sides", "scratch_over_grokked"): _one_state,
        ("two_sides", "weights_scratch_over_grokked"): _one_state,
        ("two_sides", "half_over_grokked"): _one_state,
        ("two_sides", "objective_gap"): _no_difference,
        ("annealing", "apart_slowly"): _one_state,
        ("annealing", "loop"): _one_state,
        ("two_sides", "weights_over_cost"): _at_equal_price,
        ("two_sides", "weights_over_cost_scratch"): _at_equal_price,
        ("two_sides", "width_grokked"): _step,
        ("two_sides", "width_scratch"): _step,
        ("two_sides", "weak_over_strong"): _prices_alike,
        ("two_sides", "weak_over_strong_scratch"): _prices_alike,
        **OF_SEPARATE_CIRCUITS,
        **OF_SEPARATE,
        **BY_SEPARATE,
        **OF_SLOW_GROWTH,
        **OF_TRANSFORMERS,
        ("large_starts", "cheaper_small"): _dearer,
        ("large_starts", "cheaper_large"): _dearer,
        **WITHOUT_DECAY,
        **OF_EQUALS,
        **OF_ENDLESS_DATA,
        **OF_SEPARATE_COURSES,
        **OF_GROWING_TABLES,
        ("relu_cost", "relu_kappa"): _kappa,
        ("relu_cost", "square_kappa"): _kappa,
        ("two_starts", "square_apart"): _no_difference,
    },
)
