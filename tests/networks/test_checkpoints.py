import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.networks import Checkpoint, TwoLayer, modular, modular_addition, random_labels
from theory.networks.tasks import Task, fingerprints

NETWORK, TASK = TwoLayer(width=4), modular_addition(5)


def start(seed):
    parameters = NETWORK.initialise(TASK, np.random.default_rng(seed), "float32")
    return Checkpoint.given(parameters, TASK, trained_on=range(seed))


def test_a_checkpoint_is_private_and_read_only():
    parameters = NETWORK.initialise(TASK, np.random.default_rng(0), "float32")
    checkpoint = Checkpoint.given(parameters, TASK, [1])
    before = checkpoint.parameters.flat.copy()
    parameters.flat += 1
    np.testing.assert_array_equal(checkpoint.parameters.flat, before)
    arrays = [checkpoint.parameters.flat, checkpoint.parameters["E"], checkpoint.trained_on]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0


def test_a_transplant_takes_what_is_named_and_remembers_where_it_grew():
    donor, into = start(3), start(1).parameters
    mixed = donor.transplanted(["E"], into)
    np.testing.assert_array_equal(mixed.parameters["E"], donor.parameters["E"])
    np.testing.assert_array_equal(mixed.parameters["W"], into["W"])
    np.testing.assert_array_equal(mixed.trained_on, donor.trained_on)
    assert (mixed.step, mixed.updates, mixed.training) == (0, 0, "")


@pytest.mark.parametrize(
    ("name", "width", "message"),
    [
        ("F", 4, "names must fit on both sides, got 'F': None and None"),
        ("E", 5, r"names must fit on both sides, got 'E': \(10, 4\) and \(10, 5\)"),
    ],
)
def test_bad_transplant(name, width, message):
    with pytest.raises(ValueError, match=message):
        start(0).transplanted([name], TwoLayer(width).zeros(TASK, "float32"))


def test_a_damaged_file_is_refused(tmp_path):
    file = tmp_path / "checkpoint.nc"
    start(2).save(file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"checkpoint\.nc is torn or altered"):
        Checkpoint.load(file)


@given(seed=st.integers(0, 2**32 - 1), dense=st.booleans())
def test_fingerprints_are_equal_where_examples_are(seed, dense):
    rng = np.random.default_rng(seed)
    inputs = rng.integers(0, 3, size=(40, 3))
    labels = rng.integers(0, 2, size=40)
    if dense:
        signs = rng.choice([-1.0, 1.0], size=inputs.shape)
        task = Task("dense", {}, inputs * signs / 7, labels, None, 2)
    else:
        task = Task("tokens", {}, inputs, labels, 3, 2)
    found = fingerprints(task, np.arange(40))
    rows = [(*row, label) for row, label in zip(task.inputs.tolist(), labels, strict=True)]
    for i, j in zip(*np.triu_indices(40, 1), strict=True):
        assert (found[i] == found[j]) == (rows[i] == rows[j])


def test_fingerprints_go_by_input_and_label_whatever_the_task():
    everything = np.arange(25)
    plus, minus = (fingerprints(modular(each, 5), everything) for each in ("x+y", "x-y"))
    np.testing.assert_array_equal(plus == minus, everything % 5 == 0)  # where y is 0
    other = random_labels(TASK, rng=0)
    expected = other.labels == TASK.labels
    np.testing.assert_array_equal(fingerprints(other, everything) == plus, expected)
    assert np.unique(plus).size == 25
