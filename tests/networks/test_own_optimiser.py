"""An optimiser that the package has never heard of does all that its own do."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import xarray as xr

from optimisers import OPTIMISERS
from theory import MinimalModel, minimal
from theory.networks import (
    Adam,
    Checkpoint,
    Clamped,
    Decaying,
    Frozen,
    Noisy,
    Optimiser,
    SpectralBound,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
    train,
)

NETWORK, SPLIT = TwoLayer(width=16), modular_addition(7).split(train_size=30, rng=0)


@dataclass(frozen=True)
class RMSProp:
    """With nothing but a start and an update."""

    learning_rate: float
    memory: float = 0.9

    def start(self, theta):
        return np.zeros((1, theta.size), theta.dtype)

    def step(self, theta, gradient, state, updates):
        state *= self.memory
        state += (1 - self.memory) * gradient**2
        theta -= self.learning_rate * gradient / (np.sqrt(state[0]) + 1e-3)


@dataclass(frozen=True)
class SignDescent(Decaying):
    """With both kinds of decay, which it does not speak of."""

    learning_rate: float
    l2: float = 0.0
    weight_decay: float = 0.0

    def start(self, theta):
        return np.zeros((0, theta.size), theta.dtype)

    def direction(self, gradient, state, updates):
        return np.sign(gradient)

    def steady(self, gradient):
        return np.sign(gradient)


OWN = [
    RMSProp(0.01),
    SignDescent(5e-3, l2=1e-3),
    SignDescent(5e-3, weight_decay=0.5),
    Clamped(RMSProp(0.01), norm=9.0),
]


@pytest.mark.parametrize("optimiser", OWN, ids=str)
def test_it_trains_a_network(optimiser):
    assert isinstance(optimiser, Optimiser)
    run = train(NETWORK, SPLIT, optimiser, steps=200)
    assert run.train_loss[-1] < 0.5 * run.train_loss[0]
    assert type(optimiser).__name__ in run.configuration


@pytest.mark.parametrize("optimiser", [*OWN, *OPTIMISERS], ids=str)
def test_it_goes_on_from_a_checkpoint_bit_for_bit(optimiser, tmp_path):
    stages = [Stage(Adam(0.01), 5), Stage(optimiser, 8), Stage(optimiser, 7, SPLIT.train[::2])]
    training = Training(NETWORK, SPLIT, stages)
    whole, end = advance(training, record_every=1)
    for cut in (5, 9, 13):
        _, checkpoint = advance(training, until=cut)
        checkpoint.save(tmp_path / "checkpoint.nc")
        since = Checkpoint.load(tmp_path / "checkpoint.nc")
        rest, other = advance(training, since=since, record_every=1)
        xr.testing.assert_identical(rest, whole.sel(step=slice(cut, None)))
        np.testing.assert_array_equal(end.parameters.flat, other.parameters.flat)
        np.testing.assert_array_equal(end.moments, other.moments)


def test_its_averages_go_on_into_a_clamp_and_not_into_another_kind():
    own, other = RMSProp(0.01), Adam(0.01)
    for first, then, updates in (
        (own, Clamped(RMSProp(0.02), 3.0), 7),
        (own, other, 3),
        (other, own, 3),
    ):
        _, end = advance(Training(NETWORK, SPLIT, [Stage(first, 4), Stage(then, 3)]))
        assert end.updates == updates


def test_its_settings_tell_trainings_apart():
    training = Training(NETWORK, SPLIT, [Stage(RMSProp(0.01), 4)])
    other = replace(training, stages=[Stage(RMSProp(0.01, memory=0.8), 4)])
    assert training.checksum != other.checksum


def test_it_trains_the_model():
    """A step of the sign moves every subweight by the learning rate, up or down."""
    run = minimal.descend_with(MinimalModel.paper(), 1, SignDescent(1e-3))
    moved = run.subweight_a.diff("step").values
    np.testing.assert_allclose(abs(moved), 1e-3, rtol=1e-9)
    slower = minimal.descend_with(MinimalModel.paper(), 50, RMSProp(0.01))
    assert slower.train_loss[-1] < slower.train_loss[0]


def test_decay_goes_with_it():
    """In the loss it turns the sign of a small gradient; decoupled it takes its share off."""
    gradient = np.array([-0.1])
    for optimiser, expected in (
        (SignDescent(0.1, l2=0.2), 0.9),
        (SignDescent(0.1, weight_decay=0.2), 0.98 + 0.1),
    ):
        theta = np.array([1.0])
        optimiser.step(theta, gradient, optimiser.start(theta), 0)
        assert theta[0] == pytest.approx(expected)


def test_settings_that_cannot_be_written_down_are_refused_before_the_training():
    with pytest.raises(ValueError, match=r"optimiser must have numbers, .*, got RMSProp.*array"):
        Stage(RMSProp(np.array([0.1])), 1)


@pytest.mark.parametrize("wrong", [0.1, RMSProp, object()])
def test_what_is_no_optimiser_is_refused_everywhere(wrong):
    message = "optimiser must be a dataclass with a start and a step, got "
    for call in (
        lambda: Stage(wrong, 1),
        lambda: Clamped(wrong, 1.0),
        lambda: minimal.descend_with(MinimalModel.paper(), 1, wrong),
    ):
        with pytest.raises(ValueError, match=message):
            call()


class Wrong(RMSProp):
    """With an update by the sign, and one thing that is wrong."""

    def start(self, theta):
        return np.zeros((1, theta.size), theta.dtype)

    def step(self, theta, gradient, state, updates):
        theta -= 0.1 * np.sign(gradient)


class NoState(Wrong):
    def start(self, theta):
        return None


class FlatState(Wrong):
    def start(self, theta):
        return np.zeros_like(theta)


class OwnSize(Wrong):
    def start(self, theta):
        return np.zeros((1, 3), theta.dtype)


class OwnPrecision(Wrong):
    def start(self, theta):
        return np.zeros((1, theta.size))


class Returns(Wrong):
    def step(self, theta, gradient, state, updates):
        return theta - 0.1 * np.sign(gradient)


class Both(Wrong):
    def step(self, theta, gradient, state, updates):
        theta -= 0.1 * np.sign(gradient)
        return theta


class Rebinds(Wrong):
    def step(self, theta, gradient, state, updates):
        theta = theta - 0.1 * np.sign(gradient)


class Overwrites(Wrong):
    def step(self, theta, gradient, state, updates):
        gradient *= 0.1
        theta -= gradient


STATE = r"must start with a state of shape \(rows, 2\) and of float32 .*, got "


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (NoState, f"{STATE}None from NoState"),
        (FlatState, f"{STATE}array"),
        (OwnSize, f"{STATE}array"),
        (OwnPrecision, f"{STATE}array"),
        (Returns, r"must change theta in place and return nothing, got Returns.* returned array"),
        (Both, r"must change theta in place and return nothing, got Both.* returned array"),
        (Rebinds, r"must change theta in place .*, which made \[1.* of \[1.* returned None"),
        (Overwrites, r"must leave the gradient as it is, got Overwrites\(.*, which does not"),
    ],
)
def test_an_update_that_is_none_is_refused_before_the_training(kind, message):
    for call in (
        lambda: Stage(kind(0.1), 1),
        lambda: Clamped(kind(0.1), 1.0),
        lambda: minimal.descend_with(MinimalModel.paper(), 1, kind(0.1)),
    ):
        with pytest.raises(ValueError, match=f"^optimiser {message}"):
            call()


FOUR_OR_FIVE = [
    (SpectralBound(Adam(0.01), 1.0, ((2, 2),)), r"shapes must hold {} .*, got \(\(2, 2\),\)"),
    (Frozen(Adam(0.01), held=3, free=2), "held and free must add up to {} .*, got 3 and 2"),
]


@pytest.mark.parametrize(("optimiser", "message"), FOUR_OR_FIVE)
def test_one_that_is_made_for_another_number_of_parameters_is_refused(optimiser, message):
    """Before the training, in any stage, and when another optimiser has it inside."""
    for given in (optimiser, Clamped(optimiser, norm=1.0), Noisy(optimiser, noise=0.1)):
        with pytest.raises(ValueError, match=message.format(7)):
            given.start(np.zeros(7))
        # The averages of the first stage go on, so that the second has no start of its own.
        with pytest.raises(ValueError, match=message.format(336)):
            Training(NETWORK, SPLIT, [Stage(Adam(0.01), 1), Stage(given, 1)])
        with pytest.raises(ValueError, match=message.format(8)):
            minimal.descend_with(MinimalModel.paper(weight_decay=[0.1, 0.2]), 1, given)


def test_two_that_are_made_for_different_numbers_do_not_go_together():
    with pytest.raises(ValueError, match=r"held and free must add up to 6 .*, got 3 and 2"):
        Stage(SpectralBound(FOUR_OR_FIVE[1][0], 1.0, ((2, 3),)), 1)


def test_a_warm_up_may_begin_with_nothing_and_a_rate_be_small():
    class WarmUp(Wrong):
        def step(self, theta, gradient, state, updates):
            theta -= min(updates / 100, 1) * self.learning_rate * np.sign(gradient)

    Stage(WarmUp(1e-18), 1)
