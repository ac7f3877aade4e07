"""The plateau, growth beside it, and the slopes of the delay that follow."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from crossings import balanced, crossing_time
from theory import MinimalModel, descend, generalisation_step, minimal, networks

paper = MinimalModel.paper
BELOW_2 = st.floats(0.3, 1.95)
DECAY = st.floats(1e-9, 1e-2)


def swept(name, values):
    return xr.DataArray(np.array(values, float), {name: values}, name)


# The plateau


@settings(max_examples=50)
@given(st.floats(0.3, 6.0), DECAY, st.floats(0.5, 3.0), st.integers(3, 10**6))
def test_the_plateau_is_the_largest_rest_of_the_circuit_alone(kappa, decay, norm, labels):
    model = paper(kappa, decay, labels, (1.0, norm))
    alone = MinimalModel(model.circuits[1:], kappa, decay, labels)
    weight = minimal.equilibrium(alone).weight.max().item()
    total, pull = minimal.plateau_weight(model).item(), minimal.plateau_pull(model).item()
    assert total == pytest.approx(weight, rel=1e-12)
    if total > 0:
        cost = model.cost.sel(circuit="memorising").item()
        assert pull == pytest.approx(cost * total**model.r, rel=1e-9)


def test_of_one_circuit_nothing_but_its_values_is_left():
    assert set(minimal.plateau_weight(paper([1.0, 1.2])).coords) == {"kappa"}


def test_either_circuit_can_rest():
    model = paper(param_norm=(2.0, 1.0))
    expected = minimal.plateau_weight(paper()).item()
    assert minimal.plateau_weight(model, "generalising").item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("choices", "weight"),
    [
        ({"weight_decay": 0.0}, np.inf),
        ({"kappa": 2.0, "weight_decay": 0.5}, 0.0),
        ({"kappa": 3.0, "weight_decay": 5.0}, 0.0),
    ],
)
def test_a_circuit_without_a_plateau_is_at_zero_or_grows_for_ever(choices, weight):
    assert minimal.plateau_weight(paper(**choices)).item() == weight


# Growth beside it


def growth_in_the_flow(model, small, time):
    """Rate of W = (a + b)^2 / 4 of G between two times, M starting on its plateau."""
    rest = minimal.plateau_weight(model).item()
    circuits = (
        MinimalModel.paper(second_subweight=(small, 1.0)).circuits[0],
        balanced((1.0, rest)).circuits[1],
    )
    start = MinimalModel(circuits, model.kappa, model.weight_decay, model.num_labels)
    run = minimal.flow(start, [time / 2, time]).sel(circuit="generalising")
    both = np.log(abs(run.subweight_a + run.subweight_b))
    return 2 * both.diff("step").item() / (time / 2)


@pytest.mark.parametrize("kappa", [0.7, 1.2, 1.6, 2.0])
def test_a_small_circuit_grows_at_the_rate_beside_the_plateau(kappa):
    model = paper(kappa)
    rate = minimal.plateau_growth(model).item()
    assert growth_in_the_flow(model, small=1e-30, time=10.0) == pytest.approx(rate, rel=1e-6)


def test_the_rate_forgets_the_cost_of_the_small_circuit_only_below_kappa_2():
    norms = swept("norm", [0.1, 0.5, 1.0])
    below, at = (minimal.plateau_growth(paper(k, param_norm=(norms, 2.0))) for k in (1.2, 2.0))
    assert np.ptp(below.values) == 0
    np.testing.assert_allclose(at, 2 * 0.005 * (4 - norms**2), rtol=1e-12)


def test_above_kappa_2_a_small_circuit_falls():
    assert minimal.plateau_growth(paper(3.0)).item() == -np.inf
    assert minimal.time_per_decade(paper(3.0)).item() == np.inf
    assert minimal.updates_per_decade(paper(3.0)).item() == np.inf


@settings(max_examples=30)
@given(st.floats(2.2, 6.0), st.floats(1.0, 3.0), st.floats(1.001, 1.5))
def test_above_kappa_2_the_threshold_parts_growth_from_decay(kappa, norm, factor):
    model = paper(kappa, 1e-3, param_norm=(1.0, norm))
    threshold = minimal.growth_threshold(model).item()
    rest, pull = minimal.plateau_weight(model).item(), minimal.plateau_pull(model).item()
    assert threshold == pytest.approx(rest * norm ** (2 / model.r), rel=1e-9)
    cost = model.cost.sel(circuit="generalising").item()
    growth = [pull - cost * (threshold * f) ** model.r for f in (factor, 1 / factor)]
    assert growth[0] > 0 > growth[1]


def test_golden_thresholds():
    model = paper(3.0, param_norm=(1.0, swept("norm", [1.2, 1.5, 2.0])))
    expected = [3.633708484, 0.911989392, 0.152971801]
    np.testing.assert_allclose(minimal.growth_threshold(model), expected, rtol=0, atol=1e-9)


# Slopes


def test_without_decay_every_small_weight_grows_but_at_kappa_2_weights_do_not_matter():
    model = MinimalModel.paper(kappa=[1.2, 2.0, 3.0], weight_decay=0.0)
    assert minimal.growth_threshold(model).values.tolist() == pytest.approx(
        [np.inf, np.nan, 0.0], nan_ok=True
    )


def test_golden_slopes():
    assert minimal.time_per_decade(paper()).item() == pytest.approx(19.3923532143, abs=1e-10)
    model = paper(2.0, param_norm=(1.0, swept("norm", [1.05, 1.2, 2.0])))
    expected = [4492.848962, 1046.629588, 153.505673]
    np.testing.assert_allclose(minimal.time_per_decade(model), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kappa", [0.7, 1.2, 2.0])
def test_the_flow_groks_later_by_the_slope(kappa):
    early, late = (paper(kappa, second_subweight=(b, 1.0)) for b in (1e-12, 1e-14))
    later = crossing_time(late) - crossing_time(early)
    assert later / 2 == pytest.approx(minimal.time_per_decade(early).item(), rel=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("kappa", "rate", "small"), [(1.2, 0.05, 1e-8), (2.0, 0.2, 1e-3)])
def test_descent_groks_later_by_the_slope(kappa, rate, small, momentum):
    rate *= 1 - momentum
    slope = minimal.updates_per_decade(paper(kappa), rate, momentum).item()
    shift = 300
    starts = swept("start", [small, small * 10 ** (-shift / slope)])
    model = paper(kappa, second_subweight=(starts, 1.0))
    steps = int(-np.log10(small) * slope * 1.6 + 3 * shift)
    run = minimal.descend_with(model, steps, networks.GradientDescent(rate, momentum=momentum))
    early, late = generalisation_step(run).values
    assert late - early == pytest.approx(shift, rel=1e-6)


def test_without_momentum_the_slope_is_that_of_plain_descent():
    slope = minimal.updates_per_decade(paper(), 0.05).item()
    assert slope == pytest.approx(np.log(10) / np.log1p(0.05 * 0.118736755026), rel=1e-9)
    starts = swept("start", [1e-7, 1e-7 * 10 ** (-300 / slope)])
    run = descend(paper(second_subweight=(starts, 1.0)), 6000, 0.05)
    early, late = generalisation_step(run).values
    assert late - early == pytest.approx(300, rel=1e-6)


@settings(max_examples=30)
@given(BELOW_2, DECAY, st.floats(0.0, 0.9))
def test_descent_with_small_updates_has_the_slope_of_the_flow(kappa, decay, momentum):
    model = paper(kappa, decay)
    errors = []
    for rate in (1e-4, 1e-5):
        updates = minimal.updates_per_decade(model, rate, momentum)
        time = updates * rate / (1 - momentum)
        errors.append(time.item() / minimal.time_per_decade(model).item() - 1)
    push = minimal.plateau_pull(model).item()
    first_order = 1e-4 * push * (1 + momentum) / (2 * (1 - momentum) ** 2)
    assert errors[0] == pytest.approx(first_order, rel=0.1, abs=1e-12)
    assert errors[1] == pytest.approx(errors[0] / 10, rel=0.1, abs=1e-12)


def test_rates_and_momenta_sweep():
    slopes = minimal.updates_per_decade(paper([1.0, 1.2]), [0.01, 0.1], [0.0, 0.5, 0.9])
    assert dict(slopes.sizes) == {"learning_rate": 2, "kappa": 2, "momentum": 3}
    alone = minimal.updates_per_decade(paper(1.2), 0.1, 0.5).item()
    assert slopes.sel(kappa=1.2, learning_rate=0.1, momentum=0.5).item() == pytest.approx(alone)


# Laws in the parameters


@settings(max_examples=40)
@given(st.floats(0.3, 2.0), DECAY, st.floats(0.5, 3.0))
def test_the_slope_is_a_power_of_the_decay_up_to_a_logarithm(kappa, decay, norm):
    ratio = 1e-4
    near = swept("decay", [decay * (1 - ratio), decay * (1 + ratio)])
    slopes = np.log(minimal.time_per_decade(paper(kappa, near, param_norm=(norm / 3, norm))))
    found = slopes.diff("decay").item() / np.log((1 + ratio) / (1 - ratio))
    model = paper(kappa, decay, param_norm=(norm / 3, norm))
    free = minimal.plateau_weight(model).item() * (1 - minimal.plateau_pull(model).item())
    assert found == pytest.approx(-free / (free + model.r), abs=1e-6)


@settings(max_examples=30)
@given(BELOW_2, DECAY, st.floats(0.5, 3.0))
def test_decay_and_squared_norm_of_the_resting_circuit_are_one_number(kappa, decay, norm):
    one = minimal.time_per_decade(paper(kappa, decay, param_norm=(0.2, norm)))
    other = minimal.time_per_decade(paper(kappa, decay * norm**2, param_norm=(0.2, 1.0)))
    assert one.item() == pytest.approx(other.item(), rel=1e-9)


@pytest.mark.parametrize("scale", [0.3, 3.0])
def test_at_kappa_2_scaling_both_balanced_starts_changes_nothing(scale):
    start = (0.01, 0.5)
    model = balanced(start, kappa=2.0)
    scaled = balanced([scale * w for w in start], kappa=2.0)
    exact = np.log(50) / minimal.plateau_growth(model).item()
    assert crossing_time(model) == pytest.approx(exact, rel=1e-9)
    assert crossing_time(scaled) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(("kappa", "sign"), [(1.2, -1), (3.0, 1)])
def test_scaling_both_starts_up_shortens_the_delay_only_below_kappa_2(kappa, sign):
    times = [
        crossing_time(balanced((0.5 * s, s), kappa, weight_decay=1e-3)) for s in (2.0, 4.0, 8.0)
    ]
    assert np.all(sign * np.diff(times) > 1e-4 * times[0])


def test_at_kappa_2_scaling_unbalanced_starts_changes_something():
    times = [crossing_time(paper(2.0, second_subweight=(0.005 * s, s))) for s in (1.0, 4.0)]
    assert times[1] < times[0] - 10


# Bad and extreme parameters


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: minimal.plateau_weight(paper(), "absent"),
            r"the model must have the circuit absent, got \('generalising', 'memorising'\)",
        ),
        (
            lambda: minimal.plateau_growth(paper(), growing="absent"),
            r"the model must have the circuit absent, got \('generalising', 'memorising'\)",
        ),
        (
            lambda: minimal.updates_per_decade(paper(), learning_rate=0.0),
            "learning_rate must be above 0, got 0",
        ),
        (
            lambda: minimal.updates_per_decade(paper(), momentum=1.0),
            "momentum must be below 1, got 1",
        ),
        (
            lambda: minimal.updates_per_decade(paper(), momentum=-0.1),
            "momentum must be at least 0, got -0.1",
        ),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        call()


@settings(max_examples=25)
@given(strategies.models())
def test_a_sweep_is_its_cells_one_by_one(model):
    names = {"growing": "A", "resting": model.names[-1]}
    whole = minimal.updates_per_decade(model, **names)
    for index, cell in strategies.cells(model):
        one = minimal.updates_per_decade(cell, **names)
        np.testing.assert_allclose(whole.isel(index), one, rtol=1e-12)


@pytest.mark.parametrize("kappa", [0.05, 1.999999, 2.0, 2.000001, 50.0])
@pytest.mark.parametrize("decay", [1e-12, 0.005, 100.0])
@pytest.mark.parametrize("labels", [3, 10**6])
def test_extreme_parameters_give_numbers_without_warnings(kappa, decay, labels):
    model = paper(kappa, decay, labels, param_norm=(1.0, 1 + 1e-9))
    pull, rest = minimal.plateau_pull(model).item(), minimal.plateau_weight(model).item()
    assert 0 < pull <= 1 - 1 / labels
    assert 0 <= rest < 200
    assert minimal.time_per_decade(model).item() > 0
    if kappa < 2 and rest > 0:
        cost = model.cost.values[1]
        assert np.log(pull / cost) == pytest.approx(model.r * np.log(rest), abs=1e-8)
