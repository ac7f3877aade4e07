"""Overtaking without weight decay."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory import Circuit, MinimalModel, crossing_update, descend, minimal, networks

paper = MinimalModel.paper
SUBWEIGHT = st.integers(-100, 150).map(lambda hundredths: hundredths / 100)


def undecayed(generalising, memorising):
    """The paper's model without decay, from given subweights (a, b)."""
    circuits = (
        Circuit("generalising", 1.0, True, *generalising),
        Circuit("memorising", 2.0, False, *memorising),
    )
    return MinimalModel(circuits, 1.2, 0.0, 113)


# Without weight decay


@settings(max_examples=30)
@given(st.tuples(SUBWEIGHT, SUBWEIGHT), st.tuples(SUBWEIGHT, SUBWEIGHT))
def test_the_criterion_is_what_the_flow_does(generalising, memorising):
    lead = np.prod(generalising) - np.prod(memorising)
    late = abs(sum(generalising)) - abs(sum(memorising))
    assume(abs(lead) > 1e-3 and abs(late) > 0.1)
    model = undecayed(generalising, memorising)
    time = minimal.time_to_grok(model).item()
    # To generalise it must also be positive, which one that was ahead may become later.
    assert minimal.overtakes_without_decay(model).item() == (lead < 0 and time > 0)


def test_it_overtakes_at_the_pull_that_the_law_says():
    model = undecayed((0.0, 1.2), (0.3, 0.8))
    assert minimal.overtakes_without_decay(model).item()
    run = descend(model, steps=1000, learning_rate=1e-3)
    update = int(crossing_update(run))
    pull = minimal.wrong_probability(model, run.weight).values[:update].sum() * 1e-3
    law = (1.2**2 - 0.5**2) / (1.2**2 - 1.1**2)
    assert pull == pytest.approx(np.log(law) / 4, abs=2e-3)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_from_first_subweights_of_zero_the_ratio_never_changes(momentum):
    model = paper(weight_decay=0.0, second_subweight=(0.3, 1.0))
    run = minimal.descend_with(model, 3000, networks.GradientDescent(0.01, momentum=momentum))
    weight = run.weight.isel(step=slice(1, None))
    ratio = weight.sel(circuit="generalising") / weight.sel(circuit="memorising")
    np.testing.assert_allclose(ratio, 0.3**2, rtol=1e-10)


def test_the_criterion_sweeps():
    first = np.array([0.0, 0.2, 0.6])
    circuits = (Circuit("generalising", 1.0, True, first, 0.5), Circuit("memorising", 2.0, False))
    model = MinimalModel(circuits, [1.0, 1.2], 0.0, 113)
    found = minimal.overtakes_without_decay(model)
    assert found.sizes == {"first_subweight": 3, "kappa": 2}
    assert found.isel(kappa=0).values.tolist() == [False, False, False]
    assert not minimal.overtakes_without_decay(paper()).item()
    with pytest.raises(ValueError, match="circuit absent"):
        minimal.overtakes_without_decay(model, "absent")


@pytest.mark.parametrize(
    ("more", "overtakes"), [(0.0, False), (1e-15, False), (1e-13, True), (-1e-13, False)]
)
def test_sums_that_differ_by_rounding_are_a_tie(more, overtakes):
    # 0.1 + 0.2 is one rounding above 0.15 + 0.15.
    model = undecayed((0.1, 0.2 * (1 + more)), (0.15, 0.15))
    assert minimal.overtakes_without_decay(model).item() == overtakes


def test_weights_that_differ_by_rounding_are_equal():
    product = 0.7 * 0.1
    for shift in (0.0, 1e-15):
        model = undecayed((0.1, 0.7), (0.2, product / 0.2 * (1 - shift)))
        assert minimal.overtakes_without_decay(model).item()
    ahead = undecayed((0.1, 0.7), (0.2, product / 0.2 * (1 - 1e-12)))
    assert not minimal.overtakes_without_decay(ahead).item()
