"""Gradient flow against an independent integrator, its conserved quantities and its limits."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import expit

import strategies
from theory import Circuit, MinimalModel, descend, flow, minimal, runs
from theory.minimal.cells import Cells
from theory.minimal.dynamics import follow, integrate

TIMES = np.array([0.0, 0.1, 1.0, 7.0, 40.0, 90.0])
MANY = {"max_examples": 40}


def two(
    kappa=1.2, alpha=0.005, norms=(1.0, 2.0), first=(0.0, 0.0), second=(0.005, 1.0), labels=113
):
    """A model of two circuits with any start."""
    circuits = tuple(
        Circuit(name, norm, name == "G", a, b)
        for name, norm, a, b in zip("GM", norms, first, second, strict=True)
    )
    return MinimalModel(circuits, kappa, alpha, labels)


def subweight_flow(model, times, temperature=1.0):
    """The flow of both subweights as Appendix D writes it, by an explicit method of order 8."""
    count = len(model.names)
    r, cost = model.r, model.cost.values
    log_rivals = np.log(model.num_labels - 1)

    def slope(time, y):
        a, b = y[:count], y[count:]
        w = a * b
        pull = expit(log_rivals - w.sum() / temperature) / temperature
        change = pull - cost * np.sign(w) * abs(w) ** r
        return np.concatenate((change * b, change * a))

    start = np.concatenate(
        [
            [getattr(c, name) for c in model.circuits]
            for name in ("first_subweight", "second_subweight")
        ]
    )
    solution = solve_ivp(
        slope, (0, times[-1]), start, "DOP853", times, rtol=1e-13, atol=1e-15, first_step=1e-8
    )
    return solution.y[:count].T * solution.y[count:].T


@pytest.mark.parametrize("kappa", [0.4, 1.0, 1.2, 1.7])
@pytest.mark.parametrize(
    "start",
    [
        {"second": (0.005, 1.0)},
        {"first": (0.3, 0.2), "second": (0.3, -0.1)},
        {"first": (-0.2, 1.5), "second": (0.1, 1.5)},
        {"first": (0.0, 0.0), "second": (-0.4, -2.0)},
        {"first": (3.0, 2.5), "second": (2.0, -2.5)},
    ],
)
def test_it_agrees_with_the_subweights_integrated_directly(kappa, start):
    model = two(kappa, **start)
    weight = flow(model, TIMES).weight.values
    expected = subweight_flow(model, TIMES)
    np.testing.assert_allclose(weight, expected, rtol=0, atol=2e-10 * abs(expected).max())


@pytest.mark.parametrize("kappa", [1.0, 1.5, 1.98, 2.0])
def test_negative_weights_pass_the_kink_at_zero_without_an_error(kappa):
    # The third is so nearly balanced that z is large, beside which first steps are lost.
    starts = ((-0.4, 1.3), (0.9, -0.7), (0.01, 0.01 * (1 + 4e-16)))
    circuits = tuple(Circuit(f"{i}", 1.0 + i, i == 0, *start) for i, start in enumerate(starts))
    model = MinimalModel(circuits, kappa, 0.05, 50)
    times = np.linspace(0, 2, 9)[[0, 1, 2, 3, 8]]
    weight = flow(model, times).weight.values
    expected = passed_one_by_one(model, times[-1])
    assert np.all(weight[0, :2] < 0)
    assert np.all(weight[-1] > 0)
    np.testing.assert_allclose(weight[-1], expected, rtol=0, atol=3e-11 * expected.max())
    again = flow(model, times[-1:]).weight.values
    np.testing.assert_allclose(again[-1], weight[-1], rtol=0, atol=3e-11 * expected.max())


def passed_one_by_one(model, end):
    """The weights at the end, by steps of order 8 that stop wherever a weight is zero."""
    r, cost, log_rivals = model.r, model.cost.values, np.log(model.num_labels - 1)
    y = np.concatenate([model.stack(f"{which}_subweight").values for which in ("first", "second")])
    sign, now = np.sign(y[:3] * y[3:]), 0.0

    def slope(time, y):
        w = y[:3] * y[3:]
        change = expit(log_rivals - w.sum()) - sign * cost * abs(w) ** r
        return np.concatenate((change * y[3:], change * y[:3]))

    def passing(time, y):
        return (y[:3] * y[3:])[sign < 0].max() if np.any(sign < 0) else -1.0

    passing.terminal = True
    while now < end:
        solution = solve_ivp(slope, (now, end), y, "DOP853", events=passing, rtol=1e-13, atol=1e-15)
        now, y = solution.t[-1], solution.y[:, -1]
        sign[np.argmax(np.where(sign < 0, y[:3] * y[3:], -np.inf))] = 1.0
    return y[:3] * y[3:]


@given(strategies.models(kappa=st.floats(0.5, 1.95), swept=False))
@settings(**MANY)
def test_the_difference_of_squares_is_conserved(model):
    run = flow(model, [0.0, 0.5, 3.0, 20.0])
    a, b = run.subweight_a, run.subweight_b
    rho = b**2 - a**2
    size = (a**2 + b**2).max()
    assert abs(rho - rho.isel(step=0)).max() <= 1e-12 * size


@given(strategies.models(swept=False))
@settings(**MANY)
@example(two(kappa=2.0, second=(1.0, 1.0), alpha=0.3))
@example(two(kappa=6.0, first=(1.0, 1.0), second=(1.0, 1.0), alpha=0.3))
@example(two(kappa=1.9, first=(1.0, 1.0), second=(1.5, -1.0), alpha=1.0))
def test_the_objective_never_rises(model):
    run = flow(model, np.concatenate(([0.0], np.geomspace(1e-3, 100, 12))))
    loss = minimal.objective(model, run.weight)
    assert np.all(loss.diff("step") <= 1e-9 * (1 + abs(loss).max()))


@given(strategies.models(), st.integers(0, 100))
@settings(max_examples=15)
def test_a_sweep_is_its_cells(model, pick):
    run = flow(model, [0.0, 1.0, 5.0])
    swept = model.swept
    place = np.unravel_index(pick % swept.size, swept.shape)
    at = dict(zip(swept.dims, place, strict=True))

    def cell(value):
        value = xr.DataArray(value)
        return float(value.isel({d: i for d, i in at.items() if d in value.dims}))

    circuits = tuple(
        Circuit(
            c.name,
            *(
                cell(getattr(c, f))
                for f in ("param_norm", "generalises", "first_subweight", "second_subweight")
            ),
        )
        for c in model.circuits
    )
    single = MinimalModel(
        circuits,
        cell(model.kappa),
        cell(model.weight_decay),
        cell(model.num_labels),
        model.half_decay,
    )
    np.testing.assert_array_equal(flow(single, [0.0, 1.0, 5.0]).weight, run.weight.isel(at))


def test_it_is_the_limit_of_descent_at_first_order():
    time, model = 8.0, two(first=(0.2, 0.1), second=(0.3, 1.0))
    exact = flow(model, [time]).weight.isel(step=0)
    errors = [
        abs(descend(model, round(time / rate), rate).weight.isel(step=-1) - exact).max().item()
        for rate in (0.01, 0.005, 0.0025)
    ]
    ratios = np.divide(errors[:-1], errors[1:])
    assert np.all((ratios > 1.9) & (ratios < 2.1))


def test_at_kappa_2_the_difference_of_u_grows_linearly():
    model, times = two(kappa=2.0, norms=(1.0, 1.5)), np.linspace(0.5, 40, 9)
    run = flow(model, times)
    rho = np.array([0.005**2, 1.0])
    u = np.arcsinh(2 * run.weight.values / rho) / 2
    expected = 0.005 * (1.5**2 - 1) * times
    np.testing.assert_allclose(u[:, 0] - u[:, 1], expected, rtol=1e-9)


@pytest.mark.parametrize("kappa", [0.8, 1.2, 1.6, 3.0])
def test_balanced_circuits_move_in_a_plane(kappa):
    norms, roots = np.array([1.0, 1.3, 2.0, 0.7]), np.array([1.2, 0.9, 1.6, 1.1])
    circuits = tuple(
        Circuit(f"{i}", float(p), True, float(x), float(x))
        for i, (p, x) in enumerate(zip(norms, roots, strict=True))
    )
    model = MinimalModel(circuits, kappa, 0.005, 113)
    r, cost = model.r, model.cost.values
    run = flow(model, [0.0, 0.3, 2.0, 10.0])
    z = run.weight.values**-r
    basis = np.stack((z[0], cost), axis=1)
    solution, *_ = np.linalg.lstsq(basis, z.T, rcond=None)
    np.testing.assert_allclose(basis @ solution, z.T, rtol=1e-9)
    assert np.all(solution[1, 1:] * np.sign(r) > 0)


@pytest.mark.parametrize("kappa", [0.8, 1.6, 3.0])
def test_the_linear_equation_of_balanced_circuits_holds(kappa):
    model = two(kappa, first=(1.1, 1.5), second=(1.1, 1.5))
    times = np.linspace(0, 2, 201)
    run = flow(model, times)
    r, cost = model.r, model.cost.values
    z = run.weight.values**-r
    p = minimal.wrong_probability(model, run.weight).values
    slope = 2 * r * (cost - p[:, None] * z)
    # Fourth-order central differences.
    h = times[1]
    measured = (8 * (z[3:-1] - z[1:-3]) - (z[4:] - z[:-4])) / (12 * h)
    np.testing.assert_allclose(measured, slope[2:-2], rtol=1e-6, atol=1e-7)


def test_scaling_norms_against_weight_decay_changes_nothing():
    plain, scaled = two(), two(alpha=0.005 / 9, norms=(3.0, 6.0))
    np.testing.assert_allclose(
        flow(plain, TIMES).weight, flow(scaled, TIMES).weight, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("kappa", [1.0, 1.6])
def test_a_temperature_is_another_weight_decay_start_and_clock(kappa):
    tau, start = 2.5, np.array([[0.1, 0.0], [0.3, 1.0]])
    warm = two(kappa, first=start[0], second=start[1])
    cold = two(
        kappa, 0.005 * tau ** (2 / kappa), first=start[0] / tau**0.5, second=start[1] / tau**0.5
    )
    expected = subweight_flow(warm, TIMES, tau)
    weight = tau * flow(cold, TIMES / tau).weight.values
    # Per unit of time tau, the slope of l(S / tau) is 1 / tau of the slope of l at S / tau.
    np.testing.assert_allclose(weight, subweight_flow(warm, TIMES, tau), atol=1e-9 * expected.max())


def test_turning_both_subweights_round_changes_nothing():
    there = flow(two(first=(0.3, 0.0), second=(0.1, 1.0)), TIMES)
    back = flow(two(first=(-0.3, 0.0), second=(-0.1, -1.0)), TIMES)
    np.testing.assert_array_equal(there.weight, back.weight)
    np.testing.assert_array_equal(there.subweight_a, -back.subweight_a)


@pytest.mark.parametrize("kappa", [2.000001, 3.0, 50.0])
def test_above_kappa_2_an_exact_zero_stays_zero(kappa):
    run = flow(two(kappa, first=(0.0, 1.0)), [1.0, 1e4])
    assert np.all(run.weight.sel(circuit="G") == 0)
    assert np.all(run.weight.sel(circuit="M") > 1)


def test_above_kappa_2_a_weight_from_below_is_caught_at_zero():
    run = flow(two(2.36, first=(-0.36, 1.0), second=(1.41, 1.0)), [0.01, 1.0, 1e3])
    assert run.weight.sel(circuit="G").values[0] < 0
    assert np.all(run.weight.sel(circuit="G").values[1:] == 0)
    alone = flow(MinimalModel((Circuit("M", 2.0, False, 1.0, 1.0),), 2.36, 0.005, 113), [1e3])
    np.testing.assert_allclose(run.weight.sel(circuit="M").values[-1:], alone.weight.values[0])
    assert alone.weight > 1


def test_at_kappa_2_the_data_must_outweigh_the_penalty_to_leave_zero():
    run = flow(two(2.0, alpha=0.4, norms=(1.0, 2.0), second=(1.0, 1.0)), [0.5, 2.0, 50.0])
    assert np.all(run.weight.sel(circuit="M") == 0)
    assert np.all(run.weight.sel(circuit="G") > 0)


def test_at_kappa_2_the_loser_ends_at_zero_and_the_winner_where_it_should():
    run = flow(two(2.0, norms=(1.0, 2.0), second=(0.5, 1.0)), [5000.0])
    assert run.weight.sel(circuit="M") == 0
    np.testing.assert_allclose(run.weight.sel(circuit="G"), np.log(112 * 199), rtol=1e-11)


def test_a_kink_that_stops_the_quick_method_is_passed_by_the_sturdy_one():
    starts = [(1.836, -0.954, -0.520), (4.556, 0.0, -1.896), (3.052, -0.546, -1.289)]
    circuits = tuple(Circuit(f"{i}", p, True, a, b) for i, (p, a, b) in enumerate(starts))
    weight = flow(MinimalModel(circuits, 2.0, 0.151, 21), [0.5, 3.0, 20.0, 100.0]).weight
    total = np.log(20 * (1 / (0.151 * 1.836**2) - 1))
    np.testing.assert_allclose(weight.values[-1], [total, 0.0, 0.0], rtol=1e-9)


def test_a_weight_that_is_held_at_zero_does_not_stop_another_on_its_way_there():
    circuits = (Circuit("A", 1.0, True, 1.0, -2.0), Circuit("B", 1.0, False, 1.0, 0.0))
    run = flow(MinimalModel(circuits, 2.0, 1.0, 3), [0.1, 1.0, 3.0])
    assert np.all(abs(run.weight.sel(circuit="B")) <= 1e-12)
    assert run.weight.values[0, 0] < 0
    assert run.weight.values[-1, 0] == 0


@pytest.mark.parametrize(
    ("kappa", "alpha", "norms", "starts", "time"),
    [
        (8.9, 0.127, (0.84, 1.02, 0.94, 1.94, 1.3), (1.21, 1.31, 0.65, 0.0064, 0.58), 3129.0),
        (29.8, 3.7e-4, (0.52, 3.1, 2.5, 1.1), (0.0064, 0.25, 0.043, 0.0094), 75282.0),
        (3.0, 0.02, (1.0, 1.3), (0.5, 2.0), 1e6),
    ],
)
def test_balanced_circuits_die_one_after_the_other(kappa, alpha, norms, starts, time):
    """Weights reach zero in finite time, where their slope has no bound, and stay there."""
    names = "ABCDE"[: len(norms)]
    circuits = tuple(
        Circuit(name, norm, True, a, a) for name, norm, a in zip(names, norms, starts, strict=True)
    )
    model = MinimalModel(circuits, kappa, alpha, 50)
    run = flow(model, [0.1 * time, time])
    by_two = minimal.two_functions(model, [0.1 * time, time])
    np.testing.assert_allclose(run.weight, by_two.weight, rtol=0, atol=1e-8)
    lost = run.circuit != minimal.winner(model)
    assert (run.weight[-1].where(lost, 0.0) == 0.0).all()


def test_the_tiny_weights_at_which_a_cost_meets_the_pull_are_found():
    cell, weight = Cells.of(two(1.9, alpha=5.0)).take(0), np.array([0.0, 3.0])
    met = follow._met(cell, weight)
    assert 0 < met[1] < met[0] < 1e-10
    np.testing.assert_allclose(cell.law.marginal(met), cell.law.pull(weight), rtol=1e-9)


@pytest.mark.parametrize("kappa", [2.0000001, 2.01])
def test_just_above_two_a_weight_from_below_does_not_jump_over_zero(kappa):
    """The trap is so narrow there that a step may not notice it."""
    model = two(kappa, 2e-4, (2.1, 2.7), first=(-0.0036, 0.035), second=(0.23, 0.0052), labels=6)
    weight = flow(model, [0.01, 100.0, 70000.0]).weight.sel(circuit="G")
    assert weight[0] < 0
    assert (weight[1:] == 0).all()


def test_a_method_that_never_ends_is_replaced_or_named(monkeypatch):
    model = two([1.5], second=(-0.1, 1.0), first=(0.3, 0.0))
    expected = flow(model, [1.0, 30.0]).weight
    (first, _), (second, most) = integrate._METHODS
    monkeypatch.setattr(integrate, "_METHODS", ((first, 50), (second, most)))
    weight = flow(model, [1.0, 30.0]).weight
    np.testing.assert_allclose(weight, expected, rtol=0, atol=1e-9)
    assert not np.array_equal(weight, expected)
    monkeypatch.setattr(integrate, "_METHODS", ((first, 10), (second, 10)))
    with pytest.raises(ArithmeticError, match=r"failed at kappa = 1\.5: no end after 10 eval"):
        flow(model, [1.0])


def test_below_kappa_2_zero_is_no_trap():
    run = flow(two(1.9, alpha=0.5, second=(1.0, 1.0)), [1e-9])
    assert np.all(run.weight > 0)


def test_opposite_subweights_never_leave_the_negative_side():
    run = flow(two(first=(-0.5, 0.0), second=(0.5, 1.0)), [0.0, 5.0, 80.0])
    weight = run.weight.sel(circuit="G").values
    assert np.all(weight < 0)
    assert np.all(np.diff(weight) > 0)


def test_it_ends_at_the_equilibrium_of_the_paper():
    weight = flow(two(), [2000.0]).weight.values[0]
    np.testing.assert_allclose(weight, [7.24783541, 0.90597943], rtol=1e-8)


@pytest.mark.parametrize("kappa", [1.8, 1.9, 1.95])
def test_a_small_weight_follows_a_large_one_by_the_ratio_law(kappa):
    weight = flow(two(kappa), [20000.0]).weight.values[0]
    expected = weight[0] * 4 ** (-1 / (2 / kappa - 1))
    assert abs(weight[1] - expected) <= 1e-10 * weight[0]


@pytest.mark.parametrize("alpha", [0.0, 1e-12, 10.0])
@pytest.mark.parametrize("kappa", [0.05, 1.2, 1.999999, 2.0, 2.000001, 50.0])
@pytest.mark.parametrize("norm", [1 + 1e-9, 2.0])
def test_extreme_parameters_give_a_run_without_a_warning(alpha, kappa, norm):
    model = two(kappa, alpha, (1.0, norm), (0.0, 0.5), (0.1, -0.5), labels=10**6)
    run = runs.validate(flow(model, [0.0, 1.0, 100.0]))
    loss = minimal.objective(model, run.weight)
    assert np.all(loss.diff("step") <= 1e-12 * loss.max())


def test_the_run_says_when_each_row_was_taken():
    run = flow(two(), [0.5, 2.0])
    assert run.time.dims == ("step",)
    assert run.time.values.tolist() == [0.5, 2.0]
    assert run.step.values.tolist() == [0, 1]
    assert run.weight.dims == ("step", "circuit")


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([-1.0, 0.0], "start at 0 or later"),
        ([0.0, 0.0], "strictly increase"),
        ([0.0, np.inf], "finite, got inf"),
        ([], "one or more"),
        ([[0.0, 1.0]], "one or more"),
        ("soon", "be numbers"),
    ],
)
def test_bad_times_are_refused(times, message):
    with pytest.raises(ValueError, match=f"times must.*{message}"):
        flow(two(), times)


def test_subweights_too_small_to_square_are_refused():
    with pytest.raises(ValueError, match="subweights of a circuit"):
        flow(two(second=(1e-160, 1.0)), [1.0])


def test_the_start_alone_can_be_asked_for():
    run = flow(two(first=(0.3, 0.5), second=(0.4, 1.0)), [0.0])
    np.testing.assert_allclose(run.weight, [[0.12, 0.5]], rtol=1e-14)


def test_the_first_moments_are_as_precise_as_the_last():
    weight = flow(two(first=(0.0, 0.0), second=(1.0, 2.0)), [1e-65, 1e-9]).weight
    pull = 112 / 113
    np.testing.assert_allclose(
        weight, [[1e-65 * pull, 4e-65 * pull], [1e-9 * pull, 4e-9 * pull]], rtol=1e-6
    )
