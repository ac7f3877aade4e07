"""How strong both circuits are, from logits of which that is known."""

import numpy as np
import pytest

from theory.circuits import strengths


def said(right, wrong, labels):
    logits = np.zeros((len(labels), 5))
    logits[np.arange(len(labels)), labels] = right
    logits[np.arange(len(labels)), (labels + 1) % 5] += wrong
    return logits


def test_what_is_right_everywhere_generalises_and_the_rest_is_memory():
    train, test = np.array([0, 3, 4]), np.array([1, 2])
    found = strengths(said(10, 0, train) + 7, train, said(4, 5, test), test)
    assert found.generalising == pytest.approx(4 - 9 / 5)
    assert found.generalising + found.memorising == pytest.approx(10 - 10 / 5)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([1, 2]), r"train_logits and train_labels must .* got \(1, 5\) and \(2,\)"),
        (np.array([5]), r"train_labels must lie in \[0, 5\), got 5 to 5"),
    ],
)
def test_bad_labels_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        strengths(np.zeros((1, 5)), labels, np.zeros((1, 5)), np.array([0]))
