"""Whether frequencies are counted as they are, and what theories say of them can be missed."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import several_circuits
from theory.questions.several_circuits import (
    FEW,
    FREE,
    HALFWAY,
    L2,
    MOMENTS,
    POINTS,
    POOL,
    REST,
    coarse,
    counted,
    leaders,
    number,
    share,
)
from theory.theories import THEORIES
from theory.theories.competing_circuits import alike, ends, threes
from theory.trial import outcomes

MODULI, SEEDS = POINTS["modulus"], POINTS["seed"]
FREQUENCIES = several_circuits._FREQUENCIES


def strengths(modulus, values):
    """Of one modulus, padded as in the runs."""
    padded = several_circuits._padded(np.array(values, dtype=float))
    coords = {"modulus": modulus, "frequency": FREQUENCIES}
    return xr.DataArray(padded, coords, "frequency")


def half_way():
    """Strengths half-way, with as much scatter as networks have."""
    rng = np.random.default_rng(0)
    coords = {"modulus": list(MODULI), "seed": list(SEEDS), "frequency": FREQUENCIES}
    size = tuple(len(each) for each in coords.values())
    drawn = xr.DataArray(0.2 * np.exp(0.6 * rng.normal(size=size)), coords, list(coords))
    return drawn.where(drawn["frequency"] <= drawn["modulus"] // 2, 0.0)


def made(rest, free, most_accuracy=0.99):
    """Runs that come to these strengths, on the pool and with few, a little scattered."""
    began = half_way()
    moment = xr.DataArray(list(MOMENTS), dims="moment", name="moment")
    examples = xr.DataArray([POOL, FEW], dims="examples", name="examples")
    found = {HALFWAY: began, FREE: free(began), REST: rest(began)}
    noise = np.random.default_rng(1).normal(size=began.shape)
    scatter = began.copy(data=np.exp(0.05 * noise))
    later = [found[HALFWAY], found[FREE] * scatter, found[REST] * scatter]
    both = xr.concat([xr.concat(later, moment)] * 2, examples)
    ones = xr.ones_like(both.isel(moment=0, frequency=0, drop=True))
    return xr.Dataset(
        {
            "strength": both,
            "accuracy": ones * xr.ones_like(moment, dtype=float),
            "half": 300 * ones,
            "most": 12 * ones,
            "most_accuracy": most_accuracy * ones,
            "units": 25 * ones,
            "residual": 0 * ones,
        }
    )


def verdicts(runs):
    found = outcomes(several_circuits, THEORIES, several_circuits.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def by_theory(maker):
    """The world of one kind of rivals, and the verdicts on its primary quantities."""
    found = verdicts(
        made(lambda began: ends(maker, began, L2), lambda began: ends(maker, began, 0.0))
    )
    said = ("survivors", "ahead", "removed")
    return {
        theory: [found[theory, name] for name in said]
        for theory in ("minimal model", "kappa = 3", "competing threes")
    }


HELD, MISSED = ["holds"] * 3, ["refuted"] * 3


def test_a_world_of_threes_is_told_from_circuits_that_are_alike():
    found = by_theory(threes)
    assert found["competing threes"] == HELD
    assert found["minimal model"] == MISSED
    assert found["kappa = 3"] == MISSED


def test_a_world_in_which_all_share_equally_is_the_minimal_model_s():
    found = by_theory(alike(1.2))
    assert found["minimal model"] == HELD
    assert found["competing threes"] == found["kappa = 3"] == MISSED


def test_a_world_in_which_the_strongest_takes_all_is_that_of_kappa_3():
    found = by_theory(alike(3.0))
    assert found["kappa = 3"] == HELD
    assert found["minimal model"] == MISSED
    assert found["competing threes"][0] == "refuted"


def test_circuits_that_take_turns_are_behind_first():
    def overtaken(began):
        ahead = leaders(began)
        return began.where(~ahead & (began > 0), 0.0)

    found = verdicts(made(overtaken, lambda began: began, most_accuracy=0.5))
    assert found["circuits in turn", "ahead"] == "holds"
    assert found["circuits in turn", "most_accuracy"] == "holds"
    assert found["competing threes", "ahead"] == "refuted"
    found = verdicts(made(lambda began: began, lambda began: began))
    assert found["circuits in turn", "ahead"] == "refuted"
    assert found["circuits in turn", "most_accuracy"] == "refuted"


def test_the_derived_number_of_threes_can_hold_and_be_missed():
    def of(per_modulus):
        def rest(began):
            few = began["frequency"] <= per_modulus(began["modulus"])
            return xr.where(few, 1.0, 0.0) * xr.ones_like(began)

        return verdicts(made(rest, lambda began: began))

    names = ("survivors", "counted", "growth")
    held = of(lambda moduli: xr.where(moduli < 50, 9, xr.where(moduli < 80, 10, 11)))
    assert [held["derived costs", name] for name in names] == ["holds"] * 3
    missed = of(lambda moduli: moduli // 2)
    assert [missed["derived costs", name] for name in names] == ["refuted"] * 3


def test_frequencies_are_counted_by_what_speaks_for_the_right_label():
    even = strengths(35, [1.0] * 5 + [-0.5])
    assert number(even).item() == pytest.approx(5)
    assert counted(strengths(35, [2.0, 1.0, 0.19, -1.0])).item() == 2
    assert np.isnan(number(strengths(35, [-1.0, 0.0])).item())
    assert np.isnan(counted(strengths(35, [-1.0, -0.1])).item())


def test_those_ahead_are_half_of_what_the_modulus_has():
    for modulus in MODULI:
        given = strengths(modulus, np.arange(1, modulus // 2 + 1))
        ahead = leaders(given)
        assert ahead.sum().item() == modulus // 4
        assert ahead.values[modulus // 2 - 1]
        assert not ahead.values[modulus // 2 :].any()
    one = strengths(35, [3.0, 1.0])
    assert share(one, one > 2).item() == pytest.approx(0.75)


def test_coarse_frequencies_share_a_factor_with_the_modulus():
    given = xr.concat([strengths(modulus, [1.0]) for modulus in MODULI], "modulus")
    which = coarse(given)
    of_35 = which.sel(modulus=35)
    there = of_35["frequency"].values[of_35.values]
    assert there[there < 18].tolist() == [5, 7, 10, 14, 15]
    assert which["modulus"].values.tolist() == [35, 55]
    before, after = (
        xr.concat([strengths(modulus, values) for modulus in MODULI], "modulus")
        for values in ([1.0, 0, 0, 0, 1.0], [1.0, 0, 0, 0, 3.0])
    )
    found = several_circuits.gain(before, after)
    assert found.values == pytest.approx([0.25, 0.25])


def test_a_network_that_never_comes_half_way_is_not_known():
    runs = made(lambda began: began, lambda began: began)
    first = runs["seed"] == SEEDS[0]
    measured = several_circuits.measure(runs.assign(half=runs.half.where(~first)))
    for name in ("survivors", "ahead", "removed", "coarse"):
        missing = measured[name].isnull()
        assert missing.sel(seed=SEEDS[0]).all(), name
        assert not missing.sel(seed=list(SEEDS[1:])).any(), name


@pytest.fixture(scope="module")
def grokked():
    return several_circuits.again(31, POOL, 0)


def test_a_run_is_followed_from_half_way_with_and_without_the_penalty(grokked):
    half, free, rest = (number(grokked.strength.sel(moment=moment)).item() for moment in MOMENTS)
    assert rest < half < free
    assert 0.5 <= grokked.accuracy.sel(moment=HALFWAY) < 0.8
    assert grokked.accuracy.sel(moment=REST) > 0.95
    assert grokked.strength.sel(frequency=slice(16, None)).values == pytest.approx(0)
    assert grokked.residual <= several_circuits.RESIDUAL
    assert half <= grokked.most


def test_few_examples_are_a_part_of_the_pool_and_none_is_tested_on():
    pool, few = (several_circuits.split_of(35, examples, 1) for examples in (POOL, FEW))
    assert np.isin(few.train, pool.train).all()
    assert np.array_equal(few.test, pool.test)
    assert few.train.size < pool.train.size
    assert not np.isin(few.train, few.test).any()


def test_patience_ends(monkeypatch):
    monkeypatch.setattr(several_circuits, "PATIENCE", several_circuits.EARLY)
    monkeypatch.setattr(several_circuits, "UPDATES", 300)
    found = several_circuits.again(31, FEW, 0)
    assert np.isnan(found.half)
