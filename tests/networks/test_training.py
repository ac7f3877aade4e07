import json
import pickle
import sys

import numpy as np
import pytest
import xarray as xr

import theory
from theory.networks import (
    Adam,
    AdamW,
    GradientDescent,
    TwoLayer,
    accuracy,
    cross_entropy,
    margin,
    modular_addition,
    train,
)
from theory.runs import DivergedError

NETWORK = TwoLayer(width=16)
SPLIT = modular_addition(7).split(train_size=30, rng=0)
OPTIMISER = AdamW(learning_rate=0.01, weight_decay=1)


def test_run_is_labelled():
    run = train(NETWORK, SPLIT, OPTIMISER, steps=10, seed=3)
    units = {name: variable.units for name, variable in run.data_vars.items()}
    assert units == {
        "train_loss": "nat",
        "test_loss": "nat",
        "train_accuracy": "1",
        "test_accuracy": "1",
        "parameter_norm": "1",
        "logit_margin": "logit",
    }
    assert all(variable.dims == ("step",) for variable in run.data_vars.values())


def test_run_says_where_it_came_from():
    run = train(NETWORK, SPLIT, OPTIMISER, steps=10, seed=3)
    assert run.attrs["kind"] == "network"
    assert run.attrs["seed"] == 3
    assert run.attrs["split_checksum"] == SPLIT.checksum
    assert json.loads(run.attrs["versions"]) == {
        "grokking-theory": theory.__version__,
        "numpy": np.__version__,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "xarray": xr.__version__,
    }
    assert json.loads(run.attrs["configuration"]) == {
        "task": {"name": "modular_addition", "modulus": 7},
        "split": {"train_size": 30, "test_size": 19, "rng": 0},
        "network": {
            "name": "TwoLayer",
            "width": 16,
            "activation": "square",
            "embedding_scale": 0.1,
            "tied": False,
            "biases": False,
        },
        "stages": [
            {
                "optimiser": {
                    "name": "AdamW",
                    "learning_rate": 0.01,
                    "weight_decay": 1.0,
                    "betas": [0.9, 0.98],
                    "epsilon": 1e-8,
                },
                "steps": 10,
                "examples": None,
                "batch_size": None,
            }
        ],
        "loss": {"name": "CrossEntropy", "temperature": 1.0},
        "start": None,
        "record_every": 25,
        "dtype": "float32",
    }


@pytest.mark.parametrize(
    ("steps", "record_every", "expected"),
    [
        (10, 4, [0, 4, 8, 10]),
        (8, 4, [0, 4, 8]),
        (3, 25, [0, 3]),
        (3, 1, [0, 1, 2, 3]),
    ],
)
def test_start_and_end_are_always_recorded(steps, record_every, expected):
    run = train(NETWORK, SPLIT, OPTIMISER, steps, record_every=record_every)
    assert run.step.values.tolist() == expected


def test_how_often_is_recorded_changes_nothing_else():
    often = train(NETWORK, SPLIT, OPTIMISER, steps=12, record_every=1)
    seldom = train(NETWORK, SPLIT, OPTIMISER, steps=12, record_every=5)
    xr.testing.assert_equal(often.sel(step=seldom.step), seldom)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_start_is_recorded_as_it_is(dtype):
    run = train(NETWORK, SPLIT, OPTIMISER, steps=1, seed=5, dtype=dtype).isel(step=0)
    task = SPLIT.task
    start = NETWORK.initialise(task, np.random.default_rng(5), dtype)
    for part in ("train", "test"):
        examples = getattr(SPLIT, part)
        inputs, labels = NETWORK.encode(task, examples, dtype), task.labels[examples]
        logits = NETWORK.forward(start, inputs).logits
        assert run[f"{part}_loss"] == cross_entropy(logits, labels)[0]
        assert run[f"{part}_accuracy"] == accuracy(logits, labels)
        if part == "train":
            assert run.logit_margin == margin(logits, labels)
    assert run.parameter_norm == pytest.approx(np.sqrt(np.sum(start.flat**2.0)), rel=1e-6)


def plain_loss_and_gradient(theta):
    """Of NETWORK on SPLIT, as plainly as it can be written."""
    p, (a, b), right = 7, SPLIT.task.inputs[SPLIT.train].T, SPLIT.task.labels[SPLIT.train]
    first, second, out = (part.reshape(-1, 16) for part in np.split(theta, 3))
    out = out.reshape(16, p)
    z = first[a] + second[b]
    exponentials = np.exp(z**2 @ out)
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    delta = (probabilities - np.eye(p)[right]) / right.size
    d_z = 2 * z * (delta @ out.T)
    gradient = [np.eye(p)[:, a] @ d_z, np.eye(p)[:, b] @ d_z, (z**2).T @ delta]
    loss = -np.mean(np.log(probabilities[np.arange(right.size), right]))
    return loss, np.concatenate([part.ravel() for part in gradient])


def descend_plainly(theta):
    for _ in range(20):
        theta = theta - 0.5 * (plain_loss_and_gradient(theta)[1] + 0.01 * theta)
    return theta


def adam_plainly(theta):
    mean, mean_square = np.zeros(theta.size), np.zeros(theta.size)
    for t in range(1, 21):
        gradient = plain_loss_and_gradient(theta)[1] + 0.01 * theta
        mean = 0.9 * mean + 0.1 * gradient
        mean_square = 0.98 * mean_square + 0.02 * gradient**2
        step = (mean / (1 - 0.9**t)) / (np.sqrt(mean_square / (1 - 0.98**t)) + 1e-8)
        theta = theta - 0.02 * step
    return theta


@pytest.mark.parametrize(
    ("optimiser", "plain"),
    [(GradientDescent(0.5, l2=0.01), descend_plainly), (Adam(0.02, l2=0.01), adam_plainly)],
    ids=["GradientDescent", "Adam"],
)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("float64", 1e-10)])
def test_training_as_plainly_as_it_can_be_written(optimiser, plain, dtype, tolerance):
    run = train(NETWORK, SPLIT, optimiser, steps=20, dtype=dtype)
    start = NETWORK.initialise(SPLIT.task, np.random.default_rng(0), "float64")
    theta = plain(start.flat)
    assert run.parameter_norm[-1] == pytest.approx(np.linalg.norm(theta), rel=tolerance)
    assert run.train_loss[-1] == pytest.approx(plain_loss_and_gradient(theta)[0], rel=tolerance)


def test_penalty_and_decay_are_one_for_gradient_descent_only():
    def final_norm(optimiser):
        return float(train(NETWORK, SPLIT, optimiser, 50, dtype="float64").parameter_norm[-1])

    penalised = final_norm(GradientDescent(0.1, l2=0.1))
    assert penalised == pytest.approx(final_norm(GradientDescent(0.1, weight_decay=0.1)), rel=1e-12)
    assert penalised != pytest.approx(final_norm(GradientDescent(0.1)), rel=0.01)
    assert final_norm(Adam(0.01, l2=0.1)) != pytest.approx(final_norm(AdamW(0.01, 0.1)), rel=0.01)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_seed_gives_the_same_bits(dtype):
    network, split = TwoLayer(width=64, activation="relu"), modular_addition(23).split(300, rng=1)
    first, again, other = (
        train(network, split, OPTIMISER, steps=60, seed=seed, dtype=dtype) for seed in (7, 7, 8)
    )
    xr.testing.assert_identical(first, again)
    assert not first.equals(other)


@pytest.mark.parametrize(
    ("optimiser", "train_size"),
    [(AdamW(3e-3, weight_decay=1), 340), (Adam(3e-3, l2=1e-5), 380)],
    ids=["AdamW", "Adam"],
)
def test_a_network_groks(optimiser, train_size):
    split = modular_addition(23).split(train_size, rng=0)
    run = train(TwoLayer(width=128), split, optimiser, steps=800)
    fitted = run.isel(step=int(np.argmax(run.train_accuracy.values == 1)))
    assert 50 <= fitted.step <= 200
    assert fitted.test_accuracy < 0.2
    assert run.test_accuracy[-1] > 0.95
    if isinstance(optimiser, Adam):  # the memorising circuit is taken apart
        assert run.parameter_norm[-1] < 0.9 * run.parameter_norm.max()


def test_divergence_names_step_and_setting_and_hands_back_the_run():
    optimiser = GradientDescent(learning_rate=1e6)
    with pytest.raises(DivergedError, match=r"loss is (nan|inf) at step \d+: TwoLayer\(") as caught:
        train(NETWORK, SPLIT, optimiser, steps=100, record_every=1)
    message = str(caught.value)
    assert repr(optimiser) in message
    assert "seed 0, float32" in message
    run = caught.value.run
    step = int(message.split("step ")[1].split(":")[0])
    assert run.step.values.tolist() == list(range(step))
    assert np.isfinite(run.to_array()).all()
    assert run.attrs["seed"] == 0


def test_divergence_between_records_is_noticed_at_once():
    with pytest.raises(
        DivergedError, match=r"the training loss is (nan|inf) at step \d+:"
    ) as caught:
        train(NETWORK, SPLIT, GradientDescent(1e6), steps=100, record_every=100)
    assert caught.value.run.step.values.tolist() == [0]


def test_divergence_at_the_start_has_nothing_to_hand_back():
    with pytest.raises(DivergedError, match=r"loss is (nan|inf) at step 0") as caught:
        train(TwoLayer(16, embedding_scale=1e30), SPLIT, OPTIMISER, steps=1)
    assert caught.value.run is None


def test_divergence_of_the_gradient_alone_is_noticed():
    with pytest.raises(DivergedError, match="squared norm of the gradient is inf at step 0"):
        train(TwoLayer(16, embedding_scale=1e11), SPLIT, OPTIMISER, steps=1)


def test_a_record_that_is_not_finite_is_noticed(monkeypatch):
    module = sys.modules["theory.networks.outcomes"]
    monkeypatch.setattr(module, "accuracy", lambda logits, labels: np.nan)
    with pytest.raises(DivergedError, match="train_accuracy is nan at step 0"):
        train(NETWORK, SPLIT, OPTIMISER, steps=1)


def test_diverged_error_survives_pickling():
    run = train(NETWORK, SPLIT, OPTIMISER, steps=1)
    error = pickle.loads(pickle.dumps(DivergedError("the loss is nan", run)))
    assert str(error) == "the loss is nan"
    xr.testing.assert_identical(error.run, run)


def test_progress_is_shown_where_somebody_watches(capsys, monkeypatch):
    def shown(progress=None):
        train(NETWORK, SPLIT, OPTIMISER, steps=3, progress=progress)
        captured = capsys.readouterr()
        assert captured.out == ""
        return "training" in captured.err

    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    assert not shown()
    assert shown(progress=True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert shown()
    assert not shown(progress=False)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert not shown()


def test_progress_is_shown_in_a_live_notebook(capsys, monkeypatch):
    class Shell:
        kernel = "a kernel"

    class FakeIPython:
        get_ipython = Shell

    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setitem(sys.modules, "IPython", FakeIPython)
    train(NETWORK, SPLIT, OPTIMISER, steps=3)
    assert "training" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": "mlp"}, "network must be a Network, got 'mlp'"),
        ({"split": SPLIT.task.name}, "split must be a Split, got 'modular_addition'"),
        ({"optimiser": 0.1}, r"optimiser must be a dataclass with a start and a step, got 0\.1"),
        ({"steps": 0}, "steps must be an integer of at least 1, got 0"),
        ({"steps": 2.5}, r"steps must be .*got 2\.5"),
        ({"steps": np.nan}, "steps must be .*got nan"),
        ({"seed": -1}, "seed must be an integer of at least 0, got -1"),
        ({"record_every": 0}, "record_every must be an integer of at least 1, got 0"),
        ({"dtype": "float16"}, "dtype must be 'float32' or 'float64', got 'float16'"),
        ({"dtype": None}, "dtype must be .*got None"),
    ],
)
def test_bad_argument(change, message):
    good = {"network": NETWORK, "split": SPLIT, "optimiser": OPTIMISER, "steps": 1}
    with pytest.raises(ValueError, match=message):
        train(**{**good, **change})
