"""Files of every format, whole, growing, or broken."""

import gzip
import json
import pickle
import threading
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from theory import logs

STEP, LOSS, ACCURACY = [0, 50, 100], [4.1, 0.4, 0.1], [0.1, 0.5, 0.98]
COLUMNS = {"step": STEP, "train/loss": LOSS, "val_acc": ACCURACY}
FRAME = pd.DataFrame(COLUMNS)
ROWS = FRAME.to_dict("records")
CSV = FRAME.to_csv(index=False)
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
NESTED = [{"step": s, "train": {"loss": a}, "val": {"acc": b}} for s, a, b in FRAME.values.tolist()]
CONSOLE = "".join(f"it {s}: train loss {a}, val acc = {b}\n" for s, a, b in FRAME.values.tolist())
KERAS = "".join(
    f"Epoch {s}/100\n9/9 - 1s 5ms/step - loss: {a} - val_accuracy: {b}\n"
    for s, a, b in FRAME.values.tolist()
)


def notes(run):
    return json.loads(run.attrs["read"])["notes"]


def saved(tmp_path, **arrays):
    np.savez(tmp_path / "saved.npz", **arrays)
    return (tmp_path / "saved.npz").read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        FRAME.to_csv(),
        FRAME.to_csv(sep="\t", index=False),
        FRAME.to_csv(sep=";", index=False),
        FRAME.to_csv(sep=" ", index=False),
        CSV.replace("\n", "\r\n"),
        CSV.replace("\n", "\r"),
        f"# p = 59\n{CSV}",
        "# step train/loss val_acc\n0 4.1 .1\n50 .4 .5\n100 .1 .98\n",
        'step,"train/loss",val_acc\n"0","4.1","10%"\n50,0.4,50%\n100,0.1,98%\n',
        CSV.replace("50,", "step,train/loss,val_acc\n50,"),
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        json.dumps(COLUMNS),
        json.dumps({"config": {"p": 59, "sizes": [1, 2]}, "history": ROWS}),
        json.dumps({"config": {"p": 59}, "history": COLUMNS}),
        json.dumps({"train": {"step": STEP, "loss": LOSS}, "val": {"step": STEP, "acc": ACCURACY}}),
        json.dumps(NESTED),
        *(FRAME.to_json(orient=orient) for orient in ("columns", "index", "split", "table")),
        LINES,
        '{"config": {"steps": 100, "loss": "cross entropy"}}\n' + LINES,
        CONSOLE,
        CONSOLE.replace("0.98", "\x1b[1m98.0%\x1b[0m")
        .replace("0.5", "50%")
        .replace("0.1\n", "10%\n"),
        gzip.compress(CSV.encode(), mtime=0),
        *(CSV.encode(encoding) for encoding in ("utf-8-sig", "utf-16", "utf-32")),
    ],
)
def test_the_same_run_in_any_format(content, read):
    run = read(content)
    assert run.step.values.tolist() == STEP
    np.testing.assert_allclose(run.train_loss, LOSS)
    np.testing.assert_allclose(run.test_accuracy, ACCURACY)


def test_arrays(read, tmp_path):
    structured = np.rec.fromarrays([STEP, LOSS, ACCURACY], names="step,train_loss,val_acc")
    structured = structured.astype([("step", ">i2"), ("train_loss", ">f8"), ("val_acc", ">f4")])
    np.save(tmp_path / "saved.npy", np.array(structured))
    for content in [
        (tmp_path / "saved.npy").read_bytes(),
        saved(tmp_path, steps=STEP, train_loss=LOSS, val_accs=ACCURACY, wd=1.0, weights=[[1, 2]]),
    ]:
        run = read(content)
        assert run.step.values.tolist() == STEP
        np.testing.assert_allclose(run.train_loss, LOSS)
        np.testing.assert_allclose(run.test_accuracy, ACCURACY)
    assert json.loads(run.attrs["configuration"]) == {"wd": 1.0}
    assert notes(run) == ["weights was left out: its shape is (1, 2)"]


def test_steps_on_lines_of_their_own(read):
    run = read(KERAS, step="epoch")
    np.testing.assert_allclose(run.train_loss, LOSS)
    np.testing.assert_allclose(run.test_accuracy, ACCURACY)


def test_a_pattern(read):
    text = "0 train 4.1 test 0.1\n50 train 0.4 test 0.5\nbye\n"
    pattern = r"^(?P<step>\d+) train (?P<train_loss>\S+) test (?P<test_acc>\S+)$"
    run = read(text, pattern=pattern)
    assert run.test_accuracy.values.tolist() == [0.1, 0.5]


def test_tensorboard(read, tmp_path):
    header = "Wall time,Step,Value\n"
    read(header + "1.5,0,4.1\n1.6,50,0.4\n", "run-train-tag-loss.csv")
    test = read(header + "1.5,0,0.1\n1.7,100,0.98\n", "run-val-tag-accuracy.csv")
    assert test.test_accuracy.values.tolist() == [0.1, 0.98]
    run = logs.read(sorted(tmp_path.glob("*.csv")))
    assert run.step.values.tolist() == STEP
    np.testing.assert_equal(run.train_loss.values, [4.1, 0.4, np.nan])
    named = read(header + "1.5,0,4.1\n", "scalars.csv", names={"train_loss": "Value"})
    assert named.train_loss.item() == 4.1
    with pytest.raises(ValueError, match=r"^names must .* none is known of .*'scalars'"):
        read(header + "1.5,0,4.1\n", "scalars.csv")


@pytest.mark.parametrize("content", [CSV, LINES, CONSOLE])
def test_a_file_that_grows_while_it_is_read(content, read):
    """However far the last line is written, its rows are those that are whole."""
    *whole, last = content.splitlines(keepends=True)
    for end in range(1, len(last)):
        half = last[:end]
        run = read("".join(whole) + half)
        if run.sizes["step"] == 3:
            # All fields are there; only the last number may go on.
            assert run.train_loss[2] == 0.1
            assert run.test_accuracy[2].item() in (0, 0.9, 0.98) or run.test_accuracy[2].isnull()
            assert content == LINES or "taken as whole" in notes(run)[0]
        else:
            assert run.step.values.tolist() == STEP[:2]
            assert content == CONSOLE or "half-written" in notes(run)[0]


@pytest.mark.parametrize("content", [CSV, LINES])
def test_a_file_to_which_another_thread_appends(content, tmp_path):
    """Each reading is of whole rows, of which there are never fewer than before."""
    file = tmp_path / "log"
    header, *rows = content.splitlines(keepends=True) if content == CSV else ["", ROWS[0]]
    file.write_text(header + (rows[0] if content == CSV else json.dumps(ROWS[0]) + "\n"))

    def append():
        with file.open("a") as log:
            for step in range(1, 300):
                row = {"step": 100 * step, "train/loss": 1.25, "val_acc": 0.5}
                line = json.dumps(row) if content == LINES else ",".join(map(str, row.values()))
                for part in (line[:7], line[7:] + "\n"):
                    log.write(part)
                    log.flush()

    writer = threading.Thread(target=append)
    writer.start()
    sizes = []
    while writer.is_alive() or not sizes:
        run = logs.read(file)
        sizes.append(run.sizes["step"])
        assert set(run.train_loss.values[1:]) <= {1.25, 1.0, 1.2}
    writer.join()
    assert sizes == sorted(sizes)
    assert logs.read(file).sizes["step"] == 300


@pytest.mark.parametrize("content", [CSV, LINES])
def test_a_broken_line_within_is_refused_by_its_number(content, read):
    lines = content.splitlines()
    lines[2] = lines[2][:6]
    with pytest.raises(ValueError, match=r"^line 3 must "):
        read("\n".join([*lines, ""]))


def test_a_line_with_too_many_fields_is_refused_by_its_number(read):
    for line in range(1, 4):
        lines = f"# p\n{CSV}".splitlines()
        lines[line + 1] += ",7"
        with pytest.raises(ValueError, match=rf"^line {line + 2} must have 3 fields .* got 4"):
            read("\n".join([*lines, ""]))


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("name", ["log.pkl", "log.csv"])
def test_pickles_are_refused(protocol, name, read):
    with pytest.raises(ValueError, match=r"^path must be no pickle"):
        read(pickle.dumps(COLUMNS, protocol), name)


def test_pickles_within_arrays_are_refused(read, tmp_path):
    np.save(tmp_path / "saved.npy", np.array([{"step": 0}]), allow_pickle=True)
    for content in [(tmp_path / "saved.npy").read_bytes(), saved(tmp_path, step=np.array([None]))]:
        with pytest.raises(ValueError, match=r"^path must hold whole arrays .* no pickle"):
            read(content)


@pytest.mark.skipif(find_spec("pyarrow") is not None, reason="pandas reads Parquet here")
def test_parquet_says_what_is_missing(read):
    with pytest.raises(ValueError, match=r"^path is Parquet, which pandas reads with pyarrow"):
        read(b"PAR1....PAR1")


@pytest.mark.skipif(find_spec("pyarrow") is None, reason="pandas needs pyarrow for Parquet")
def test_parquet(read, tmp_path):
    FRAME.to_parquet(tmp_path / "saved.parquet")
    np.testing.assert_allclose(read((tmp_path / "saved.parquet").read_bytes()).train_loss, LOSS)


@pytest.mark.parametrize(
    ("content", "choices", "message"),
    [
        ("", {}, "path must hold a log, got an empty file"),
        (" \n", {}, "path must hold a log, got an empty file"),
        (bytes(range(256)), {}, "path must hold text, arrays of NumPy or Parquet"),
        (CSV.encode("utf-16-le"), {}, "path must hold text"),
        (CSV.encode() + b"\xff\n", {}, "encoding must be given, if it is not utf-8"),
        (CSV, {"encoding": "klingon"}, "encoding must be one that Python knows, got 'klingon'"),
        (gzip.compress(CSV.encode(), mtime=0)[:-9], {}, "path must be a whole gzip file"),
        ("PK\x03\x04", {}, "path must"),
        ('{"step": [0, 1', {}, "path must hold whole JSON"),
        ("3", {}, "names must give columns by quantity, none is known"),
        ("hello\nworld\n", {}, "names must give columns by quantity, none is known"),
        ("step,train_loss\n", {}, "names must give columns by quantity, none is known"),
        ("0,4.1\n1,0.2\n", {}, "names must give columns by quantity, none is known"),
        ("step,foo\n0,1\n", {}, r"names must .* none is known of \['step', 'foo'\]"),
        ("step 1 loss=4 loss=3\n", {}, "pattern must be given, .*line 1 says 'loss' 2 times"),
        (CONSOLE, {"pattern": "("}, r"pattern must be a regular expression, got '\('"),
        (CONSOLE, {"pattern": "it"}, "pattern must have named groups"),
    ],
)
def test_what_is_no_log_is_refused(content, choices, message, read):
    with pytest.raises(ValueError, match=f"^{message}"):
        read(content, **choices)


def test_a_path_has_to_be_there(tmp_path):
    with pytest.raises(ValueError, match=r"^path must be a file that can be read.*nowhere\.csv"):
        logs.read(tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match=r"^path must name a file, got \[\]"):
        logs.read([])
    with pytest.raises(ValueError, match=r"^path must be a path, or several, got None"):
        logs.read(None)
