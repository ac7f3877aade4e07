"""The loop for kappa > 2: its ends by formula, by slow sweeps and by gradient flow."""

import importlib
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy.special import expit

from theory import Circuit, MinimalModel, flow
from theory.minimal import (
    at_size,
    equilibrium,
    gradient,
    loop_ends,
    slow_sweep,
    symbolic,
    weight_ratio,
)

CRITICAL = 400.0


def model_of(kappa=3.0, weight_decay=0.005, start=(0.0, 2.0), beta=0.5):
    """Return a model for one example whose circuits are balanced, with weights start^2."""
    norms = (1.0, CRITICAL**-beta)
    circuits = tuple(
        Circuit(name, norm, generalises, subweight, subweight)
        for name, norm, generalises, subweight in zip(
            ("generalising", "memorising"), norms, (True, False), start, strict=True
        )
    )
    return MinimalModel(circuits, kappa, weight_decay, 113)


CASES = [
    {"kappa": 3.0, "floor": 1e-1},
    {"kappa": 3.0, "floor": 1e-3},
    {"kappa": 3.0, "floor": 2.0},
    {"kappa": 2.2, "floor": 1e-2, "weight_decay": 0.02},
    {"kappa": 5.0, "floor": 1e-2, "weight_decay": 1e-3, "beta": 1.0},
    {"kappa": 3.0, "floor": 4.5e-8},  # M collapses before G can grow
    {"kappa": 3.0, "floor": 0.5, "weight_decay": 1.07},  # so it does under a floor that matters
]


def one(floor, beta=0.5, **settings):
    model = model_of(beta=beta, **settings)
    return model, floor, beta


@pytest.mark.parametrize("case", CASES)
def test_slow_sweeps_turn_over_at_the_ends(case):
    model, floor, beta = one(**case)
    ends = loop_ends(model, floor, beta)
    up, down = float(ends.up), float(ends.down)
    path = [CRITICAL / 2, CRITICAL, 0.9 * up, up * (1 - 1e-4), up * (1 + 1e-4), CRITICAL]
    path += [down * (1 + 1e-4), down * (1 - 1e-4), CRITICAL]
    run = slow_sweep(model, path, floor, beta)
    assert run.test_accuracy.values.tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0]
    assert (run["size"] == path).all()


@pytest.mark.parametrize(
    ("floor", "up", "down"), [(1e-1, 1828.20, 83.1717), (1e-3, 8028.17, 17.8643)]
)
def test_golden_ends(floor, up, down):
    ends = loop_ends(model_of(), floor)
    assert float(ends.up) == pytest.approx(up, rel=5e-6)
    assert float(ends.down) == pytest.approx(down, rel=5e-6)


@pytest.mark.parametrize("case", CASES[:5])
def test_ends_satisfy_the_symbolic_formula_with_the_weights_there(case):
    model, floor, beta = one(**case)
    ends = loop_ends(model, floor, beta)
    r = 2 / case["kappa"] - 1
    for answer, end, sign, holder in (
        (symbolic.loop_end_up(), float(ends.up), -1, 1),
        (symbolic.loop_end_down(), float(ends.down), 1, 0),
    ):
        first = CRITICAL / 3 if holder else 3 * float(ends.up)
        path = [first, end * (1 + 1e-2 * sign), end * (1 + 1e-6 * sign)]
        weight = float(slow_sweep(model, path, floor, beta).weight[-1, holder])
        values = {"D_crit": CRITICAL, "epsilon": floor, "R": -r, "beta": beta}
        values |= {"S_M": weight, "S_G": weight}
        found = answer.rhs.subs({s: values[str(s)] for s in answer.rhs.free_symbols})
        assert end == pytest.approx(float(found), rel=1e-5)


@pytest.mark.parametrize(("excess", "accuracy"), [(1 - 2e-3, 0.0), (1 + 2e-3, 1.0)])
def test_gradient_flow_without_the_floor_turns_over_at_the_same_size(excess, accuracy):
    floor = 0.1
    end = float(loop_ends(model_of(), floor).up)
    rest = slow_sweep(model_of(), [CRITICAL, end * (1 - 1e-6)], floor).weight[-1]
    started = model_of(start=tuple(np.sqrt(rest.values)))
    run = flow(at_size(started, end * excess), [0.0, 20_000.0])
    assert run.test_accuracy.values[-1] == accuracy


def test_the_window_in_which_memorising_collapses_first():
    # One third of a decade of floors: c_G/p at the fold and at S = 0 to the power 1/R = 3.
    cost = 2 * 0.005 / 3
    peak = 2.7365  # (1 - p) S = R
    high = (cost / expit(np.log(112) - peak)) ** 3
    low = (cost / (112 / 113)) ** 3
    floors = np.array([0.99 * low, 1.01 * low, 0.99 * high, 1.01 * high])
    ends = loop_ends(model_of(), floors)
    assert ends.up_by.values.tolist() == ["never", "collapse", "collapse", "handover"]
    assert np.isnan(ends.up.values).tolist() == [True, False, False, False]
    run = slow_sweep(model_of(), [CRITICAL, 1e5, 1e6, 1e7], floors)
    assert run.test_accuracy[-1].values.tolist() == [0.5, 1.0, 1.0, 1.0]
    assert run.train_loss[-1].values[0] == pytest.approx(np.log(113), rel=1e-6)


def test_below_the_handover_collapse_comes_later_than_the_formula_says():
    ends = loop_ends(model_of(), 4.5e-8)
    # The handover formula at this floor, with p(S) = c_G eps^-R.
    pull = 2 * 0.005 / 3 * 4.5e-8 ** (-1 / 3)
    weight = np.log(112 * (1 / pull - 1))
    formula = CRITICAL * (weight / 4.5e-8) ** (1 / 3)
    assert float(ends.up) > 1.01 * formula


def test_ends_sweep_by_name():
    model = model_of(kappa=[2.5, 3.0], weight_decay=[0.001, 0.005])
    ends = loop_ends(model, [1e-3, 1e-1])
    assert dict(ends.sizes) == {"kappa": 2, "weight_decay": 2, "floor": 2}
    alone = loop_ends(model_of(kappa=3.0, weight_decay=0.001), 1e-1)
    cell = {"kappa": 3.0, "weight_decay": 0.001, "floor": 1e-1}
    assert float(ends.up.sel(cell)) == pytest.approx(float(alone.up), rel=1e-14)
    assert float(ends.down.sel(cell)) == pytest.approx(float(alone.down), rel=1e-14)


def test_ends_depend_neither_on_the_order_of_circuits_nor_on_the_unit_of_norms():
    model = model_of()
    expected = loop_ends(model, 1e-3)
    swapped = replace(model, circuits=model.circuits[::-1])
    xr.testing.assert_identical(loop_ends(swapped, 1e-3), expected)
    halved = tuple(replace(each, param_norm=each.param_norm / 2) for each in model.circuits)
    other = replace(model, circuits=halved, weight_decay=4 * model.weight_decay)
    xr.testing.assert_allclose(loop_ends(other, 1e-3), expected, rtol=1e-12)


def test_the_ends_depend_on_alpha_but_only_through_the_weights():
    ends = loop_ends(model_of(weight_decay=[1e-4, 1e-3, 1e-2]), 1e-3)
    # A factor 10 in alpha moves S by about log 10 of about 10: R/(2 beta) = 1/3 of a fifth.
    ratio = (ends.up.values[:-1] / ends.up.values[1:]).tolist()
    assert all(1.03 < each < 1.15 for each in ratio)
    fall = (ends.down.values[1:] / ends.down.values[:-1]).tolist()
    assert all(1.03 < each < 1.15 for each in fall)


def test_the_loop_closes_as_kappa_falls_to_two():
    kappa = 2 + np.array([1e-2, 1e-3, 1e-4])
    ends = loop_ends(model_of(kappa=kappa), 1e-3)
    width = np.log(ends.up / ends.down).values
    np.testing.assert_allclose(width[1:] / width[:-1], 0.1, rtol=0.02)


def test_generalising_without_a_rest_is_never_handed_over():
    ends = loop_ends(model_of(weight_decay=10.0), 1e-3)
    assert (ends.up_by.item(), ends.down_by.item()) == ("never", "never")
    assert np.isnan(ends.up)
    assert np.isnan(ends.down)


def test_a_floor_above_half_of_all_weight_leaves_no_loop():
    ends = loop_ends(model_of(), [5.0, 7.0])
    assert ends.up_by.values.tolist() == ends.down_by.values.tolist() == ["handover", "never"]
    assert np.isnan(ends.down.values).tolist() == [False, True]
    assert float(ends.down[0]) < CRITICAL < float(ends.up[0])


def test_equal_small_starts_decide_at_the_critical_size():
    model = model_of(start=(0.2, 0.2))
    for factor, accuracy in ((0.99, 0.0), (1.01, 1.0)):
        run = slow_sweep(model, [factor * CRITICAL], 1e-3)
        assert run.test_accuracy.values.tolist() == [accuracy]


@pytest.mark.parametrize("kappa", [0.7, 1.2, 1.9])
def test_below_two_the_way_back_is_the_way_there(kappa):
    there = np.array([300.0, 380.0, 420.0, 500.0])
    run = slow_sweep(model_of(kappa), [*there, *there[::-1]], 1e-30)
    back = run.weight[::-1].values
    np.testing.assert_allclose(run.weight.values, back, rtol=1e-8)
    exact = equilibrium(at_size(model_of(kappa), there)).weight.isel(point=0)
    np.testing.assert_allclose(run.weight[:4].values, exact.values.T, rtol=1e-8)
    ratio = run.weight[:4, 0] / run.weight[:4, 1]
    np.testing.assert_allclose(ratio, weight_ratio(there, CRITICAL, kappa), rtol=1e-8)


def test_all_weights_rest_or_are_held():
    floors = np.array([1e-4, 1e-2])
    run = slow_sweep(model_of(), [300.0, 1000.0, 5000.0, 100.0], floors)
    for step, size in enumerate(run["size"].values):
        model = at_size(replace(model_of(), weight_decay=0.005), float(size))
        slope = gradient(model, run.weight[step])
        held = run.weight[step] <= run.floor * (1 + 1e-12)
        assert (slope.where(held, 0.0) >= 0).all()
        assert (abs(slope.where(~held, 0.0)) < 1e-10).all()


@pytest.mark.parametrize("start", [(0.0, 0.0), (5.0, -5.0), (0.01, 0.01)])
def test_a_weight_below_the_floor_starts_from_it(start):
    generalising, memorising = model_of().circuits
    first, second = start
    other = replace(generalising, first_subweight=first, second_subweight=second)
    run = slow_sweep(replace(model_of(), circuits=(other, memorising)), [300.0, 2000.0], 0.1)
    expected = slow_sweep(model_of(start=(np.sqrt(0.1), 2.0)), [300.0, 2000.0], 0.1)
    np.testing.assert_allclose(run.weight, expected.weight, rtol=1e-9)


def test_weights_that_do_not_settle_are_an_error(monkeypatch):
    module = importlib.import_module(slow_sweep.__module__)
    monkeypatch.setattr(module, "_MOST_STEPS", 3)
    with pytest.raises(ArithmeticError, match=r"^weights did not settle at size 300"):
        slow_sweep(model_of(), [300.0], 0.1)


def test_many_circuits_sweep_too():
    circuits = (
        Circuit("half", 1.0, 0.5, 0.1, 0.1),
        Circuit("all", 1.3, 1.0, 0.1, 0.1),
        Circuit("none", 0.05, 0.0, 1.0, 1.0),
    )
    run = slow_sweep(MinimalModel(circuits, 1.2, 0.005, 113), [100.0, 2000.0], 1e-9)
    exact = equilibrium(at_size(MinimalModel(circuits, 1.2, 0.005, 113), 2000.0)).weight[0]
    np.testing.assert_allclose(run.weight[-1], exact, rtol=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: loop_ends(model_of(2.0), 0.1), "kappa must be above 2, got 2"),
        (lambda: loop_ends(model_of([2.0, 3.0]), 0.1), "kappa must be above 2, got 2"),
        (lambda: loop_ends(model_of(1.2), 0.1), "kappa must be above 2, got 1.2"),
        (lambda: loop_ends(model_of(), 0.0), "floor must be above 0, got 0"),
        (
            lambda: loop_ends(replace(model_of(), circuits=model_of().circuits[:1]), 0.1),
            "model must have two circuits, of which one memorises",
        ),
        (lambda: slow_sweep(model_of(), [], 0.1), "path must not be empty"),
        (lambda: slow_sweep(model_of(), [400.0], 0.0), "floor must be above 0, got 0"),
        (lambda: slow_sweep(model_of(), 400.0, 0.1), "path must be one or more sizes in a row"),
        (lambda: slow_sweep(model_of(), [400.0, 0.0], 0.1), "path must be above 0"),
        (lambda: slow_sweep(model_of(weight_decay=0.0), [400.0], 0.1), "weight_decay"),
        (
            lambda: slow_sweep(model_of(), [400.0], xr.DataArray([0.1], dims="step")),
            "floor must not have a dimension of the reserved name step",
        ),
        (
            lambda: slow_sweep(model_of(), [400.0], xr.DataArray([0.1], dims="size")),
            r"^no sweep must be called size, as the path is, got dims \('size',\)",
        ),
        (
            lambda: loop_ends(model_of(weight_decay=[0.1, 0.0]), 0.1),
            "^weight_decay must be above 0, got 0$",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
