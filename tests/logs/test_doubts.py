"""What looks like something that it is not: it is asked, or noted, and never taken in silence."""

import json

import numpy as np
import pytest

from theory import fit_step, generalisation_step


def notes(run):
    return json.loads(run.attrs["read"])["notes"]


@pytest.mark.parametrize("said", ["nan", "NaN", "-nan", "inf", "Infinity", "tensor(nan)"])
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


DOUBTFUL = {
    "train_loss": ["ood_loss", "generalization_loss", "out_of_sample_loss", "critic_loss"],
    "test_accuracy": ["test_perturbed_acc", "val_acc_5", "modular_val_acc"],
    "train_accuracy": ["ood_acc", "acc_5", "acc_step"],
}


@pytest.mark.parametrize(
    ("quantity", "name"), [(key, name) for key, names in DOUBTFUL.items() for name in names]
)
def test_a_name_with_an_unknown_word_is_asked(quantity, name, read):
    other = "train_accuracy" if quantity == "test_accuracy" else "test_accuracy"
    beside = "acc_train" if quantity == "test_accuracy" else "val_acc"
    text = f"step,{name},{beside}\n0,.5,.1\n9,.4,.2\n"
    with pytest.raises(ValueError, match=f"^names must say whether {quantity} is .*'{name}'"):
        read(text)
    assert quantity in read(text, names={quantity: name})
    left = read(text, names={other: beside})
    assert list(left.data_vars) == [other]
    assert json.loads(left.attrs["read"])["left_out"] == [name]


@pytest.mark.parametrize(
    "name",
    ["holdout_loss", "Loss/holdout", "unseen_loss", "vali_loss", "hold_out_loss", "evaluate_loss"],
)
def test_more_words_of_the_test_side(name, read):
    assert "test_loss" in read(f"step,{name},val_acc\n0,4,.1\n9,1,.2\n")


@pytest.mark.parametrize(
    "name",
    [
        *("l2_loss", "weight_decay_loss", "regularization_loss", "wd_loss", "loss_weight"),
        *("chance_acc", "baseline_acc", "teacher_acc", "acc_class_0", "accuracy_threshold"),
        *("test_acc_chance", "val_random_acc", "test_baseline_accuracy"),
    ],
)
def test_more_words_of_something_else(name, read):
    run = read(f"step,train_loss,{name}\n0,4,.1\n9,1,.2\n")
    assert list(run.data_vars) == ["train_loss"]


@pytest.mark.parametrize("name", ["total_loss", "overall loss", "train/total_loss"])
def test_a_total_loss_may_hold_a_penalty(name, read):
    with pytest.raises(ValueError, match=r"^names must say whether train_loss is the column"):
        read(f"step,{name},val_acc\n0,4,.1\n9,1,.2\n")
    assert "train_loss" in read(f"step,{name},loss\n0,4,3\n9,1,1\n")


def test_an_overall_accuracy_is_one(read):
    assert "test_accuracy" in read("step,overall_val_acc\n0,.1\n9,.2\n")


def test_per_cent_that_never_passes_one(read):
    text = "step,loss,val_acc\n0,4.7,.88\n100,.3,.97\n1000,.01,1.0\n9000,.01,.96\n"
    with pytest.raises(ValueError, match=r"^percent must say whether test_accuracy .* 0\.88 at"):
        read(text)
    assert read(text, percent=[]).test_accuracy[0] == 0.88
    assert read(text, percent=["test_accuracy"]).test_accuracy[0] == 0.0088


@pytest.mark.parametrize(
    "text",
    [
        "step,loss,val_acc\n0,4.7,\n100,.3,.97\n",  # recorded later than the loss
        "step,loss,val_loss,val_acc\n0,.3,.4,.97\n9,3,.4,.97\n",
        "step,loss,val_acc\n0,4.7,.01\n100,.3,.97\n",
    ],
)
def test_fractions_that_are_not_asked_for(text, read):
    assert read(text).test_accuracy.max() == 0.97


ENDS = "0,4.6,.01\n100,.3,.96\n200,{0},{0}\n300,{0},{0}\n"


@pytest.mark.parametrize("form", ["csv", "json", "lines", "spaces", "German"])
@pytest.mark.parametrize("said", ["nan", "inf"])
def test_a_run_that_ends_in_nan_or_inf_is_read_until_then(form, said, read):
    rows = ENDS.format(said)
    choices = {}
    if form in ("csv", "spaces", "German"):
        text = "step,loss,test_acc\n" + rows
        text = text if form == "csv" else text.replace(",", " " if form == "spaces" else ";")
        if form == "German":
            text, choices = text.replace(".", ","), {"decimal": ","}
    else:
        word = {"nan": "NaN", "inf": "Infinity"}[said]
        row = '{{"step": {}, "loss": {}, "test_acc": {}}}'
        cells = [line.replace(said, word).split(",") for line in rows.split()]
        each = [
            row.format(*(c.replace(".", "0.", 1) if c[0] == "." else c for c in r)) for r in cells
        ]
        text = "\n".join(each) + "\n" if form == "lines" else f"[{', '.join(each)}]"
    run = read(text, **choices)
    np.testing.assert_equal(run.train_loss.dropna("step").values, [4.6, 0.3])
    assert notes(run) == [
        f"train_loss is {said} from step 200 on: it was read until then",
        f"test_accuracy is {said} from step 200 on: it was read until then",
    ]


def test_blanks_at_the_end_are_no_nan(read):
    assert notes(read("step,loss,test_acc\n" + ENDS.format(""))) == []
    rows = [{"step": 0, "loss": 4.0, "val_acc": 0.1}, {"step": 9, "loss": None, "val_acc": 0.2}]
    assert notes(read(json.dumps(rows))) == []


def test_nan_within_a_run_is_a_gap_and_inf_is_refused(read):
    assert notes(read("step,loss\n0,4\n5,nan\n9,1\n")) == []
    with pytest.raises(ValueError, match=r"^train_loss must be finite, got inf"):
        read("step,loss\n0,4\n5,inf\n9,1\n")


def test_a_column_of_nan_alone_holds_nothing(read):
    for text in ("step,loss,val_acc\n0,nan,.1\n9,nan,.2\n", '[{"step": 0, "loss": NaN, "acc": 1}]'):
        run = read(text, names={"test_accuracy": "val_acc" if text[0] == "s" else "acc"})
        assert list(run.data_vars) == ["test_accuracy"]


@pytest.mark.parametrize("first", ["1.000;4;0", "0;4;0", "500;4;0"])
def test_steps_with_a_point_between_thousands(first, read):
    text = f"step;loss;test_acc\n{first}\n2.000;0;0\n4.000;0;1\n"
    with pytest.raises(ValueError, match=r"^decimal must say .* the column 'step' holds '.\.000'"):
        read(text)
    start = float(first.partition(";")[0].replace(".", ""))
    assert read(text, decimal=",").step.values.tolist() == [start, 2000, 4000]
    assert {2, 4} < set(read(text, decimal=".", resumed=False).step.values)


def test_steps_with_decimals(read):
    for text in ("step,loss\n0.000,4\n1.000,3\n", "step,loss\n1.0,4\n2.0,3\n"):
        assert read(text).step.values[-1] <= 2
    assert fit_step(read("step,loss\n0.000,4\n1.000,0.693\n")) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", ["step (k)", "steps_x1000", "step/1e3", "iterations in thousands"])
def test_steps_of_a_multiple_are_asked(name, read):
    text = f"{name},loss\n0,4\n9,1\n"
    with pytest.raises(ValueError, match=r"^step must be given: .* may count more than single"):
        read(text)
    assert read(text, step=name).step.values.tolist() == [0, 9]


def test_printed_steps_of_a_multiple_are_asked(read):
    text = "step 0 loss 4\nstep 500 loss 3\nstep 2k loss 1\nstep 2000k loss .1\n"
    with pytest.raises(ValueError, match=r"^step must be written out, got 'step 2k' in line 3"):
        read(text)


@pytest.mark.parametrize("name", ["Train_Loss(nats)", "INFO loss", "epoch_loss", "train_loss_step"])
def test_words_that_are_known_are_not_asked(name, read):
    assert "train_loss" in read(f"step,{name},val_acc\n0,4,.1\n9,1,.2\n")


def test_thousands_with_a_point_and_blanks(read):
    text = "step;loss;test_acc\n1.000;4;0\n;;\n4.000;0;1\n"
    with pytest.raises(ValueError, match=r"^decimal must say .* the column 'step' holds '1\.000'"):
        read(text)
