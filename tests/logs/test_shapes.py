"""Shapes of logs that people have: one run, however it is laid out, is measured the same."""

import json

import numpy as np
import pandas as pd
import pytest

from theory import fit_step, generalisation_step, logs

STEP, LOSS, ACCURACY = [0, 100, 200, 400], [4.6, 2.0, 0.3, 0.1], [0.01, 0.02, 0.5, 0.97]
TEST_LOSS, TRAIN = [4.6, 5.0, 3.0, 0.2], [0.01, 0.3, 1.0, 1.0]
FITS, GENERALISES = 100 + 100 * (2 - np.log(2)) / 1.7, 200 + 200 * 0.45 / 0.47
FRAME = pd.DataFrame({"step": STEP, "train_loss": LOSS, "val_acc": ACCURACY})
EACH = list(zip(STEP, LOSS, TEST_LOSS, TRAIN, ACCURACY, strict=True))


def csv(frame, **options):
    return frame.to_csv(index=False, **options)


def series(name, values, **more):
    return pd.DataFrame({**more, "step": STEP, "tag": name, "value": values})


def rows(*sides):
    return pd.concat([pd.DataFrame({"step": STEP, **side}) for side in sides])


def lines(*templates):
    """Return lines for each record: step, train and test loss, train and test accuracy."""
    names = ("s", "a", "b", "t", "c")
    each = [dict(zip(names, record, strict=True)) for record in EACH]
    return "".join(line.format(**record) + "\n" for record in each for line in templates)


@pytest.fixture
def read(tmp_path):
    """Write files, or one, and read them."""

    def read(content, **choices):
        files = content if isinstance(content, dict) else {"log": content}
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        paths = [tmp_path / name for name in files]
        return logs.read(paths if len(paths) > 1 else paths[0], **choices)

    return read


def times(*factors):
    """Return the log of several runs, at so many times the steps."""
    return [FRAME.assign(step=FRAME.step * factor) for factor in factors]


def check(run, *factors):
    np.testing.assert_allclose(fit_step(run), np.squeeze(np.multiply(factors, FITS)))
    np.testing.assert_allclose(
        generalisation_step(run), np.squeeze(np.multiply(factors, GENERALISES))
    )


TWO_SIDES = rows(
    {"phase": "train", "loss": LOSS, "acc": TRAIN},
    {"phase": "val", "loss": TEST_LOSS, "acc": ACCURACY},
)


SUBSETS = [
    series(name, values, context=json.dumps({"subset": side}))
    for name, values, side in [("loss", LOSS, "train"), ("acc", ACCURACY, "val")]
]
IS_TRAIN = TWO_SIDES.assign(phase=TWO_SIDES.phase == "train").rename(columns={"phase": "is_train"})
NAMED = {"train_loss": LOSS, "val/acc": ACCURACY}
PATTERN = r"(?P<step>\d+)/.*loss=(?P<train_loss>[\d.]+), val_acc=(?P<val_acc>[\d.]+)"
INDEXED = FRAME.set_index("step")


def records(side):
    """Return the rows of one side, which do not say so."""
    return TWO_SIDES[TWO_SIDES.phase == side].drop(columns="phase").to_dict("records")


def mlflow(values):
    """Return a metric as MLflow keeps it."""
    each = zip(values, STEP, strict=True)
    return "".join(f"1700000000000 {value} {step}\n" for value, step in each)


def neptune(values):
    """Return a series as Neptune exports it."""
    return csv(pd.DataFrame({"step": STEP, "timestamp": 0, "value": values}))


@pytest.mark.parametrize(
    "content",
    [
        csv(pd.concat([series("Loss/train", LOSS), series("Accuracy/val", ACCURACY)])),
        csv(FRAME.melt("step")),
        csv(pd.concat([series("loss", LOSS, split="train"), series("acc", ACCURACY, split="val")])),
        csv(pd.concat(SUBSETS)),
        csv(TWO_SIDES),
        csv(TWO_SIDES.sort_values("step")),
        csv(IS_TRAIN),
        "".join(json.dumps(row) + "\n" for row in TWO_SIDES.to_dict("records")),
        json.dumps({side: records(side) for side in ("train", "val")}),
        json.dumps({name: {"step": STEP, "value": values} for name, values in NAMED.items()}),
        str(FRAME.to_dict("list")),
        FRAME.to_string(),
        "sep=;\n" + csv(FRAME, sep=";"),
        csv(FRAME.assign(train_loss=[f"tensor({loss}, grad_fn=<Mean>)" for loss in LOSS])),
        {f"metrics/{name}": mlflow(values) for name, values in NAMED.items()},
        {"train_loss.csv": neptune(LOSS), "val_acc.csv": neptune(ACCURACY)},
        lines("[train] step {s} loss {a} acc {t}", "[val] step {s} loss {b} acc {c}"),
        lines("step {s} | train: loss={a} acc={t} | val: loss={b} acc={c}"),
        lines("step: {s}", "train:", "  loss: {a}", "val:", "  loss: {b}", "  acc: {c}"),
        lines(
            "Train step [{s}/400] loss=tensor({a}, device='cpu')", "Test step [{s}] acc=f64({c})"
        ),
    ],
)
def test_one_line_reads_it(content, read):
    check(read(content), 1)


@pytest.mark.parametrize(
    ("content", "choices", "message"),
    [
        (INDEXED.rename_axis(None).to_csv(), {"step": "index"}, "step must be given: .*'index'"),
        (INDEXED.to_json(orient="index"), {"step": "index"}, "step must be given: .*'index'"),
        (INDEXED.to_json(orient="split"), {"step": "index"}, "step must be given: .*'index'"),
        (
            lines("{s}/400 [00:01, 9it/s, train_loss={a}, val_acc={c}]"),
            {"pattern": PATTERN},
            "step must be given.* or a pattern",
        ),
        (
            lines("main:train:42 - step {s} loss {a} acc {c}"),
            {"names": {"test_accuracy": "acc"}},
            "names must say whether train_accuracy or",
        ),
    ],
)
def test_what_an_error_names_reads_it(content, choices, message, read):
    with pytest.raises(ValueError, match=f"^{message}"):
        read(content)
    check(read(content, **choices), 1)


def test_runs_that_a_column_tells_apart(read):
    sweep = [frame.assign(decay=decay) for frame, decay in zip(times(2, 1), (0.1, 1), strict=True)]
    with pytest.raises(ValueError, match=r"^run must say what .* run='decay' would; resumed must"):
        read(csv(pd.concat(sweep)))
    run = read(csv(pd.concat(sweep)), run="decay")
    check(run, 2, 1)
    assert run["run"].values.tolist() == ["0.1", "1.0"]
    check(read(csv(pd.concat(sweep).sort_values("step", kind="stable")), run=["decay"]), 2, 1)


def test_runs_that_two_columns_tell_apart(read):
    each = zip(times(1, 2, 3, 4), (0.1, 0.1, 1.0, 1.0), (0, 1, 0, 1), strict=True)
    sweep = csv(pd.concat([frame.assign(decay=decay, seed=seed) for frame, decay, seed in each]))
    with pytest.raises(ValueError, match=r"run=\['seed', 'decay'\] would"):
        read(sweep)
    run = read(sweep, run=["decay", "seed"])
    check(run, 1, 2, 3, 4)
    assert run["run"].values[1] == "decay=0.1, seed=1"


def test_runs_of_a_long_table(read):
    parts = [part.melt("step").assign(seed=seed) for seed, part in enumerate(times(1, 3))]
    check(read(csv(pd.concat(parts))), 1, 3)


def test_each_file_a_run(read):
    """Their numbers are the same and their steps are not: one must not stand for all."""
    files = {f"seed{seed}.csv": csv(frame) for seed, frame in enumerate(times(1, 2, 3))}
    with pytest.raises(ValueError, match=r"^run must be given where 3 tables have a column"):
        read(files)
    run = read(files, run="file")
    check(run, 1, 2, 3)
    assert run["run"].values.tolist() == list(files)
    check(read(files, run=["file"]), 1, 2, 3)


def test_files_of_one_name_are_told_apart_by_their_folders(read):
    files = {f"a/v{seed}/log.csv": csv(frame) for seed, frame in enumerate(times(1, 2))}
    run = read(files, run="file")
    check(run, 1, 2)
    assert run["run"].values.tolist() == ["v0/log.csv", "v1/log.csv"]
    assert json.loads(run.attrs["read"])["files"] == ["v0/log.csv", "v1/log.csv"]


def test_a_file_twice_is_refused(read, tmp_path):
    (tmp_path / "log.csv").write_text(csv(FRAME))
    with pytest.raises(ValueError, match=r"^path must name each file once, got .*log\.csv' twice"):
        logs.read([tmp_path / "log.csv"] * 2, run="file")


def test_runs_by_name_of_records(read):
    each = {f"seed_{seed}": frame.to_dict("records") for seed, frame in enumerate(times(1, 2))}
    check(read(json.dumps(each)), 1, 2)


def test_steps_that_begin_anew_with_each_epoch(read):
    columns = {"epoch": [0, 0, 1, 1], "step": [0, 1, 0, 1], "train_loss": [4, 2, 1, 0.1]}
    with pytest.raises(ValueError, match=r"^step must go on, and begins anew with each 'epoch'"):
        read(json.dumps(columns))
    assert read(json.dumps(columns), step="row").step.values.tolist() == [0, 1, 2, 3]


def test_rows_of_series_of_unequal_length_are_not_counted_alike(read):
    series = json.dumps({"train_loss": LOSS * 2, "val_acc": ACCURACY})
    message = "step must name a column: 'row' would count tables of 4 and 8 rows alike"
    with pytest.raises(ValueError, match=f"^{message}"):
        read(series, step="row")


@pytest.mark.parametrize(
    ("content", "choices", "message"),
    [
        (csv(FRAME), {"run": "wd"}, r"run must name columns of \['step', .*, or 'file', got 'wd'"),
        ("seed,step,loss\n0,0,4\n,1,3\n1,2,2\n", {}, "run must be in each row, got 1 blanks"),
        ("epoch,loss\n0,4\n0.5,3\n", {"step": "epoch"}, "step must hold whole numbers, got 0.5 in"),
        ("step,Acc (%)_test\n0,.1\n9,.9\n", {}, "percent must say whether test_accuracy is in per"),
        ("step,train_loss\n0,4 nats\n", {}, "the column 'train_loss' must hold numbers"),
        (lines("step {s} val: loss {b}", "step {s} loss {a}", "step {s} loss {a}9"), {}, "resumed"),
    ],
)
def test_what_is_open_is_asked(content, choices, message, read):
    with pytest.raises(ValueError, match=f"^{message}"):
        read(content, **choices)


def test_a_name_that_says_its_unit(read):
    assert read("step,loss_bits\n0,4\n9,3\n").train_loss.units == "bit"
    assert "train_loss" not in read("step,loss_sum,val_acc\n0,400,.1\n")
    percent = read("step,val_acc_pct\n0,.9\n9,.95\n", percent=["test_accuracy"])
    np.testing.assert_allclose(percent.test_accuracy, [0.009, 0.0095])
