"""Who speaks for an answer."""

import numpy as np
import pytest

from theory.explorer.inside.votes import answers, loudest, votes
from theory.networks import TwoLayer, modular_addition

TASK = modular_addition(7)


@pytest.mark.parametrize("activation", ["square", "relu"])
def test_all_votes_add_up_to_the_difference_of_the_two_logits(activation):
    network = TwoLayer(16, activation)
    parameters = network.initialise(TASK, np.random.default_rng(0), "float64")
    inputs = network.encode(TASK, np.arange(49), "float64")
    activations = network.forward(parameters, inputs)
    found = answers(activations.logits, TASK.labels)
    spoken = votes(activations.hidden, parameters["W"], found)
    assert spoken.shape == (49, 16)
    rows = np.arange(49)
    difference = activations.logits[rows, found.answer] - activations.logits[rows, found.rival]
    np.testing.assert_allclose(spoken.sum(axis=1), difference, atol=1e-12)
    right = found.answer == TASK.labels
    np.testing.assert_allclose(difference, np.where(right, found.lead, -found.lead))
    assert (difference > 0).all()
    assert 0 < right.sum() < 49


def test_one_of_answer_and_rival_is_the_right_label_and_the_other_the_best_of_the_rest():
    logits = np.random.default_rng(1).normal(size=(200, 5))
    labels = np.arange(200) % 5
    found = answers(logits, labels)
    for row, label, answer, rival in zip(logits, labels, found.answer, found.rival, strict=True):
        best = max((each for each in range(5) if each != label), key=lambda each: row[each])
        assert {answer, rival} == {label, best}
        assert row[answer] > row[rival]


def test_where_two_logits_are_equal_the_first_label_is_the_answer():
    found = answers(np.zeros((2, 3)), labels=np.array([0, 2]))
    assert found.answer.tolist() == [0, 0]
    assert found.rival.tolist() == [1, 2]
    assert found.lead.tolist() == [0, 0]


def test_the_loudest_come_in_order_and_all_of_few():
    spoken = np.random.default_rng(2).normal(size=(4, 6))
    found = np.take_along_axis(spoken, loudest(spoken, 3), axis=1)
    np.testing.assert_array_equal(found, np.sort(spoken, axis=1)[:, :-4:-1])
    assert loudest(spoken[:, :2], 3).shape == (4, 2)
