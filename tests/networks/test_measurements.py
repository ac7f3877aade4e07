import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from theory.networks import (
    MLP,
    AdamW,
    CrossEntropy,
    Snapshot,
    Stage,
    Task,
    Training,
    TwoLayer,
    advance,
    layer_norms,
    logit_spread,
    modular,
    random_labels,
    sparse_parity,
    trigonometric_share,
    wave_share,
)
from theory.networks.outcomes import outcome
from theory.runs import DivergedError


def snapshot(labels, logits):
    """Of a network that says just that."""
    task = Task("said", {}, logits, labels, num_tokens=None, num_labels=logits.shape[1])
    echo = MLP((), biases=False)
    parameters = echo.zeros(task, "float64")
    np.fill_diagonal(parameters["W1"], 1)
    said = outcome(echo, parameters, logits, labels, CrossEntropy())
    return Snapshot(0, echo, task, parameters, said, said)


def of_start(expression, modulus, network, seed):
    task = modular(expression, modulus)
    parameters = network.initialise(task, np.random.default_rng(seed), "float64")
    inputs = network.encode(task, np.arange(1), "float64")
    first = outcome(network, parameters, inputs, task.labels[:1], CrossEntropy())
    return Snapshot(0, network, task, parameters, first, first)


def test_layers_are_measured_one_by_one():
    split = modular("x*y", 5).split(15, rng=0)
    training = Training(MLP((4,)), split, [Stage(AdamW(0.01, 1), 3)])
    run, end = advance(training, record_every=1, measurements=[layer_norms])
    assert run.layer_norm.dims == ("step", "layer")
    assert run.layer.values.tolist() == ["W1", "b1", "W2", "b2"]
    for name, array in end.parameters.items():
        assert run.layer_norm.sel(layer=name)[-1] == np.linalg.norm(array)
    total = np.sqrt((run.layer_norm**2).sum("layer"))
    np.testing.assert_allclose(total, run.parameter_norm, rtol=1e-6)
    assert run.layer_norm.units == "1"


@given(seed=st.integers(0, 99), shift=st.floats(-5, 5))
def test_spread_against_a_loop(seed, shift):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(6, 4)), rng.integers(4, size=6)
    right = [row[label] - row.mean() for row, label in zip(logits, labels, strict=True)]
    measured = logit_spread(snapshot(labels, logits + shift))["logit_spread"]
    assert measured == pytest.approx(np.std(right), rel=1e-9)


def test_a_circuit_that_treats_all_alike_has_no_spread():
    labels = np.arange(5)
    assert logit_spread(snapshot(labels, 3 * np.eye(5)))["logit_spread"] == pytest.approx(0)


@pytest.mark.parametrize("expression", ["x+y", "x*y", "x/y"])
@given(modulus=st.sampled_from([3, 5, 7]), seed=st.integers(0, 99))
def test_share_is_that_of_the_waves(expression, modulus, seed):
    """Against a least-squares fit of all cosines and sines to the logits."""
    shot = of_start(expression, modulus, TwoLayer(width=6), seed)
    everything = np.arange(len(shot.task.labels))
    inputs = shot.network.encode(shot.task, everything, "float64")
    logits = shot.network.forward(shot.parameters, inputs).logits
    logits = logits - logits.mean(axis=1, keepdims=True)
    angle = 2 * np.pi * (np.arange(modulus) - shot.task.labels[:, None]) / modulus
    waves = np.stack(
        [
            wave(frequency * angle).ravel()
            for frequency in range(1, (modulus - 1) // 2 + 1)
            for wave in (np.cos, np.sin)
        ],
        axis=1,
    )
    fitted = waves @ np.linalg.lstsq(waves, logits.ravel(), rcond=None)[0]
    expected = np.sum(fitted**2) / np.sum(logits**2)
    assert trigonometric_share(shot)["trigonometric_share"] == pytest.approx(expected, abs=1e-12)


def test_share_of_no_logits_is_zero():
    shot = of_start("x+y", 5, TwoLayer(width=6), 0)
    shot.parameters.flat[:] = 0
    assert trigonometric_share(shot) == {"trigonometric_share": 0}


def test_share_grows_as_a_network_groks():
    split = modular("x+y", 23).split(340, rng=0)
    training = Training(TwoLayer(128), split, [Stage(AdamW(3e-3, 1), 600)])
    run, _ = advance(training, record_every=100, measurements=[trigonometric_share])
    assert run.trigonometric_share[0] < 0.05
    assert run.trigonometric_share[-1] > 0.5
    assert run.trigonometric_share.units == "1"


@pytest.mark.parametrize("task", [sparse_parity(4, 2, 9), random_labels(modular("x+y", 3))])
def test_share_needs_a_modular_task(task):
    training = Training(TwoLayer(2), task.split(5), [Stage(AdamW(0.01, 1), 1)])
    with pytest.raises(ValueError, match="trigonometric_share needs a modular task, got"):
        advance(training, measurements=[trigonometric_share])


# Measures of your own

TRAINING = Training(MLP((4,)), modular("x*y", 5).split(15, rng=0), [Stage(AdamW(0.01, 1), 3)])


def test_what_is_measured_is_copied():
    """Parameters are overwritten by the next update."""

    def theta(shown):
        return {"theta": xr.DataArray(shown.parameters.flat, dims="entry")}

    run, end = advance(TRAINING, record_every=1, measurements=[theta, layer_norms])
    assert run.theta.dtype == np.float32
    assert (run.theta.isel(step=0) != run.theta.isel(step=-1)).any()
    np.testing.assert_array_equal(run.theta.isel(step=-1), end.parameters.flat)
    np.testing.assert_allclose(
        np.sqrt((run.theta.astype(float) ** 2).sum("entry")), run.parameter_norm, rtol=1e-6
    )


def test_an_own_measure_may_be_unknown():
    run, _ = advance(
        TRAINING,
        record_every=1,
        measurements=[lambda shown: {"mine": np.nan if shown.step == 1 else shown.step}],
    )
    np.testing.assert_array_equal(run.mine, [0, np.nan, 2, 3])


def test_a_known_quantity_that_is_not_finite_is_a_divergence():
    def norms(shown):
        return {"layer_norm": xr.DataArray([1.0, np.nan], dims="layer")}

    with pytest.raises(DivergedError, match="layer_norm is nan at step 0"):
        advance(TRAINING, measurements=[norms])


@pytest.mark.parametrize(
    ("measurements", "message"),
    [
        ([lambda shown: 0.5], r"return mappings, got 0\.5 of <function"),
        ([lambda shown: None], "return mappings, got None of <function"),
        (
            [lambda shown: {"test_loss": 0.0, "mine": 1.0}],
            r"have names of their own, got \['test_loss'\] of <function",
        ),
        ([layer_norms, layer_norms], r"have names of their own, got \['layer_norm'\] of <function"),
        ([lambda shown: {"step": 1}], r"have names of their own, got \['step'\] of <function"),
        (
            [lambda shown: {"mine" if shown.step < 3 else "other": 1.0}],
            r"return the same names at every record, got .*'other'\] at step 3 after .*'mine'\]$",
        ),
    ],
)
def test_measures_that_do_not_fit_are_refused(measurements, message):
    with pytest.raises(ValueError, match=f"^measurements must {message}"):
        advance(TRAINING, measurements=measurements)


def test_the_share_of_any_logits_is_that_of_a_snapshot_and_shapes_are_checked():
    logits, labels = np.random.default_rng(0).normal(size=(49, 7)), modular("x+y", 7).labels
    off = logits - logits.mean(axis=1, keepdims=True)
    mean = np.mean([np.roll(row, -label) for row, label in zip(off, labels, strict=True)], axis=0)
    assert wave_share(logits, labels) == pytest.approx(49 * np.sum(mean**2) / np.sum(off**2))
    with pytest.raises(ValueError, match=r"got \(49, 7\) and \(48,\)"):
        wave_share(logits, labels[1:])
