"""Whether costs, half-way sizes and widths of transformers are read off runs as they were made."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import Transformer
from theory.questions import (
    smaller_transformer,
    transformer_costs,
    transformer_decay,
    transformer_ungrokking,
    transformers,
)
from theory.questions.smaller_transformer import CASES, SIZES, WITH_ADAMW, WITH_L2
from theory.theories import THEORIES, longest_path
from theory.trial import outcomes


def along(name, values, numbers=None):
    return xr.DataArray(list(values if numbers is None else numbers), {name: list(values)}, name)


def wiggle(seeds, size):
    return along("seed", seeds, 1 + size * np.random.default_rng(0).standard_normal(len(seeds)))


def risen(sizes, half, width):
    """An accuracy that passes 1/2 at a size, and .1 and .9 at sizes of this ratio."""
    return 1 / (1 + (half / sizes) ** (2 * np.log(9) / np.log(width)))


def like(norm, right, kappa):
    every = xr.ones_like(norm)
    return xr.Dataset(
        {
            "parameter_norm": norm,
            "train_loss": 0 * norm,
            "train_accuracy": every,
            "test_accuracy": right * every,
            "test_accuracy_before": right * every + 0.01,
            "course": right * every * along("part", (0.0, 0.8, 1.0), (1, 1, 1)),
            "kappa": kappa * every,
            "kappa_of_parts": kappa * every / 1.01,
            "balance": 0.05 * every,
        }
    )


def smaller(exponent=0.34, half=9.0, width=1.5, apart=1.3, generalising=0.0, kappa=5.0):
    """Runs in which random labels cost 20 at 10 a label with L2, and so does what generalises."""
    cases, seeds = along("case", CASES), smaller_transformer.POINTS["seed"]
    exact = xr.ones_like(cases, dtype=float) * wiggle(seeds, 1e-4)
    sizes, scratch, random = (
        along("per_label", each)
        for each in (SIZES, smaller_transformer.SCRATCH, smaller_transformer.RANDOM)
    )
    own = like(20 * (sizes / 30) ** generalising * exact, risen(sizes, half, width), kappa)
    parts = {
        "random": like(20 * (random / 10) ** exponent * exact, 0 * random, kappa),
        "scratch": like(
            20 * (scratch / 30) ** (2 * generalising) * exact.sel(case=list(WITH_L2)),
            (scratch > half * apart) * 1.0,
            kappa,
        ).rename(case="penalised"),
    }
    shares = {"wave_share": 0 * own.kappa + 0.97, "grokked": 0 * own.kappa + 1}
    renamed = [
        each.rename({str(old): f"{name}_{old}" for old in (*each.data_vars, "per_label")})
        for name, each in parts.items()
    ]
    return xr.merge([own.assign(shares), *renamed])


def test_costs_and_sizes_of_the_smaller_one_are_read_off():
    found = smaller_transformer.measure(smaller(generalising=0.05))
    assert found["memorising_exponent"].mean() == pytest.approx(0.34, abs=1e-3)
    assert found["adamw_memorising_exponent"].mean() == pytest.approx(0.34, abs=1e-3)
    assert found["generalising_exponent"].mean() == pytest.approx(0.05, abs=1e-3)
    assert found["scratch_exponent"].mean() == pytest.approx(0.1, abs=1e-3)
    assert found["equal_cost"].mean() == pytest.approx(10, rel=1e-2)
    assert found["equal_norm"].mean() == pytest.approx(10, rel=1e-2)
    assert found["half_over_cost"].low.mean() == pytest.approx(0.9, rel=0.02)
    assert found["adamw_half_over_norm"].low.mean() == pytest.approx(0.9, rel=0.02)
    assert found["width"].low.mean() == pytest.approx(1.5, rel=0.1)
    assert found["kappa_identity"].mean() == pytest.approx(1.01, abs=1e-3)
    assert found["half_way_moves"].low.mean() == pytest.approx(1)
    assert found["last_change"].mean() == pytest.approx(0.01)


def test_a_step_from_scratch_lies_between_two_sizes():
    apart = smaller_transformer.measure(smaller())["scratch_over_grokked"]
    grokked = 9.0
    assert apart.low.mean() == pytest.approx(11 / grokked, rel=0.02)
    assert apart.high.mean() == pytest.approx(12 / grokked, rel=0.02)


def test_a_step_beyond_what_was_run_is_a_bound():
    apart = smaller_transformer.measure(smaller(apart=100))["scratch_over_grokked"]
    assert np.isinf(apart.high).all()
    assert (apart.low > 3).all()


def verdicts(question, runs):
    found = outcomes(question, THEORIES, question.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_each_theory_of_the_smaller_one_can_hold_and_be_refuted():
    carried = smaller(exponent=0.338, half=8.25, width=1.514, apart=1.174, kappa=2.64)
    found = verdicts(smaller_transformer, carried)
    assert found["carried over", "memorising_exponent"] == "holds"
    assert found["carried over", "half_over_cost"] == "holds"
    assert found["minimal model", "half_over_cost"] == "refuted"
    assert found["longest path", "memorising_exponent"] == "refuted"
    published = smaller(exponent=5 / 12, half=10, apart=1.174, kappa=6.0)
    found = verdicts(smaller_transformer, published)
    for name in ("half_over_cost", "generalising_exponent", "scratch_exponent"):
        assert found["minimal model", name] == "holds", name
    assert found["longest path", "memorising_exponent"] == "holds"
    assert found["longest path", "generalising_kappa"] == "holds"
    assert found["carried over", "half_over_cost"] == "refuted"


def papers(level=900.0, width=2.0, change=0.0):
    """Runs in which the accuracy changes so much with each factor of two in decay."""
    points = transformer_ungrokking.POINTS
    sizes = along("size", points["size"])
    exact = wiggle(points["seed"], 1e-3)
    steep = 2 * np.log(9) / np.log(width)
    right = risen(sizes, level * (3 / 7) ** (1 / steep), width) * exact
    main = of_papers(right).assign(grokked=xr.ones_like(right))
    few = {"seed": list(points["seed"][: transformer_ungrokking.FEW])}
    some = right.sel(size=list(transformer_ungrokking.WITH_TIMES), **few)
    others = of_papers(some + change * np.log2(along("times", transformer_ungrokking.TIMES)))
    others = transformers.named("decay", others.assign_coords(diverged=0), "times", "size", "seed")
    return xr.merge([main, others])


def of_papers(right):
    every = xr.ones_like(right)
    return xr.Dataset(
        {
            "train_loss": 1e-4 * every,
            "train_logit": 30 * every,
            "test_accuracy": right.clip(0, 1),
            "test_accuracy_before": right.clip(0, 1) + 0.02,
            "train_accuracy": every,
            "course": right.clip(0, 1) * along("part", (0.4, 0.8, 1.0), (1, 1, 1)),
            "parameter_norm": 40 * every,
            "parameter_norm_before": 39 * every,
            "wave_share": 0.5 * every,
        }
    )


def test_sizes_of_the_papers_own_are_read_off():
    found = transformer_ungrokking.measure(papers(change=0.04))
    assert found["seven_tenths"].low.mean() == pytest.approx(900, rel=0.03)
    assert found["width"].low.mean() == pytest.approx(2.0, rel=0.15)
    assert found["last_change"].mean() == pytest.approx(0.02)
    assert found["half_way_then"].low.mean() == found["half_way"].low.mean()
    assert found["decay_slope"].mean() == pytest.approx(0.04, abs=2e-3)
    assert found["norm_by_decay"].dims == ("times", "size", "seed")


@pytest.mark.parametrize(("level", "verdict"), [(900, "holds"), (600, "refuted")])
def test_the_papers_figure_can_hold_and_be_refuted(level, verdict):
    found = verdicts(transformer_ungrokking, papers(level))
    assert found["the paper's figure", "seven_tenths"] == verdict


def priced(exponent=0.25, generalising=0.0, half=6.0, equal=5.0):
    """Runs of the paper's, in which random labels cost 30 at a number a label, as does the rule."""
    seeds = transformer_costs.POINTS["seed"]
    exact = wiggle(seeds, 1e-4)
    sizes = along("per_label", transformer_costs.SIZES)
    labels = along("per_label", transformer_costs.RANDOM)
    main = of_papers(risen(sizes, half, 2.0) * exact)
    norms = 30 * (sizes / 21.9) ** generalising * exact
    main = main.assign(parameter_norm=norms, grokked=xr.ones_like(norms))
    random = of_papers(0 * labels * exact).assign_coords(diverged=0)
    memory = 30 * (labels / equal) ** exponent * exact
    random = random.assign(parameter_norm=memory, parameter_norm_before=memory)
    return xr.merge([main, transformers.named("random", random, "per_label")])


def test_costs_of_the_papers_own_are_read_off():
    found = transformer_costs.measure(priced(generalising=0.1))
    assert found["paper_memorising_exponent"].mean() == pytest.approx(0.25, abs=1e-3)
    assert found["near_exponent"].mean() == pytest.approx(0.25, abs=1e-3)
    assert found["paper_generalising_exponent"].mean() == pytest.approx(0.1, abs=1e-3)
    assert found["equal_norm_size"].low.mean() == pytest.approx(5, rel=0.01)
    assert found["paper_half_over_norm"].low.mean() == pytest.approx(1.2, rel=0.01)
    assert found["random_rests"].mean() == pytest.approx(1)


def test_equal_norms_below_all_sizes_are_a_bound():
    found = transformer_costs.measure(priced(equal=1.5))
    assert (found["equal_norm_size"].low == 0).all()
    assert (found["paper_half_over_norm"].low == pytest.approx(6 / 2.6, rel=0.02)).all()


@pytest.mark.parametrize(("half", "verdict"), [(5.4, "holds"), (8.0, "refuted")])
def test_equal_norm_can_be_where_it_ungroks_and_not(half, verdict):
    found = verdicts(transformer_costs, priced(half=half))
    assert found["minimal model", "paper_half_over_norm"] == verdict
    assert found["minimal model", "paper_memorising_exponent"] == "holds"
    assert found["scaled up", "paper_memorising_exponent"] == "holds"


@pytest.mark.parametrize(("change", "verdict"), [(0.0, "holds"), (0.3, "refuted")])
def test_decay_can_matter_where_it_is_steepest_and_not(change, verdict):
    times = along("times", transformer_decay.TIMES)
    seeds = wiggle(transformer_decay.POINTS["seed"], 1e-3)
    runs = of_papers(0.5 * seeds + change * np.log2(times))
    runs = runs.assign(grokked=xr.ones_like(runs.test_accuracy))
    assert verdicts(transformer_decay, runs)["minimal model", "steepest_decay_slope"] == verdict


@pytest.mark.parametrize(("change", "verdict"), [(0.0, "holds"), (0.2, "refuted")])
def test_decay_can_matter_and_not(change, verdict):
    found = verdicts(transformer_ungrokking, papers(change=change))
    assert found["minimal model", "decay_slope"] == verdict


def test_the_exponent_of_one_path_is_that_of_its_units():
    """By brute force: the least of w^2 + 2 d x^2 at w x^(k - 1) = 1."""
    x = np.exp(np.linspace(-6, 3, 200_001))
    least = [np.min(x ** (-2 * 5) + 2 * d * x**2) ** 0.5 for d in (4.0, 16.0)]
    exponent = np.log(least[1] / least[0]) / np.log(4)
    assert exponent == pytest.approx(longest_path.memorising_exponent(6), abs=1e-6)


@pytest.fixture(scope="module")
def setting():
    tiny = Transformer(d_model=8, heads=2, d_head=4, d_mlp=16)
    optimiser = CASES[WITH_ADAMW].optimiser
    return transformers.Setting(7, optimiser, 10, 100, tiny)


def test_a_run_says_what_it_is_like_in_its_last_fifth_and_on_its_way(setting):
    start, right = transformers.grokked(setting, 1)
    assert 0 <= right <= 1
    found, end = transformers.gone_on(setting, 1, 20, start)
    assert found.course.size == 11
    assert found.part.values[[0, -1]].tolist() == [0, 1]
    assert 0 <= found.wave_share <= 1
    norm = np.linalg.norm(end.parameters.flat)
    assert found.parameter_norm == pytest.approx(norm, rel=0.1)


def test_random_labels_are_of_the_same_examples(setting):
    _, _, split = transformers.memorised(setting, 1, 20)
    pool = setting.pool(1)
    assert np.array_equal(split.train, transformers.some_of(pool, 20, 1))
    assert set(transformers.some_of(pool, 10, 1)) < set(split.train)
    assert (split.task.labels[split.train] != pool.task.labels[split.train]).any()


def test_a_pool_that_is_too_small_is_refused(setting):
    with pytest.raises(ValueError, match=r"size must be from 1 to 39, got 40"):
        transformers.some_of(setting.pool(1), 40, 1)
