"""The measures of this project on a network of torch, by hand as its user would."""

import numpy as np
import pytest

from theory import circuits, networks

torch = pytest.importorskip("torch", reason="torch comes with the extra peers only")


def test_the_measures_of_a_network_of_torch_are_those_of_ours():
    task = networks.modular_addition(7)
    split = task.split(train_size=30, rng=0)
    ours = networks.TwoLayer(9)
    parameters = ours.initialise(task, np.random.default_rng(0), "float64")
    theta = {name: torch.tensor(array) for name, array in parameters.items()}
    first, second = torch.tensor(task.inputs.T)
    with torch.no_grad():
        logits = (theta["E"][first] + theta["E"][second + 7]).square() @ theta["W"]
        norm = torch.cat([each.flatten() for each in theta.values()]).norm().item()
    logits, labels = logits.numpy(), task.labels
    rest = np.setdiff1d(np.arange(49), split.train)

    share = networks.wave_share(logits, labels)
    both = circuits.strengths(logits[split.train], labels[split.train], logits[rest], labels[rest])

    assert norm == pytest.approx(np.linalg.norm(parameters.flat))
    mine = ours.forward(parameters, ours.encode(task, np.arange(49), "float64")).logits
    assert share == pytest.approx(networks.wave_share(mine, labels))
    lead = mine[np.arange(49), labels] - mine.mean(axis=1)
    assert both.generalising == pytest.approx(lead[rest].mean())
    assert sum(both) == pytest.approx(lead[split.train].mean())
