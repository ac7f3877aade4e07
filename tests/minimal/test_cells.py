"""Subweights from the coordinates of the flow, at their ends."""

import pytest

from theory import Circuit, MinimalModel, flow


def test_a_balanced_circuit_that_has_long_vanished_stays_a_number():
    circuits = (
        Circuit("generalising", 1.0, True, 0.5, 0.5),
        Circuit("memorising", 1.2, False, 1.5, 1.5),
    )
    end = flow(MinimalModel(circuits, 3.0, 0.005, 113), [0.0, 1e4]).weight.isel(step=-1)
    assert float(end.sel(circuit="generalising")) == pytest.approx(0, abs=1e-200)
    assert float(end.sel(circuit="memorising")) > 5
