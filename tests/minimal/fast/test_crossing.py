"""A crossing is located within its step, and just outside where rounding misplaced it."""

import numpy as np
import pytest

from theory import MinimalModel, flow
from theory.minimal import fates
from theory.minimal.cells import Cells
from theory.minimal.fast import pool
from theory.minimal.fast.crossing import Steps, locate
from theory.minimal.fast.dormand_prince import Slope, bend, fill_stages

MODEL = MinimalModel.paper()
SIGN = np.array([[1.0], [-1.0]])
#: When the model crosses, and a step of moderate length there.
CROSSING, LENGTH = pool.times(fates.at_the_door(Cells.of(MODEL), SIGN > 0), 1e-13)[0].item(), 0.2


def step(begun, length):
    """The step that begins at some time."""
    c = Cells.of(MODEL)
    slope, rows, end = Slope(c), np.empty((8, 2, 1)), np.empty((2, 1))
    start = c.at(flow(MODEL, [begun]).weight.values[0][:, None])
    rows[0] = start
    slope.lengthen(np.array([length]))
    slope(start, rows[1])
    fill_stages(rows, slope, start, end)
    ends = start, rows[1], end, rows[7]
    return Steps(np.array([0]), np.array([begun]), np.array([length]), *ends, bend(rows))


def located(begun):
    """The crossing by a step of LENGTH that begins at some time."""
    return float(locate(Cells.of(MODEL), SIGN, step(begun, LENGTH))[0])


@pytest.mark.parametrize("part", [0.25, 0.5, 0.75])
def test_inside_a_step_the_curve_is_the_flow_to_order_4(part):
    errors = []
    for length in (0.2, 0.1):
        weight = flow(MODEL, [2.0 + part * length]).weight.values[0]
        z = Cells.of(MODEL).at(weight[:, None])
        errors.append(abs(step(2.0, length).at(np.array([part])) - z).max())
    assert errors[1] < min(1e-7, errors[0] / 16)


@pytest.mark.parametrize("part", [-5e-4, 0.0, 0.3, 0.9, 1.0, 1 + 5e-4])
def test_a_crossing_in_a_step_or_just_outside_is_found(part):
    assert located(CROSSING - part * LENGTH) == pytest.approx(CROSSING, rel=1e-9)


def test_no_crossing_is_placed_further_outside():
    assert located(45.0) == pytest.approx(45.0 + 1.001 * LENGTH, rel=1e-12)
    assert located(55.0) == pytest.approx(55.0 - 0.001 * LENGTH, rel=1e-12)
