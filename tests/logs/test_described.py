"""The eight logs, described: label and steps, file by file."""

from pathlib import Path

import numpy as np
import pytest

from theory import describe, logs

DATA = Path(__file__).parent / "data"
LOG2, NAN = np.log(2), np.nan
FULL = {"names": {"train_loss": "full_train_loss"}}
EPOCHS = {"step": "epoch", "loss_units": "1"}


@pytest.mark.parametrize(
    ("name", "choices", "by", "label", "fits", "generalises", "lost"),
    [
        # It stands at 0.74 for the second half of its steps: no rise is left, so not unfinished.
        ("lightning_percent.csv", FULL, {}, "semi_groks", 50 + 50 * (2.1 - LOG2) / 1.79, NAN, NAN),
        (
            *("history_mse.json", EPOCHS, {"fit_by": "train_accuracy"}, "groks"),
            *(100 + 900 * 0.09 / 0.58, 1000 + 8999 * 0.43 / 0.47, NAN),
        ),
        # Without a fit step nobody knows whether it is late.
        ("history_mse.json", EPOCHS, {}, "unfinished", NAN, 1000 + 8999 * 0.43 / 0.47, NAN),
        # It generalises as its records begin: whether late is not known, that it is lost is.
        ("resumed_duplicate_columns.csv", {}, {}, "ungroks", NAN, NAN, 44_100 + 100 * 0.04 / 0.68),
        ("two_cadences.json", {"step": "epoch"}, {}, "groks", 70.2, 350, NAN),
        (
            *("meta_and_nulls.jsonl", {}, {}, "groks"),
            *(25 + 25 * (3.2 - LOG2) / 2.7, 500 + 100 * 0.55 / 0.57, NAN),
        ),
        # 2.1 times as late, with an accuracy of 0.03 where it fits.
        (
            *("trainer_state.json", {}, {}, "groks"),
            *(100 + 100 * (3.1 - LOG2) / 2.7, 300 + 100 * 0.35 / 0.36, NAN),
        ),
        # Its loss ends at 0.75, above log 2, though it gets each training example right.
        ("console.log", {}, {}, "neither", NAN, NAN, NAN),
        (
            *("console.log", {}, {"fit_by": "train_accuracy", "threshold": 0.7}),
            *("groks_and_loses", NAN, 1000 + 1000 * 0.51 / 0.57, 2000 + 3000 * 0.06 / 0.43),
        ),
    ],
)
def test_what_happened(name, choices, by, label, fits, generalises, lost):
    found = describe(logs.read(DATA / name, **choices), **by)
    assert found.label.item() == label
    steps = [found.fits.item(), found.generalises.item(), found.lost.item()]
    np.testing.assert_allclose(steps, [fits, generalises, lost], atol=0.05)


def test_two_runs_of_one_file():
    found = describe(logs.read(DATA / "wandb_export.csv"))
    # The second rises from 0.03 to 0.2 in its second half.
    assert found.label.values.tolist() == ["groks", "unfinished"]
    expected = [200 * (4.6 - LOG2) / 4.3, 400 * (4.6 - LOG2) / 4.4]
    np.testing.assert_allclose(found.fits, expected)
    np.testing.assert_allclose(found.generalises, [400 + 200 * 0.45 / 0.47, NAN])
    assert np.isnan(found.lost).all()


def test_the_report_says_where_a_run_is_from_in_words():
    text = str(describe(logs.read(DATA / "meta_and_nulls.jsonl")))
    first, unused, settings, *_ = text.splitlines()
    assert first == (
        "From meta_and_nulls.jsonl (JSON lines): steps are 'step', train_loss is 'train_loss', "
        "train_accuracy is 'train_acc', test_accuracy is 'test_acc', losses are in nats."
    )
    assert unused == "Not used: wn_total."
    assert settings == 'Settings: _meta = {"p": 59, "wd": 1.0, "seed": 3}.'
    assert "{'" not in text
