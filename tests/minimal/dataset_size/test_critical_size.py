"""Memorising costs more with every example: the critical size and the weights against D."""

import re

import numpy as np
import pytest
import sympy as sp
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from theory import Circuit, MinimalModel, critical_size
from theory.minimal import at_size, equilibrium, symbolic, weight_ratio
from theory.minimal.symbolic import dataset_size as symbols

NORM = st.floats(0.01, 5.0)
EXPONENT = st.floats(0.2, 2.0)
FEW = settings(max_examples=30)


@given(NORM, NORM, EXPONENT)
def test_at_the_critical_size_both_circuits_cost_the_same(norm, first, beta):
    critical = critical_size(norm, first, beta)
    model = at_size(MinimalModel.paper(param_norm=(norm, first)), critical, beta)
    generalising, memorising = model.circuits
    assert memorising.param_norm == pytest.approx(norm, rel=1e-12)
    assert generalising.param_norm == norm


def test_the_critical_size_is_the_symbolic_one():
    answer = symbolic.critical_size().rhs
    numeric = sp.lambdify([*sorted(answer.free_symbols, key=str)], answer)
    for norm, first, beta in [(1.0, 0.05, 0.5), (3.0, 0.2, 1.3)]:
        values = {"P_G": norm, "P_1": first, "beta": beta}
        ordered = [values[str(symbol)] for symbol in sorted(answer.free_symbols, key=str)]
        assert critical_size(norm, first, beta) == pytest.approx(numeric(*ordered), rel=1e-13)


def test_the_norm_grows_with_the_power_of_the_size():
    model = at_size(MinimalModel.paper(), [1.0, 10.0, 100.0], beta=0.7)
    norm = model.stack("param_norm").sel(circuit="memorising").values
    assert norm[0] == 2.0
    np.testing.assert_allclose(norm[1:] / norm[:-1], 10**0.7, rtol=1e-14)


def test_all_that_memorise_cost_more_and_all_others_the_same():
    in_one_cell = xr.DataArray([0.0, 1.0], dims="cell")
    names = {"all": 1.0, "part": 0.3, "some": in_one_cell, "none": 0.0}
    names["also none"] = 0 * in_one_cell
    model = MinimalModel(
        tuple(Circuit(name, 2.0, part) for name, part in names.items()), 1.2, 0.005, 113
    )
    norms = [circuit.param_norm for circuit in at_size(model, 4.0).circuits]
    assert norms == [2.0, 2.0, 2.0, 4.0, 4.0]


@FEW
@given(st.floats(0.3, 1.9), strategies.WEIGHT_DECAY.filter(bool), EXPONENT, st.floats(0.5, 2.0))
def test_the_ratio_is_that_at_equilibrium_for_any_decay(kappa, decay, beta, relative):
    model = MinimalModel.paper(kappa, decay, param_norm=(1.0, 0.05))
    size = relative * critical_size(1.0, 0.05, beta)
    generalising, memorising = equilibrium(at_size(model, size, beta)).weight.values[0]
    expected = float(weight_ratio(size, size / relative, kappa, beta))
    assert np.log(generalising / memorising) == pytest.approx(np.log(expected), rel=1e-9, abs=1e-9)


def test_the_ratio_is_the_symbolic_one():
    answer = symbolic.equilibrium_against_size().rhs
    r = 2 / 1.3 - 1
    given = {"D": 900.0, "D_crit": 400.0, "beta": 0.8, "r": r}
    numeric = answer.subs({symbol: given[str(symbol)] for symbol in answer.free_symbols})
    assert float(weight_ratio(900, 400, 1.3, 0.8)) == pytest.approx(float(numeric), rel=1e-12)
    assert {str(symbols.D), str(symbols.D_crit)} <= set(map(str, answer.free_symbols))


def test_at_two_the_ratio_jumps_as_it_does_in_the_limit():
    sizes = [399.0, 400.0, 401.0]
    assert weight_ratio(sizes, 400, kappa=2.0).values.tolist() == [0.0, 1.0, np.inf]
    below = weight_ratio(sizes, 400, kappa=1.999999)
    assert below[0] < 1e-300
    assert below[1] == 1
    assert below[2] > 1e300


def test_parameters_cross_by_name():
    ratio = weight_ratio([100, 400], 400, kappa=[1.0, 1.5], beta=0.5)
    assert dict(ratio.sizes) == {"size": 2, "kappa": 2}
    for kappa in (1.0, 1.5):
        for size in (100, 400):
            alone = weight_ratio(size, 400, kappa)
            assert float(ratio.sel(kappa=kappa, size=size)) == float(alone)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: critical_size(0.0, 1.0), "generalising_norm must be above 0, got 0"),
        (lambda: critical_size(1.0, 1.0, -0.5), "beta must be above 0"),
        (lambda: at_size(MinimalModel.paper(), 0), "size must be above 0"),
        (lambda: weight_ratio(100, 400, kappa=3), "kappa must be at most 2, got 3"),
        (
            lambda: at_size(MinimalModel((Circuit("all", 1.0, True),), 1.2, 0.1, 3), 10),
            "model must have a circuit that generalises nowhere",
        ),
        (
            lambda: critical_size(
                xr.DataArray([1.0], {"x": [0]}, "x"), xr.DataArray([1.0], {"x": [1]}, "x")
            ),
            "parameters that share a dimension",
        ),
        (lambda: at_size(MinimalModel.paper(), xr.DataArray([1.0], dims="step")), "step"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("norms", "found"), [((1e300, 1e-300), "inf"), ((1e100, 1e-100), "inf"), ((1e-200, 1.0), "0")]
)
def test_a_critical_size_beyond_floats_is_refused(norms, found):
    given = f"generalising_norm = {norms[0]:g}, first_norm = {norms[1]:g}, beta = 0.5"
    told = re.escape(f"got {found} for {given}")
    with pytest.raises(ValueError, match=f"^critical_size must lie .* {told}$"):
        critical_size(*norms)
