"""The plain way to follow a cell: its field, its events, and its limits."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import Radau

from theory import Circuit, MinimalModel, time_to_grok
from theory.minimal import OwnKappa
from theory.minimal.cells import Cells
from theory.minimal.dynamics import follow as following
from theory.minimal.dynamics import integrate as integration
from theory.minimal.dynamics.follow import _Modes, _Part, at_rest, follow
from theory.minimal.dynamics.integrate import Step, integrate, turning


def cell(kappa=1.2, alpha=0.05, first=(0.3, -0.2), second=(0.5, 0.9), norms=(1.0, 2.0), q=113):
    circuits = tuple(
        Circuit("AB"[i], norms[i], i == 0, first[i], second[i]) for i in range(len(first))
    )
    return Cells.of(MinimalModel(circuits, kappa, alpha, q)).take(0)


def part(one, z=None):
    z = one.start if z is None else np.asarray(z)
    return _Part(one, z, _Modes.at_start(one).settled(one, z), earliest=1.0, tell_tiny=False)


@pytest.mark.parametrize("kappa", [0.7, 1.2, 1.8, 2.0, 2.6])
@pytest.mark.parametrize(
    "start",
    [
        {"first": (0.3, -0.2), "second": (0.5, 0.9)},
        {"first": (0.3, 0.7), "second": (0.5, 0.7)},
        {"first": (0.3, -0.7), "second": (0.3, 0.7)},
    ],
)
def test_the_jacobian_is_the_derivative_of_the_field(kappa, start):
    flow = part(cell(kappa, **start))
    z, step = flow.z, 1e-6
    for i in range(2):
        shift = np.where(np.arange(2) == i, step, 0.0)
        slope = (flow.field(z + shift) - flow.field(z - shift)) / (2 * step)
        np.testing.assert_allclose(flow.jacobian(z)[:, i], slope, rtol=1e-5, atol=1e-8)


def test_within_the_rounded_kink_it_is_that_of_the_rounded_field():
    flow = part(cell(1.9, alpha=0.5, first=(0.0, 0.3), second=(0.5, 0.9)))
    z, step = np.array([3e-14, flow.z[1]]), 1e-17
    shift = np.array([step, 0.0])
    slope = (flow.field(z + shift) - flow.field(z - shift)) / (2 * step)
    assert flow.jacobian(z)[0, 0] == pytest.approx(slope[0], rel=1e-2)


def test_a_weight_held_at_zero_is_let_go_when_the_pull_exceeds_its_cost():
    """Alone the second circuit falls, to where the pull is as large as the first one's cost."""
    one = cell(2.0, 0.3, first=(0.0, 2.0), second=(0.6, 2.4), norms=(1.0, 1.2), q=10)
    held, free = [], []
    for step in follow(one):
        weight = one.weight_at(step.state)
        (held if weight[0] == 0 else free).append(step.ended)
        if at_rest(one, step):
            break
    assert held
    assert free
    assert max(held) <= min(free)
    assert one.weight_at(step.state)[1] == 0


def test_a_weight_that_comes_to_zero_again_and_again_is_a_clear_error(monkeypatch):
    monkeypatch.setattr(following, "_MOST_EVENTS", 1)
    with pytest.raises(ArithmeticError, match="came to zero or left it more than 1 times"):
        list(follow(cell(1.5, first=(-0.3, -0.2), second=(0.5, 0.9))))


def test_two_weights_that_come_to_zero_in_one_step_do_so_one_after_the_other():
    """Without decay all circuits grow alike, so that their z stay as far apart as they were."""
    one = cell(1.2, 0.0, first=(-0.3, -0.31), second=(0.5, 0.5))
    for step in follow(one):
        assert np.diff(step.state) == pytest.approx(np.diff(one.start), rel=1e-10)
        if step.ended > 20:
            break
    assert np.all(step.state > 0)


def test_where_nothing_moves_one_step_lasts_for_ever():
    one = cell(3.0, first=(0.0, 0.0), second=(0.5, 0.9))
    (step,) = follow(one)
    assert (step.begun, step.ended) == (0.0, np.inf)
    assert at_rest(one, step)
    np.testing.assert_array_equal(one.weight_at(step.inside(1e9)), [0.0, 0.0])


def test_at_the_start_of_a_plateau_nothing_is_at_rest():
    """A tiny weight that grows is no rest, however still the large one is."""
    one = cell(1.2, 0.005, first=(0.0, 1.0), second=(1e-9, 1.0))
    late = next(step for step in follow(one) if step.ended > 60)
    assert not at_rest(one, late)
    assert any(at_rest(one, step) for step in follow(one) if step.ended > 1e3)


def test_a_matrix_that_overflows_is_a_clear_error(monkeypatch):
    """SciPy refuses it as a wrong value, in steps that are far too short."""
    monkeypatch.setattr(integration, "_METHODS", ((Radau, 1000),))
    with pytest.raises(ArithmeticError, match="no end after 1000 evaluations"):
        list(integrate(np.negative, np.ones(1), lambda _: np.full((1, 1), np.inf)))


def test_the_turning_of_a_function_is_found_within_a_step():
    step = Step(2.0, 5.0, np.array([5.0]), lambda time: np.array([time]))
    assert turning(step, lambda z: z[0] - 3.25) == pytest.approx(3.25, rel=1e-12)
    assert turning(step, lambda z: z[0] - 1.0) == 2.0
    assert turning(step, lambda z: z[0] - 6.0) == 5.0
    # Zero at the beginning, then negative, then positive.
    assert turning(step, lambda z: (z[0] - 2) * (z[0] - 4)) == pytest.approx(4.0, rel=1e-12)
    # Down to the smallest numbers.
    tiny = Step(0.0, 1.0, np.array([1.0]), lambda time: np.array([time]))
    assert turning(tiny, lambda z: z[0] - 1e-200) == pytest.approx(1e-200, rel=1e-9)


@pytest.mark.parametrize("kappa", [0.6, 1.3, 1.9])
def test_the_plain_way_and_the_pool_agree(kappa):
    """The fast room's time to grok is the plain one's."""
    norm = np.array([1.1, 1.6, 3.0])
    for high in norm:
        model = MinimalModel.paper(kappa, 0.01, param_norm=(1.0, high), second_subweight=(0.02, 1))
        plain = replace(model, penalty=OwnKappa((1.0, 1.0)))
        assert time_to_grok(model).item() == pytest.approx(time_to_grok(plain).item(), rel=1e-6)
