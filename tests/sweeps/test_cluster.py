"""The same sweep on a Dask cluster."""

from __future__ import annotations

from functools import partial

import joblib
import pytest
import xarray as xr
from distributed import Client, LocalCluster

from sweep_functions import blas_threads, calls, marked, marked_unless, run_of
from theory import sweep

GRID = {"x": list(range(6))}


@pytest.fixture(scope="module")
def cluster():
    """Two processes and a client, to which joblib is told to go."""
    with (
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
