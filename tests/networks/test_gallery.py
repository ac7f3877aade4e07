"""Every task against a definition that is worked out example by example."""

import builtins
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.networks import (
    MODULAR_EXPRESSIONS,
    PERMUTATION_EXPRESSIONS,
    SparseParity,
    SparseParityOutside,
    Split,
    digits,
    modular,
    modular_addition,
    permutation,
    random_labels,
    sparse_parity,
)

seeds = st.integers(0, 2**32 - 1)


def table(task):
    """Label by input; no input comes twice."""
    inputs = [tuple(row) for row in task.inputs.tolist()]
    assert len(set(inputs)) == len(inputs)
    return dict(zip(inputs, task.labels.tolist(), strict=True))


@pytest.mark.parametrize("expression", MODULAR_EXPRESSIONS)
@given(modulus=st.sampled_from([2, 3, 5, 7, 11, 13]))
def test_modular_tasks_solve_their_equation(expression, modulus):
    """Of all labels exactly the right one solves the equation, in Python's whole numbers."""
    equation = {
        "x+y": lambda x, y, label: x + y - label,
        "x-y": lambda x, y, label: x - y - label,
        "x*y": lambda x, y, label: x * y - label,
        "x/y": lambda x, y, label: x - y * label,
        "x^2+y^2": lambda x, y, label: x * x + y * y - label,
        "x^2+xy+y^2": lambda x, y, label: x * x + x * y + y * y - label,
        "x^3+xy": lambda x, y, label: x * x * x + x * y - label,
    }
    task = modular(expression, modulus)
    found = table(task)
    first = 1 if expression == "x/y" else 0
    assert list(found) == [(x, y) for x in range(modulus) for y in range(first, modulus)]
    for (x, y), label in found.items():
        solutions = [k for k in range(modulus) if equation[expression](x, y, k) % modulus == 0]
        assert solutions == [label]
    assert (task.num_tokens, task.num_labels) == (modulus, modulus)
    assert task.settings == {"modulus": modulus}


def test_modular_expressions_are_tasks_of_their_own():
    tasks = [modular(expression, 5) for expression in MODULAR_EXPRESSIONS]
    assert len({task.name for task in tasks}) == 7
    assert len({task.labels.tobytes() for task in tasks}) == 7
    assert tasks[0] == modular_addition(5)


@given(modulus=st.integers(2, 40))
def test_only_division_asks_for_a_prime(modulus):
    for expression in MODULAR_EXPRESSIONS[:-1]:
        assert len(modular(expression, modulus).labels) == modulus**2
    if all(modulus % factor for factor in range(2, modulus)):
        assert len(modular("x/y", modulus).labels) == modulus * (modulus - 1)
    else:
        with pytest.raises(ValueError, match=f"modulus must be prime for x/y, got {modulus}"):
            modular("x/y", modulus)


@pytest.mark.parametrize("degree", [2, 3, 4])
@pytest.mark.parametrize("expression", PERMUTATION_EXPRESSIONS)
def test_permutation_tasks_compose_mappings(expression, degree):
    elements = list(itertools.permutations(range(degree)))
    task = permutation(expression, degree)
    found = table(task)
    assert len(found) == math.factorial(degree) ** 2 == task.num_labels**2 == task.num_tokens**2
    for (i, j), label in found.items():
        x, y = elements[i], elements[j]
        if expression == "xy":
            expected = tuple(x[y[k]] for k in range(degree))
        elif expression == "xyx^-1":
            expected = tuple(x[y[x.index(k)]] for k in range(degree))
        else:
            expected = tuple(x[y[x[k]]] for k in range(degree))
        assert elements[label] == expected


def sign(x):
    return (-1) ** sum(a > b for a, b in itertools.combinations(x, 2))


@pytest.mark.parametrize("degree", [3, 4])
@pytest.mark.parametrize("expression", PERMUTATION_EXPRESSIONS)
def test_even_permutations_are_a_part_of_all(expression, degree):
    whole, part = permutation(expression, degree), permutation(expression, degree, even=True)
    elements = list(itertools.permutations(range(degree)))
    even = [i for i, x in enumerate(elements) if sign(x) == 1]
    labels = table(whole)
    number = {each: i for i, each in enumerate(even)}
    expected = {
        (number[i], number[j]): number[labels[i, j]] for i, j in itertools.product(even, repeat=2)
    }
    assert table(part) == expected
    assert part.num_tokens == part.num_labels == len(even) == len(elements) // 2
    assert part.settings == {"degree": degree, "even": True}
    assert whole.settings == {"degree": degree}


def test_permutations_of_five_are_those_of_the_literature():
    task = permutation("xy", 5)
    assert (len(task.labels), task.num_labels) == (14400, 120)
    assert np.all(np.bincount(task.labels) == 120)
    assert np.all(task.labels[:120] == np.arange(120))  # the identity comes first


@given(num_bits=st.integers(1, 62), data=st.data(), seed=seeds)
def test_sparse_parity_counts_signs(num_bits, data, seed):
    parity_bits = data.draw(st.integers(1, num_bits))
    examples = data.draw(st.integers(1, min(2**num_bits, 30)))
    task = sparse_parity(num_bits, parity_bits, examples, rng=seed)
    found = table(task)
    assert len(found) == examples
    for signs, label in found.items():
        assert set(signs) <= {-1, 1}
        assert label == sum(sign == -1 for sign in signs[:parity_bits]) % 2
    assert task.num_tokens is None
    assert task.settings == {
        "num_bits": num_bits,
        "parity_bits": parity_bits,
        "examples": examples,
        "rng": seed,
    }


def test_sparse_parity_can_hold_every_input():
    task = sparse_parity(4, 4, 16)
    assert set(table(task)) == set(itertools.product([-1, 1], repeat=4))
    assert np.sum(task.labels) == 8


def test_stream_draws_fresh_examples():
    stream, rng = SparseParity(30, 3), np.random.default_rng(0)
    first, second = stream.draw(rng, 500), stream.draw(rng, 500)
    assert not table(first).keys() & table(second).keys()
    for signs, label in table(second).items():
        assert label == (math.prod(signs[:3]) == -1)
    # 15,000 signs: the mean is known to 0.008
    assert abs(first.inputs.mean()) < 0.04
    assert 200 < first.labels.sum() < 300


def test_stream_is_given_by_its_seed():
    stream = SparseParity(30, 3)
    assert stream.draw(np.random.default_rng(1), 9) == stream.draw(np.random.default_rng(1), 9)
    assert stream.draw(np.random.default_rng(1), 9) != stream.draw(np.random.default_rng(2), 9)


@given(data=st.data(), seed=seeds)
def test_a_region_is_left_out_and_nothing_else(data, seed):
    num_bits = data.draw(st.integers(2, 62))
    places = data.draw(
        st.lists(st.integers(0, num_bits - 1), min_size=1, max_size=min(num_bits, 5), unique=True)
    )
    stream = SparseParityOutside(num_bits, 2, tuple(places))
    outside = stream.draw(np.random.default_rng(seed), 40)
    inside = stream.draw_left_out(np.random.default_rng(seed), 40)
    assert not (outside.inputs[:, places] == -1).all(axis=1).any()
    assert (inside.inputs[:, places] == -1).all()
    for task in (outside, inside):
        assert set(np.unique(task.inputs)) <= {-1, 1}
        odd = (task.inputs[:, :2] == -1).sum(axis=1) % 2
        np.testing.assert_array_equal(task.labels, odd)


def test_outside_of_a_region_all_inputs_are_as_frequent():
    stream, rng = SparseParityOutside(4, 3, (0, 2)), np.random.default_rng(0)
    for task, kinds in ((stream.draw(rng, 24_000), 12), (stream.draw_left_out(rng, 8_000), 4)):
        _, counts = np.unique(task.inputs, axis=0, return_counts=True)
        assert counts.size == kinds
        # 2000 of each, to 45
        assert abs(counts - 2000).max() < 200


def test_digits_are_pictures_of_what_they_are_called():
    pytest.importorskip("sklearn", reason="the extra digits is not installed")
    task = digits()
    assert task.inputs.shape == (1797, 64)
    assert (task.inputs.min(), task.inputs.max()) == (0, 1)
    assert np.all(task.inputs * 16 % 1 == 0)
    assert np.unique(task.labels).tolist() == list(range(10))
    assert len(table(task)) == 1797
    # A picture is nearest to the mean picture of its own digit, nine times out of ten.
    means = np.array([task.inputs[task.labels == digit].mean(axis=0) for digit in range(10)])
    distances = ((task.inputs[:, None] - means) ** 2).sum(axis=2)
    assert np.mean(distances.argmin(axis=1) == task.labels) > 0.9


def test_digits_say_what_is_missing(monkeypatch):
    original = builtins.__import__

    def without_sklearn(name, *others):
        if name.startswith("sklearn"):
            raise ModuleNotFoundError(name)
        return original(name, *others)

    monkeypatch.setattr(builtins, "__import__", without_sklearn)
    with pytest.raises(ImportError, match=r"install it with: pip install 'grokking-theory\[digits"):
        digits()


tasks = st.one_of(
    st.builds(modular, st.sampled_from(MODULAR_EXPRESSIONS), st.sampled_from([3, 5, 7])),
    st.builds(permutation, st.sampled_from(PERMUTATION_EXPRESSIONS), st.just(3)),
    st.builds(sparse_parity, st.just(6), st.just(2), st.integers(2, 60)),
)


@given(task=tasks, seed=seeds, balanced=st.booleans())
def test_random_labels_change_nothing_but_the_labels(task, seed, balanced):
    relabelled = random_labels(task, seed, balanced)
    np.testing.assert_array_equal(relabelled.inputs, task.inputs)
    assert relabelled.num_labels == task.num_labels
    assert relabelled.settings.items() >= task.settings.items()
    assert relabelled == random_labels(task, seed, balanced)
    split = task.split(len(task.labels) // 2, rng=seed)
    for part in ("train", "test"):
        drawn = getattr(random_labels(split, seed, balanced), part)
        np.testing.assert_array_equal(drawn, getattr(split, part))


@given(task=tasks, seed=seeds)
def test_balanced_labels_come_equally_often(task, seed):
    split = random_labels(task.split(len(task.labels) // 2, seed), seed, balanced=True)
    whole = random_labels(task, seed, balanced=True)
    for labels in (split.task.labels[split.train], split.task.labels[split.test], whole.labels):
        counts = np.bincount(labels, minlength=task.num_labels)
        assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("balanced", [False, True])
def test_random_labels_know_nothing_of_the_right_ones(balanced):
    task = modular_addition(53)
    labels = random_labels(task, 0, balanced).labels
    # 2809 examples: 53 agreements expected, standard deviation 7
    assert 20 < np.sum(labels == task.labels) < 90


def test_labels_drawn_one_by_one_are_not_balanced():
    counts = np.bincount(random_labels(modular_addition(53), 0).labels)
    # Variance of a Poisson number of 53; balanced labels would have none.
    assert 25 < counts.var() < 90


def test_examples_outside_a_split_keep_their_labels():
    task = modular_addition(31)
    split = random_labels(Split(task, np.arange(300), np.arange(300, 400)), 0)
    np.testing.assert_array_equal(split.task.labels[400:], task.labels[400:])
    assert np.mean(split.task.labels[:400] == task.labels[:400]) < 0.2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: modular("x^y", 5), "expression must be one of x\\+y, .*got 'x\\^y'"),
        (lambda: modular("x*y", 1), "modulus must be an integer of at least 2, got 1"),
        (lambda: modular("x*y", 5000), "modulus must be at most 4096, got 5000"),
        (lambda: permutation("yx", 3), "expression must be one of xy, .*got 'yx'"),
        (lambda: permutation("xy", 1), "degree must be an integer of at least 2, got 1"),
        (lambda: permutation("xy", 7), "degree must be at most 6, got 7"),
        (lambda: permutation("xy", 2, even=True), "degree must be an integer of at least 3, got 2"),
        (lambda: permutation("xy", 4, even=1), "even must be .*got 1"),
        (lambda: SparseParity(0, 1), "num_bits must be an integer of at least 1, got 0"),
        (lambda: SparseParity(63, 1), "num_bits must be at most 62, got 63"),
        (lambda: SparseParity(5, 6), "parity_bits must be at most num_bits, 5, got 6"),
        (lambda: SparseParityOutside(3, 2, ()), r"left_out must hold places below 3, .*got \(\)"),
        (lambda: SparseParityOutside(3, 2, (1, 1)), r"left_out must .* each once, got \(1, 1\)"),
        (lambda: SparseParityOutside(3, 2, (0, 3)), r"left_out must hold places below 3.*\(0, 3\)"),
        (lambda: SparseParityOutside(3, 2, (-1,)), "left_out must be .*at least 0, got -1"),
        (lambda: SparseParityOutside(3, 4, (0,)), "parity_bits must be at most num_bits, 3, got 4"),
        (lambda: sparse_parity(3, 2, 9), r"examples must be at most 2\^num_bits, 8, got 9"),
        (lambda: sparse_parity(3, 2, 0), "examples must be .*at least 1, got 0"),
        (lambda: sparse_parity(3, 2, 4, rng=-1), "rng must be .*got -1"),
        (lambda: random_labels([1, 2]), r"examples must be a Task or a Split, got \[1, 2\]"),
        (lambda: random_labels(modular("x+y", 3), rng=0.5), r"rng must be .*got 0\.5"),
    ],
)
def test_bad_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_bad_size_of_a_draw():
    with pytest.raises(ValueError, match="size must be an integer of at least 1, got 0"):
        SparseParity(3, 2).draw(np.random.default_rng(0), 0)
    for draw in (
        SparseParityOutside(3, 2, (0,)).draw,
        SparseParityOutside(3, 2, (0,)).draw_left_out,
    ):
        with pytest.raises(ValueError, match="size must be an integer of at least 1, got 0"):
            draw(np.random.default_rng(0), 0)
