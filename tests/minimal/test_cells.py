"""Weights and subweights from the coordinates of the flow and back, also at their ends."""

import numpy as np
import pytest

from theory import Circuit, MinimalModel, flow
from theory.minimal.cells import Cells


@pytest.mark.parametrize("second", [1e-100, 0.5, 1e50])
def test_a_weight_is_found_at_its_place_however_far_out(second):
    cells = Cells.of(MinimalModel((Circuit("A", 1.0, True, 0.0, second),), 1.2, 0.005, 113))
    z = np.array([[-450.0, -250.0, -1.0, 0.0, 1.0, 250.0, 450.0]])
    np.testing.assert_allclose(cells.at(cells.weight_at(z)), z, rtol=1e-14)


def test_a_balanced_circuit_that_has_long_vanished_stays_a_number():
    circuits = (
        Circuit("generalising", 1.0, True, 0.5, 0.5),
        Circuit("memorising", 1.2, False, 1.5, 1.5),
    )
    end = flow(MinimalModel(circuits, 3.0, 0.005, 113), [0.0, 1e4]).weight.isel(step=-1)
    assert float(end.sel(circuit="generalising")) == pytest.approx(0, abs=1e-200)
    assert float(end.sel(circuit="memorising")) > 5
