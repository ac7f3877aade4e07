"""Logs as people have them, made into runs with a few lines."""

import io
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from theory import delay, figures, fit_step, generalisation_step, measures, runs
from theory.logs import from_table

LOG2 = np.log(2)


def test_blanks_and_per_cent():
    text = """epoch,step,train_loss,full_train_loss,full_train_acc,val_accuracy
0,0,4.98,,,
0,1,,4.9,3.0,1.0
1,50,,2.1,61.0,4.0
2,100,,0.31,100.0,6.0
8,3200,,0.012,100.0,74.8
"""
    names = {
        "train_loss": "full_train_loss",
        "train_accuracy": "full_train_acc",
        "test_accuracy": "val_accuracy",
    }
    frame = pd.read_csv(io.StringIO(text))
    run = from_table(frame, names, percent=["train_accuracy", "test_accuracy"])
    assert fit_step(run) == pytest.approx(50 + 50 * (2.1 - LOG2) / 1.79)
    found = generalisation_step(run)
    assert (found["censored"], found["before"]) == (True, 3200)
    assert run.test_accuracy[-1] == pytest.approx(0.748)
    with pytest.raises(ValueError, match=r"^percent must name train_accuracy .* got up to 100$"):
        from_table(frame, names)


def test_epochs_and_a_mean_squared_error():
    history = {
        "epoch": [0, 100, 1000, 9999],
        "train_loss": [0.0102, 0.006, 0.0011, 0.0002],
        "train_acc": [0.009, 0.41, 0.99, 1.0],
        "test_acc": [0.008, 0.03, 0.52, 0.99],
    }
    names = {
        "train_loss": "train_loss",
        "train_accuracy": "train_acc",
        "test_accuracy": "test_acc",
    }
    with pytest.raises(ValueError, match=r"^step must be a column of .*, got 'step'"):
        from_table(history, names)
    with pytest.raises(ValueError, match=r"^loss_units must be given"):
        from_table(history, names, step="epoch")
    run = from_table(history, names, step="epoch", loss_units="1")
    fits, generalises = 100 + 900 * 0.09 / 0.58, 1000 + 8999 * 0.43 / 0.47
    assert delay(run, fit_accuracy=0.5) == pytest.approx(generalises - fits)


def test_a_resumed_log_with_a_column_twice():
    text = """step,test_accuracy,hidden_norm,hidden_norm
44000,0.99,nan,nan
44100,0.99,19.5,19.5
44200,0.31,19.5,19.5
"""
    names = {"test_accuracy": "test_accuracy", "layer_norm": "hidden_norm"}
    run = from_table(pd.read_csv(io.StringIO(text)), names)
    found = generalisation_step(run)
    assert (found["censored"], found["after"]) == (True, 44000)
    assert found["lost"] == pytest.approx(44100 + 100 * 0.04 / 0.68)
    twice = pd.DataFrame([[0, 0.1, 0.2]], columns=["step", "acc", "acc"])
    with pytest.raises(
        ValueError, match=r"^test_accuracy must be one column, got several .* 'acc'"
    ):
        from_table(twice, {"test_accuracy": "acc"})


def test_two_cadences():
    epochs = np.arange(401)
    losses = pd.DataFrame({"step": epochs, "loss": 4 * np.exp(-epochs / 40)})
    accuracies = pd.DataFrame({"step": epochs[::100], "acc": [0.02, 0.02, 0.05, 0.91, 0.99]})
    names = {"train_loss": "loss", "test_accuracy": "acc"}
    run = from_table(pd.concat([accuracies, losses]), names)
    assert fit_step(run) == pytest.approx(40 * np.log(4 / LOG2), abs=0.01)
    found = generalisation_step(run)
    assert found == pytest.approx(300 + 100 * 0.04 / 0.08)
    assert (found["before"], found["after"]) == (300, 400)
    assert measures.regime(run, late=2).item() == "grokking"


def test_rows_without_steps_and_nulls():
    lines = """{"_meta": {"p": 59, "seed": 3}}
{"step": 0, "train_loss": 4.08, "wn": 28.4}
{"step": 25, "train_loss": 3.2, "wn": 29.1}
{"step": 50, "train_loss": 0.5, "wn": null}
{"step": 75, "train_loss": 0.1, "wn": 33.0}
"""
    meta, *rows = map(json.loads, lines.splitlines())
    names = {"train_loss": "train_loss", "parameter_norm": "wn"}
    run = from_table(rows, names).assign_attrs(runs.provenance("log", meta["_meta"]))
    assert fit_step(run) == pytest.approx(25 + 25 * (3.2 - LOG2) / 2.7)
    assert json.loads(run.attrs["configuration"]) == {"p": 59, "seed": 3}
    xr.testing.assert_equal(from_table([meta, *rows], names), run)


def test_two_runs_in_one_file():
    text = """Step,sun - test/acc,sun - train/loss,sea - test/acc,sea - train/loss
0,0.01,4.6,0.01,4.6
200,0.02,0.3,,
400,0.5,0.1,0.03,0.2
600,0.97,0.05,,
800,0.99,0.04,0.2,0.05
"""
    frame = pd.read_csv(io.StringIO(text))
    each = [
        from_table(
            frame,
            {"train_loss": f"{run} - train/loss", "test_accuracy": f"{run} - test/acc"},
            step="Step",
        )
        for run in ("sun", "sea")
    ]
    both = xr.concat(each, "run", join="outer")
    np.testing.assert_allclose(fit_step(both), [200 * (4.6 - LOG2) / 4.3, 400 * (4.6 - LOG2) / 4.4])
    found = generalisation_step(both)
    assert found[0] == pytest.approx(400 + 200 * 0.45 / 0.47)
    assert found["censored"].values.tolist() == [False, True]
    assert found["before"].values.tolist() == [400, 800]


def test_records_of_one_step_in_several_rows():
    history = [
        {"loss": 3.1, "step": 100},
        {"eval_accuracy": 0.02, "step": 100},
        {"loss": 0.4, "step": 200},
        {"eval_accuracy": 0.96, "step": 200},
        {"step": 200, "train_loss": 0.9},
    ]
    run = from_table(history, {"train_loss": "loss", "test_accuracy": "eval_accuracy"})
    assert fit_step(run) == pytest.approx(100 + 100 * (3.1 - LOG2) / 2.7)
    assert not run.isnull().to_array().any()
    history[-1]["loss"] = 0.9
    message = r"^train_loss must have one value at a step, got \[0.4, 0.9\] at step 200"
    with pytest.raises(ValueError, match=message):
        from_table(history, {"train_loss": "loss"})


def test_lines_of_text():
    text = """loading data
[log] step=1 test_acc=0.01
[log] step=1,000 test_acc=0.19
[log] step=2,000 test_acc=0.76
[log] step=5,000 test_acc=0.33
done in 3,210 s
"""
    rows = re.findall(r"step=(\S+) test_acc=(\S+)", text.replace(",", ""))
    run = from_table(pd.DataFrame(rows, columns=["step", "acc"]), {"test_accuracy": "acc"})
    found = generalisation_step(run, 0.7)
    assert found == pytest.approx(1000 + 1000 * 0.51 / 0.57)
    assert found["lost"] == pytest.approx(2000 + 3000 * 0.06 / 0.43)
    with pytest.raises(ValueError, match=r"^step must hold numbers in the column step: .*1,000"):
        from_table([{"step": "1,000", "acc": 0.1}], {"test_accuracy": "acc"})


@pytest.mark.parametrize(
    ("table", "keywords", "message"),
    [
        ({"step": [0]}, {}, r"train_loss must be a column of \['step'\], got 'loss'"),
        (
            {"step": [0], "loss": [None]},
            {},
            "train_loss must be recorded, got no number in .* loss",
        ),
        ({"step": [0, None], "loss": [1, 2]}, {}, "train_loss must have a step in each row, got 2"),
        ({"step": [0.5], "loss": [1]}, {}, "step must hold whole numbers"),
        (
            {"step": [0], "loss": [1]},
            {"percent": ["test_accuracy"]},
            r"percent must name quantities of \['train_loss'\], got \['test_accuracy'\]",
        ),
    ],
)
def test_what_a_log_does_not_say_is_asked_for(table, keywords, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        from_table(table, {"train_loss": "loss"}, **keywords)


def test_a_quantity_has_to_be_known():
    with pytest.raises(ValueError, match="accuracy is not a known quantity"):
        from_table({"step": [0], "acc": [1]}, {"accuracy": "acc"})


def test_gaps_are_drawn_over():
    run = from_table(
        {"step": [0, 10, 20], "loss": [2, 1, 0.5], "acc": [0, None, 1]},
        {"train_loss": "loss", "test_accuracy": "acc"},
    )
    figure, ax = figures.panels()
    figures.draw_accuracies(ax, run)
    (line,) = ax.get_lines()
    assert line.get_xydata().tolist() == [[0, 0], [20, 1]]
    plt.close(figure)


def test_a_gap_is_no_number_elsewhere():
    with pytest.raises(ValueError, match="train_loss must be finite, got inf"):
        from_table({"step": [0, 1], "loss": [1, np.inf]}, {"train_loss": "loss"})
    with pytest.raises(ValueError, match="train_loss must be finite, got nan"):
        runs.from_columns([0, 1], train_loss=[1.0, np.nan])
