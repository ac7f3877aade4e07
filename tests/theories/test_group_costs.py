"""Whether both circuits cost the same where a group's costs are said to be equal."""

import pytest

from theory import circuits
from theory.questions import operations
from theory.theories import group_costs


def test_both_circuits_cost_the_same_at_the_derived_size():
    case = "xy, S_4"
    size = group_costs.equal_cost(case)
    order = operations.task_of(case).num_labels
    norm = circuits.expected_circuit(operations.irreps_of(case), operations.L2).norm
    logit = circuits.memorising_logit(operations.L2)
    assert circuits.memorising_norm(logit, size, order) == pytest.approx(norm)
    assert size == pytest.approx(14.6, abs=0.1)
