"""What looks like something that it is not: it is asked, or noted, and never taken in silence."""

import json

import numpy as np
import pytest

from theory import fit_step, generalisation_step, logs


@pytest.fixture
def read(tmp_path):
    """Write a file, and read it."""

    def read(text, **choices):
        (tmp_path / "log").write_text(text)
        return logs.read(tmp_path / "log", **choices)

    return read


def notes(run):
    return json.loads(run.attrs["read"])["notes"]


@pytest.mark.parametrize("said", ["nan", "NaN", "-nan", "tensor(nan)"])
def test_a_line_that_says_nan_says_the_rest(said, read):
    text = "step 0 loss 4.6 test_acc .1\nstep 10 loss .3 test_acc .97\n"
    text += f"step 20 loss {said} test_acc .01\nstep 30 loss {said} test_acc .01\n"
    run = read(text)
    assert run.test_accuracy.values.tolist() == [0.1, 0.97, 0.01, 0.01]
    assert generalisation_step(run)["lost"] < 20


def test_lines_that_say_a_step_and_nothing_that_can_be_read(read):
    run = read("step 0 loss 4.6\nstep 10 loss ***\nstep 20 loss .1\n")
    assert notes(run) == ["line 2 says a step and no quantity that can be read"]
    assert notes(read("Epoch 1/2\nstep 5 loss 3\nEpoch 2/2\nstep 10 loss 1\n")) == []
