"""What happened in runs of which that is known, and that events, label and report agree."""

import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import theory
from theory import runs
from theory.describing import LABELS, Criteria, describe
from theory.measures import regime

STEPS = [0, 10, 20, 1000, 2000]


def log(test_accuracy, train_loss=(4.0, 0.1, 0.1, 0.1, 0.1), steps=STEPS, **more):
    return runs.from_columns(steps, train_loss=train_loss, test_accuracy=test_accuracy, **more)


def console(**choices):
    return describe(
        runs.from_columns(
            [1, 10, 100, 1000, 2000, 5000, 10_000],
            train_loss=[4.7, 4.6, 2.0, 0.9, 0.8, 0.75, 0.75],
            train_accuracy=[1.0] * 7,
            test_accuracy=[0.01, 0.01, 0.02, 0.19, 0.76, 0.33, 0.15],
        ),
        **choices,
    )


@pytest.mark.parametrize(
    ("label", "run"),
    [
        ("comprehends", log([0, 0, 0, 0, 1], [4, 4, 4, 4, 0.1])),
        ("comprehends", log([0, 0.9, 1, 1, 1], [4, 4, 4, 4, 4])),  # and never fits
        ("groks", log([0, 0, 0, 0.99, 1])),
        ("groks", log([0, 0, 0.5, 1, 1])),  # fits by 10, and generalises from 20 on at least
        ("groks_and_loses", log([0, 0, 0, 1, 0.2])),
        ("semi_groks", log([0, 0, 0.5, 0.6, 0.6])),
        ("memorises", log([0, 0, 0, 0, 0.04])),
        ("ungroks", log([0, 1, 1, 1, 0.04], [4, 4, 0.1, 0.1, 0.1])),
        ("ungroks", log([0.99, 0.99, 0.5, 0.2, 0.2])),
        ("neither", log([0, 0, 0, 0, 0], [4, 4, 4, 4, 4])),
        ("neither", log([0, 0, 0, 1, 0.2], [4, 4, 4, 4, 4])),
        ("unfinished", log([0, 0, 0, 0.1, 0.5])),
        ("unfinished", log([0, 0, 0, 0, 0], [4, 4, 4, 3.9, 3.5])),
    ],
)
def test_each_label(label, run):
    assert describe(run).label.item() == label


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (log([1, 1, 1], [0.1] * 3, [500, 600, 700]), "do not tell whether it generalises late"),
        (log([0, 0.9, 1, 1, 1]), "do not tell whether it generalises late"),
        (log([0, 1, 1, 1, 0.04]), "do not tell whether it generalises late"),
        (log([0, 1, 0.5], [0.1] * 3, [500, 600, 700]), "do not tell whether it generalises late"),
        (log([0, 0, 0, 0, 1]).drop_vars("test_accuracy"), "test accuracy is not recorded"),
        (log([0, 0, 0, 0, 0]).drop_vars("train_loss"), "when it fits is not known"),
    ],
)
def test_what_the_records_do_not_tell_is_unfinished_with_a_reason(run, why):
    label = describe(run).label
    assert label.item() == "unfinished"
    assert why in label.reason.item()


def test_a_branch_that_starts_generalising_and_loses_it_ungroks():
    steps = [44_000, 44_100, 44_200, 44_300]
    found = describe(log([0.99, 0.99, 0.31, 0.12], [0.05, 0.04, 0.04, 0.03], steps))
    assert found.label.item() == "ungroks"
    for event in (found.fits, found.generalises):
        assert np.isnan(event)
        assert (event.before, event.after) == (0, 44_000)
        assert event.reason.item() == "so at its first record already, at step 44000"
    assert found.lost.item() == pytest.approx(44_100 + 100 * 0.04 / 0.68)
    assert "Lost again until it ends: from step 44,106 on." in str(found)


def test_an_event_that_a_first_passage_hides():
    assert console().label.item() == "neither"
    found = console(threshold=0.7)
    assert found.generalises.item() == pytest.approx(1000 + 1000 * 0.51 / 0.57)
    assert found.lost.item() == pytest.approx(2000 + 3000 * 0.06 / 0.43)
    assert "from step 2,419 on, 524 steps later" in str(found)
    by_accuracy = console(threshold=0.7, fit_by="train_accuracy")
    assert by_accuracy.label.item() == "groks_and_loses"


def test_a_loss_that_is_not_in_nats_has_no_fit_step_and_the_rest_is_described():
    run = runs.from_columns(
        [100, 300, 1000, 9999],
        loss_units="1",
        train_loss=[0.3, 0.2, 0.1, 0.01],
        train_accuracy=[0.41, 0.99, 0.99, 1.0],
        test_accuracy=[0.1, 0.3, 0.52, 0.99],
    )
    found = describe(run)
    assert np.isnan(found.fits)
    assert found.fits.reason.item() == (
        "train_loss is not in nat but in '1': give fit_by='train_accuracy'"
    )
    assert found.generalises.item() == pytest.approx(1000 + 8999 * 0.43 / 0.47)
    assert (found.label.item(), found.label.reason.item()) == (
        "unfinished",
        "when it fits is not known",
    )
    named = describe(run, fit_by="train_accuracy")
    assert named.fits.item() == pytest.approx(100 + 200 * 0.09 / 0.58)
    assert named.label.item() == "groks"


def several():
    steps = [0, 200, 400, 600, 800]
    one = log([0.01, 0.02, 0.5, 0.97, 0.99], [4.6, 0.3, 0.1, 0.05, 0.04], steps, gaps=True)
    other = runs.from_columns(
        steps,
        gaps=True,
        train_loss=[4.6, np.nan, 0.2, np.nan, 0.05],
        test_accuracy=[0.01, np.nan, 0.03, np.nan, 0.2],
    )
    along = xr.DataArray(["lively-sun-7", "calm-sea-9"], dims="run", name="run")
    return xr.concat([one, other], along, combine_attrs="override")


def test_several_runs_are_described_along_their_dimension():
    found = describe(several(), late=1.5)
    assert found.label.dims == found.fits.dims == found.lost.dims == ("run",)
    assert found.label.values.tolist() == ["groks", "unfinished"]
    assert found.fits.values[0] == pytest.approx(200 * (4.6 - np.log(2)) / 4.3)
    assert found.generalises.values[0] == pytest.approx(400 + 200 * 0.45 / 0.47)
    assert found.generalises.reason.values[1] == "not by its last record, at step 800"
    text = str(found)
    assert "lively-sun-7" in text
    assert "groks: it fits, generalises after more than 1.5 times as many steps" in text
    assert LABELS["neither"] not in text


def test_a_run_of_which_one_quantity_was_never_recorded():
    runs_ = several().copy()
    runs_["test_accuracy"][1] = np.nan
    runs_["test_accuracy"].attrs["recorded"] = "at some steps"
    found = describe(runs_)
    assert found.generalises.reason.values.tolist() == ["", "test_accuracy is not recorded"]
    assert found.label.reason.values[1] == "its test accuracy is not recorded"


def test_what_must_stay_counts_only_when_it_has():
    run = log([0, 1, 0, 1, 1])
    assert describe(run).generalises.item() == pytest.approx(9.5)
    assert describe(run).for_good.item() == pytest.approx(20 + 980 * 0.95)
    assert "For good it generalises from step 951 on" in str(describe(run))
    stayed = describe(run, stays=1000)
    assert stayed.generalises.item() == stayed.for_good.item()
    too_long = describe(run, stays=1001)
    assert np.isnan(too_long.generalises)
    assert too_long.generalises.before == 20
    assert too_long.generalises.reason.item() == (
        "not for 1001 steps on end by its last record, at step 2000"
    )
    assert too_long.label.reason.item() == "it generalises when it ends, but not for long"


def test_what_did_not_stay_is_not_lost():
    run = log([0, 1, 0, 0, 0])
    assert describe(run).lost.item() == pytest.approx(10.5)
    assert np.isnan(describe(run, stays=15).lost)


def test_guessing_one_of_two_labels_is_memorising():
    run = log([0.5, 0.5, 0.5, 0.51, 0.52])
    assert describe(run).label.item() == "semi_groks"
    assert describe(run, chance=0.5).label.item() == "memorises"


def test_the_minimal_model_is_described_by_the_same_criteria():
    model = theory.MinimalModel.paper(weight_decay=[0.0025, 0.005])
    run = theory.descend(model, steps=6000, record_every=10)
    found = describe(run)
    assert found.label.values.tolist() == ["memorises", "groks"]
    xr.testing.assert_equal(
        found.generalises.reset_coords(drop=True),
        theory.generalisation_step(run).reset_coords(drop=True),
    )


def test_the_source_is_told_and_versions_are_not():
    run = log([0, 0, 0, 0, 1]).assign_attrs(file="a.csv", versions="{}")
    lines = str(describe(run)).splitlines()
    assert lines[0] == "file: a.csv"
    assert lines[1].startswith("groks: it fits, ")


LEVELS = st.sampled_from([0.0, 0.02, 0.05, 0.3, 0.94, 0.95, 0.97, 1.0])
LOSSES = st.sampled_from([4.0, 1.0, 0.6, 0.1, 0.01])


@st.composite
def logs(draw):
    count = draw(st.integers(1, 6))
    gaps = draw(st.lists(st.sampled_from([1, 5, 40, 1000]), min_size=count, max_size=count))
    start = draw(st.sampled_from([0, 0, 7, 500]))
    steps = start + np.cumsum(gaps) - gaps[0]
    loss, right = (
        draw(st.lists(each, min_size=count, max_size=count)) for each in (LOSSES, LEVELS)
    )
    known = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    assume(any(known))
    right = np.where(known, right, np.nan)
    return runs.from_columns(
        steps, gaps=True, loss_units="nat", train_loss=loss, test_accuracy=right
    )


@settings(max_examples=40)
@given(logs(), st.sampled_from([0.0, 5.0, 100.0]), st.sampled_from([1.0, 3.0, 10.0]))
def test_label_events_and_report_cannot_contradict_each_other(run, stays, late):
    found = describe(run, stays=stays, late=late)
    label, ends = found.label.item(), found.ends
    right = ends.test_accuracy.item() >= 0.95
    fits = ends.train_loss.item() < np.log(2)
    generalised = bool(np.isfinite(found.generalises.after))
    assert label in LABELS
    assert bool(found.label.reason.item()) == (label == "unfinished")
    if label in {"groks", "comprehends"}:
        assert right
        assert generalised
    elif label != "unfinished":
        assert not right
        assert fits == (label != "neither")
    if label in {"groks_and_loses", "ungroks"}:
        assert np.isfinite(found.lost)
    if label in {"memorises", "semi_groks"}:
        assert not generalised
    if label in {"groks", "groks_and_loses"}:
        low = found.generalises.fillna(found.generalises.before)
        assert low > late * found.fits.fillna(found.fits.after)
    for event in (found.fits, found.generalises, found.for_good, found.lost):
        assert np.isnan(event.item()) == bool(event.reason.item())
    assert f"{label}: {Criteria(late=late).criterion(label)}" in str(found)


@settings(max_examples=40)
@given(logs())
def test_where_no_history_counts_the_label_is_the_regime_by_another_name(run):
    names = {
        "groks": "grokking",
        "comprehends": "comprehension",
        "memorises": "memorisation",
        "semi_groks": "semi-grokking",
        "neither": "collapse",
    }
    label = describe(run, late=10).label.item()
    assume((label in names and run.train_loss.values[-1] < np.log(2)) or label == "neither")
    assert regime(run).item() == names[label]


@settings(max_examples=40)
@given(logs(), st.sampled_from([5.0, 100.0]))
def test_what_stays_begins_no_sooner_than_its_first_passage(run, stays):
    first, stayed = describe(run), describe(run, stays=stays)
    for one, other in [(first.fits, stayed.fits), (first.generalises, stayed.generalises)]:
        assert not other < one
        assert other.before >= one.before


def test_records_are_plain_values_for_each_run():
    one, other = describe(several()).records()
    assert one["run"] == {"run": "lively-sun-7"}
    assert one["generalises"] == {
        "step": pytest.approx(591.489, abs=1e-3),
        "before": 400.0,
        "after": 600.0,
        "reason": "",
    }
    assert other["generalises"]["step"] is other["generalises"]["after"] is None
    assert other["ends"] == {"train_loss": 0.05, "test_accuracy": 0.2}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"fit_by": "loss"}, "fit_by must be one of train_loss, train_accuracy, got 'loss'"),
        ({"threshold": 0}, "threshold must be above 0, got 0"),
        ({"fit_accuracy": 2}, "fit_accuracy must be at most 1, got 2"),
        ({"stays": -1}, "stays must be at least 0, got -1"),
        ({"late": 0.5}, "late must be at least 1, got 0.5"),
        ({"chance": 1}, "chance must be below 1, got 1"),
    ],
)
def test_bad_arguments_are_refused(choices, message):
    with pytest.raises(ValueError, match=message):
        describe(log([0, 0, 0, 0, 1]), **choices)


def test_what_never_stayed_long_enough_is_not_said_to_fall_in_between():
    said = str(describe(log([0, 0, 0, 0, 1]), stays=100))
    assert "not for 100 steps on end" in said
    assert "In between" not in said
    assert "For good" not in said


def cut(loss, accuracy):
    return describe(
        runs.from_columns(
            [0, 100, 200, 300], gaps=True, train_loss=loss, test_accuracy=accuracy, loss_units="nat"
        )
    )


NAN = np.nan


def test_a_run_whose_test_accuracy_ends_before_it_does_is_unfinished():
    found = cut([4.6, 0.3, NAN, NAN], [0.01, 0.96, NAN, NAN])
    assert found.label.item() == "unfinished"
    assert found.label.reason.item() == "whether it generalises when it ends is not recorded"
    said = str(found)
    assert "until it ends" not in said
    assert (
        "- Not recorded to its end, at step 300: train loss to 100, test accuracy to 100." in said
    )
    (record,) = found.records()
    assert record["recorded_to"] == {"train_loss": 100, "test_accuracy": 100, "end": 300}


def test_a_run_whose_train_loss_ends_before_it_does_is_not_said_to_fit_when_it_ends():
    found = cut([4.6, 0.3, NAN, NAN], [0.01, 0.01, 0.01, 0.01])
    assert found.label.item() == "unfinished"
    assert found.label.reason.item() == "whether it fits when it ends is not recorded"
    assert "at step 300: train loss to 100." in str(found)


def test_a_test_accuracy_that_is_recorded_less_often_is_not_cut_off():
    steps = list(range(0, 3999, 31))
    seldom = [each % 310 for each in steps]
    accuracy = [NAN if each else 0.01 for each in seldom]
    found = describe(
        runs.from_columns(
            steps, gaps=True, train_loss=[4.6] + [0.1] * (len(steps) - 1), test_accuracy=accuracy
        )
    )
    assert found.label.item() == "memorises"
    assert "Not recorded to its end" in str(found)


def test_a_loss_that_holds_more_than_the_error_is_suspected():
    accuracies = {"train_accuracy": [0.1, 1, 1, 1, 1]}
    said = str(describe(log([0, 0, 0, 0.1, 1], [4, 2, 2, 1, 0.9], **accuracies)))
    assert "give fit_by='train_accuracy'" in said
    assert "Nearly all train inputs are right" in said
    fits = str(describe(log([0, 0, 0, 0.1, 1], [4, 2, 2, 1, 0.5], **accuracies)))
    assert "Nearly all" not in fits


def test_a_fit_that_is_lost_again_is_told():
    found = describe(log([0, 0, 0, 0.99, 1], [4, 0.1, 0.1, 0.1, 9]))
    assert found.label.item() == "groks"
    lost = 1000 + 1000 * (np.log(2) - 0.1) / 8.9
    assert found.records()[0]["fits"]["lost"] == pytest.approx(lost)
    assert "- It fits no more from step 1,067 on." in str(found)
    assert "fits no more" not in str(describe(log([0, 0, 0, 0.99, 1])))


def test_small_steps_are_told_in_three_digits():
    said = str(describe(log([0, 0.94, 1, 1, 1], [4, 0.1, 0.1, 0.1, 0.1], [0, 1, 2, 1000, 2000])))
    assert "at step 0.848" in said
    assert "at step 1.17" in said
    first = str(describe(log([0, 1, 1, 1, 1], [4, 4, 0.1, 0.1, 0.1])))
    assert "- It generalises 8.98 steps before it fits." in first
    one = log([0, 0, 1, 1, 1], train_accuracy=[0, 0, 1, 1, 1], loss_units="nat")
    said = str(describe(one, threshold=0.6, fit_by="train_accuracy"))
    assert "- It generalises 1 step after it fits, 1.07 times as late." in said


def test_records_that_are_too_far_apart_do_not_tell_whether_it_is_late():
    found = describe(log([0, 0.6, 1], [4.6, 0.01, 0.01], [0, 1000, 1500]))
    assert found.fits.item() == pytest.approx(851, abs=1)
    assert found.label.item() == "unfinished"
    assert found.label.reason.item() == "its records do not tell whether it generalises late"
    assert (
        "- These steps are interpolated: it fits between its records at steps 0 and 1,000, and "
        "generalises between those at 1,000 and 1,500." in str(found)
    )


def test_coordinates_are_plain_values_that_json_has():
    numbers = several().assign_coords(run=[0.5, np.nan])
    assert [each["run"]["run"] for each in describe(numbers).records()] == [0.5, None]
    days = several().assign_coords(run=np.array(["2024-01-02", "2024-01-03"], "datetime64[ns]"))
    found = describe(days).records()
    json.dumps(found, allow_nan=False)
    assert found[0]["run"]["run"].startswith("2024-01-02")


def test_where_there_is_no_run_it_says_so():
    assert str(describe(several().isel(run=[]))).endswith("There is no run.")
