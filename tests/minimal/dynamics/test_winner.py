"""The winner: exact rules against the flow, thresholds, ties, and hard starts."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import expit

import strategies
from theory import flow, winner
from theory.minimal import Circuit, MinimalModel, equilibrium

#: M rests alone at kappa = 3, alpha = 0.005; above this weight of G, G survives.
THRESHOLDS = {1.2: 3.633708484, 1.5: 0.911989392, 2.0: 0.152971801}


def start(*circuits, kappa=3.0, weight_decay=0.005, num_labels=113):
    """Model with (norm, a, b) for each circuit."""
    named = tuple(Circuit("GMXY"[i], norm, i == 0, a, b) for i, (norm, a, b) in enumerate(circuits))
    return MinimalModel(named, kappa, weight_decay, num_labels)


def beside_m_at_rest(norm, weight):
    alone = start((norm, 1.0, 1.0))
    rest = equilibrium(alone).weight.sel(point="G", circuit="G").item()
    g, m = np.sqrt(weight), np.sqrt(rest)
    return start((1.0, g, g), (norm, m, m))


@pytest.mark.parametrize(("norm", "threshold"), THRESHOLDS.items())
def test_golden_thresholds(norm, threshold):
    for factor, name in ((1 - 1e-6, "M"), (1 + 1e-6, "G"), (1 - 1e-8, "M"), (1 + 1e-8, "G")):
        found = winner(beside_m_at_rest(norm, threshold * factor))
        assert (found.item(), found.rule.item()) == (name, "exact rule")


def test_next_to_the_largest_decay_a_circuit_alone_survives():
    for decay in (0.9, 0.9999):
        alone = start((1.0, 1.0, 1.0), weight_decay=decay * 1.8439975)
        root = np.sqrt(equilibrium(alone).weight.sel(point="G", circuit="G").item())
        found = winner(start((1.0, root, root), weight_decay=decay * 1.8439975))
        assert (found.item(), found.rule.item()) == ("G", "exact rule")


@pytest.mark.parametrize(("factor", "name"), [(0.9999, "G"), (1.0001, "none")])
def test_from_far_above_the_largest_decay_decides(factor, name):
    found = winner(start((1.0, 4.0, 4.0), weight_decay=factor * 1.8439975))
    assert (found.item(), found.rule.item()) == (name, "exact rule")


@pytest.mark.parametrize(("factor", "name"), [(1 - 1e-6, "M"), (1 + 1e-6, "G")])
def test_the_flow_confirms_both_sides_of_a_threshold(factor, name):
    run = flow(beside_m_at_rest(1.5, THRESHOLDS[1.5] * factor), [3e5])
    weight = run.weight.isel(step=0)
    assert weight.circuit[weight.argmax("circuit")].item() == name
    assert float(weight.min()) < 1e-6


def test_the_origin_is_the_third_outcome():
    """Next to the least weight that survives alone, 3.70e-8, on both sides."""
    lowest = equilibrium(start((1.0, 1.0, 1.0))).weight.sel(point="G (smaller)").item()
    for factor, name in ((1 - 1e-6, "none"), (1 + 1e-6, "G")):
        root = np.sqrt(lowest * factor)
        assert winner(start((1.0, root, root))).item() == name
        # A circuit beside it that dies helps at first, here by less than the margin.
        pair = winner(start((1.0, root, root), (2.0, root * 1e-2, root * 1e-2)))
        assert pair.item() == name


def test_a_start_from_exact_zeros_is_trapped():
    found = winner(MinimalModel.paper(kappa=[2.000001, 3.0, 50.0]))
    assert found.values.tolist() == ["none"] * 3
    assert set(found.rule.values) == {"exact rule"}


def flow_says(model, time=2e4):
    """The largest weight after a long time, or none."""
    weight = flow(model, [time]).weight.isel(step=0)
    return np.where(weight.max("circuit") > 1e-3, weight.circuit[weight.argmax("circuit")], "none")


def simulated(cell, time=2e3, dead=1e-8):
    """The survivor by plain integration of the subweights, each dropped when it is next to zero."""
    count, cost = len(cell.names), cell.cost.values
    y = np.append(cell.stack("first_subweight"), cell.stack("second_subweight"))
    now, sign = 0.0, np.sign(y[:count] * y[count:])
    while now < time and sign.any():

        def sizes(y, sign=sign):
            return np.where(sign == 0, 1.0, sign * y[:count] * y[count:])

        def rates(t, y, sign=sign, sizes=sizes):
            pull = expit(np.log(cell.num_labels - 1) - (sign * sizes(y)).sum())
            slope = sign * cost * np.maximum(sizes(y), dead) ** cell.r - pull
            slope = np.where(sign == 0, 0.0, slope)
            return -np.concatenate([slope * y[count:], slope * y[:count]])

        def death(t, y, sizes=sizes):
            return sizes(y).min() - dead

        death.terminal = True
        path = solve_ivp(rates, (now, time), y, "DOP853", events=death, rtol=1e-9, atol=1e-13)
        now, y = path.t[-1], path.y[:, -1]
        if path.status == 1:
            sign = np.where(sizes(y) == sizes(y).min(), 0.0, sign)
    return cell.names[int((sign * y[:count] * y[count:]).argmax())] if sign.any() else "none"


def random_starts(seed, count, balanced, sign=1.0):
    generator = np.random.default_rng(seed)
    a, b = np.exp(generator.uniform(np.log(0.02), np.log(1.5), (2, 3, count)))
    b = a if balanced else b * generator.choice([1.0, sign], (3, count))
    b[2] = a[2]  # also among circuits that are not

    def drawn(values):
        return xr.DataArray(values, dims="draw")

    norms = generator.uniform(0.8, 1.6, (3, count))
    circuits = tuple((drawn(norms[i]), drawn(a[i]), drawn(b[i])) for i in range(3))
    return start(*circuits, kappa=drawn(generator.uniform(2.3, 5, count)), weight_decay=0.2)


@pytest.mark.parametrize(
    ("balanced", "sign"), [(True, 1.0), (False, 1.0), (False, -1.0)], ids=["rho=0", "rho", "signs"]
)
def test_above_two_the_flow_agrees_from_random_starts(balanced, sign):
    model = random_starts(1, 12, balanced, sign)
    found = winner(model)
    expected = [simulated(cell) for _, cell in strategies.cells(model)]
    assert found.values.tolist() == expected
    assert len({"G", "M", "X"} & set(expected)) > 1
    assert "none" in expected
    if balanced:
        assert np.mean(found.rule == "exact rule") > 0.8


def test_a_narrow_range_of_balanced_starts_takes_an_integration():
    """Between the least weight that survives with its company for ever, and alone."""
    sizes = xr.DataArray(np.linspace(0.27, 0.29, 9), dims="draw")
    model = start((1.0, sizes, sizes), (1.1, 0.9 * sizes, 0.9 * sizes), weight_decay=0.5)
    model = replace(model, num_labels=5)
    found = winner(model)
    assert set(found.rule.values) == {"exact rule", "integration"}
    np.testing.assert_array_equal(found.values, flow_says(model))
    changes = np.flatnonzero(found.values[1:] != found.values[:-1])
    assert changes.size == 1
    assert found.values[[0, -1]].tolist() == ["none", "G"]


def test_a_negative_weight_can_lift_one_that_would_die_alone():
    circuit, company = (1.0, 0.26, 0.26), (0.3, 1.7, -1.7)
    expected = {(circuit,): "none", (circuit, company): "G"}
    for circuits, name in expected.items():
        model = replace(start(*circuits, weight_decay=0.5), num_labels=5)
        assert winner(model).item() == simulated(model) == name


@settings(max_examples=10)
@given(strategies.models(kappa=strategies.KAPPA_AT_MOST_2, weight_decay=st.floats(1e-3, 1.0)))
def test_up_to_two_the_cheapest_of_the_living_wins(model):
    found = winner(model)
    assert (found.rule == "exact rule").all()
    for index, cell in strategies.cells(model):
        living = [c for c in cell.circuits if c.first_subweight != -c.second_subweight]
        name = found.isel(index).item()
        if not living:
            assert name == "none"
            continue
        part = replace(cell, circuits=tuple(living))
        points = equilibrium(part)
        highest = points.weight.max("point")
        best = [c.name for c in living if c.param_norm == min(x.param_norm for x in living)]
        if cell.kappa == 2 and points.point.values[0] == "origin":
            assert name == "none"
        else:
            assert name == (best[0] if len(best) == 1 else "tie")
            assert highest.sel(circuit=best[0]) == highest.max()


@pytest.mark.parametrize("kappa", [0.8, 1.5, 2.0])
def test_up_to_two_the_flow_agrees(kappa):
    model = start((1.0, 0.0, 0.3), (0.8, 0.4, -0.2), (0.7, 0.5, -0.5), kappa=kappa)
    assert winner(model).item() == "M"
    assert flow_says(model).item() == "M"


@settings(max_examples=10)
@given(st.data())
def test_without_decay_the_sum_of_the_subweights_decides(data):
    size = st.floats(0.1, 1.0) | st.floats(-1.0, -0.1)
    pairs = [(data.draw(size), data.draw(size)) for _ in range(3)]
    sums = sorted(abs(a + b) for a, b in pairs)
    assume(sums[2] > 1.2 * sums[1] + 0.1)
    model = start(*((1.0, a, b) for a, b in pairs), weight_decay=0.0, num_labels=5)
    found = winner(model)
    best = int(np.argmax([abs(a + b) for a, b in pairs]))
    assert (found.item(), found.rule.item()) == ("GMX"[best], "exact rule")
    weight = flow(model, [1e4]).weight.isel(step=0)
    assert int(weight.argmax("circuit")) == best


def test_ties():
    twins = ((1.0, 0.3, 0.9), (1.0, 0.3, 0.9))
    assert winner(start(*twins, kappa=[1.2, 2.0])).values.tolist() == ["tie", "tie"]
    # Above 2 they keep each other in balance, unless both die.
    assert winner(start(*twins)).item() == "tie"
    assert winner(start(*twins, weight_decay=3.0)).item() == "none"
    assert winner(start(*twins, weight_decay=0.0)).item() == "tie"
    # Balanced, and equal in w_i / P_i^(2/R) with R = 1/3.
    pair = ((1.0, 1.0, 1.0), (1.1, 1.1**3, 1.1**3))
    assert winner(start(*pair)).item() == "tie"
    assert winner(start(*pair, (1.0, 1.01, 1.01))).item() == "X"
    # The third is on its way to win and the twins do not matter.
    assert winner(start(*twins, (0.5, 0.6, 1.1))).item() == "X"


def test_twins_never_beat_each_other():
    """Only rounding can part them, as it does in the first case, and with it the integration."""
    for norm, a, b, kappa in ((1.14, 0.47, 0.16, 4.38), (0.81, 0.77, 0.2, 3.38)):
        twin, swapped, other = (norm, a, b), (norm, b, a), (1.29, 0.06, 0.33)
        found = winner(start(twin, other, swapped, twin, kappa=kappa, weight_decay=0.1))
        assert (found.item(), found.rule.item()) == ("tie", "integration")
        assert winner(start(twin, other, kappa=kappa, weight_decay=0.1)).item() == "G"


def test_a_circuit_that_cannot_grow_takes_no_part():
    dead = (0.5, 0.7, -0.7)
    for kappa in (1.2, 2.0, 3.0):
        for decay in (0.0, 0.005):
            model = start(dead, (1.0, 0.8, 0.9), kappa=kappa, weight_decay=decay)
            assert winner(model).item() == "M"
            alone = start(dead, kappa=kappa, weight_decay=decay)
            assert winner(alone).item() == "none"


def test_a_sweep_equals_its_cells():
    model = start(
        (1.0, [0.2, 1.0], 0.8),
        (1.4, 0.9, 0.9),
        kappa=[1.2, 2.0, 3.0],
        weight_decay=[0.0, 0.005, 2.0],
    )
    found = winner(model)
    assert found.dims == tuple(model.sizes)
    assert set(found.rule.values.flat) == {"exact rule", "integration"}
    for index, cell in strategies.cells(model):
        one = winner(cell)
        assert found.isel(index).item() == one.item()
        assert found.rule.isel(index).item() == one.rule.item()


@pytest.mark.parametrize("kappa", [0.05, 1.999999, 2.0, 2.000001, 50.0])
@pytest.mark.parametrize("decay", [1e-12, 0.005])
def test_extreme_parameters(kappa, decay):
    ratio = 1 + 1e-9
    model = start((1.0, 1.0, 1.0), (ratio, 1.0, 1.0), kappa=kappa, weight_decay=decay)
    found = winner(replace(model, num_labels=10**6))
    assert (found.item(), found.rule.item()) == ("G", "exact rule")
    better = start((1.0, 1.0, 1.0), (ratio, 1.1, 1.1), kappa=kappa, weight_decay=decay)
    # At 2.000001 a lead of 10 % is worth 5e-8 of norm: more than 1e-9.
    assert winner(better).item() == ("G" if kappa <= 2 else "M")


@pytest.mark.parametrize("labels", [113, 10**6])
@pytest.mark.parametrize(
    ("decay", "ratio", "name"),
    [(0.005, 1 + 1e-9, "M"), (1e-12, 1 + 1e-9, "M"), (1e-8, 1 + 1e-9, "M"), (1e-12, 1 + 1e-6, "G")],
)
def test_just_above_two_unbalanced_weights_die_however_long_it_takes(labels, decay, ratio, name):
    circuits = (1.0, 0.1, 0.3), (ratio, 0.5, 1.0)
    found = winner(start(*circuits, kappa=2.000001, weight_decay=decay, num_labels=labels))
    # A lead by a factor of 17 is worth about 1.4e-6 of norm.
    assert (found.item(), found.rule.item()) == (name, "integration")


@pytest.mark.parametrize(("factor", "name"), [(1 - 1e-3, "M"), (1 + 1e-3, "none")])
def test_at_two_what_lives_must_be_worth_its_norm(factor, name):
    """Also beside a cheaper circuit that cannot grow; (q-1)/q is the largest alpha P^2."""
    dead, living = (0.5, 0.7, -0.7), (1.0, 0.8, 0.9)
    unit = start(living, kappa=2.0, weight_decay=1.0).alpha
    decay = factor * 112 / 113 / unit
    assert winner(start(dead, living, kappa=2.0, weight_decay=decay)).item() == name


def test_a_name_may_not_be_an_answer():
    circuit = Circuit("none", 1.0, True)
    with pytest.raises(ValueError, match="must not have the name none"):
        winner(MinimalModel((circuit,), 1.2, 0.005, 113))
