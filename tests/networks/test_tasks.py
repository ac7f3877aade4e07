import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import networks
from theory.networks import Split, Task, modular_addition


@given(modulus=st.integers(2, 30))
def test_modular_addition_is_the_whole_table(modulus):
    task = modular_addition(modulus)
    table = {(a, b): (a + b) % modulus for a in range(modulus) for b in range(modulus)}
    pairs = [tuple(pair) for pair in task.inputs.tolist()]
    assert dict(zip(pairs, task.labels.tolist(), strict=True)) == table
    assert len(pairs) == len(table)
    assert (task.num_tokens, task.num_labels) == (modulus, modulus)


@given(modulus=st.integers(2, 12), data=st.data())
def test_split_uses_every_example_once(modulus, data):
    train_size = data.draw(st.integers(1, modulus**2 - 1))
    split = modular_addition(modulus).split(train_size, rng=data.draw(st.integers(0, 99)))
    assert split.train.size == train_size
    assert sorted([*split.train, *split.test]) == list(range(modulus**2))


def test_every_example_is_trained_on_equally_often():
    task = modular_addition(3)
    counts = np.zeros(9)
    for seed in range(900):
        counts[task.split(3, rng=seed).train] += 1
    # 300 expected, standard deviation 14
    assert counts.min() > 240
    assert counts.max() < 360


def test_split_is_given_by_its_seed():
    task = modular_addition(7)
    assert task.split(20, rng=3) == task.split(20, rng=3)
    assert task.split(20, rng=3) != task.split(20, rng=4)
    generated = task.split(20, np.random.default_rng(3))
    np.testing.assert_array_equal(generated.train, task.split(20, rng=3).train)
    assert generated.rng is None


def test_checksum_is_of_sizes_indices_and_labels():
    split = Split(modular_addition(3), train=[1, 4], test=[8])
    numbers = [2, 1, 4, 1, 2, 1, 8, 1]
    expected = hashlib.sha256(struct.pack("<8q", *numbers)).hexdigest()
    assert split.checksum == expected


def test_checksum_changes_with_whatever_it_covers():
    task = modular_addition(3)
    relabelled = Task("other", {}, task.inputs, (task.labels + 1) % 3, 3, 3)
    splits = [
        Split(task, [0, 1], [2]),
        Split(task, [0], [1, 2]),
        Split(task, [0, 1], [3]),
        Split(relabelled, [0, 1], [2]),
    ]
    assert len({split.checksum for split in splits}) == len(splits)


def test_tasks_compare_by_value_and_are_read_only():
    task = modular_addition(5)
    assert task == modular_addition(5)
    assert task != modular_addition(6)
    assert task != Task("other", {}, task.inputs, task.labels, 5, 5)
    assert task != Task(task.name, task.settings, task.inputs, task.labels[::-1], 5, 5)
    assert task != "modular_addition"
    assert task.split(3) != "split"
    for array in (task.inputs, task.labels, task.split(3).train, task.split(3).test):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(task)


def test_arrays_are_copied():
    inputs, labels = np.array([[0], [1]]), np.array([0, 1])
    task = Task("same", {}, inputs, labels, 2, 2)
    inputs[0] = labels[0] = 1
    assert task.inputs[0, 0] == task.labels[0] == 0


def test_dense_inputs_are_numbers_of_any_kind():
    inputs = np.array([[0.5, -2], [3, 4]], "float32")
    task = Task("dense", {}, inputs, [0, 1], num_tokens=None, num_labels=2)
    inputs[0] = 9
    assert task.inputs.tolist() == [[0.5, -2], [3, 4]]
    assert not task.inputs.flags.writeable


@pytest.mark.parametrize("modulus", [1, 0, -5, 2.5, np.nan, "5", True])
def test_bad_modulus(modulus):
    with pytest.raises(ValueError, match=rf"modulus must be .*got {modulus!r}"):
        modular_addition(modulus)


@pytest.mark.parametrize("train_size", [0, -1, 25, 26, 2.5, None])
def test_bad_train_size(train_size):
    with pytest.raises(ValueError, match=rf"train_size must be .*got {train_size!r}"):
        modular_addition(5).split(train_size, rng=0)


@pytest.mark.parametrize("rng", [-1, 0.5, None, "0"])
def test_bad_seed_of_a_split(rng):
    with pytest.raises(ValueError, match=rf"rng must be .*got {rng!r}"):
        modular_addition(5).split(3, rng)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": [[0], [2]]}, r"inputs must lie in \[0, 2\), got 2"),
        ({"inputs": [[0], [-1]]}, r"inputs must lie in \[0, 2\), got -1"),
        ({"inputs": [0, 1]}, r"inputs must be 2-D and not empty, got shape \(2,\)"),
        ({"labels": [0, 3]}, r"labels must lie in \[0, 3\), got 3"),
        ({"labels": [0.0, 1.0]}, "labels must hold whole numbers, got dtype float64"),
        ({"labels": [0]}, "labels must have one entry for each of the 2 inputs, got 1"),
        ({"labels": []}, r"labels must be 1-D and not empty, got shape \(0,\)"),
        ({"num_tokens": 0}, "num_tokens must be .*got 0"),
        (
            {"num_tokens": None, "inputs": [0, 1]},
            r"inputs must be 2-D and not empty, got shape \(2,\)",
        ),
        ({"num_tokens": None, "inputs": [[0.0], [np.nan]]}, "inputs must be finite, got nan"),
        ({"num_tokens": None, "inputs": [["a"], ["b"]]}, "inputs must hold numbers, got dtype <U1"),
        ({"num_labels": 1}, "num_labels must be .*got 1"),
    ],
)
def test_bad_task(change, message):
    good = {"inputs": [[0], [1]], "labels": [0, 2], "num_tokens": 2, "num_labels": 3}
    Task("good", {}, **good)
    with pytest.raises(ValueError, match=message):
        Task("bad", {}, **{**good, **change})


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ([], [1], r"train must be 1-D and not empty, got shape \(0,\)"),
        ([1], [], r"test must be 1-D and not empty, got shape \(0,\)"),
        ([1, 1], [2], "at most once, got 1 twice"),
        ([1], [2, 1], "at most once, got 1 twice"),
        ([1], [9], r"test must lie in \[0, 9\), got 9"),
    ],
)
def test_bad_split(train, test, message):
    with pytest.raises(ValueError, match=message):
        networks.Split(modular_addition(3), train, test)


@pytest.mark.parametrize(("modulus", "slots", "num_labels"), [(5, 1, 3), (4, 2, None), (3, 3, 2)])
def test_sums_are_of_all_tuples(modulus, slots, num_labels):
    task = networks.modular_sum(modulus, slots, num_labels)
    assert len(set(map(tuple, task.inputs.tolist()))) == modulus**slots
    assert task.num_labels == (num_labels or modulus)
    assert task.labels.tolist() == [
        sum(each) % modulus % task.num_labels for each in task.inputs.tolist()
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 2), "modulus must be"),
        ((3, 0), "slots must be"),
        ((3, 25), "modulus\\*\\*slots must be at most 16777216, got 3\\*\\*25"),
        ((3, 2, 4), "num_labels must be at most modulus, 3, got 4"),
    ],
)
def test_bad_sum(arguments, message):
    with pytest.raises(ValueError, match=message):
        networks.modular_sum(*arguments)
