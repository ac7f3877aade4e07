"""What SymPy derives against what NumPy computes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import circuits
from theory.circuits import symbolic

LOGIT, SIZE = st.floats(0.1, 50), st.floats(0.5, 60)


@given(LOGIT, SIZE, st.integers(2, 200), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=20)
def test_memorising(logit, per_label, labels, slots, power):
    given_values = {
        symbolic.A: logit,
        symbolic.d: per_label,
        symbolic.q: labels,
        symbolic.k: slots,
        symbolic.n: power,
    }
    numeric = circuits.memorising_norm(logit, per_label, labels, slots=slots, power=power)
    assert float(symbolic.memorising().subs(given_values)) == pytest.approx(numeric**2)


@given(LOGIT, st.integers(3, 300), st.integers(1, 90))
@settings(max_examples=10)
def test_generalising(logit, modulus, units):
    given_values = {symbolic.A: logit, symbolic.m: modulus, symbolic.N: units}
    numeric = circuits.generalising_norm(logit, modulus, units)
    assert float(symbolic.generalising().subs(given_values)) == pytest.approx(numeric**2)


def test_unit_cost():
    for power in (1, 2, 3):
        derived = symbolic.unit_cost().subs({symbolic.n: power, symbolic.c: 1.7})
        assert float(derived) == pytest.approx(circuits.unit_cost(np.array([1.7]), power).item())


@pytest.mark.parametrize("modulus", [23, 47, 193])
def test_best_logit(modulus):
    given_values = {symbolic.H: (modulus - 1) / 2, symbolic.L: circuits.affordable(1e-4)}
    derived = float(symbolic.best_logit().subs(given_values))
    assert derived == pytest.approx(circuits.expected_logit(modulus, 1e-4))
