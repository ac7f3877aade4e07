"""The delay of sign descent and of Adam."""

from dataclasses import replace

import numpy as np
import pytest

from theory import MinimalModel, crossing_update, minimal, networks

paper = MinimalModel.paper


def by_signs(model, rate=2e-4, longest=4.0, betas=(0.0, 0.0)):
    adam = networks.Adam(rate, betas=betas, epsilon=1e-30)
    run = minimal.descend_with(model, int(longest / rate), adam)
    return crossing_update(run).item() * rate


def started(model, small, large):
    """The model from given subweights."""
    circuits = tuple(
        replace(circuit, first_subweight=a, second_subweight=b)
        for circuit, (a, b) in zip(model.circuits, (small, large), strict=True)
    )
    return replace(model, circuits=circuits)


@pytest.mark.parametrize(
    "model",
    [
        paper(second_subweight=(1e-5, 1.0)),
        paper(0.8, 0.02, second_subweight=(1e-5, 1.0)),
        paper(2.0, 0.01, param_norm=(1.0, 3.0), second_subweight=(0.1, 1.0)),
        started(paper(1.5, 0.001), (0.05, 0.2), (0.3, 0.8)),
    ],
)
def test_sign_descent_crosses_then(model):
    assert by_signs(model) == pytest.approx(minimal.sign_descent_delay(model).item(), rel=1e-3)


def test_adam_tends_to_it_as_the_rate_falls_but_not_to_the_end():
    model = paper(second_subweight=(1e-5, 1.0))
    law = minimal.sign_descent_delay(model).item()
    errors = [by_signs(model, rate, 3.0, (0.9, 0.98)) / law - 1 for rate in (1e-2, 1e-3)]
    assert errors[0] == pytest.approx(0.27, abs=0.02)
    assert abs(errors[1]) < 0.02


def test_the_square_of_the_time_is_a_logarithm_of_the_decay():
    model = paper(weight_decay=np.logspace(-12, -2, 6), second_subweight=(1e-9, 1.0))
    squares = np.diff(2 * minimal.sign_descent_delay(model).values ** 2)
    assert np.all(abs(squares / -np.log(100) - 1) < [0.03, 0.04, 0.05, 0.07, 0.16])


def test_the_start_is_not_in_it():
    times = minimal.sign_descent_delay(paper(second_subweight=([1e-9, 1e-4], 1.0)))
    assert abs(times.diff("second_subweight").item()) < 1e-4  # b_G / 2


@pytest.mark.parametrize(
    "model",
    [
        started(paper(3.0), (0.0, 0.01), (1.0, 1.0)),
        paper(weight_decay=0.0),
        paper(2.0, 0.5),
        paper(param_norm=(2.0, 2.0)),
        started(paper(), (0.0, 0.01), (-0.5, 1.0)),
        started(paper(), (-0.3, 1.0), (0.0, 1.0)),
        started(paper(), (0.3, 0.3), (0.1, 0.1)),  # G leads
        started(paper(), (0.0, 0.0), (0.5, 1.0)),  # G has no gradient to follow
        started(paper(), (0.0, 0.0), (0.0, 0.0)),
        started(paper(), (0.0, 0.01), (4.0, 5.0)),  # M starts above its place
        started(paper(), (0.0, 4.0), (0.0, 1.0)),  # G is the less balanced
    ],
)
def test_it_is_nan_where_the_law_does_not_hold(model):
    assert np.isnan(minimal.sign_descent_delay(model).item())


def test_a_large_start_of_the_growing_circuit_is_in_it():
    model = paper(second_subweight=(1.0, 1.0))
    assert by_signs(model) == pytest.approx(minimal.sign_descent_delay(model).item(), rel=1e-3)


def test_circuits_that_take_no_part_may_start_anywhere():
    model = started(paper(), (0.0, 0.01), (0.0, 1.0))
    other = replace(model.circuits[1], name="other", first_subweight=-1.0)
    more = replace(model, circuits=(*model.circuits, other))
    assert minimal.sign_descent_delay(more).item() == minimal.sign_descent_delay(model).item()


def test_an_unknown_circuit_is_refused():
    with pytest.raises(ValueError, match="circuit absent"):
        minimal.sign_descent_delay(paper(), "absent")
