"""The gradient against differences of the objective, SymPy, and its rule at zero weight."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from theory import Circuit, MinimalModel, minimal

AWAY_FROM_ZERO = st.floats(0.05, 20.0) | st.floats(-20.0, -0.05)


@settings(max_examples=25)
@given(strategies.models_with_weights(AWAY_FROM_ZERO))
def test_it_is_the_slope_of_the_objective(case):
    model, weight = case
    gradient = minimal.gradient(model, weight)
    objective = minimal.objective(model, weight)
    for name in model.names:
        here = weight["circuit"] == name
        step = 1e-5 * abs(weight.sel(circuit=name, drop=True))
        rise = minimal.objective(model, weight + step * here)
        fall = minimal.objective(model, weight - step * here)
        found, slope = xr.broadcast(gradient.sel(circuit=name, drop=True), (rise - fall) / step / 2)
        # Relative to the data term, which is at most 1, and to the penalty, whose differences
        # carry the rounding of the whole objective.
        allowed = 1e-8 + 1e-9 * abs(objective) / abs(weight.sel(circuit=name, drop=True))
        assert np.all(abs(found - slope) <= allowed + 1e-7 * abs(slope))


def exact_slopes(circuits, kappa, alpha, num_labels, values):
    """Differentiate the loss written out over the labels, with 30 digits."""
    strengths = sympy.symbols(f"w:{len(circuits)}", real=True)
    right = sum(strengths)
    cross_entropy = sympy.log(sympy.exp(right) + (num_labels - 1) * sympy.exp(0)) - right
    norms = [
        norm * sympy.Abs(w) ** (1 / kappa) for norm, w in zip(circuits, strengths, strict=True)
    ]
    loss = cross_entropy + alpha * sum(norm**2 for norm in norms)
    at = dict(zip(strengths, values, strict=True))
    return [float(sympy.diff(loss, w).subs(at).evalf(30)) for w in strengths]


@pytest.mark.parametrize("kappa", ["1/2", "6/5", "2", "3"])
@pytest.mark.parametrize("alpha", ["0", "1/200", "2"])
@pytest.mark.parametrize("half_decay", [False, True])
def test_it_is_sympy_s_derivative(kappa, alpha, half_decay):
    norms, values = (1, 2, sympy.Rational(1, 2)), ("1/4", "5", "-3/2")
    values = [sympy.Rational(value) for value in values]
    kappa, alpha = sympy.Rational(kappa), sympy.Rational(alpha)
    exact = exact_slopes(norms, kappa, alpha / 2 if half_decay else alpha, 113, values)
    circuits = tuple(
        Circuit(name, float(norm), False) for name, norm in zip("ABC", norms, strict=True)
    )
    model = MinimalModel(circuits, float(kappa), float(alpha), 113, half_decay)
    weight = minimal.weights(model, [float(value) for value in values])
    np.testing.assert_allclose(minimal.gradient(model, weight), exact, rtol=1e-13, atol=1e-15)


P_AT_ZERO = 112 / 113  # all wrong labels at zero weights, for 113 labels


@pytest.mark.parametrize(
    ("kappa", "weight_decay", "expected"),
    [
        (0.5, 0.3, [-P_AT_ZERO, -P_AT_ZERO]),
        (1.2, 0.3, [-P_AT_ZERO, -P_AT_ZERO]),
        (1.999, 0.3, [-P_AT_ZERO, -P_AT_ZERO]),
        (2.0, 0.1, [-(P_AT_ZERO - 0.1), -(P_AT_ZERO - 0.4)]),
        (2.0, 0.3, [-(P_AT_ZERO - 0.3), 0.0]),
        (2.0, 3.0, [0.0, 0.0]),
        (2.001, 0.3, [0.0, 0.0]),
        (3.0, 1e-9, [0.0, 0.0]),
        *((kappa, 0.0, [-P_AT_ZERO, -P_AT_ZERO]) for kappa in (0.5, 2.0, 3.0)),
    ],
)
def test_the_rule_at_zero_weight(kappa, weight_decay, expected):
    # c = alpha P^2 at kappa = 2, with P = 1 and 2.
    model = MinimalModel.paper(kappa=kappa, weight_decay=weight_decay)
    gradient = minimal.gradient(model, minimal.weights(model, [0.0, 0.0]))
    np.testing.assert_allclose(gradient, expected, rtol=1e-14)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_rule_takes_the_weights_of_the_others_into_account(zero):
    model = MinimalModel.paper(kappa=[1.2, 2.0, 3.0], weight_decay=0.05)
    gradient = minimal.gradient(model, minimal.weights(model, [3.0, zero]))
    p = 112 / (np.exp(3.0) + 112)
    np.testing.assert_allclose(gradient.sel(circuit="memorising"), [-p, -(p - 0.2), 0.0], 1e-14)


@settings(max_examples=20)
@given(strategies.models(weight_decay=st.floats(1e-3, 1.0)), st.data())
def test_the_rule_is_the_subgradient_of_least_norm(model, data):
    weight = data.draw(strategies.weights(model, AWAY_FROM_ZERO))
    name = model.names[0]
    at_zero = weight.where(weight["circuit"] != name, 0.0)
    found = minimal.gradient(model, at_zero).sel(circuit=name, drop=True)
    p = minimal.wrong_probability(model, at_zero)
    # The two one-sided slopes of the objective at zero: of the data, and of the penalty.
    cost = model.cost.sel(circuit=name, drop=True)
    edge = xr.where(model.kappa < 2, 0.0, xr.where(model.kappa > 2, np.inf, cost))
    low, high = -p - edge, -p + edge
    inside = np.maximum(low, np.minimum(high, 0.0))
    np.testing.assert_allclose(*xr.broadcast(found, inside), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("weight_decay", [0.1, 0.3, 3.0])
def test_at_kappa_2_the_rule_follows_from_one_sided_differences(weight_decay):
    model = MinimalModel.paper(kappa=2.0, weight_decay=weight_decay)
    start = minimal.weights(model, [0.0, 0.0])
    bottom = minimal.objective(model, start).item()
    step = 1e-7
    for i in range(2):
        ends = [minimal.objective(model, start + sign * step * np.eye(2)[i]) for sign in (1, -1)]
        right, left = (ends[0].item() - bottom) / step, (bottom - ends[1].item()) / step
        expected = min(max(left, 0.0), right) if right > 0 else right
        found = minimal.gradient(model, start).values[i]
        assert found == pytest.approx(expected, abs=1e-6)


@settings(max_examples=20)
@given(strategies.models_with_weights(st.just(0.0) | st.floats(-20.0, 20.0)), st.randoms())
def test_swapping_circuits_permutes_it(case, random):
    model, weight = case
    names = list(model.names)
    random.shuffle(names)
    by_name = dict(zip(model.names, model.circuits, strict=True))
    swapped = replace(model, circuits=tuple(by_name[name] for name in names))
    order = weight.sel(circuit=names)
    found, expected = xr.broadcast(
        minimal.gradient(swapped, order), minimal.gradient(model, weight).sel(circuit=names)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
