"""The explorer's settings, as its scripts take them, and the models that they stand for."""

from dataclasses import replace

import numpy as np
import xarray as xr

import theory
from theory import Circuit, circuits, measures, minimal
from theory.explorer import Explorer

LAST = 1e4  # the explorer's last time: a million updates
PAPER = {"kappa": 1.2, "examples": 1600, "decay": 0.005, "speed": [0.005, 1], "start": [0, 0]}
NETWORK = {
    **PAPER,
    "examples": 1200,
    "speed": [0.001, 0],
    "start": [0, 1],
    "network": [59, 1e-4],
}


def model_of(settings, explorer=None):
    """The model of one reader's settings; making a new explorer takes longer than setting one."""
    explorer = explorer or Explorer()
    for name, value in settings.items():
        setattr(explorer, "weight_decay" if name == "decay" else name, value)
    return explorer.model


def models_of(cells):
    """The models of many settings as one, swept over ``cell``; of one modulus, if of networks."""
    explorer = Explorer()
    models = [model_of(settings, explorer) for settings in cells]

    def swept(values):
        return xr.DataArray(np.array(list(values), float), {"cell": range(len(cells))}, "cell")

    circuits = tuple(
        Circuit(
            circuits[0].name,
            swept(circuit.param_norm for circuit in circuits),
            circuits[0].generalises,
            swept(circuit.first_subweight for circuit in circuits),
            swept(circuit.second_subweight for circuit in circuits),
        )
        for circuits in zip(*(model.circuits for model in models), strict=True)
    )
    kappa, decay = (swept(getattr(m, name) for m in models) for name in ("kappa", "weight_decay"))
    return replace(models[0], circuits=circuits, kappa=kappa, weight_decay=decay)


def regime_of_network(settings):
    """The regime of a network's run: its accuracy on test inputs goes with the share of memory."""
    model = model_of(settings)
    updates = np.unique(np.append(0, np.geomspace(1, 100 * LAST, 1500).round()))
    run = theory.flow(model, updates / 100).assign_coords(step=updates)
    share = run.weight.sel(circuit="memorising", drop=True) / run.weight.sum("circuit")
    run = minimal.with_spread(model, run, 0.3)
    run["test_accuracy"] = circuits.test_accuracy(share)
    return measures.regime(run).item()
