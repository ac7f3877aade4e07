"""Groups: their representations, what is cheapest in them, and what a circuit should be."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from theory import circuits, networks
from theory.circuits.groups import COMPLEX, QUATERNIONIC, REAL

SEEDS = st.integers(0, 2**32 - 1)


def square(task):
    return task.labels.reshape(task.num_tokens, task.num_tokens)


def dicyclic(count):
    """Elements a^i x^j with a^(2 count) = 1, x^2 = a^count and x a = a^-1 x; Q_8 for two."""
    order = 2 * count
    table = np.empty((2 * order, 2 * order), int)
    for (i, j), (k, flip) in itertools.product(itertools.product(range(order), range(2)), repeat=2):
        turned = i + (-k if j else k) + (count if j and flip else 0)
        table[2 * i + j, 2 * k + flip] = 2 * (turned % order) + (j + flip) % 2
    return table


TABLES = {
    "Z_7": square(networks.modular_addition(7)),
    "Z_6": square(networks.modular_addition(6)),
    "S_3": square(networks.permutation("xy", 3)),
    "A_4": square(networks.permutation("xy", 4, even=True)),
    "S_4": square(networks.permutation("xy", 4)),
    "A_5": square(networks.permutation("xy", 5, even=True)),
    "Q_8": dicyclic(2),
    "Dic_3": dicyclic(3),
}
IRREPS = {name: circuits.irreps(table) for name, table in TABLES.items()}


def examples(table):
    order = len(table)
    return np.stack(np.divmod(np.arange(order**2), order), axis=1), table.ravel()


def norm(units):
    return float(np.linalg.norm(units.parameters().flat))


def bound(units, name):
    """The least norm for the parts that units have in A, by the shares that they have."""
    parts = units.right_logits(*examples(TABLES[name]))
    deltas = circuits.unit_deltas(circuits.irrep_shares(units, IRREPS[name])).values
    order, known = len(TABLES[name]), parts != 0
    each = (
        1.5 * 2 ** (2 / 3) * order * (deltas[known] / 2) ** (1 / 3) * abs(parts[known]) ** (2 / 3)
    )
    return np.sqrt(each.sum())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Z_7", [(1, REAL)] + 3 * [(1, COMPLEX)]),
        ("Z_6", 2 * [(1, REAL)] + 2 * [(1, COMPLEX)]),
        ("S_3", [(1, REAL), (1, REAL), (2, REAL)]),
        ("A_4", [(1, REAL), (1, COMPLEX), (3, REAL)]),
        ("S_4", [(1, REAL), (1, REAL), (2, REAL), (3, REAL), (3, REAL)]),
        ("A_5", [(1, REAL), (3, REAL), (3, REAL), (4, REAL), (5, REAL)]),
        ("Q_8", 4 * [(1, REAL)] + [(2, QUATERNIONIC)]),
        ("Dic_3", [(1, REAL), (1, REAL), (1, COMPLEX), (2, REAL), (2, QUATERNIONIC)]),
    ],
)
def test_representations_are_those_of_the_textbook(name, expected):
    found = IRREPS[name]
    assert sorted((each.dimension, each.kind) for each in found) == sorted(expected)
    assert all(each.delta == each.dimension * (1 + (each.kind != REAL)) for each in found)
    assert sum(each.functions for each in found) == len(TABLES[name])
    np.testing.assert_allclose(found[0].character, 1)


@pytest.mark.parametrize("name", ["S_4", "A_4", "Dic_3"])
def test_matrices_multiply_as_the_group_does(name):
    table = TABLES[name]
    for irrep in IRREPS[name]:
        products = np.einsum("gij,hjk->ghik", irrep.matrices, irrep.matrices)
        np.testing.assert_allclose(products, irrep.matrices[table], atol=1e-9)
        inverse = irrep.matrices.transpose(0, 2, 1) @ irrep.matrices
        np.testing.assert_allclose(
            inverse, np.tile(np.eye(irrep.delta), (len(table), 1, 1)), atol=1e-9
        )


@given(st.sampled_from(list(TABLES)), st.floats(0.1, 50), SEEDS)
@settings(max_examples=40)
def test_matrix_coefficients_have_the_norm_and_logit_of_the_formula(name, logit, seed):
    rng = np.random.default_rng(seed)
    irrep = IRREPS[name][rng.integers(1, len(IRREPS[name]))]
    count = int(rng.integers(1, 5))
    units = circuits.matrix_coefficients(irrep, *rng.normal(size=(3, count, irrep.delta)), logit)
    parts = units.right_logits(*examples(TABLES[name]))
    np.testing.assert_allclose(parts, logit / count, rtol=1e-9)
    predicted = circuits.generalising_norm(logit, len(TABLES[name]), count, delta=irrep.delta)
    assert norm(units) == pytest.approx(predicted, rel=1e-9)
    assert circuits.imbalance(units) == pytest.approx(0, abs=1e-9)
    shares = circuits.irrep_shares(units, IRREPS[name])
    np.testing.assert_allclose(circuits.unit_deltas(shares), irrep.delta)
    assert circuits.effective_delta(parts, np.full(count, irrep.delta)) == pytest.approx(
        irrep.delta
    )


@given(st.sampled_from(["S_3", "A_4", "S_4", "Q_8", "Dic_3"]), SEEDS)
@settings(max_examples=40)
def test_no_units_are_cheaper(name, seed):
    """Random ones, of all representations or near to few."""
    rng = np.random.default_rng(seed)
    order, count = len(TABLES[name]), int(rng.integers(1, 6))
    units = circuits.HiddenUnits(
        tuple(rng.normal(size=(2, order, count))), rng.normal(size=(count, order))
    )
    assert circuits.least_norm(units) >= bound(units, name) * (1 - 1e-9)
    deltas = circuits.unit_deltas(circuits.irrep_shares(units, IRREPS[name]))
    assert np.all(deltas >= 1)


@pytest.mark.parametrize(("name", "part"), [("S_3", 2), ("A_4", 2), ("S_4", 4), ("Q_8", 4)])
def test_the_best_unit_in_a_representation_attains_the_bound(name, part):
    """By a search over all that it may read and write in it; Q_8: singular values in pairs."""
    irrep, order = IRREPS[name][part], len(TABLES[name])
    inputs, labels = examples(TABLES[name])
    basis, sizes, _ = np.linalg.svd(irrep.matrices.reshape(order, -1), full_matrices=False)
    basis = basis[:, sizes > 1e-9]

    def unit(x):
        first, second, output = (basis @ each[:, None] for each in x.reshape(3, -1))
        return circuits.HiddenUnits((first, second), output.T)

    def slack(x):
        units = unit(x)
        logit = abs(units.right_logits(inputs, labels).sum())
        least = circuits.generalising_norm(logit, order, 1, delta=irrep.delta)
        return circuits.least_norm(units) / least

    draw = np.random.default_rng(1)
    found = [minimize(slack, draw.normal(size=3 * basis.shape[1])).fun for _ in range(4)]
    assert basis.shape[1] == irrep.functions
    assert min(found) == pytest.approx(1, abs=1e-5)
    assert min(found) > 1 - 1e-9


def complete(irrep, logit):
    """All units of orthogonal directions, each with p of either sign, which leaves no squares."""
    eye = np.eye(irrep.delta)
    triples = list(itertools.product(eye, repeat=3))
    p, q, r = np.array(triples + [(-p, q, r) for p, q, r in triples]).transpose(1, 0, 2)
    return circuits.matrix_coefficients(irrep, p, q, r, logit)


@pytest.mark.parametrize("part", [1, 2, 3])
def test_all_orthogonal_units_write_the_character(part):
    irrep = IRREPS["S_4"][part]
    inputs, labels = examples(TABLES["S_4"])
    table, logits = TABLES["S_4"], complete(irrep, 6.0).logits(inputs)
    identity = int(np.flatnonzero((table == np.arange(24)).all(axis=1))[0])
    inverse = np.argmax(table == identity, axis=1)
    wanted = 6 / irrep.delta * irrep.character[table[np.arange(24), inverse[labels][:, None]]]
    np.testing.assert_allclose(logits, wanted, atol=1e-9)


@given(st.sampled_from([("S_4", 2), ("S_4", 3), ("A_5", 1)]), st.integers(2, 6), SEEDS)
@settings(max_examples=30)
def test_units_of_one_sign_cannot_cancel_what_each_leaves(which, count, seed):
    """Power of the products alone, over all pairs and labels: at least that of orthogonal units."""
    name, part = which
    irrep, rng = IRREPS[name][part], np.random.default_rng(seed)
    units = circuits.matrix_coefficients(irrep, *rng.normal(size=(3, count, irrep.delta)), 3.0)
    (first, second), output = units.embeddings, units.outputs.T
    grams = [each.T @ each / len(each) for each in (first, second, output)]
    assert np.all(4 * np.prod(grams, axis=0) >= -1e-12)
    power = 4 * np.prod(grams, axis=0).sum()
    assert power >= irrep.delta * count * (3.0 / count) ** 2 * (1 - 1e-9)


def test_what_a_network_should_be():
    found = circuits.expected_circuit(IRREPS["A_5"], 1e-4)
    assert found.norm == pytest.approx(51.78, abs=0.02)
    assert found.logit == pytest.approx(10.14, abs=0.02)
    assert found.units == pytest.approx(42.8, abs=0.3)
    assert found.delta == pytest.approx(3, abs=1e-3)
    assert found.shares[:3] == pytest.approx((0, 0.5, 0.5), abs=1e-3)
    again = circuits.generalising_norm(found.logit, 60, found.units, delta=3)
    assert found.norm == pytest.approx(again, rel=2e-3)


def test_a_weaker_penalty_affords_more():
    weak, strong = (circuits.expected_circuit(IRREPS["S_3"], l2) for l2 in (1e-5, 1e-3))
    assert weak.logit > strong.logit
    assert weak.norm > strong.norm


def test_waves_are_the_cyclic_case():
    units = circuits.waves(7, [1, 2], 5.0)
    shares = circuits.irrep_shares(units, IRREPS["Z_7"])
    np.testing.assert_allclose(circuits.unit_deltas(shares), 2)
    assert norm(units) == pytest.approx(bound(units, "Z_7"))


def test_what_is_zero_has_no_share():
    units = circuits.HiddenUnits((np.zeros((6, 1)), np.ones((6, 1))), np.ones((1, 6)))
    shares = circuits.irrep_shares(units, IRREPS["S_3"])
    assert shares.sum("irrep").values.ravel().tolist() == pytest.approx([0, 1, 0])
    assert np.isinf(circuits.unit_deltas(shares)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: circuits.irreps(np.ones((2, 3), int)), r"table must be .* got shape \(2, 3\)"),
        (lambda: circuits.irreps(np.eye(2)), "table must be whole numbers"),
        (lambda: circuits.irreps(np.zeros((2, 2), int)), "table must have every element once"),
        (
            lambda: circuits.irreps(np.subtract.outer(np.arange(3), np.arange(3)) % 3),
            "table must be associative",
        ),
        (
            lambda: circuits.matrix_coefficients(IRREPS["S_3"][2], *np.ones((3, 1, 3)), 1.0),
            r"first must have 2 numbers a unit, got shape \(1, 3\)",
        ),
        (
            lambda: circuits.matrix_coefficients(IRREPS["S_3"][2], *np.zeros((3, 1, 2)), 1.0),
            "first must be directions, got lengths",
        ),
        (
            lambda: circuits.matrix_coefficients(
                IRREPS["S_3"][1], np.ones((1, 1)), np.ones((2, 1)), np.ones((1, 1)), 1.0
            ),
            r"must be as many, got \[1, 2, 1\]",
        ),
        (
            lambda: circuits.matrix_coefficients(IRREPS["S_3"][1], *np.ones((3, 1, 1)), 0.0),
            "logit must be above 0, got 0",
        ),
        (
            lambda: circuits.irrep_shares(circuits.waves(7, [1], 1.0), IRREPS["S_3"]),
            "units must have two slots and 6 tokens and labels",
        ),
        (
            lambda: circuits.effective_delta(np.zeros(2), np.ones(2)),
            "parts must be one for each delta",
        ),
        (
            lambda: circuits.expected_circuit(IRREPS["Q_8"], 1e-4),
            "representations must be several, all of real type, got 5",
        ),
        (lambda: circuits.expected_circuit(IRREPS["S_3"], 0.0), "l2 must be above 0, got 0"),
        (lambda: circuits.generalising_norm(1.0, 6, 1, delta=0.5), "delta must be at least 1"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
