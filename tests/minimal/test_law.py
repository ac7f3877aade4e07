"""The law of the model: one page, SymPy's and NumPy's alike, and penalties of one's own."""

import inspect
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import expit

import theory
from theory import Circuit, MinimalModel, minimal
from theory.minimal import OwnKappa, Penalty, SharedUnits, law, symbolic
from theory.minimal.law import Law, on_diagonal
from theory.minimal.stationary import stationary_points
from theory.minimal.symbolic import loss


@dataclass(frozen=True)
class OneNorm(Penalty):
    """The sum of the circuits' norms, M = sum_i P_i |w_i|^(1/kappa): a user's own penalty."""

    def measure(self, size, norm, kappa):
        return (norm * size ** (1 / kappa)).sum(axis=0)

    def marginal(self, size, norm, kappa):
        return norm / kappa * size ** (1 / kappa - 1)

    def curvature(self, size, norm, kappa):
        return on_diagonal(norm * (1 - kappa) / kappa**2 * size ** (1 / kappa - 2))


@dataclass(frozen=True)
class Shared(Penalty):
    """A squared norm in which two circuits share their units: not a sum over circuits."""

    def measure(self, size, norm, kappa):
        return (norm**2 * size).sum(axis=0) - 0.5 * norm[0] * norm[1] * np.sqrt(size[0] * size[1])

    def marginal(self, size, norm, kappa):
        shared = 0.25 * norm[0] * norm[1] * np.sqrt(size[::-1] / size)
        return norm**2 - shared

    def curvature(self, size, norm, kappa):
        half = 0.125 * norm[0] * norm[1]
        own = half * np.sqrt(size[::-1] / size**3)
        across = -half / np.sqrt(size[0] * size[1])
        return np.array([[own[0], across], [across, own[1]]])


def two(kappa=1.2, alpha=0.005, norms=(1.0, 2.0), first=(0.0, 0.0), second=(0.05, 1.0), **more):
    """A model of two circuits with any start."""
    circuits = tuple(
        Circuit(name, norm, name == "G", a, b)
        for name, norm, a, b in zip("GM", norms, first, second, strict=True)
    )
    return MinimalModel(circuits, kappa, alpha, 113, **more)


def one_norm(kappa, norms=(1.0, 2.0), **more):
    """The model with the penalty on the 1-norm, and the paper's model that is the same."""
    own = two(kappa, norms=norms, penalty=OneNorm(), **more)
    return own, two(2 * kappa, norms=tuple(np.sqrt(norms)), **more)


def sample(penalty, kappa, seed=0):
    """A law of two circuits in 50 cells, and weights of both signs."""
    random = np.random.default_rng(seed)
    norm = random.uniform(0.3, 3, (2, 50))
    weight = random.choice([-1, 1], (2, 50)) * random.uniform(0.2, 5, (2, 50))
    alpha = random.uniform(0, 0.1, 50)
    return Law(
        penalty, norm, np.full(50, kappa), alpha, np.log(random.integers(2, 999, 50))
    ), weight


PENALTIES = [law.PAPER, OneNorm(), OwnKappa((0.7, 1.6)), Shared(), SharedUnits((1.0, 1.75))]


@pytest.mark.parametrize("kappa", [0.6, 1.2, 2.0, 3.0])
@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: type(penalty).__name__)
def test_slope_and_curvature_are_the_derivatives_of_loss_and_penalty(penalty, kappa):
    bound, weight = sample(penalty, kappa)
    step = 1e-6

    def objective(weight):
        return law.loss(weight.sum(axis=0), bound.log_rivals) + bound.penalised(weight)

    for i in range(2):
        shift = np.where(np.arange(2) == i, step, 0.0)[:, None]
        slope = (objective(weight + shift) - objective(weight - shift)) / (2 * step)
        np.testing.assert_allclose(bound.slope(weight)[i], slope, rtol=1e-4, atol=1e-6)
        size = abs(weight) + 0.3
        bend = (bound.marginal(size + shift) - bound.marginal(size - shift)) / (2 * step)
        np.testing.assert_allclose(bound.curvature(size)[:, i], bend, rtol=1e-4, atol=1e-7)
    wrong = law.pull(weight.sum(axis=0), bound.log_rivals)
    late = law.pull(weight.sum(axis=0) + step, bound.log_rivals)
    np.testing.assert_allclose(law.pull_slope(wrong), (late - wrong) / step, atol=1e-6)


@given(
    st.floats(0.3, 5.0),
    st.floats(1e-4, 1.0),
    st.floats(0.2, 4.0),
    st.floats(0.01, 8.0),
    st.floats(0.0, 8.0),
    st.integers(3, 10**4),
)
@settings(max_examples=20)
def test_sympy_derives_what_numpy_computes(kappa, alpha, norm, weight, other, labels):
    bound = Law(law.PAPER, np.array([norm, 1.0]), kappa, alpha, np.log(labels - 1.0))
    given = {
        loss.kappa: kappa,
        loss.alpha: alpha,
        loss.q: labels,
        loss.P_G: norm,
        loss.P_M: 1.0,
        loss.w_G: weight,
        loss.w_M: other,
    }
    at = np.array([weight, other])
    total = weight + other
    with np.errstate(divide="ignore"):
        marginal = bound.marginal(at)
    cases = {
        symbolic.cross_entropy(sp.Float(total)): law.loss(total, bound.log_rivals),
        symbolic.pull().rhs.subs(loss.S, total): law.pull(total, bound.log_rivals),
        symbolic.pull().rhs.diff(loss.S).subs(loss.S, total): law.pull_slope(bound.pull(at)),
        symbolic.marginal_cost().rhs: bound.cost[0],
        loss.penalty(loss.w_G, loss.P_G) + loss.penalty(loss.w_M, loss.P_M): bound.penalised(at),
        loss.penalty(loss.w_G, loss.P_G).diff(loss.w_G): marginal[0],
    }
    for expression, value in cases.items():
        assert float(expression.subs(given)) == pytest.approx(float(value), rel=1e-9, abs=1e-300)
    pull, cost = symbolic.pull().rhs.subs(loss.S, total), symbolic.marginal_cost().rhs
    for sign in (1, -1):
        signed = np.array([sign * weight, other])
        pull = symbolic.pull().rhs.subs(loss.S, signed.sum())
        slope = symbolic.slope(sign).subs({loss.p: pull, loss.c_G: cost, loss.r: law.power(kappa)})
        assert float(slope.subs(given)) == pytest.approx(
            bound.slope(signed)[0], rel=1e-9, abs=1e-15
        )


@pytest.mark.parametrize("kappa", [0.6, 1.0, 1.5])
def test_a_penalty_on_the_one_norm_is_followed_by_all_that_is_simulated(kappa):
    """The sum of P |w|^(1/kappa) is the paper's penalty for twice the kappa and the roots of P."""
    own, paper = one_norm(kappa, first=(0.6, 0.4), second=(0.7, 1.2))
    weights = minimal.weights(own, [0.7, -1.3])
    for name in ("objective", "gradient"):
        np.testing.assert_allclose(
            getattr(minimal, name)(own, weights), getattr(minimal, name)(paper, weights), rtol=1e-13
        )
    times = [0.5, 5.0, 60.0]
    np.testing.assert_allclose(
        theory.flow(own, times).weight, theory.flow(paper, times).weight, rtol=0, atol=1e-9
    )
    runs = [theory.descend(model, 200, 0.05).weight for model in (own, paper)]
    np.testing.assert_allclose(*runs, rtol=1e-10)
    runs = [
        minimal.descend_with(model, 50, theory.networks.Adam(learning_rate=0.01)).weight
        for model in (own, paper)
    ]
    np.testing.assert_allclose(*runs, rtol=1e-9)
    assert theory.winner(own) == theory.winner(paper)
    time, same = theory.time_to_grok(own), theory.time_to_grok(paper)
    np.testing.assert_allclose(time, same, rtol=1e-6)
    assert np.isfinite(time) or same.reason == "never: falls to zero"
    points, known = theory.equilibrium(own), theory.equilibrium(paper)
    assert points.kind.to_series().to_dict() == known.kind.to_series().to_dict()
    np.testing.assert_allclose(
        points.weight, known.weight.sel(point=points.point), rtol=1e-6, atol=1e-200
    )


def test_it_is_not_the_old_penalty_that_is_followed():
    own, _ = one_norm(0.8, second=(0.3, 1.0))
    old = replace(own, penalty=law.PAPER)
    for follow in (lambda model: theory.flow(model, [30.0]).weight, theory.time_to_grok):
        assert np.all(abs(follow(own) / follow(old) - 1) > 0.01)


def test_a_sweep_under_another_penalty_is_its_cells():
    own, paper = one_norm(
        np.array([0.6, 0.9]), second=(xr.DataArray([0.05, 0.2], dims="start"), 1.0)
    )
    np.testing.assert_allclose(theory.time_to_grok(own), theory.time_to_grok(paper), rtol=1e-6)
    points = theory.equilibrium(own)
    assert points.weight.dims == ("point", "circuit", "kappa", "start")
    expected = theory.equilibrium(paper).weight.transpose("point", "circuit", "kappa", "start")
    np.testing.assert_allclose(points.weight, expected, rtol=1e-7)


def test_a_kappa_for_each_circuit_is_followed_to_where_costs_meet_the_pull():
    model = two(1.0, 0.01, first=(0.3, 0.2), second=(0.4, 1.1), penalty=OwnKappa((1.0, 1.5)))
    kappa, norm = np.array([1.0, 1.5]), np.array([1.0, 2.0])

    def slope(time, y):
        w = y[:2] * y[2:]
        cost = 2 * 0.01 / kappa * norm**2 * abs(w) ** (2 / kappa - 1)
        change = expit(np.log(112) - w.sum()) - cost
        return np.concatenate((change * y[2:], change * y[:2]))

    y = [0.3, 0.2, 0.4, 1.1]
    run = solve_ivp(slope, (0, 40), y, "DOP853", [3.0, 40.0], rtol=1e-12, atol=1e-14)
    weight = theory.flow(model, [3.0, 40.0]).weight
    np.testing.assert_allclose(weight, (run.y[:2] * run.y[2:]).T, rtol=0, atol=1e-9)
    end = theory.flow(model, [1e4]).weight.values[0]
    points = theory.equilibrium(model)
    assert points.kind.values.tolist() == ["minimum"]
    np.testing.assert_allclose(points.weight.values[0], end, rtol=1e-8)
    cost = 2 * 0.01 / kappa * norm**2 * end ** (2 / kappa - 1)
    np.testing.assert_allclose(cost, expit(np.log(112) - end.sum()), rtol=1e-8)
    assert theory.winner(model).item() == "MG"[int(end[0] > end[1])]


def test_equal_factors_are_the_paper_s_penalty():
    paper = two(first=(0.2, 0.0), second=(0.3, 1.0))
    own = replace(paper, penalty=OwnKappa((1.0, 1.0)))
    np.testing.assert_allclose(theory.time_to_grok(own), theory.time_to_grok(paper), rtol=1e-6)
    assert theory.winner(own) == theory.winner(paper)
    assert theory.winner(own).rule == "integration"


def test_circuits_that_share_units_are_followed():
    model = two(1.0, 0.02, first=(0.3, 0.2), second=(0.4, 1.1), penalty=Shared())
    end = theory.flow(model, [1e4]).weight.isel(step=0)
    assert np.all(abs(minimal.gradient(model, end)) < 1e-10)
    points = theory.equilibrium(model)
    minimum = points.weight[points.kind.values == "minimum"]
    np.testing.assert_allclose(minimum.values[0], end, rtol=1e-7)


def random_models(count, seed=0):
    """Models of the paper's, away from kappa = 2 but for exactly that."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        kappa = random.choice([random.uniform(0.3, 1.9), 2.0, random.uniform(2.1, 6)])
        circuits = tuple(
            Circuit(name, float(random.uniform(0.5, 2)), True)
            for name in "ABC"[: random.integers(1, 4)]
        )
        alpha, labels = float(10 ** random.uniform(-4, 0)), int(random.integers(3, 500))
        yield MinimalModel(circuits, float(kappa), alpha, labels)


#: At kappa = 3 and q = 113 both roots of p(w) w^(1/3) = 2 alpha/3 become one at this alpha.
FOLD = 1.8439975068686798


def test_root_finding_finds_all_points_that_are_known_in_closed_form():
    for model in random_models(25):
        known, found = theory.equilibrium(model), stationary_points(model)
        assert set(found.point.values) == set(known.point.values)
        known = known.sel(point=found.point)
        np.testing.assert_allclose(found.weight, known.weight, rtol=1e-7)
        np.testing.assert_allclose(found.loss, known.loss, rtol=1e-9)
        for name in ("kind", "index", "root", "support"):
            assert found[name].values.tolist() == known[name].values.tolist()
        for name in ("weight", "loss"):
            assert found[name].attrs == known[name].attrs


def test_root_finding_tells_two_roots_next_to_a_fold():
    model = MinimalModel((Circuit("A", 1.0, True),), 3.0, FOLD * (1 - 1e-8), 113)
    known, found = theory.equilibrium(model), stationary_points(model)
    assert found.point.values.tolist() == known.point.values.tolist()
    weight = known.weight.sel(circuit="A").values
    assert 0 < np.log(weight[0] / weight[2]) < 1e-3
    np.testing.assert_allclose(found.weight, known.weight, rtol=1e-5)


def test_an_origin_with_a_finite_cost_is_a_minimum_that_comes_after_the_larger_roots():
    held = stationary_points(MinimalModel.paper(2.0, 2.0))
    assert (held.point.item(), held.kind.item()) == ("origin", "minimum")
    points = stationary_points(MinimalModel.paper(3.0))
    assert points.root.values.tolist() == ["larger"] * 3 + ["origin"] + ["smaller"] * 3


#: What takes a model: it follows any penalty, or refuses all but the paper's.
FOLLOWS = {
    "at_size",
    "circuit_norm",
    "continued",
    "descend",
    "descend_in_stages",
    "descend_with",
    "equilibrium",
    "flow",
    "gradient",
    "objective",
    "overtakes_without_decay",
    "parameter_norm",
    "test_accuracy",
    "test_loss",
    "time_to_grok",
    "train_accuracy",
    "train_loss",
    "ungrok",
    "weights",
    "winner",
    "with_spread",
    "wrong_probability",
}
TIMES, RUN = {"times": [1.0]}, "run"
REFUSES = {
    "asymptotic_time_to_grok": {},
    "delay_constants": {},
    "delay_exponent": {},
    "depth_delay": {"depth": 3},
    "depth_time_to_grok": {"depth": 3},
    "effective_norm": {},
    "equilibrium_share": {},
    "growth_threshold": {},
    "lambert_total": {},
    "largest_decay": {},
    "largest_stable_rate": {},
    "loop_ends": {"floor": 0.1},
    "loss_gap": {},
    "objective_bound": {"time": 1.0},
    "plateau_growth": {},
    "plateau_pull": {},
    "plateau_weight": {},
    "relaxation_rates": {},
    "sign_descent_delay": {},
    "slow_sweep": {"path": [100.0], "floor": 0.1},
    "time_alone": {"level": 0.5},
    "time_per_decade": {},
    "two_functions": TIMES,
    "updates_per_decade": {},
    "updates_to_grok": {"steps": 10},
    "without_temperature": {"temperature": 2.0},
}


def takes_a_model(name):
    function = getattr(minimal, name)
    return inspect.isfunction(function) and "model" in inspect.signature(function).parameters


def test_every_function_of_a_model_is_known_to_follow_or_to_refuse():
    taking = {name for name in minimal.__all__ if takes_a_model(name)}
    assert taking == FOLLOWS | REFUSES.keys() | {"mixed_equilibrium"}  # knows one other only


@pytest.mark.parametrize("name", REFUSES)
def test_what_has_a_closed_form_refuses_another_penalty_by_name(name):
    model = MinimalModel.paper(kappa=1.2, second_subweight=(0.1, 1.0))
    other = replace(model, penalty=OneNorm())
    with pytest.raises(ValueError, match=f"^{name} is known for the paper's penalty only.*OneNorm"):
        getattr(minimal, name)(other, **REFUSES[name])


@pytest.mark.parametrize("name", ["r", "cost", "unit_cost"])
def test_the_numbers_of_the_paper_s_penalty_are_not_those_of_another(name):
    with pytest.raises(ValueError, match="known for the paper's penalty only"):
        getattr(two(penalty=OneNorm()), name)
    with pytest.raises(ValueError, match=r"penalty must be the paper's SquaredNorm\(\)"):
        _ = Law(OneNorm(), np.ones(2), 1.2, 0.1, 1.0).cost


def test_a_bad_penalty_is_refused_by_name_and_value():
    with pytest.raises(ValueError, match=r"penalty must be a theory.minimal.Penalty, got 'L1'"):
        two(penalty="L1")
    for factor in ((1.0, 0.0), (-1.0,), (np.nan, 1.0), (np.inf, 1.0)):
        with pytest.raises(ValueError, match="factor must be numbers above 0, got"):
            OwnKappa(factor)
    with pytest.raises(ValueError, match=r"factor must be one number for each of 2 circuits"):
        theory.flow(two(penalty=OwnKappa((1.0,))), [1.0])


def test_a_run_tells_its_penalty():
    run = theory.descend(two(penalty=OwnKappa((1.0, 1.5))), 3)
    assert "OwnKappa(factor=(1.0, 1.5))" in str(run.attrs)
