"""What can go wrong in mid-sweep: nothing finished is lost, and the message says what happened."""

import errno
import os
import subprocess
import sys
import tempfile
import time
from functools import partial

import joblib
import pytest
import xarray as xr

from sweep_functions import calls, marked, marked_unless, run_of
from theory import sweep
from theory.sweeps import SweepError
from theory.sweeps.store import Store

GRID = {"x": list(range(6))}


@pytest.fixture
def expected():
    """The sweep as it is where nothing goes wrong."""
    return sweep(run_of, GRID)


def marked_calls(deed, folder):
    return partial(marked_unless, folder=str(folder), deed=deed)


def stored(folder):
    return sorted(folder.glob("*.nc"))


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_killed_sweep_resumes_and_repeats_only_what_is_missing(tmp_path, expected):
    work, store = marked_calls("wait", tmp_path), tmp_path / "store"
    code = f"""
from functools import partial
from sweep_functions import marked_unless
from theory import sweep
work = partial(marked_unless, folder={str(tmp_path)!r}, deed="wait")
sweep(work, {GRID!r}, {str(store)!r})
"""
    paths = os.pathsep.join(sys.path)
    running = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": paths})
    wait_until(lambda: calls(tmp_path) == [0, 1, 2])
    running.kill()
    assert running.wait() == -9
    assert len(stored(store)) == 2
    (tmp_path / "repaired").touch()
    xr.testing.assert_identical(sweep(work, GRID, store), expected)
    assert calls(tmp_path) == [0, 1, 2, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:3000] + bytes([content[3000] ^ 4]) + content[3001:],
    ],
    ids=["truncated", "empty", "flipped"],
)
def test_a_harmed_file_is_run_again(tmp_path, expected, harm):
    work = partial(marked, folder=str(tmp_path))
    sweep(work, GRID, tmp_path)
    file = Store.of(tmp_path, work).path({"x": 4})
    content = file.read_bytes()
    file.write_bytes(harm(content))
    with pytest.warns(RuntimeWarning, match=f"{file} is torn or altered: .*; it is run again"):
        xr.testing.assert_identical(sweep(work, GRID, tmp_path), expected)
    assert calls(tmp_path) == [0, 1, 2, 3, 4, 4, 5]
    assert file.read_bytes() == content
    xr.testing.assert_identical(sweep(work, GRID, tmp_path), expected)


def test_a_full_disk_stops_the_sweep_and_keeps_what_it_holds(tmp_path, expected, monkeypatch):
    work, store = partial(marked, folder=str(tmp_path)), tmp_path / "store"

    def full(_):
        if len(stored(store)) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(SweepError, match=r"^x=3: OSError: .* No space left") as caught:
            sweep(work, GRID, store)
    assert f"3 of 6 runs are in {store}: the same call goes on from there." in str(caught.value)
    assert len(list(store.iterdir())) == 3
    xr.testing.assert_identical(sweep(work, GRID, store), expected)
    assert calls(tmp_path) == [0, 1, 2, 3, 3, 4, 5]


def test_a_folder_that_cannot_be_written_is_refused_before_the_first_run(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(PermissionError, match=f"store {tmp_path} cannot be written: Permission"):
        sweep(partial(marked, folder=str(tmp_path)), GRID, tmp_path)
    assert calls(tmp_path) == []


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_is_no_folder(tmp_path, below):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"store .*file.* cannot be written: (File|Not a)"):
        sweep(run_of, GRID, tmp_path / "file" / below)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_call_that_fails_is_named_and_the_rest_goes_on_later(tmp_path, expected, processes):
    work, store = marked_calls("fail", tmp_path), tmp_path / "store"
    failed = pytest.raises(SweepError, match=r"^x=2: KeyError: 'no such thing'\n")
    with joblib.parallel_config(n_jobs=processes), failed as caught:
        sweep(work, GRID, store)
    kept = stored(store)
    assert f"{len(kept)} of 6 runs are in {store}" in str(caught.value)
    assert len(kept) >= 2 or processes == 2
    (tmp_path / "repaired").touch()
    xr.testing.assert_identical(sweep(work, GRID, store), expected)


def test_a_worker_that_dies_is_reported_and_nothing_finished_is_lost(tmp_path, expected):
    work, store = marked_calls("die", tmp_path), tmp_path / "store"
    died = pytest.raises(SweepError, match=r"worker process.* unexpectedly terminated")
    with joblib.parallel_config(n_jobs=2), died as caught:
        sweep(work, GRID, store)
    kept, called = stored(store), calls(tmp_path)
    assert len(kept) >= 1
    assert f"{len(kept)} of 6 runs are in {store}" in str(caught.value)
    (tmp_path / "repaired").touch()
    xr.testing.assert_identical(sweep(work, GRID, store), expected)
    assert len(calls(tmp_path)) - len(called) == 6 - len(kept)
