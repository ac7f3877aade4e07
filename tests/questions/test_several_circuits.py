"""Whether frequencies are counted as they are, and what theories say of them can be missed."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import several_circuits
from theory.questions.several_circuits import (
    CROWDED,
    FREE,
    HALFWAY,
    KEPT,
    L2,
    MOMENTS,
    POINTS,
    REST,
    counted,
    gain,
    leaders,
    number,
    share,
)
from theory.theories import THEORIES
from theory.theories.competing_circuits import alike, ends, threes
from theory.trial import outcomes

MODULI, SEEDS = POINTS["modulus"], POINTS["seed"]
FREQUENCIES = several_circuits._FREQUENCIES
MODULUS = xr.DataArray(list(MODULI), {"modulus": list(MODULI)}, "modulus")


def strengths(modulus, values):
    """Of one modulus, padded as in the runs."""
    padded = several_circuits._padded(np.array(values, dtype=float))
    coords = {"modulus": modulus, "frequency": FREQUENCIES}
    return xr.DataArray(padded, coords, "frequency")


def half_way():
    """Strengths half-way, with as much scatter as networks have: some are below 0."""
    rng = np.random.default_rng(0)
    coords = {"modulus": list(MODULI), "seed": list(SEEDS), "frequency": FREQUENCIES}
    size = tuple(len(each) for each in coords.values())
    drawn = xr.DataArray(0.2 * np.exp(0.6 * rng.normal(size=size)) - 0.07, coords, list(coords))
    return drawn.where(drawn["frequency"] <= drawn["modulus"] // 2, 0.0)


def made(rest, free):
    """Runs that come to these strengths, a little scattered."""
    began = half_way()
    moment = xr.DataArray(list(MOMENTS), dims="moment", name="moment")
    noise = np.random.default_rng(1).normal(size=began.shape)
    scatter = began.copy(data=np.exp(0.05 * noise))
    kept = rest(began) * scatter
    found = {HALFWAY: began, FREE: free(began) * scatter, KEPT: kept, REST: kept}
    strength = xr.concat([found[each] for each in MOMENTS], moment)
    ones = xr.ones_like(strength.isel(moment=0, frequency=0, drop=True))
    return xr.Dataset(
        {
            "strength": strength,
            "accuracy": ones * xr.ones_like(moment, dtype=float),
            "half": 300 * ones,
            "units": 25 * ones,
            "moved": 0.1 * ones,
        }
    )


def evenly(per_modulus):
    """Frequencies at rest, so many of them alike."""

    def rest(began):
        few = began["frequency"] <= per_modulus
        return xr.where(few, 1.0, 0.0) * xr.ones_like(began)

    return rest


def unchanged(began):
    return began


def verdicts(runs):
    found = outcomes(several_circuits, THEORIES, several_circuits.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


@pytest.fixture(scope="module")
def world():
    """The verdicts in a world of one kind of rivals."""

    def of(maker):
        return verdicts(
            made(lambda began: ends(maker, began, L2), lambda began: ends(maker, began, 0.0))
        )

    return {"threes": of(threes), "equals": of(alike(1.2)), "a winner": of(alike(3.0))}


def test_a_world_of_threes_is_told_from_circuits_that_are_alike(world):
    found = world["threes"]
    names = ("survivors", "growth", "gain", "counted", "free_number")
    assert [found["competing threes", name] for name in names] == ["holds"] * 5
    for theory in ("minimal model", "kappa = 3"):
        assert [found[theory, name] for name in ("survivors", "gain")] == ["refuted"] * 2


@pytest.mark.parametrize(
    ("which", "right", "wrong"),
    [("equals", "minimal model", "kappa = 3"), ("a winner", "kappa = 3", "minimal model")],
)
def test_a_world_of_circuits_that_are_alike_is_that_of_its_kappa(world, which, right, wrong):
    found = world[which]
    assert [found[right, name] for name in ("survivors", "gain")] == ["holds"] * 2
    for theory in (wrong, "competing threes"):
        assert [found[theory, name] for name in ("survivors", "gain")] == ["refuted"] * 2


def test_shares_that_stay_are_nobody_s():
    found = verdicts(made(unchanged, unchanged))
    for theory in ("minimal model", "kappa = 3", "competing threes"):
        assert found[theory, "gain"] == "refuted", theory


NAMES = ("survivors", "counted", "growth")


def test_the_derived_number_of_threes_can_hold():
    derived = xr.where(MODULUS < 50, 8, xr.where(MODULUS < 100, 11, 12))
    found = verdicts(made(evenly(derived), unchanged))
    assert [found["derived costs", name] for name in NAMES] == ["holds"] * 3


def test_the_derived_number_of_threes_can_be_missed():
    found = verdicts(made(evenly(MODULUS // 2), unchanged))
    assert [found["derived costs", name] for name in NAMES] == ["refuted"] * 3


def test_a_number_that_only_the_width_limits_does_not_grow():
    """As if networks had no room for more than so many at any modulus."""
    found = verdicts(made(evenly(10 + 0 * MODULUS), unchanged))
    assert found["derived costs", "growth"] == "refuted"


def test_frequencies_are_counted_by_what_speaks_for_the_right_label():
    even = strengths(29, [1.0] * 5 + [-0.5])
    assert number(even).item() == pytest.approx(5)
    assert counted(strengths(29, [2.0, 1.0, 0.19, -1.0])).item() == 2
    assert np.isnan(number(strengths(29, [-1.0, 0.0])).item())
    assert np.isnan(counted(strengths(29, [-1.0, -0.1])).item())


@pytest.mark.parametrize(("modulus", "third"), [(29, 5), (79, 13), (101, 17)])
def test_those_ahead_are_a_third_of_what_the_modulus_has(modulus, third):
    given = strengths(modulus, np.arange(1, modulus // 2 + 1) - 3)
    there = FREQUENCIES[leaders(given).values]
    assert there.tolist() == list(range(modulus // 2 - third + 1, modulus // 2 + 1))


def test_a_share_is_of_what_speaks_for_the_right_label():
    one = strengths(29, [3.0, 1.0, -5.0])
    assert share(one, one > 2).item() == pytest.approx(0.75)


def test_what_those_gain_that_were_ahead():
    began = half_way().isel(seed=0)
    ten = began["frequency"] <= 10
    before = xr.where(ten, 1.5, 1.0).where(began["frequency"] <= MODULUS // 2, 0.0)
    assert not leaders(before.sel(modulus=101)).values[10:].any()
    found = gain(before, before.where(ten, 0.0))
    assert found["modulus"].values.tolist() == list(CROWDED)
    assert found.values == pytest.approx([1 - 15 / 44, 1 - 15 / 55])
    assert gain(before, before.where(~ten, 0.0)).values == pytest.approx([-15 / 44, -15 / 55])


def test_a_network_that_never_comes_half_way_is_not_known():
    runs = made(unchanged, unchanged)
    first = runs["seed"] == SEEDS[0]
    measured = several_circuits.measure(runs.assign(half=runs.half.where(~first)))
    for name, values in measured.items():
        missing = values.isnull()
        assert missing.sel(seed=SEEDS[0]).all(), name
        assert not missing.sel(seed=list(SEEDS[1:])).any(), name


@pytest.fixture(scope="module")
def grokked():
    return several_circuits.again(31, 0)


def test_a_run_is_followed_from_half_way_with_and_without_the_penalty(grokked):
    half, free, kept, rest = (
        number(grokked.strength.sel(moment=moment)).item() for moment in MOMENTS
    )
    assert rest < half < free
    assert kept == pytest.approx(rest, rel=0.1)
    assert 0.5 <= grokked.accuracy.sel(moment=HALFWAY) < 0.8
    assert grokked.accuracy.sel(moment=REST) > 0.95
    assert grokked.strength.sel(frequency=slice(16, None)).values == pytest.approx(0)


def test_patience_ends(monkeypatch):
    monkeypatch.setattr(several_circuits, "PATIENCE", several_circuits.EARLY)
    monkeypatch.setattr(several_circuits, "UPDATES", 300)
    assert np.isnan(several_circuits.again(31, 0).half)
