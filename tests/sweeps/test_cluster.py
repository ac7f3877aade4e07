"""The same sweep on a Dask cluster."""

import os
import subprocess
import sys
from functools import partial

import dask
import joblib
import pytest
import xarray as xr
from distributed import Client, LocalCluster

from sweep_functions import blas_threads, calls, marked, marked_unless, run_of
from theory import sweep
from theory.sweeps import SweepError
from theory.sweeps import cluster as on_a_cluster

GRID = {"x": list(range(6))}


@pytest.fixture(scope="module")
def cluster():
    """Two processes and a client, to which joblib is told to go."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        yield


@pytest.mark.usefixtures("cluster")
def test_a_sweep_on_a_cluster_is_the_same_as_one_here(tmp_path):
    with joblib.parallel_config(n_jobs=1, backend="sequential"):
        expected = sweep(run_of, GRID)
    work = partial(marked, folder=str(tmp_path))
    xr.testing.assert_identical(sweep(run_of, GRID), expected)
    for _ in range(2):
        xr.testing.assert_identical(sweep(work, GRID, tmp_path / "store"), expected)
    assert calls(tmp_path) == GRID["x"]
    assert sweep(blas_threads, {"x": [0, 1]}).blas_threads.values.tolist() == [1, 1]


@pytest.mark.usefixtures("cluster")
def test_the_cluster_tries_again_when_a_worker_dies(tmp_path):
    work, store = partial(marked_unless, folder=str(tmp_path), deed="die once"), tmp_path / "store"
    found = sweep(work, GRID, store)
    assert found.train_loss.sel(step=0).values.tolist() == [x + 1.0 for x in GRID["x"]]
    assert calls(tmp_path).count(2) == 2


@pytest.fixture
def lone_worker():
    """A cluster whose only worker nobody starts again."""
    with LocalCluster(n_workers=0, dashboard_address=":0") as cluster, Client(cluster) as client:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny"]
        options = ["--nthreads", "1", "--no-dashboard", cluster.scheduler_address]
        paths = os.pathsep.join(sys.path)
        with subprocess.Popen(
            [*command, *options],
            env=os.environ | {"PYTHONPATH": paths},
            stderr=subprocess.DEVNULL,
        ) as worker:
            client.wait_for_workers(1, timeout=60)
            with joblib.parallel_config(backend="dask"):
                yield
            worker.kill()


@pytest.mark.usefixtures("lone_worker")
def test_a_cluster_whose_workers_have_all_died_ends_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(on_a_cluster, "PATIENCE", 1.0)
    work, store = partial(marked_unless, folder=str(tmp_path), deed="die"), tmp_path / "store"
    with pytest.raises(SweepError, match=r"^TimeoutError: all workers .* have died") as caught:
        sweep(work, GRID, store)
    kept = len(list(store.glob("*.nc")))
    assert kept >= 2
    assert f"{kept} of 6 runs are in {store}" in str(caught.value)


@pytest.mark.usefixtures("cluster")
def test_a_call_that_fails_on_a_cluster_is_named(tmp_path):
    work, store = partial(marked_unless, folder=str(tmp_path), deed="fail"), tmp_path / "store"
    with pytest.raises(SweepError, match=r"^x=2: KeyError: 'no such thing'\n"):
        sweep(work, GRID, store)


@pytest.mark.usefixtures("cluster")
def test_a_call_that_kills_every_worker_is_given_up(tmp_path):
    work, store = partial(marked_unless, folder=str(tmp_path), deed="die"), tmp_path / "store"
    with pytest.raises(SweepError, match=r"^KilledWorker: ") as caught:
        sweep(work, GRID, store)
    assert "runs are in" in str(caught.value)
