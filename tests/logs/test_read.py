"""Eight shapes of logs that people have, with the answers that their measures must give."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from theory import fit_step, generalisation_step, logs, runs

DATA = Path(__file__).parent / "data"
LOG2 = np.log(2)


def read(name, **choices):
    return logs.read(DATA / name, **choices)


def said(run):
    return json.loads(run.attrs["read"])


def test_lightning_in_per_cent():
    names = {"train_loss": "full_train_loss"}
    run = read("lightning_percent.csv", names=names)
    assert fit_step(run) == pytest.approx(50 + 50 * (2.1 - LOG2) / (2.1 - 0.31))
    found = generalisation_step(run)
    assert (found["censored"], found["before"]) == (True, 3200)
    assert run.test_accuracy[-1] == pytest.approx(0.748)
    assert said(run)["percent"] == ["test_accuracy", "train_accuracy"]
    assert said(run)["left_out"] == ["epoch", "train_loss", "lr"]


def test_two_columns_that_may_be_the_train_loss_are_asked_for():
    message = (
        r"^names must say which column is train_loss, "
        r"got 'train_loss' \(1 of 10 rows\), 'full_train_loss' \(9 of 10 rows\)$"
    )
    with pytest.raises(ValueError, match=message):
        read("lightning_percent.csv")


def test_epochs_and_a_mean_squared_error():
    message = r"^step must be given: step='epoch' .*; loss_units must be given: 'mse' says"
    with pytest.raises(ValueError, match=message):
        read("history_mse.json")
    run = read("history_mse.json", step="epoch", loss_units="1")
    with pytest.raises(ValueError, match="fit_accuracy must be given"):
        fit_step(run)
    assert fit_step(run, fit_accuracy=0.5) == pytest.approx(100 + 900 * 0.09 / 0.58)
    assert generalisation_step(run) == pytest.approx(1000 + 8999 * 0.43 / 0.47)
    assert json.loads(run.attrs["configuration"]) == {"loss": "mse"}


def test_a_branch_with_a_column_twice():
    run = read("resumed_duplicate_columns.csv")
    fits, generalises = fit_step(run), generalisation_step(run)
    assert (fits["censored"], fits["after"]) == (True, 44000)
    assert (generalises["censored"], generalises["after"]) == (True, 44000)
    assert 44100 < generalises["lost"] < 44200
    named = read("resumed_duplicate_columns.csv", names={"layer_norm": "hidden_norm"})
    assert np.isnan(named.layer_norm[0])
    assert (named.layer_norm[1:] == 19.5).all()


def test_two_cadences():
    with pytest.raises(ValueError, match=r"^step must be given: step='acc_epochs' takes epochs"):
        read("two_cadences.json")
    run = read("two_cadences.json", step="epoch")
    assert fit_step(run) == pytest.approx(70.2, abs=0.05)
    assert generalisation_step(run) == pytest.approx(350)
    assert run.sizes["step"] == 401
    assert said(run)["step"] == "acc_epochs, row"


def test_a_meta_line_and_nulls():
    run = read("meta_and_nulls.jsonl", names={"parameter_norm": "wn_total"})
    assert fit_step(run) == pytest.approx(25 + 25 * (3.2 - LOG2) / 2.7)
    assert generalisation_step(run) == pytest.approx(500 + 100 * 0.55 / 0.57)
    assert json.loads(run.attrs["configuration"]) == {"_meta": {"p": 59, "wd": 1.0, "seed": 3}}
    assert run.parameter_norm.isnull().values.tolist() == [
        False,
        False,
        True,
        *[False] * 2,
        True,
        False,
    ]


def test_two_runs_of_weights_and_biases():
    run = read("wandb_export.csv")
    assert run["run"].values.tolist() == ["lively-sun-7", "calm-sea-9"]
    np.testing.assert_allclose(fit_step(run), [200 * (4.6 - LOG2) / 4.3, 400 * (4.6 - LOG2) / 4.4])
    found = generalisation_step(run)
    assert found[0] == pytest.approx(400 + 200 * 0.45 / 0.47)
    assert found["censored"].values.tolist() == [False, True]
    assert said(run)["runs"] == ["lively-sun-7", "calm-sea-9"]


def test_hugging_face():
    run = read("trainer_state.json")
    assert fit_step(run) == pytest.approx(100 + 100 * (3.1 - LOG2) / 2.7)
    assert generalisation_step(run) == pytest.approx(300 + 100 * 0.35 / 0.36)
    assert json.loads(run.attrs["configuration"])["summary"]["train_loss"] == 0.9


def test_lines_of_text():
    run = read("console.log")
    assert fit_step(run)["censored"]
    assert generalisation_step(run)["censored"]
    found = generalisation_step(run, 0.7)
    assert found == pytest.approx(1000 + 1000 * 0.51 / 0.57)
    assert found["lost"] == pytest.approx(2000 + 3000 * 0.06 / 0.43)


@pytest.mark.parametrize("name", ["wandb_export.csv", "meta_and_nulls.jsonl"])
def test_a_run_survives_its_file_with_all_that_was_said(name, tmp_path):
    run = read(name)
    runs.write(run, tmp_path / "run.nc")
    xr.testing.assert_identical(runs.read(tmp_path / "run.nc"), run)
