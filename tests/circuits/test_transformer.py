"""Whether a transformer at rest is in the balances that its symmetries ask for."""

import numpy as np
import pytest

from theory.circuits import transformer_balances
from theory.networks import Adam, Stage, Training, Transformer, advance, modular_addition

L2 = 1e-3
NETWORK = Transformer(d_model=16, heads=2, d_head=4, d_mlp=24)
SPLIT = modular_addition(7).split(40, rng=0)


@pytest.fixture(scope="module")
def state():
    stages = [Stage(Adam(rate, l2=L2), 1200) for rate in (1e-2, 1e-3, 1e-4)]
    _, end = advance(Training(NETWORK, SPLIT, stages, 0))
    return end.parameters


def test_at_rest_it_is_in_balance(state):
    found = transformer_balances(NETWORK, state, SPLIT, L2)
    assert found.off.max() < 0.02
    assert found.kappa.item() == pytest.approx(found.kappa_of_parts.item(), rel=5e-3)
    assert 2 < found.kappa < 6


def test_another_penalty_is_not_in_balance_with_the_pull(state):
    off = transformer_balances(NETWORK, state, SPLIT, 2 * L2).off
    assert off.sel(balance="pull").item() == pytest.approx(2 / 3, abs=0.02)
    assert off.drop_sel(balance="pull").max() < 0.02


@pytest.mark.parametrize(
    ("grow", "shrink", "balance"),
    [
        (["W_in"], ["W_out"], "hidden units"),
        (["W_V"], ["W_O"], "values"),
        (["W_Q"], ["W_K"], "queries"),
        (["E", "P"], ["W_Q", "W_K", "W_U"], "stream"),
    ],
)
def test_along_a_symmetry_no_logit_changes_and_the_balance_is_lost(state, grow, shrink, balance):
    moved = NETWORK.zeros(SPLIT.task, "float64")
    moved.flat[:] = state.flat
    exact = NETWORK.zeros(SPLIT.task, "float64")
    exact.flat[:] = state.flat
    for name in (*grow, *shrink):
        moved[name][:] *= 1.25 if name in grow else 0.8
    inputs = NETWORK.encode(SPLIT.task, SPLIT.train, "float64")
    logits = [NETWORK.forward(each, inputs).logits for each in (moved, exact)]
    np.testing.assert_allclose(*logits, rtol=1e-10, atol=1e-10)
    assert transformer_balances(NETWORK, moved, SPLIT, L2).off.sel(balance=balance) > 0.2
    assert np.sum(moved.flat**2) > np.sum(exact.flat**2)


def test_without_a_penalty_there_is_no_rest(state):
    with pytest.raises(ValueError, match="l2 must be above 0, got 0"):
        transformer_balances(NETWORK, state, SPLIT, 0)
