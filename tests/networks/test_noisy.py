"""Noise on the weights: where the gradient is taken, what is recorded, and what noise does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import MinimalModel, minimal
from theory.networks import (
    Adam,
    Clamped,
    CrossEntropy,
    GradientDescent,
    Lasso,
    Noisy,
    Probing,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
)

NETWORK, SPLIT = TwoLayer(width=8), modular_addition(7).split(train_size=30, rng=0)
INNER = GradientDescent(0.5, momentum=0.5)
NOISY = Noisy(INNER, noise=0.2, seed=3)


def loss_and_gradient(theta):
    """Over the training set, at those parameters."""
    parameters, gradient = (NETWORK.zeros(SPLIT.task, "float64") for _ in range(2))
    parameters.flat[:] = theta
    inputs, labels = (
        NETWORK.encode(SPLIT.task, SPLIT.train, "float64"),
        SPLIT.task.labels[SPLIT.train],
    )
    activations = NETWORK.forward(parameters, inputs)
    loss, kept = CrossEntropy().forward(activations.logits, labels)
    d_logits = CrossEntropy().backward(kept, labels)
    NETWORK.backward(parameters, activations, d_logits, gradient)
    return loss, gradient.flat


def off(theta, updates):
    return NOISY.probe(theta, updates)


def twice_off(theta, updates):
    """By the outer noise, then by the inner one."""
    return off(Noisy(INNER, noise=0.1, seed=4).probe(theta, updates), updates)


@pytest.mark.parametrize(
    ("optimiser", "place"),
    [
        (NOISY, off),
        (Clamped(NOISY, norm=4.0), off),
        (Clamped(Lasso(NOISY, l1=0.01), norm=4.0), off),
        (Noisy(NOISY, noise=0.1, seed=4), twice_off),
    ],
    ids=["noisy", "clamped", "clamped lasso", "twice noisy"],
)
def test_gradients_are_those_at_the_probe_and_records_those_without_noise(optimiser, place):
    training = Training(NETWORK, SPLIT, [Stage(optimiser, 3)], dtype="float64")
    theta = training.first_parameters().flat
    run, end = advance(training, record_every=1)
    state = optimiser.start(theta)
    for updates in range(3):
        assert run.train_loss[updates] == pytest.approx(loss_and_gradient(theta)[0], rel=1e-12)
        assert run.parameter_norm[updates] == pytest.approx(np.linalg.norm(theta), rel=1e-12)
        _, gradient = loss_and_gradient(place(theta, updates))
        optimiser.step(theta, gradient, state, updates)
    np.testing.assert_allclose(end.parameters.flat, theta, rtol=1e-10, atol=1e-13)


def test_the_model_is_trained_at_the_probe_as_well():
    model, noisy = MinimalModel.paper(), Noisy(GradientDescent(0.1), noise=0.3, seed=2)
    for optimiser in (noisy, Lasso(noisy, l1=1e-300)):
        run = minimal.descend_with(model, 1, optimiser)
        theta = np.array([run.subweight_a.values, run.subweight_b.values])
        a, b = noisy.probe(theta[:, 0].ravel(), 0).reshape(2, 2)
        slope = minimal.gradient(model, run.weight.isel(step=0).copy(data=a * b)).values
        moved = [-0.1 * slope * b, -0.1 * slope * a]
        np.testing.assert_allclose(theta[:, 1] - theta[:, 0], moved, rtol=1e-9)


@given(noise=st.floats(0.01, 10), seed=st.integers(0, 99), updates=st.integers(0, 10**6))
def test_noise_is_drawn_anew_for_each_update_and_seed_and_leaves_theta_alone(noise, seed, updates):
    theta = np.arange(6, dtype="float32")
    places = [
        Noisy(INNER, noise, of).probe(theta, at)
        for of, at in ((seed, updates), (seed, updates + 1), (seed + 1, updates))
    ]
    assert all(np.unique(row).size == 3 for row in np.transpose(places) - theta[:, None])
    assert theta.tolist() == list(range(6))
    assert places[0].dtype == theta.dtype
    again = Noisy(Adam(0.1), noise, seed).probe(theta, updates)
    np.testing.assert_array_equal(again, places[0])


def test_on_average_it_is_the_smeared_loss_that_is_descended():
    r"""Of a quadratic, and of :math:`\theta^4/4`, whose smeared gradient is
    :math:`\theta^3 + 3\sigma^2\theta`."""
    theta, noise = np.array([0.7, -1.2]), 0.5
    hessian = np.array([[2.0, 0.5], [0.5, 1.0]])
    places = np.array([Noisy(INNER, noise).probe(theta, updates) for updates in range(40_000)])
    np.testing.assert_allclose((places @ hessian).mean(axis=0), hessian @ theta, atol=0.02)
    smeared = theta**3 + 3 * noise**2 * theta
    np.testing.assert_allclose((places**3).mean(axis=0), smeared, rtol=0.02)
    apart = places - theta
    np.testing.assert_allclose(np.cov(apart.T), noise**2 * np.eye(2), atol=0.01)
    assert abs(np.mean(apart[1:] * apart[:-1])) < 0.01


def test_it_says_that_it_probes():
    assert isinstance(NOISY, Probing)
    assert not isinstance(INNER, Probing)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"noise": 0}, "noise must be above 0, got 0"),
        ({"noise": np.inf}, "noise must be finite, got inf"),
        ({"noise": 1, "seed": -1}, "seed must be an integer of at least 0, got -1"),
        ({"noise": 1, "seed": 0.5}, r"seed must be an integer of at least 0, got 0\.5"),
        ({"noise": 1, "optimiser": Adam}, "optimiser must be a .*, got <class"),
    ],
)
def test_bad_argument(arguments, message):
    with pytest.raises(ValueError, match=message):
        Noisy(**{"optimiser": INNER, **arguments})
