"""Calls on the Dask cluster to which joblib is told to go: they end when the cluster does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

from joblib.parallel import get_active_backend

#: Seconds that a cluster may be without workers: some replace a lost one.
PATIENCE = 60.0
#: Seconds between two looks at the workers, while no call ends.
LOOK = 0.5


def dask_backend() -> Any:
    """Return joblib's backend if that is a Dask cluster, or else None."""
    backend, _ = get_active_backend()
    return backend if hasattr(backend, "client") else None


def results(
    backend: Any, function: Callable[..., Any], calls: Iterable[tuple[Any, ...]]
) -> Iterator[Any]:
    """Yield what `function` returns, in the order in which calls end.

    joblib itself would wait for ever for a call that Dask has given up, or for a worker.

    Raises
    ------
    TimeoutError
        If there is no worker at first, or none any more.
    Exception
        What a call raises, or Dask does if its worker dies at each trial.
    """
    backend.effective_n_jobs(-1)  # waits for the first worker, as long as joblib is told to
    executor = backend.client.get_executor(pure=False, **backend.submit_kwargs)
    ended: SimpleQueue[Future[Any]] = SimpleQueue()
    try:
        futures = [executor.submit(function, *arguments) for arguments in calls]
        for future in futures:
            future.add_done_callback(ended.put)
        with backend.retrieval_context():
            for _ in futures:
                yield _next(ended, backend.client).result()
    finally:
        executor.shutdown(wait=False)


def _next(ended: SimpleQueue[Future[Any]], client: Any) -> Future[Any]:
    """Return the next call that ends, while there are workers."""
    seen = time.monotonic()
    while True:
        try:
            return ended.get(timeout=LOOK)
        except Empty:
            if client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() > seen + PATIENCE:
                message = f"all workers of the cluster have died, and for {PATIENCE:g} s none came"
                raise TimeoutError(message) from None
