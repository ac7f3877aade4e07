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
