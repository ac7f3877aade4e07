"""Tables of any shape: read right, or refused with the name of an argument."""

import inspect
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from theory import logs

ARGUMENTS = set(inspect.signature(logs.read).parameters)
NAMES = {
    "train_loss": ["train_loss", "train/loss", "Loss", "training loss"],
    "test_accuracy": ["val_acc", "eval/accuracy", "Test Accuracy", "valid_acc"],
    "train_accuracy": ["train_acc", "train/accuracy", "TrainAcc"],
}
OTHERS = ["lr", "epoch", "best_val_acc", "grad_norm", "note"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32"]
DTYPES = ["float64", "float32", "object"]


def attempt(file, **choices):
    """Return a run, or the words that refuse it; anything but a ValueError is a failure."""
    try:
        return logs.read(file, **choices), ""
    except ValueError as error:
        return None, str(error)


@st.composite
def tables(draw):
    """Draw a log's true columns, by step, and the frame of which its file is made."""
    steps = sorted(draw(st.sets(st.integers(0, 2000), min_size=1, max_size=8)))
    percent = draw(st.booleans())
    cells = st.none() | st.integers(0, 16)
    true, frame = {}, pd.DataFrame({draw(st.sampled_from(["step", "Step", "iteration"])): steps})
    for quantity, names in NAMES.items():
        column = draw(st.lists(cells, min_size=len(steps), max_size=len(steps)))
        values = np.array([np.nan if cell is None else cell / 16 for cell in column])
        true[quantity] = 2 + values if quantity == "train_loss" else values
        scale = 100 if percent and quantity != "train_loss" else 1
        frame[draw(st.sampled_from(names))] = (true[quantity] * scale).astype(
            draw(st.sampled_from(DTYPES))
        )
    for name in draw(st.sets(st.sampled_from(OTHERS))):
        frame[name] = "some text" if name == "note" else 0.125
    columns = draw(st.permutations(list(frame.columns)))
    rows = draw(st.just(list(range(len(steps)))) | st.permutations(range(len(steps))))
    return pd.Series(true), np.array(steps), frame[columns].iloc[rows]


def written(frame, form, encoding):
    """Return the bytes of a file."""
    if form in (",", "\t", ";"):
        return frame.to_csv(index=False, sep=form).encode(encoding)
    if form == "npz":
        memory = io.BytesIO()
        arrays = {name: frame[name].to_numpy(dtype=">f8") for name in frame if name != "note"}
        np.savez(memory, **arrays)
        return memory.getvalue()
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    lists = {name: [row[name] for row in rows] for name in frame}
    text = {
        "records": json.dumps(rows),
        "lists": json.dumps(lists),
        "lines": "".join(json.dumps(row) + "\n" for row in rows),
    }
    return text[form].encode(encoding)


@given(
    tables(),
    st.sampled_from([",", "\t", ";", "records", "lists", "lines", "npz"]),
    st.sampled_from(ENCODINGS),
)
def test_a_log_is_read_right_or_an_argument_is_named(table, form, encoding):
    true, steps, frame = table
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log")
        file.write_bytes(written(frame, form, encoding))
        run, refusal = attempt(file, loss_units="nat")
    if run is None:
        assert refusal.split()[0] in ARGUMENTS
        return
    at = {step: row for row, step in enumerate(steps.tolist())}
    rows = [at[step] for step in run.step.values.tolist()]
    for quantity, values in true.items():
        if np.isnan(values).all():
            assert quantity not in run
            continue
        found = np.full(len(steps), np.nan)
        found[rows] = run[quantity]
        # What ends at or below one in per cent looks like a fraction: nothing in the file says so.
        scale = 100 if np.nanmax(values) <= 0.01 else 1
        np.testing.assert_allclose(found / scale, values / scale, atol=1e-3)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_break_a_reader(content):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log")
        file.write_bytes(content)
        run, refusal = attempt(file)
    assert (run is None) == bool(refusal)


LAYOUTS = ["by seed", "by step", "melted", "by side", "by file"]


@st.composite
def several(draw):
    """Draw seeds, each with steps of its own, and a layout of all in one log."""
    seeds = draw(st.integers(1, 3))
    steps = st.lists(st.integers(0, 50), min_size=2, max_size=5, unique=True).map(sorted)
    cells = st.integers(1, 15)
    frames = []
    for seed in range(seeds):
        frame = pd.DataFrame({"seed": seed, "step": draw(steps)})
        for name in ("train_loss", "train_acc", "val_acc"):
            # No two runs say the same.
            frame[name] = [(3 * draw(cells) + seed) / 64 for _ in frame.index]
        frames.append(frame)
    return frames, draw(st.sampled_from(LAYOUTS))


def laid_out(frames, layout):
    """Return the tables in which some runs are logged."""
    whole = pd.concat(frames)
    if layout == "by file":
        return [frame.drop(columns="seed") for frame in frames]
    if layout == "melted":
        whole = whole.melt(["seed", "step"])
    if layout == "by step":
        whole = whole.sort_values("step", kind="stable")
    if layout == "by side":
        train = whole.rename(columns={"train_loss": "loss", "train_acc": "acc"})
        test = whole.drop(columns=["train_loss", "train_acc"]).rename(columns={"val_acc": "acc"})
        whole = pd.concat(
            [train.assign(phase="train").drop(columns="val_acc"), test.assign(phase="val")]
        )
    return [whole]


@given(several(), st.sampled_from([None, "seed"]))
def test_no_run_is_taken_for_another(runs, run):
    """However runs lie beside or below each other, each is read as it was, or it is asked."""
    frames, layout = runs
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, table in enumerate(laid_out(frames, layout)):
            files.append(Path(folder, f"{number}.csv"))
            table.to_csv(files[-1], index=False)
        run = None if layout == "by file" else run
        found, refusal = attempt(files if len(files) > 1 else files[0], run=run, loss_units="1")
        if layout == "by file" and len(files) > 1:
            assert refusal.startswith("run must be given")
            found, refusal = attempt(files, run="file", loss_units="1")
    assert refusal == ""
    for number, frame in enumerate(frames):
        name = f"{number}.csv" if layout == "by file" else str(number)
        one = found.sel(run=name) if "run" in found.dims else found
        for quantity, column in [("train_loss", "train_loss"), ("test_accuracy", "val_acc")]:
            read = one[quantity].dropna("step")
            assert read.step.values.tolist() == frame["step"].tolist()
            np.testing.assert_allclose(read, frame[column])


@given(several())
def test_a_sweep_is_never_one_run(runs):
    """A column of an unknown name tells runs apart: it is asked, unless no step is there twice."""
    frames, _ = runs
    whole = pd.concat([frame.rename(columns={"seed": "temperature"}) for frame in frames])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log.csv")
        whole.to_csv(file, index=False)
        found, refusal = attempt(file, loss_units="1")
        named, _ = attempt(file, run="temperature", loss_units="1")
    if found is None:
        assert refusal.startswith(("run must say", "resumed must be"))
    else:
        # Then all rows are there, as in a log that goes on.
        assert whole["step"].is_monotonic_increasing or len(frames) == 1
    assert named.sizes.get("run", 1) == len(frames)
