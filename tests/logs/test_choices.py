"""What a log does not say is asked, by the name of the argument; an answer is taken."""

import json

import numpy as np
import pytest

BACK = "step,train_loss\n0,4\n100,3\n200,2\n300,1.5\n150,2.5\n250,1.4\n350,.1\n"


def said(run):
    return json.loads(run.attrs["read"])


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("train_loss", "train_loss"),
        ("loss", "train_loss"),
        ("train/loss", "train_loss"),
        ("training_loss", "train_loss"),
        ("tr_loss", "train_loss"),
        ("Loss/train", "train_loss"),
        ("trainLoss", "train_loss"),
        ("eval/train_loss", "train_loss"),
        ("val_loss", "test_loss"),
        ("eval_loss", "test_loss"),
        ("valid_loss", "test_loss"),
        ("dev nll", "test_loss"),
        ("train_acc", "train_accuracy"),
        ("TrainAccuracy", "train_accuracy"),
        ("val_acc", "test_accuracy"),
        ("test/acc", "test_accuracy"),
        ("eval/accuracy", "test_accuracy"),
        ("valid_accuracy", "test_accuracy"),
        ("val_sparse_categorical_accuracy", "test_accuracy"),
        ("test acc@1", "test_accuracy"),
        ("norm", "parameter_norm"),
        ("param_norm", "parameter_norm"),
        ("weight_norm", "parameter_norm"),
        ("parameter_norm", "parameter_norm"),
        ("logit_margin", "logit_margin"),
    ],
)
def test_names_that_people_give(name, quantity, read):
    run = read(f"step,{name}\n0,0.5\n10,0.25\n")
    assert run[quantity].values.tolist() == [0.5, 0.25]
    assert said(run)["columns"] == {quantity: name}


@pytest.mark.parametrize(
    "name",
    [
        *("lr", "grad_norm", "total_norm", "best_val_acc", "train_loss_ema", "val_acc_top5"),
        *("acc@5", "loss_scale", "train_runtime", "train_val_gap", "val_acc_std", "weight"),
        "train_test_acc",
    ],
)
def test_names_of_something_else_are_left_out(name, read):
    run = read(f"step,train_loss,{name}\n0,4,1\n10,.1,2\n")
    assert list(run.data_vars) == ["train_loss"]
    assert said(run)["left_out"] == [name]


def test_a_plain_name_goes_before_one_that_says_more(read):
    run = read("step,train_loss,train_loss_modular\n0,4,1\n10,.1,2\n")
    assert said(run)["columns"] == {"train_loss": "train_loss"}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("step,val_acc,test_acc", "names must say which column is test_accuracy, got 'val_acc'"),
        ("step,loss,train_loss", "names must say which column is train_loss, got 'loss'"),
        ("step,loss,acc", "names must say whether train_accuracy or test_accuracy is .* 'acc'"),
        ("epoch,loss,val_loss", "step must be given: step='epoch' takes epochs as steps"),
        ("time,loss,val_loss", "step must be given: no column counts the steps of 2 rows"),
        ("step,global_step,loss", "step must say which column counts the steps, got 'step'"),
        ("epoch,loss,acc", "names must say .*; step must be given: step='epoch'"),
    ],
)
def test_what_is_open_is_asked_at_once(header, message, read):
    with pytest.raises(ValueError, match=f"^{message}"):
        read(f"{header}\n0,.5,.6\n1,.7,.8\n")


def test_columns_that_are_the_same_are_one(read):
    run = read("step,global_step,val_acc,test_acc\n0,0,.5,.5\n9,9,.6,.6\n")
    assert run.test_accuracy.values.tolist() == [0.5, 0.6]


def test_an_accuracy_without_a_side_is_that_of_training_beside_one_of_testing(read):
    run = read("step,loss,accuracy,val_accuracy\n0,4,.5,.1\n9,.6,.7,.2\n")
    assert run.train_accuracy.values.tolist() == [0.5, 0.7]
    run = read("step,acc,result\n0,.5,.1\n9,.7,.2\n", names={"test_accuracy": "result"})
    assert run.train_accuracy.values.tolist() == [0.5, 0.7]


def test_rows_are_steps_where_it_is_said(read):
    run = read("loss,val_acc\n4,.1\n.1,.2\n", step="row")
    assert run.step.values.tolist() == [0, 1]


def test_a_list_without_steps_has_to_be_as_long_as_others_say(read):
    whole = {"epochs": [0, 2], "val_acc": [0.1, 0.2], "train_loss": [4, 2, 1]}
    assert read(json.dumps(whole), step="epoch").train_loss.values.tolist() == [4, 2, 1]
    with pytest.raises(ValueError, match=r"^step must be given: no column counts .* of 4 rows"):
        read(json.dumps(whole | {"train_loss": [4, 2, 1, 0.5]}), step="epoch")


def test_a_resumed_run(read):
    with pytest.raises(
        ValueError, match=r"^resumed must be .* 2\.5 at step 150 after step 300; True"
    ):
        read(BACK)
    run = read(BACK, resumed=True)
    assert run.step.values.tolist() == [0, 100, 150, 250, 350]
    assert run.train_loss.values.tolist() == [4, 3, 2.5, 1.4, 0.1]
    assert said(run)["notes"] == ["train_loss: steps go back, 5 of 7 rows were taken"]
    assert read(BACK, resumed=False).sizes["step"] == 7


def test_steps_twice(read):
    twice = "step,train_loss\n0,4\n100,3\n100,2\n200,1\n"
    with pytest.raises(ValueError, match=r"^resumed must be .* is 2 at step 100 after 3 there"):
        read(twice)
    with pytest.raises(
        ValueError, match=r"^train_loss must have one value at a step, got \[3.0, 2"
    ):
        read(twice, resumed=False)
    assert read(twice, resumed=True).train_loss.values.tolist() == [4, 2, 1]


@pytest.mark.parametrize("rows", [[0, 1, 2, 1, 2, 3], [0, 0, 1, 2, 3, 3], [3, 2, 1, 0]])
def test_rows_that_say_the_same_are_not_asked_for(rows, read):
    text = "".join(f"{row},{4 - row}\n" for row in rows)
    run = read(f"step,train_loss\n{text}")
    assert run.train_loss.values.tolist() == [4, 3, 2, 1]


def test_train_and_test_in_parts_of_their_own(read):
    run = read("step,train_loss,val_acc\n0,4,\n10,.1,\n0,,.1\n10,,.2\n")
    assert not run.isnull().to_array().any()


def test_rows_without_a_step(read):
    run = read("step,val_acc\n0,.1\n10,.2\n,.9\n")
    assert said(run)["notes"] == ["test_accuracy: 1 rows without a step at the end were left out"]
    with pytest.raises(ValueError, match=r"^step must be there in each row of test_accuracy"):
        read("step,val_acc\n0,.1\n,.9\n10,.2\n")
    with pytest.raises(ValueError, match=r"^step must be there in each row of test_accuracy"):
        read("step,train_loss,val_acc\n0,4,\n,,.9\n10,1,\n")


def test_per_cent(read):
    text = "step,train_acc,test_acc\n0,2,0.5\n100,100,1.0\n"
    message = r"^percent must name what is in per cent: .*"
    with pytest.raises(ValueError, match=message):
        read(text)
    one = read(text, percent=["train_accuracy"])
    both = read(text, percent=["train_accuracy", "test_accuracy"])
    assert (one.test_accuracy[1], both.test_accuracy[1]) == (1, 0.01)
    for percent in ([], ["test_accuracy"], ["loss"], "train_accuracy"):
        with pytest.raises(ValueError, match=r"^percent must name"):
            read(text, percent=percent)
    with pytest.raises(ValueError, match=r"^test_accuracy must lie in \[0, 1\]"):
        read("step,test_acc\n0,2\n1,450\n")


def test_signs_of_per_cent(read):
    run = read("step,test_acc\n0,0.5%\n1,0.75%\n")
    np.testing.assert_allclose(run.test_accuracy, [0.005, 0.0075])
    with pytest.raises(ValueError, match=r"^the column 'test_acc' must hold numbers"):
        read("step,test_acc\n0,0.5%\n1,0.75\n")


def test_separators_of_thousands_and_decimals(read):
    commas = "step;train_loss\n0;4,5\n1.000;0,25\n"
    with pytest.raises(ValueError, match=r"^decimal must say .* holds '1\.000', got None"):
        read(commas)
    run = read(commas, decimal=",")
    assert run.step.values.tolist() == [0, 1000]
    assert run.train_loss.values.tolist() == [4.5, 0.25]
    with pytest.raises(ValueError, match=r"^decimal must say .* holds '1,234'"):
        read("step;train_loss\n0;1,234\n")
    assert read("step;train_loss\n1,000;1,234\n", decimal=".").train_loss.item() == 1234
    with pytest.raises(ValueError, match=r"^decimal must be '.' or ',', got ';'"):
        read(commas, decimal=";")


def test_units_of_a_loss(read):
    contradiction = "step,train_loss,train_acc\n0,.1,.1\n1,.01,.2\n"
    with pytest.raises(ValueError, match=r"^loss_units must be given: train_loss 0.1 at step 0"):
        read(contradiction)
    assert read(contradiction, loss_units="1").train_loss.units == "1"
    run = read("step,train_mse,val_mse\n0,.1,.1\n1,.01,.2\n")
    assert (run.test_loss.units, said(run)["loss_units"]) == ("1", "1")
    with pytest.raises(ValueError, match=r"^loss_units must be given: the name of a column"):
        read("step,train_mse,val_loss\n0,.1,.1\n1,.01,.2\n")
    assert said(read("step,train_loss\n0,4\n1,.1\n"))["loss_units"] == "nat"


@pytest.mark.parametrize("column", ["run", "seed", "run_id"])
def test_runs_below_each_other(column, read):
    run = read(f"{column},step,train_loss\n7,0,4\n7,10,.2\n8,0,4\n8,20,.3\n")
    assert run["run"].values.tolist() == ["7", "8"]
    np.testing.assert_equal(run.train_loss.values, [[4, 0.2, np.nan], [4, np.nan, 0.3]])


def test_runs_by_name_in_json(read):
    one, other = {"step": [0, 10], "loss": [4, 1]}, {"step": [0, 20], "loss": [4, 2]}
    run = read(json.dumps({"lr_1": one, "lr_2": other}))
    assert run["run"].values.tolist() == ["lr_1", "lr_2"]
    np.testing.assert_equal(run.train_loss.values, [[4, 1, np.nan], [4, np.nan, 2]])


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"names": {"train_loss": "x"}}, r"names must give train_loss a column of .*, got 'x'"),
        ({"names": {"x": "train_loss"}}, "names must give columns by quantity, of train_loss"),
        ({"step": "x"}, r"step must be a column of \['step', 'train_loss'\], or 'row', got 'x'"),
        ({"step": "epoch"}, r"step must be a column of .*, got 'epoch'"),
        ({"resumed": "last"}, "resumed must be True or False, got 'last'"),
    ],
)
def test_a_wrong_choice_is_refused(choices, message, read):
    with pytest.raises(ValueError, match=f"^{message}"):
        read("step,train_loss\n0,4\n", **choices)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("0,4\n1,oops\n", "the column 'train_loss' must hold numbers: .*oops"),
        ("0,inf\n1,4\n", "train_loss must be finite, got inf"),
        ("0,-4\n", r"train_loss must lie in \[0, inf\], got -4"),
        ("-1,4\n", "step must start at 0 or later"),
        ("0.5,4\n", "step must hold whole numbers"),
    ],
)
def test_wrong_numbers_are_refused(rows, message, read):
    with pytest.raises(ValueError, match=f"^{message}"):
        read(f"step,train_loss\n{rows}")
