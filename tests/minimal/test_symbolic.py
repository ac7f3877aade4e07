"""The statements derived in SymPy, against the numeric code and against their printed form."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
import xarray as xr
from scipy.optimize import brentq

from crossings import balanced
from theory.minimal import (
    Circuit,
    MinimalModel,
    delay_constants,
    descend,
    effective_norm,
    equilibrium,
    gradient,
    loss_gap,
    losses,
    objective,
    sign_descent_delay,
    symbolic,
    weights,
    wrong_probability,
)
from theory.minimal.equilibria import lambert_total
from theory.minimal.symbolic import dataset_size, dynamics, loss
from theory.minimal.symbolic.loss import (
    P_G,
    P_M,
    R,
    S,
    alpha,
    c,
    c_G,
    c_M,
    kappa,
    p,
    q,
    r,
    rate,
    t,
    w_G,
    w_M,
)

CELLS = [(1.2, 0.005, 113, (1.0, 2.0)), (0.7, 0.1, 5, (1.5, 0.8)), (3.0, 0.02, 20, (1.0, 1.3))]


def model_and_values(cell, first=1.3, second=0.4):
    """One model, a weight for it, and the same numbers for the symbols."""
    size, decay, labels, norms = cell
    model = MinimalModel.paper(kappa=size, weight_decay=decay, num_labels=labels, param_norm=norms)
    weight, cost = weights(model, [first, second]), model.cost.values
    values = {kappa: size, alpha: decay, q: labels, P_G: norms[0], P_M: norms[1]}
    values |= {w_G: first, w_M: second, S: first + second, r: model.r, R: -model.r}
    values |= {c_G: cost[0], c_M: cost[1], p: float(wrong_probability(model, weight))}
    return model, weight, values


def valued(names, *values):
    """Values of positive symbols, by name."""
    return dict(zip(sp.symbols(names, positive=True), values, strict=True))


def number(expression, values):
    """Evaluate through NumPy; every symbol must have got a value."""
    symbols = sorted(expression.free_symbols, key=str)
    return float(sp.lambdify(symbols, expression, "numpy")(*(values[x] for x in symbols)))


@pytest.mark.parametrize("cell", CELLS)
class TestLoss:
    def test_objective(self, cell):
        model, weight, values = model_and_values(cell)
        expected = number(symbolic.objective([w_G, w_M], [P_G, P_M]), values)
        assert float(objective(model, weight)) == pytest.approx(expected, rel=1e-14)

    def test_pull(self, cell):
        model, weight, values = model_and_values(cell)
        expected = number(symbolic.pull().rhs, values)
        assert float(wrong_probability(model, weight)) == pytest.approx(expected, rel=1e-13)

    def test_cost(self, cell):
        model, _, values = model_and_values(cell)
        expected = number(symbolic.marginal_cost().rhs, values)
        assert model.cost.values[0] == pytest.approx(expected, rel=1e-14)

    @pytest.mark.parametrize("sign", [1, -1])
    def test_slope(self, cell, sign):
        model, weight, values = model_and_values(cell)
        signed = weight * xr.DataArray([sign, 1], {"circuit": weight.circuit}, "circuit")
        values[p] = float(wrong_probability(model, signed))
        expected = number(symbolic.slope(sign), values)
        assert gradient(model, signed).values[0] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("cell", CELLS)
class TestEquilibria:
    def coexistence(self, cell):
        model, _, values = model_and_values(cell)
        points = equilibrium(model)
        weight = points.weight.sel(point="generalising+memorising").drop_vars("support")
        return model, weight, values | {w_G: weight.values[0], w_M: weight.values[1]}

    def test_ratio(self, cell):
        _, _, values = self.coexistence(cell)
        law = symbolic.ratio_law()
        assert number(law.lhs, values) == pytest.approx(number(law.rhs, values), rel=1e-12)

    def test_norm_and_cost(self, cell):
        model, weight, values = self.coexistence(cell)
        norm = number(symbolic.effective_norm().rhs, values)
        assert float(effective_norm(model)) == pytest.approx(norm, rel=1e-13)
        cost = number(symbolic.combined_cost().rhs, values)
        pull, total = wrong_probability(model, weight), weight.sum()
        assert float(pull * total**-model.r) == pytest.approx(cost, rel=1e-12)

    def test_hessian(self, cell):
        model, weight, values = model_and_values(cell)
        law, (x, y) = symbolic.convexity(), sp.symbols("x y", real=True)
        for ways in ((1.0, 0.0), (0.3, -0.8)):
            here = values | {x: ways[0], y: ways[1]}
            step = 1e-5 * weights(model, ways)
            bend = ((gradient(model, weight + step) - gradient(model, weight - step)) * step).sum()
            assert number(law.lhs, here) == pytest.approx(number(law.rhs, here), rel=1e-11)
            assert number(law.rhs, here) == pytest.approx(float(bend) / 2e-10, rel=1e-7)

    def test_lambert(self, cell):
        model, _, values = model_and_values(cell)
        star = 2 * model.alpha / model.kappa * float(effective_norm(model)) ** 2
        below, above = symbolic.lambert_total()
        law = above if model.r < 0 else below
        size = {sp.Symbol("r", positive=True): model.r, c: star}
        expected = sp.N(law.rhs.subs(size).subs({R: -model.r, q: values[q]}))
        assert float(lambert_total(model)) == pytest.approx(float(expected), rel=1e-12)


def test_the_hessian_is_positive_below_two_for_weights_of_any_sign():
    growing = sp.Symbol("r", positive=True)
    form = symbolic.convexity().rhs.subs(r, growing)
    share = sp.Symbol("share", positive=True)  # p = share/(1 + share) is any number in (0, 1)
    terms = form.subs(p, share / (1 + share)).as_ordered_terms()
    assert len(terms) == 3
    assert all(sp.simplify(term).is_nonnegative for term in terms)
    # A negative weight has the slope -p - c |w|^r, whose derivative in w is the same function.
    assert sp.simplify(-symbolic.slope(-1).diff(w_G) - symbolic.slope().diff(w_G)) == 0


def test_the_determinant_changes_sign_where_the_two_roots_meet():
    determinant = symbolic.determinant_law().rhs.subs(w_M, S - w_G).subs(p, symbolic.pull().rhs)
    steepness, change = symbolic.single_peak()
    ratio = sp.simplify(determinant / steepness.rhs)
    here = {R: 0.4, q: 9, S: 2.0, w_G: 0.5}
    assert (
        sp.simplify(ratio.subs(here) - (0.4 * symbolic.pull().rhs ** 2 / (0.5 * 1.5)).subs(here))
        == 0
    )
    more = sp.Symbol("more", positive=True)
    assert sp.expand(-change.rhs.subs(q, 1 + more)).is_positive


def test_the_index_follows_from_the_determinant():
    model, _, values = model_and_values(CELLS[2])
    points = equilibrium(model)
    for name, index in (("", 1), (" (smaller)", 2)):
        weight = points.weight.sel(point=f"generalising+memorising{name}")
        here = values | {w_G: weight.values[0], w_M: weight.values[1]}
        here[p] = float(wrong_probability(model, weight.drop_vars("support")))
        determinant = number(symbolic.determinant_law().rhs, here)
        assert np.sign(determinant) == (-1) ** index
        assert int(points["index"].sel(point=f"generalising+memorising{name}")) == index


def test_kappa_two():
    expected = number(symbolic.equilibrium_at_two().rhs, {c: 0.005, q: 113})
    found = equilibrium(MinimalModel.paper(kappa=2.0)).weight.values[0]
    assert found == pytest.approx([expected, 0.0], rel=1e-14)


class TestDynamics:
    def test_rho_is_conserved(self):
        assert symbolic.conservation().rhs == 0

    def test_rho_in_descent(self):
        run = descend(MinimalModel.paper(), steps=3)
        rho = run.subweight_b**2 - run.subweight_a**2
        slope = gradient(MinimalModel.paper(), run.weight)
        size = sp.Symbol("L", real=True)
        factor = sp.lambdify([size, rate], symbolic.conservation_in_descent().rhs)
        expected = rho.values[:-1] * factor(slope.values[:-1], 0.01)
        np.testing.assert_allclose(rho.values[1:], expected, rtol=1e-13)

    def test_the_speed_of_a_weight(self):
        small = descend(MinimalModel.paper(), steps=1, learning_rate=1e-7)
        w, slope = small.weight, gradient(MinimalModel.paper(), small.weight.isel(step=0))
        rho = small.subweight_b**2 - small.subweight_a**2
        law = symbolic.weight_law().rhs
        functions = sorted(law.atoms(sp.Function), key=str)  # L(t), w(t)
        speed = sp.lambdify([*functions, dynamics.rho], law)
        expected = speed(slope, w[0], rho[0]).values
        np.testing.assert_allclose((w[1] - w[0]).values / 1e-7, expected, rtol=1e-6)

    def test_hypentropy(self):
        law = symbolic.hypentropy_law()
        assert law == sp.Eq(sp.Function("u", real=True)(t).diff(t), -dynamics.L_t)

    def test_p_free(self):
        assert not symbolic.p_free_law().rhs.has(dynamics.p_t)

    def test_linear_and_two_functions_and_order(self):
        assert sp.degree(symbolic.linear_law().rhs, sp.Function("z", positive=True)(t)) == 1
        _, grow, fill = symbolic.two_function_law()
        for law in (grow, fill):
            assert not law.has(c_G)
            assert not law.has(sp.Symbol("z_0", positive=True))
        _, solution = symbolic.order_law()
        steepness = 2 * r * sp.Integral(dynamics.p_t, t)
        assert solution.rhs == sp.Symbol("C1") * sp.exp(-steepness)

    def test_the_balanced_laws_along_a_path(self):
        """z, the two functions and X against descent with a small rate."""
        circuits = tuple(
            Circuit(n, s, n == "G", a, a) for n, s, a in (("G", 1, 0.9), ("M", 1.5, 1))
        )
        model, size = MinimalModel(circuits, 3.0, 0.02, 20), 1e-5
        run = descend(model, steps=1, learning_rate=size)
        z = run.weight**-model.r
        pull = float(wrong_probability(model, run.weight.isel(step=0)))
        start, change = z.values[0], (z.values[1] - z.values[0]) / size
        law = symbolic.linear_law().rhs
        z_t = sp.Function("z", positive=True)(t)
        rates = sp.lambdify([z_t, c_G, dynamics.p_t, r], law)
        expected = rates(start, model.cost.values, pull, model.r)
        np.testing.assert_allclose(change, expected, rtol=1e-3)
        order, _ = symbolic.order_law()
        weighed = sp.lambdify([order.lhs.args[0], dynamics.p_t, r], order.rhs)
        gap = z / model.cost.values
        gap = (gap.isel(circuit=0) - gap.isel(circuit=1)).values
        expected = weighed(gap[0], pull, model.r)
        assert (gap[1] - gap[0]) / size == pytest.approx(expected, rel=1e-3)

    def test_the_loss_falls(self):
        fall = symbolic.lyapunov_law().rhs
        assert fall.is_nonpositive


class TestDelays:
    def test_plateau(self):
        assert symbolic.plateau_growth().rhs == 2 * p
        expected = 2 * alpha * (P_M**2 - P_G**2)
        assert sp.expand(symbolic.plateau_growth_at_two().rhs - expected) == 0

    def test_descent_multiplies_a_small_weight_by_the_square_of_the_factor(self):
        model = MinimalModel.paper(second_subweight=(1e-9, 1.0))
        run = descend(model, steps=4000)
        sums = (run.subweight_a + run.subweight_b).isel(circuit=0)
        pull = wrong_probability(model, run.weight.isel(step=3999))
        factor = number(symbolic.descent_growth().rhs, {rate: 0.01, p: float(pull)})
        assert float(sums[4000] / sums[3999]) == pytest.approx(factor, rel=1e-6)
        assert factor > 1.00005

    def test_heavy_ball(self):
        z, beta = sp.symbols("z beta", positive=True)
        law = symbolic.heavy_ball_polynomial().lhs.subs({beta: 0.9, rate: 0.01, p: 0.02})
        growth = max(sp.Poly(law, z).nroots())
        positions, speed = 1.0, 0.0
        for _ in range(400):
            speed = 0.9 * speed + 0.01 * 0.02 * positions
            before, positions = positions, positions + speed
        assert positions / before == pytest.approx(float(growth), rel=1e-12)
        plain = sp.solve(symbolic.heavy_ball_polynomial().lhs.subs(beta, 0), z)
        assert symbolic.descent_growth().rhs in plain


class TestEquivalences:
    def test_temperature(self):
        law = symbolic.temperature_law()
        assert sp.simplify(law.lhs - law.rhs) == 0
        tau, *v = sp.symbols("tau v_G v_M", positive=True)
        model, weight, values = model_and_values(CELLS[0])
        scaled = replace(model, weight_decay=model.alpha * 1.7 ** (2 / model.kappa))
        here = values | {tau: 1.7, v[0]: values[w_G], v[1]: values[w_M]}
        assert float(objective(scaled, weight)) == pytest.approx(number(law.lhs, here), rel=1e-13)

    def test_time(self):
        slow, tau = symbolic.temperature_of_time(), sp.Symbol("tau", positive=True)
        assert slow.rhs.subs(tau, 1) == sp.simplify(slow.rhs * tau)

    def test_rescaling(self):
        law = symbolic.rescaling_law()
        assert sp.simplify(law.lhs - law.rhs) == 0

    def test_mean_square(self):
        law = symbolic.mean_square_law()
        assert law.rhs == 1 - S
        assert law.rhs.diff(S) < 0


NORMS = {dataset_size.P_1: 0.05, dataset_size.beta: 0.5, P_G: 1.0}


class TestDatasetSize:
    def test_critical_size_is_where_the_norms_cross(self):
        size = number(symbolic.critical_size().rhs, NORMS)
        assert 0.05 * size**0.5 == pytest.approx(1.0, rel=1e-13)

    def test_equilibrium_against_size(self):
        law, size = symbolic.equilibrium_against_size().rhs, 250.0
        model = MinimalModel.paper(param_norm=(1.0, 0.05 * size**0.5))
        values = NORMS | {dataset_size.D: size, dataset_size.D_crit: 400.0, r: model.r}
        found = equilibrium(model).weight.values[0]
        assert found[0] / found[1] == pytest.approx(number(law, values), rel=1e-12)

    @pytest.mark.parametrize("up", [True, False])
    def test_loop_ends_are_where_the_floor_begins_to_grow(self, up):
        """Also the sizes that simulations of the loop gave, to the accuracy of their slow sweep."""
        floor, law = 0.1, symbolic.loop_end_up() if up else symbolic.loop_end_down()

        def growth(size):
            model = MinimalModel.paper(kappa=3.0, param_norm=(1.0, 0.05 * size**0.5))
            rest = equilibrium(model).weight.sel(point="memorising" if up else "generalising")
            costs = model.cost.values
            pull = float(wrong_probability(model, rest.drop_vars("support")))
            return np.log(pull) - np.log(costs[0 if up else 1] * floor**model.r), rest

        size = brentq(lambda size: growth(size)[0], 20, 1e4, xtol=1e-9, rtol=1e-13)
        rest = float(growth(size)[1].sum())
        values = {dataset_size.D_crit: 400.0, R: 1 / 3, dataset_size.floor: floor}
        values |= {dataset_size.beta: 0.5, dataset_size.S_M: rest, dataset_size.S_G: rest}
        assert size == pytest.approx(number(law.rhs, values), rel=1e-10)
        assert size == pytest.approx(1835 if up else 82.9, rel=1e-3)

    def test_loss_recovers_before_accuracy(self):
        gap, change = symbolic.loss_before_accuracy()
        assert sp.simplify(gap.rhs.subs(w_G, 0)) == 0
        more = sp.Symbol("more", positive=True)
        assert sp.simplify(change.rhs.subs(q, 2 + more)).is_negative
        model = MinimalModel.paper()
        found = losses.test_loss(model, weights(model, [2.0, 2.0])) - np.log(113)
        assert float(found) == pytest.approx(number(gap.rhs, {w_G: 2.0, q: 113}), rel=1e-12)


class TestFurtherLaws:
    def test_the_third_constant(self):
        phi, p_t, growth = (sp.Function(name, positive=True)(t) for name in ("phi", "p", "E"))
        rest = sp.Symbol("p_M", positive=True)
        expected = 2 * r * c_G * growth * (phi - p_t / rest)
        assert sp.simplify(symbolic.size_in_constants().rhs - expected) == 0
        w_0 = sp.Symbol("w_0", positive=True)
        assert sp.simplify(symbolic.balanced_third_constant().rhs + 1 / (c_M * w_0**r)) == 0
        model = balanced((1e-4, 0.3))
        values = {c_M: model.cost.values[1], w_0: 0.3, r: model.r}
        law = number(symbolic.balanced_third_constant().rhs, values)
        assert delay_constants(model).K.item() == pytest.approx(law, rel=1e-9)

    def test_depth(self):
        values = dict(
            zip(sp.symbols("N w_0 w_1 w", positive=True), (3, 1e-6, 1e-3, 0.2), strict=False)
        )
        law = number(symbolic.depth_delay().rhs, values | {p: 0.25})
        assert law == pytest.approx((1e2 - 1e1) / 0.25, rel=1e-12)
        speed = number(symbolic.depth_speed().rhs, values)
        assert speed == pytest.approx(3 * 0.2 ** (4 / 3), rel=1e-12)

    def test_sign_descent(self):
        model = MinimalModel.paper(second_subweight=(0.1, 1.0))
        time = sign_descent_delay(model).item()
        a, b = sp.symbols("a b", real=True)
        total = 2 * time * (time + 0.1)
        law = number(symbolic.sign_descent_delay().rhs, {a: 0, b: 0.1, S: total})
        assert law == pytest.approx(time, rel=1e-12)

    def test_the_gap_of_the_losses(self):
        model = MinimalModel.paper(param_norm=(1.0, 20.0))
        weight = equilibrium(model).weight.values[0]
        pull = 112 / (np.exp(weight[0]) + 112)
        law = number(symbolic.loss_gap().rhs, {p: pull, q: 113, w_M: weight[1]})
        assert loss_gap(model).item() == pytest.approx(law, rel=1e-3)

    def test_own_exponents(self):
        """The equilibrium of c_i w_i^(r_i) = p, solved for p, at the critical ratio."""
        own = dict(
            zip(sp.symbols("kappa_G kappa_M w", positive=True), (1.0, 1.5, 4.0), strict=False)
        )
        ratio = number(symbolic.critical_ratio_of_own_exponents().rhs, own)
        cost = np.array([2.0, 2 / 1.5]) * 0.01 * np.array([1.0, ratio]) ** 2
        slopes = cost * 4.0 ** np.array([1.0, 1 / 3])
        assert slopes[0] == pytest.approx(slopes[1], rel=1e-12)
        x, y = sp.symbols("x y", real=True)
        ends = valued("r_G r_M", 1.0, 1 / 3)
        values = ends | {c_G: 0.02, c_M: 0.05, w_G: 2.0, w_M: 3.0, p: 0.1, x: 1.0, y: -1.0}
        expected = 0.02 * 1.0 + 0.05 / 3 * 3.0 ** (-2 / 3)
        found = number(symbolic.convexity_of_own_exponents().rhs, values)
        assert found == pytest.approx(expected, rel=1e-12)


def test_every_public_statement_is_tested_here():
    source = Path(__file__).read_text(encoding="utf-8")
    missing = [name for name in symbolic.__all__ if f"symbolic.{name}(" not in source]
    assert missing == ["cross_entropy"]
    assert loss.cross_entropy(S).subs({S: 0}).simplify() == sp.log(q)
