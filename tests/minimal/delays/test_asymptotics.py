"""The constant of the time to grok, and the time that a circuit takes alone."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossings import balanced, crossing_time
from theory import MinimalModel, minimal

paper = MinimalModel.paper


def swept(name, values):
    return xr.DataArray(np.array(values, float), {name: values}, name)


# A circuit alone


@settings(max_examples=15)
@given(
    st.floats(0.5, 2.0) | st.floats(2.2, 4.0),
    st.floats(1e-4, 1e-2),
    st.sampled_from([(0.0, 1.5), (1.5, 1.0), (-0.4, 1.5), (4.0, 4.5), (4.2, 4.2)]),
    st.floats(0.05, 0.95),
)
def test_the_flow_is_at_the_level_at_that_time(kappa, decay, subweights, share):
    names = dict(zip(("first_subweight", "second_subweight"), subweights, strict=True))
    circuit = minimal.Circuit("memorising", 1.0, False, **names)
    model = MinimalModel((circuit,), kappa, decay, 113)
    rest, start = minimal.plateau_weight(model).item(), np.prod(subweights)
    level = (start + share * (rest - start)) / rest
    time = minimal.time_alone(model, level).item() if level > 0 else np.inf
    if kappa > 2 and start <= 0:
        assert time == np.inf
    elif level > 0:
        weight = minimal.flow(model, [time]).weight.item()
        assert weight == pytest.approx(level * rest, rel=1e-8)


def test_a_level_off_the_way_is_never_reached():
    times = minimal.time_alone(paper(), swept("level", [1e-300, 0.5, 1.0, 1.5]))
    assert np.all(np.isfinite(times) == [True, True, False, False])
    assert minimal.time_alone(paper(3.0), 0.5).item() == np.inf  # a start at zero stays there
    assert minimal.time_alone(paper(weight_decay=0.0), 0.5).item() == np.inf
    for far in (1e300, 1.7e308):
        assert minimal.time_alone(paper(), far).item() == np.inf


@pytest.mark.parametrize("kappa", [1.2, 2.0, 3.0])
def test_from_large_starts_the_time_is_the_law_and_a_constant(kappa):
    start = swept("start", [18.0, 20.0, 22.0, 200.0])
    model = balanced((0.005, start), kappa)
    rest, r = minimal.plateau_weight(model), model.r
    cost = model.cost.sel(circuit="memorising").item()
    law = np.log(start / rest) / 2 if r == 0 else (rest**-r - start**-r) / (2 * r)
    constant = (minimal.time_alone(model, 1.1) - law / cost).values
    left = np.diff(constant - constant[-1])[:2]  # what e^-w_0 leaves, to its leading order
    pull = 112 * np.exp(-start.values[:3])
    expected = np.diff(-pull / (2 * cost**2 * start.values[:3] ** (1 + 2 * r)))
    np.testing.assert_allclose(left, expected, rtol=0.25)


def test_the_constant_depends_on_the_level():
    model = balanced((0.005, 40.0))
    times = minimal.time_alone(model, swept("level", [1.05, 1.1, 1.2]))
    assert np.all(np.diff(times) < -0.1)


# The time to grok


def errors(kappa, starts, **choices):
    """Error of the asymptote at starts b_G, by the tight reference."""
    model = paper(kappa, second_subweight=(swept("start", starts), 1.0), **choices)
    exact = [crossing_time(paper(kappa, second_subweight=(b, 1.0), **choices)) for b in starts]
    return minimal.asymptotic_time_to_grok(model).values - np.array(exact)


@pytest.mark.parametrize("kappa", [0.5, 0.8, 1.0, 1.2, 1.5, 1.8, 1.95, 1.99])
def test_below_kappa_2_the_error_vanishes_as_the_start(kappa):
    starts = [0.01, 0.003]
    found = errors(kappa, starts)
    rate = np.diff(np.log(abs(found))).item() / np.diff(np.log(np.square(starts))).item()
    assert rate == pytest.approx(1.0, rel=0.03)
    assert abs(found[0]) < 5e-4


@pytest.mark.parametrize(
    ("choices", "starts"),
    [({}, [0.05, 0.025]), ({"weight_decay": 0.9, "param_norm": (0.01, 1.0)}, [1e-10, 1e-11])],
)
def test_at_kappa_2_the_error_vanishes_as_fast_as_the_plateau_settles(choices, starts):
    expected = min(2.0, settling(paper(2.0, **choices)))
    found = errors(2.0, starts, **choices)
    rate = np.diff(np.log(abs(found))).item() / np.diff(np.log(np.square(starts))).item()
    assert rate == pytest.approx(expected, rel=0.04)


def test_where_the_plateau_settles_slowly_so_does_the_error_below_kappa_2():
    choices = {"weight_decay": 1.0, "param_norm": (0.5, 1.0)}
    expected, starts = settling(paper(1.8, **choices)), [1e-5, 1e-6]
    found = errors(1.8, starts, **choices)
    rate = np.diff(np.log(abs(found))).item() / np.diff(np.log(np.square(starts))).item()
    assert expected < 0.9
    assert rate == pytest.approx(expected, rel=0.04)


def settling(model):
    """The rate at which M settles, over that at which G grows."""
    rest, pull = minimal.plateau_weight(model).item(), minimal.plateau_pull(model).item()
    speed = np.hypot(1.0, 2 * rest) * (pull * (1 - pull) + model.r * pull / rest)
    return speed / minimal.plateau_growth(model).item()


def test_the_reference_has_the_golden_time_and_the_asymptote_is_near():
    assert crossing_time(paper()) == pytest.approx(50.0578289402, abs=1e-9)
    assert minimal.asymptotic_time_to_grok(paper()).item() == pytest.approx(50.0578903, abs=1e-6)


@pytest.mark.parametrize("kappa", [1.99, 1.9999, 2 - 1e-12, 2.0])
@pytest.mark.parametrize("make", [paper, lambda kappa: balanced((1e-4, 1.0), kappa)])
def test_the_law_is_as_good_up_to_kappa_2(kappa, make):
    model = make(kappa)
    found = minimal.asymptotic_time_to_grok(model).item()
    assert found == pytest.approx(crossing_time(model), rel=1e-6)


def test_of_balanced_circuits_the_third_constant_is_known():
    models = [balanced((1e-4, w), kappa) for kappa in (0.9, 1.2, 1.8) for w in (0.3, 3.0, 20.0)]
    for model in models:
        cost, w = model.cost.sel(circuit="memorising").item(), 0.0
        w = np.prod([model.circuits[1].first_subweight, model.circuits[1].second_subweight])
        found = minimal.delay_constants(model).K.item()
        assert found == pytest.approx(-1 / (cost * w**model.r), rel=1e-8)


def test_the_constants_add_up_to_the_time():
    model = paper([0.9, 1.2, 1.8], second_subweight=(swept("start", [1e-3, 1e-2]), 1.0))
    found, r = minimal.delay_constants(model), model.r
    size = model.stack("second_subweight").sel(circuit="generalising", drop=True) ** 2 / 4
    cost = model.cost.sel(circuit="generalising", drop=True)
    inside = np.log(size) + 2 * found.J - np.log1p(cost * found.K * size**r) / r
    expected = found.s_x - inside / minimal.plateau_growth(model)
    xr.testing.assert_allclose(found.T, expected.transpose(*found.T.dims))
    xr.testing.assert_equal(
        found.T.rename("asymptotic_time_to_grok"), minimal.asymptotic_time_to_grok(model)
    )


def test_at_kappa_2_the_rate_takes_the_place_of_the_third_constant():
    model = paper(2.0)
    found, growth = minimal.delay_constants(model), minimal.plateau_growth(model)
    assert np.isnan(found.K.item())
    expected = found.s_x - (np.log(0.005**2 / 4) + 2 * found.J) / growth
    assert found.T.item() == pytest.approx(expected.item(), rel=1e-12)


def test_an_imbalanced_start_needs_its_own_path():
    """With phi on W_0 e^(2 I) instead, the error is of the order W_0^(2 r)."""
    found = errors(1.9, [1e-3])
    assert abs(found[0]) < 2e-6  # 1.7e-5 with the other


@settings(max_examples=8)
@given(
    st.floats(0.5, 1.99),
    st.floats(1e-4, 2e-2),
    st.sampled_from([(0.0, 1.0), (-0.3, 1.0), (3.5, 4.0), (2.0, 2.0)]),
    st.sampled_from([(0.0, 1e-5), (1e-5, 1e-5), (-0.6e-5, 1e-5), (2e-5, 1e-5)]),
    st.floats(1.05, 3.0),
)
def test_any_start_of_either_circuit_will_do(kappa, decay, large, small, norm):
    circuits = (
        minimal.Circuit("generalising", 1.0, True, *small),
        minimal.Circuit("memorising", norm, False, *large),
    )
    model = MinimalModel(circuits, kappa, decay, 113)
    try:
        found = minimal.asymptotic_time_to_grok(model).item()
    except ArithmeticError:  # an imbalanced G held next to zero by its cost
        assert small[0] != small[1]
        return
    if np.prod(small) > np.prod(large):  # G leads at the start: it has overtaken at time 0
        assert np.isnan(found)
    else:
        expected = crossing_time(model, longest=max(1e5, 2 * found))
        assert found == pytest.approx(expected, rel=1e-6)


@settings(max_examples=12)
@given(
    st.floats(0.4, 2.0),
    st.floats(3e-3, 1.0),
    st.sampled_from([3, 113, 10**4]),
    st.sampled_from([(0.0, 1.0), (3.5, 4.0), (2.0, 2.0), (0.1, 0.1)]),
    st.floats(0.01, 0.4),
    st.floats(1.1, 3.0),
)
@example(0.4375, 1.0, 3, (3.5, 4.0), 0.25, 2.0)  # G is held within rounding of zero for a while
def test_where_it_is_no_nan_the_error_is_a_part_of_an_e_fold(kappa, decay, q, large, second, norm):
    circuits = (
        minimal.Circuit("generalising", 1.0, True, 0.0, second),
        minimal.Circuit("memorising", norm, False, *large),
    )
    model = MinimalModel(circuits, kappa, decay, q)
    try:
        found = minimal.asymptotic_time_to_grok(model).item()
    except ArithmeticError:  # an imbalanced G held next to zero by its cost
        return
    if not np.isnan(found):
        error = found - minimal.time_to_grok(model).item()
        assert abs(error) * minimal.plateau_growth(model).item() < 0.1


@pytest.mark.parametrize(
    "choices",
    [
        {"kappa": 3.0},
        {"param_norm": (2.0, 2.0)},
        {"param_norm": (2.0, 1.0)},
        {"weight_decay": 0.0},
        {"second_subweight": (0.0, 1.0)},
        {"second_subweight": (0.005, 0.0)},
        {"kappa": 2.0, "weight_decay": 0.5},
        {"second_subweight": (0.5, 1.0)},
        {"second_subweight": (0.2, 1.0)},  # small at first, but not when M has come to rest
        {"second_subweight": (1e-3, 1e-3)},
        {"kappa": 2.0, "first_subweight": 4.0, "second_subweight": (0.005, 4.5)},
    ],
)
def test_without_such_a_delay_it_is_nan(choices):
    model = paper(**{key: value for key, value in choices.items() if key != "first_subweight"})
    generalising, memorising = model.circuits
    memorising = replace(memorising, first_subweight=choices.get("first_subweight", 0.0))
    model = replace(model, circuits=(generalising, memorising))
    assert np.isnan(minimal.asymptotic_time_to_grok(model).item())


@pytest.mark.parametrize(
    ("kappa", "small"), [(1.2, (-3.0, 3 + 2e-6)), (1.2, (3.0, 0.0)), (2.0, (-1e-5, 2e-5))]
)
def test_from_a_start_that_is_not_small_or_held_at_zero_it_is_nan(kappa, small):
    model = paper(kappa)
    generalising = replace(model.circuits[0], first_subweight=small[0], second_subweight=small[1])
    model = replace(model, circuits=(generalising, model.circuits[1]))
    assert np.isnan(minimal.asymptotic_time_to_grok(model).item())
    below = replace(model, kappa=1.99) if kappa == 2 else paper(kappa)
    assert np.isfinite(minimal.asymptotic_time_to_grok(below).item())


def test_at_kappa_2_a_balanced_circuit_may_shrink_at_first():
    model = balanced((1e-8, 15.0), kappa=2.0)
    assert minimal.plateau_weight(model).item() < 15
    found = minimal.asymptotic_time_to_grok(model).item()
    assert found == pytest.approx(crossing_time(model), rel=1e-6)


@pytest.mark.parametrize(
    ("choices", "error"),
    [
        ({"weight_decay": 1e-12}, 2e-6),
        ({"param_norm": (1.0, 1 + 1e-9)}, 1e-4),
        ({"kappa": 0.05}, 1e-6),
        ({"num_labels": 10**6}, 2e-6),
        ({"kappa": 0.05, "num_labels": 10**6}, 1e-6),
        ({"kappa": 0.001}, 1e-6),
        ({"second_subweight": (1e-150, 1.0)}, 1e-6),
        ({"second_subweight": (0.005, 50.0)}, 5e-6),
        ({"weight_decay": 10.0}, 1e-5),
    ],
)
def test_extreme_parameters_give_the_time_to_grok_without_warnings(choices, error):
    model = paper(**choices)
    found = minimal.asymptotic_time_to_grok(model).item()
    assert found == pytest.approx(minimal.time_to_grok(model).item(), rel=error)


def test_a_rest_that_takes_very_long_is_waited_for():
    """At kappa = 2, next to the decay that lets nothing rest, M and G move by ever less."""
    model = balanced((1e-6, 0.02), 2.0, (2 - 2e-5, 2.0), (1 - 1e-4) / 6, 3)
    law = minimal.asymptotic_time_to_grok(model).item()
    assert law == pytest.approx(minimal.time_to_grok(model).item(), rel=1e-9)
    assert law > 1e5


def test_no_time_before_the_start_is_given():
    starts = xr.DataArray([0.005, 5.0, 1e8], dims="start")
    times = minimal.asymptotic_time_to_grok(paper(second_subweight=(starts, 1.0)))
    assert np.isnan(times).values.tolist() == [False, True, True]


def test_what_cannot_be_integrated_is_an_error():
    # The cost holds G next to zero until M has come down from above.
    held = paper(1.82, 0.0277, 10, (1.0, 2.39), (0.24, 4.0))
    held = replace(
        held, circuits=(held.circuits[0], replace(held.circuits[1], first_subweight=3.5))
    )
    with pytest.raises(ArithmeticError, match="converge"):
        minimal.asymptotic_time_to_grok(held)
    with pytest.raises(ArithmeticError, match="converge"):
        minimal.time_alone(paper(), 1 - 1e-15)
    with pytest.raises(ArithmeticError, match="the integral overflowed"):
        minimal.time_alone(balanced((0.1, 1e10), kappa=0.05), 0.5)


@pytest.mark.parametrize("call", [minimal.asymptotic_time_to_grok, minimal.plateau_growth])
def test_an_unknown_circuit_is_refused(call):
    with pytest.raises(ValueError, match="must have the circuit absent"):
        call(paper(), resting="absent")


@pytest.mark.parametrize("level", [0.0, -1.0, np.nan])
def test_a_bad_level_is_refused(level):
    with pytest.raises(ValueError, match="level must be"):
        minimal.time_alone(paper(), level)
