"""Gradient descent: its step, its symmetries, the flow that it follows, the golden values."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

import strategies
from theory import Circuit, MinimalModel, crossing_update, descend, fit_step, minimal

RATE = 0.01
ALL_KAPPA = strategies.KAPPA
RECORDED = ("weight", "subweight_a", "subweight_b", "train_loss", "test_loss", "parameter_norm")


def assert_same_run(found, expected, names=RECORDED):
    """Hold two runs equal, to a tolerance: vectorised pow may round by position in an array."""
    for name in names:
        one, other = xr.broadcast(found[name], expected[name])
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12, err_msg=name)


# Its step


@settings(max_examples=25)
@given(strategies.models(), st.sampled_from([1e-4, 0.01, 0.5]))
def test_one_update_is_one_simultaneous_step_down_the_gradient(model, rate):
    run = descend(model, steps=1, learning_rate=rate)
    a, b = (model.stack(f"{which}_subweight") for which in ("first", "second"))
    slope = minimal.gradient(model, a * b)
    terms = abs(slope) + minimal.wrong_probability(model, a * b)
    for name, start, partner in (("subweight_a", a, b), ("subweight_b", b, a)):
        before, after = run[name].isel(step=0, drop=True), run[name].isel(step=1, drop=True)
        # The two terms of the slope may cancel, so rounding is relative to their sizes.
        allowed = 1e-14 * abs(start) + 1e-13 * rate * terms * abs(partner)
        assert np.all(before == start)
        assert np.all(abs(after - (start - rate * slope * partner)) <= allowed)


@pytest.mark.parametrize("total", [-1e4, -18.0, 0.0, 5.0, 9.0, 18.0, 200.0, 1e4])
def test_the_step_is_right_at_logits_of_any_size(total):
    root = np.sqrt(abs(total))
    circuit = Circuit("G", 1.0, True, np.copysign(root, total), root)
    run = descend(MinimalModel((circuit,), 1.2, 0.0, 113), steps=1, learning_rate=0.5)
    # All wrong labels, over all labels: both divided by the larger of e^S and 1.
    wrong = 112 * np.exp(-max(total, 0.0))
    p = wrong / (np.exp(min(total, 0.0)) + wrong)
    change = run["subweight_a"].diff("step").item()
    assert change == pytest.approx(0.5 * p * root, rel=1e-12, abs=1e-15 * root)


@settings(max_examples=12)
@given(strategies.tame_models(kappa=ALL_KAPPA), st.integers(1, 30))
def test_rho_shrinks_by_the_exact_factor_each_step(model, steps):
    run = descend(model, steps=steps, learning_rate=RATE)
    a, b = run["subweight_a"], run["subweight_b"]
    slope = minimal.gradient(model, run["weight"])
    rho, size = b**2 - a**2, b**2 + a**2
    after = {"step": slice(1, None)}
    before = {"step": slice(None, -1)}
    expected = (rho * (1 - RATE**2 * slope**2)).isel(before).drop_vars("step")
    found = rho.isel(after).drop_vars("step")
    kicks = (size * (1 + RATE * abs(slope)) ** 2).isel(before).drop_vars("step")
    assert np.all(abs(found - expected) <= 1e-14 * kicks)


def test_a_learning_rate_sweeps_like_a_parameter():
    model = MinimalModel.paper(kappa=[1.0, 1.2])
    run = descend(model, steps=20, learning_rate=[0.01, 0.02], record_every=5)
    assert dict(run.sizes) == {"step": 5, "circuit": 2, "kappa": 2, "learning_rate": 2}
    for rate in (0.01, 0.02):
        alone = descend(model, steps=20, learning_rate=rate, record_every=5)
        assert_same_run(run.sel(learning_rate=rate, drop=True), alone)


# Its symmetries


@settings(max_examples=12)
@given(strategies.tame_models(), st.randoms())
def test_swapping_circuits_permutes_the_run(model, random):
    circuits = list(model.circuits)
    random.shuffle(circuits)
    swapped = replace(model, circuits=tuple(circuits))
    run = descend(model, steps=20).sel(circuit=[circuit.name for circuit in circuits])
    assert_same_run(descend(swapped, steps=20), run)


@settings(max_examples=12)
@given(strategies.tame_models(), st.integers(0, 4), st.floats(0.1, 5.0), st.floats(0.0, 1.0))
def test_a_circuit_of_zero_subweights_changes_nothing(model, position, norm, generalises):
    silent = Circuit("silent", norm, generalises, 0.0, 0.0)
    circuits = [*model.circuits[:position], silent, *model.circuits[position:]]
    run = descend(replace(model, circuits=tuple(circuits)), steps=20)
    assert np.all(run["weight"].sel(circuit="silent") == 0)
    assert_same_run(run.sel(circuit=list(model.names)), descend(model, steps=20))


@settings(max_examples=10)
@given(strategies.tame_models())
def test_a_batch_is_its_cells_one_by_one(model):
    run = descend(model, steps=20, record_every=5)
    for index, cell in strategies.cells(model):
        assert_same_run(run.isel(index), descend(cell, steps=20, record_every=5))


@settings(max_examples=12)
@given(strategies.tame_models(kappa=ALL_KAPPA), st.integers(1, 25), st.integers(1, 30))
def test_recording_less_changes_nothing_that_is_recorded(model, steps, every):
    run = descend(model, steps, record_every=every)
    recorded = sorted({*range(0, steps + 1, every), steps})
    assert run["step"].values.tolist() == recorded
    full = descend(model, steps).sel(step=recorded)
    for name in ("subweight_a", "subweight_b", "weight"):
        np.testing.assert_array_equal(run[name], full[name])
    assert_same_run(run, full)


@settings(max_examples=12)
@given(strategies.tame_models())
def test_small_steps_go_down(model):
    run = descend(model, steps=20, learning_rate=1e-3)
    objective = minimal.objective(model, run["weight"])
    assert np.all(objective.diff("step") <= 1e-12)


# The flow that it follows


def flow(model, time, smoothing=0.0):
    """Weights of the gradient flow, integrated in u with w = (rho/2) sinh 2u.

    The loss is written out again here, with |w|^(2/kappa) smoothed to (w^2 + e^2)^(1/kappa): a
    loss with a slope everywhere, whose flow tends to that of the model as e -> 0. Needs b > a.
    """
    a, b, norm = (
        np.array([getattr(circuit, name) for circuit in model.circuits])
        for name in ("first_subweight", "second_subweight", "param_norm")
    )
    rho, kappa, alpha = b**2 - a**2, model.kappa, model.weight_decay
    wrong = model.num_labels - 1

    def weight(u):
        return rho / 2 * np.sinh(2 * u)

    def velocity(_, u):
        w = weight(u)
        p = wrong / (np.exp(w.sum()) + wrong)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = (w**2 + smoothing**2) ** (1 / kappa - 1)
        penalty = np.where(w == 0, 0.0, 2 * alpha / kappa * norm**2 * w * scale)
        return p - penalty

    start = np.arcsinh(2 * a * b / rho) / 2
    solution = solve_ivp(velocity, (0, time), start, "Radau", rtol=1e-9, atol=1e-12)
    assert solution.success
    return weight(solution.y[:, -1])


def small_steps(model, time, rate):
    steps = round(time / rate)
    return descend(model, steps, rate, record_every=steps)["weight"].isel(step=-1).values


def starting_at(a, kappa, weight_decay):
    return replace(
        MinimalModel.paper(kappa=kappa, weight_decay=weight_decay),
        circuits=(Circuit("G", 1.0, True, a[0], 0.5), Circuit("M", 2.0, False, a[1], 1.0)),
    )


@pytest.mark.parametrize(
    ("kappa", "weight_decay", "grows"),
    [
        (0.8, 0.1, [True, True]),
        (1.2, 0.1, [True, True]),
        (1.9, 0.1, [True, True]),
        (2.0, 0.1, [True, True]),
        (2.0, 0.3, [True, False]),  # c_M = 1.2 > p(0)
        (2.0, 1.2, [False, False]),
        (3.0, 0.3, [False, False]),
        *((kappa, 0.0, [True, True]) for kappa in (1.2, 2.0, 3.0)),
    ],
)
def test_from_zero_weight_it_follows_the_flow(kappa, weight_decay, grows):
    model = starting_at((0.0, 0.0), kappa, weight_decay)
    found = small_steps(model, time=2.0, rate=5e-4)
    assert (found > 0).tolist() == grows
    assert np.all(found[np.logical_not(grows)] == 0)
    # The smoothed flow stays near zero where it cannot leave, and nearer with less smoothing.
    np.testing.assert_allclose(found, flow(model, 2.0, smoothing=1e-4), rtol=4e-3, atol=4e-3)


@pytest.mark.parametrize("kappa", [1.2, 2.0, 3.0, 5.0])
def test_from_other_weights_it_follows_the_flow_to_first_order(kappa):
    model = starting_at((0.3, 0.4), kappa, 0.02)
    exact = flow(model, 2.0)
    coarse, fine = (abs(small_steps(model, 2.0, rate) - exact) for rate in (0.02, 0.01))
    ratio = np.linalg.norm(coarse) / np.linalg.norm(fine)
    assert np.all(fine < 0.02)
    assert 1.8 < ratio < 2.2


def test_above_kappa_2_a_weight_under_the_barrier_dies_as_in_the_flow():
    # c w^-1/3 = p(0) at w = 0.035: the start below it, 0.025, dies, the one above, 0.05, grows.
    for a, grows in ((0.05, False), (0.1, True)):
        model = starting_at((a, 0.0), 3.0, 0.5)
        found = small_steps(model, time=3.0, rate=5e-4)
        np.testing.assert_allclose(found, flow(model, 3.0, smoothing=1e-4), rtol=0.01, atol=0.01)
        assert (found[0] > 0.1) == grows


@pytest.mark.parametrize("kappa", [2.001, 3.0, 10.0])
def test_above_kappa_2_an_exact_zero_stays(kappa):
    run = descend(MinimalModel.paper(kappa=kappa), steps=200, learning_rate=0.5)
    assert np.all(run["weight"] == 0)
    assert np.all(run["subweight_b"].isel(step=-1) == [0.005, 1.0])


def test_above_kappa_2_a_zero_stays_while_another_circuit_moves():
    run = descend(starting_at((2.0, 0.0), 3.0, 0.005), steps=500)
    assert np.all(run["weight"].sel(circuit="M") == 0)
    assert run["weight"].sel(circuit="G").isel(step=-1) > 2


def test_at_kappa_2_a_circuit_that_costs_more_than_it_gains_stays_zero():
    # c = (0.3, 1.2), p = 0.99 at the start: only the first is worth its cost.
    run = descend(MinimalModel.paper(kappa=2.0, weight_decay=0.3), steps=200)
    assert np.all(run["weight"].sel(circuit="memorising") == 0)
    assert np.all(run["weight"].sel(circuit="generalising").isel(step=slice(1, None)) > 0)


@pytest.mark.parametrize("kappa", [1.2, 2.0, 3.0])
def test_without_weight_decay_weights_keep_the_ratio_of_their_rho(kappa):
    model = MinimalModel.paper(kappa=kappa, weight_decay=0.0, second_subweight=(0.5, 1.0))
    last = descend(model, steps=5000, learning_rate=1e-3).isel(step=-1)["weight"].values
    assert last[1] > 1
    assert last[0] / last[1] == pytest.approx(0.25, rel=1e-3)


# Golden values


@pytest.fixture(scope="module")
def paper():
    return descend(MinimalModel.paper(weight_decay=[0.0025, 0.005, 0.01]), steps=9400)


def test_the_paper_s_crossings(paper):
    assert crossing_update(paper).values.tolist() == [9303, 5010, 2751]


def test_the_order_of_events(paper):
    run = paper.sel(weight_decay=0.005)
    chance = np.log(113)
    assert fit_step(run)["after"] == 172
    peak = int(run["test_loss"].argmax("step"))
    assert peak == 732
    later = run["test_loss"].isel(step=slice(peak, None))
    assert int(later["step"][int((later < chance).argmax("step"))]) == 4077


def test_every_step_is_recorded_from_the_start(paper):
    assert paper["step"].values.tolist() == list(range(9401))
    assert np.all(paper["weight"].isel(step=0) == 0)
    assert np.all(paper["train_accuracy"].isel(step=0) == 1 / 113)
    assert np.all(paper["test_accuracy"].isel(step=0) == 1 / 113)
    assert np.all(paper["train_accuracy"].isel(step=slice(1, None)) == 1)


def test_the_paper_s_limit():
    run = descend(MinimalModel.paper(), steps=40_000, learning_rate=0.1, record_every=40_000)
    limit = run["weight"].isel(step=-1)
    np.testing.assert_allclose(limit, [7.24783541, 0.90597943], rtol=0, atol=6e-9)
    assert limit.sum().item() == pytest.approx(8.15381484, abs=6e-9)
    strength = 0.961499713538
    assert 112 / (np.exp(8.15381484) + 112) == pytest.approx(
        0.01 / 1.2 * strength**2 * 8.15381484 ** (2 / 1.2 - 1), rel=1e-7
    )


# Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps must be an integer of at least 1, got 0"),
        ({"steps": -5}, "steps must be an integer of at least 1, got -5"),
        ({"steps": 2.5}, "steps must be an integer of at least 1, got 2.5"),
        ({"record_every": 0}, "record_every must be an integer of at least 1, got 0"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0, got 0"),
        ({"learning_rate": -0.01}, "learning_rate must be above 0, got -0.01"),
        ({"learning_rate": [0.1, np.nan]}, "learning_rate must be finite, got nan"),
        ({"learning_rate": np.ones((2, 2))}, "learning_rate must .* got a bare array"),
        (
            {"learning_rate": xr.DataArray([0.1, 0.2], dims="circuit")},
            "learning_rate must not have a dimension of the reserved name circuit",
        ),
        (
            {"learning_rate": xr.DataArray([0.1, 0.2], {"kappa": [1.0, 3.0]}, "kappa")},
            "parameters that share a dimension must have the same coordinates .*'kappa'",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name_and_value(arguments, message):
    model = MinimalModel.paper(kappa=[1.0, 1.2])
    with pytest.raises(ValueError, match=f"^{message}"):
        descend(model, **{"steps": 3, **arguments})


@pytest.mark.parametrize("every", [1, 7, 1000])
@pytest.mark.parametrize(("kappa", "rate"), [(0.3, 10.0), (1.2, 1e3)])
def test_overflow_is_an_error_that_says_where(every, kappa, rate):
    model = MinimalModel.paper(kappa=[kappa, 1.0], weight_decay=0.5)
    rates = xr.DataArray([rate, 1e-3], dims="kappa")
    with pytest.raises(ArithmeticError, match="weights overflowed in 1 of 2 cells") as caught:
        descend(model, steps=1000, learning_rate=rates, record_every=every)
    assert "use a smaller learning_rate" in str(caught.value)
