"""A function of plain values, called over a grid of them: one labelled Dataset.

Parameters of the minimal model sweep by themselves, as arrays. This is for everything else: whole
protocols, trained networks, seeds. A sweep runs in this process, in local processes or on a Dask
cluster, as joblib is configured around the call, and keeps finished runs where a store is given.
"""

from theory.sweeps.running import SweepError, sweep

__all__ = ["SweepError", "sweep"]
