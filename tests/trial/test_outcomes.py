"""Predictions meet what was measured: seeds are blocks, and nobody is asked what he did not say."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from theory.questions import Quantity
from theory.statistics import Bounds, student_interval
from theory.theories import Prediction, Theory
from theory.trial import HOLDS, OPEN, REFUTED, Claim, contested, counted, judge, outcomes
from worlds import along

SEEDS, MODULI = [7, 8, 9], [47, 61]
SIZE = Quantity("size", "A size.", "primary", 0.1, relative=True, null=12.0)
SLOPE = Quantity("slope", "A slope.", "primary", 0.2)
REPORT = Quantity("more", "More.")


def question(*quantities):
    return SimpleNamespace(__name__="theory.questions.invented", QUANTITIES=quantities)


def theory(name="a theory", **values):
    """A theory that predicts these values, or what functions return for what was measured."""

    def said(value):
        if callable(value):
            return value
        given = value if isinstance(value, Prediction) else Prediction(value, "so it is")
        return lambda _: given

    predicts = {("invented", each): said(value) for each, value in values.items()}
    return Theory(name, "It is so.", "derived here", "Ours.", predicts)


def table(values):
    """Numbers by modulus and seed."""
    return xr.DataArray(values, {"modulus": MODULI, "seed": SEEDS}, ("modulus", "seed"))


SLOPES = table([[0.0, 0.1, 0.2], [0.3, 0.2, 0.4]])


def found(quantity, value, measured, **more):
    """Outcomes of one prediction."""
    names = {quantity.name: measured, **more}
    besides = [Quantity(name, "More.") for name in more]
    return outcomes(question(quantity, *besides), [theory(**{quantity.name: value})], names)


def test_places_are_averaged_within_a_seed_and_seeds_are_the_replicates():
    whole, *_ = found(SLOPE, 0.1, SLOPES)
    assert whole.place == {}
    assert whole.judgement.seeds == 3
    assert whole.judgement.interval == pytest.approx(student_interval([0.05, 0.05, 0.2]))
    assert whole.found == pytest.approx(student_interval([0.15, 0.15, 0.3]))
    assert whole.effect == whole.judgement.interval
    # Places that differ by as much in every seed leave the interval as it is.
    apart = found(SLOPE, 0.1, SLOPES + 5 * (along("modulus", [47, 61]) - 54) / 7)[0]
    assert apart.judgement.interval == pytest.approx(whole.judgement.interval)


def test_each_place_has_an_outcome_of_its_own():
    _, *places = found(SLOPE, 0.1, SLOPES)
    assert [each.place for each in places] == [{"modulus": 47}, {"modulus": 61}]
    for each, values in zip(places, SLOPES.values, strict=True):
        assert each.judgement == judge(Bounds.of(xr.DataArray(values - 0.1)), Claim(0.2))
        assert each.found == pytest.approx(student_interval(values))


def test_places_are_all_combinations():
    values = SLOPES * along("width", [64, 128])
    places = [each.place for each in found(SLOPE, 0.1, values)]
    assert places[0] == {}
    assert places[1:] == [{"modulus": m, "width": w} for m in MODULI for w in (64, 128)]


def test_one_place_is_not_told_twice():
    (alone,) = found(SLOPE, 0.1, SLOPES.isel(modulus=0, drop=True))
    assert alone.place == {}


def test_a_prediction_can_vary_by_seed_and_place():
    """Predicted from what was measured on the same networks, it is taken off before the mean."""
    predicted = SLOPES - table([[0.1] * 3, [0.3] * 3])
    whole, one, other = found(
        SLOPE,
        lambda measured: Prediction(measured["base"], "it goes along"),
        SLOPES,
        base=predicted,
    )
    assert whole.judgement.interval == pytest.approx((0.2, 0.2, 0.2))
    assert one.judgement.interval == pytest.approx((0.1, 0.1, 0.1))
    assert other.judgement.interval == pytest.approx((0.3, 0.3, 0.3))
    assert whole.predicted == pytest.approx(predicted.mean().item())
    assert one.predicted == pytest.approx(predicted[0].mean().item())
    by_modulus = found(SLOPE, xr.DataArray([0.1, 0.3], {"modulus": MODULI}, "modulus"), SLOPES)
    assert [each.predicted for each in by_modulus] == pytest.approx([0.2, 0.1, 0.3])


def test_ratios_are_compared_by_logarithms():
    sizes = table([[10.0, 11.0, 12.0], [11.0, 12.1, 10.0]])
    whole, *_ = found(SIZE, 11.0, sizes)
    logarithms = np.log(sizes / 11).mean("modulus").values
    assert whole.judgement.interval == pytest.approx(student_interval(logarithms))
    assert whole.effect == pytest.approx(tuple(np.expm1(student_interval(logarithms))))
    assert whole.found == pytest.approx(tuple(11 * np.exp(student_interval(logarithms))))
    assert whole.predicted == pytest.approx(11.0)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(
    ("part", "error", "expected"),
    [
        (0.099, 0.0, HOLDS),
        (0.101, 0.0, REFUTED),
        (0.101, 0.05, OPEN),
        (0.1545, 0.05, OPEN),
        (0.1555, 0.05, REFUTED),
    ],
)
def test_margin_and_error_of_a_ratio_are_factors_either_way(sign, part, error, expected):
    sizes = xr.DataArray([11.0 * (1 + part) ** sign] * 3, {"seed": SEEDS}, "seed")
    far = replace(SIZE, null=40.0)
    (outcome,) = found(far, Prediction(11.0, "so it is", error), sizes)
    assert outcome.judgement.verdict == expected


def test_the_null_is_as_far_as_it_is_from_what_is_predicted():
    """Half of the way from 11 to 12 is their geometric mean."""
    for factor, expected in ((0.999, HOLDS), (1.001, OPEN)):
        sizes = xr.DataArray([factor * 132**0.5] * 3, {"seed": SEEDS}, "seed")
        (outcome,) = found(SIZE, 11.0, sizes)
        assert outcome.judgement.verdict == expected
    steep = replace(SLOPE, null=0.0)
    for value, expected in ((0.051, HOLDS), (0.049, OPEN)):
        (outcome,) = found(steep, 0.1, xr.DataArray([value] * 3, {"seed": SEEDS}, "seed"))
        assert outcome.judgement.verdict == expected


def test_a_direction_is_judged_from_the_margin_on():
    more = Prediction(0.1, "it rises", direction=1)
    verdicts = [
        found(SLOPE, more, xr.DataArray([value] * 3, {"seed": SEEDS}, "seed"))[0].judgement.verdict
        for value in (0.31, 0.29, -0.5)
    ]
    assert verdicts == [HOLDS, OPEN, REFUTED]


@pytest.mark.parametrize(("at_null", "expected"), [(0.099, HOLDS), (0.1, OPEN), (0.15, OPEN)])
@pytest.mark.parametrize("side", [-1, 1])
def test_far_beyond_the_prediction_is_no_nearer_than_at_it(side, at_null, expected):
    """A place on the far side of the prediction does not make up for one at the null."""
    null = replace(SLOPE, null=0.1 * side)
    values = table([[-0.18] * 3, [at_null] * 3]) * side
    whole = found(null, 0.0, values)[0]
    assert abs(whole.judgement.interval.estimate) < 0.05
    distance = (abs(values) - abs(values - null.null)).mean().item()
    assert (distance < -1e-9) == (expected == HOLDS)
    assert whole.judgement.verdict == expected


def test_what_is_not_known_at_one_place_is_not_known_of_the_seed():
    holes = SLOPES.where((SLOPES["modulus"] != 47) | (SLOPES["seed"] != 8))
    whole, one, other = found(SLOPE, 0.1, holes)
    assert [each.judgement.censored for each in (whole, one, other)] == [1, 1, 0]
    assert whole.judgement.interval[1:] == (-np.inf, np.inf)
    assert (whole.judgement.verdict, one.judgement.verdict) == (OPEN, OPEN)


@pytest.mark.parametrize("quantity", [SLOPE, replace(SIZE, null=None)])
def test_a_bound_is_kept_on_its_side(quantity):
    low = table([[11.0, 12.0, 28.0], [11.0, 12.0, 13.0]])
    high = low.where(low < 28, np.inf)
    whole, one, other = found(quantity, 10.0, Bounds(low, high))
    taken = np.log(low / 10) if quantity.relative else low - 10
    assert whole.judgement.interval.low == pytest.approx(
        student_interval(taken.mean("modulus")).low
    )
    assert whole.judgement.interval.high == one.judgement.interval.high == np.inf
    assert [each.judgement.censored for each in (whole, one, other)] == [1, 1, 0]
    assert whole.found.high == np.inf


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_of_a_ratio_that_is_not_positive_nothing_is_known(value):
    (outcome,) = found(SIZE, 11.0, xr.DataArray([value, 11.0, 11.0], {"seed": SEEDS}, "seed"))
    assert (outcome.judgement.verdict, outcome.judgement.censored) == (OPEN, 1)
    assert outcome.judgement.interval[1:] == (-np.inf, np.inf)


def test_of_a_seed_for_which_nothing_is_predicted_nothing_follows():
    """Whether the seed itself was known, or bounded on a side, or not known."""
    predicted = xr.DataArray([0.1, np.nan, 0.1], {"seed": SEEDS}, "seed")
    known = SLOPES[0].drop_vars("modulus")
    low, high = Bounds.of(known.where(known["seed"] != 8))
    above, below = Bounds(known, high), Bounds(low, known)
    for measured in (known, above, below, Bounds(low, high)):
        (outcome,) = found(SLOPE, predicted, measured)
        assert (outcome.judgement.verdict, outcome.judgement.censored) == (OPEN, 1)
        assert outcome.judgement.interval[1:] == (-np.inf, np.inf)


def test_outcomes_come_in_the_order_of_quantities_and_then_of_theories():
    alone = SLOPES[0].drop_vars("modulus")
    both = [theory("one", slope=0.1, size=11.0), theory("two", slope=0.2)]
    listed = outcomes(
        question(SIZE, REPORT, SLOPE), both, {"slope": alone, "size": 1 + alone, "more": alone}
    )
    told = [(each.quantity.name, each.theory) for each in listed]
    assert told == [("size", "one"), ("slope", "one"), ("slope", "two")]
    assert {each.question for each in listed} == {"invented"}
    assert listed[0].prediction.because == "so it is"


def test_a_theory_that_is_silent_has_no_outcome():
    other = Theory("other", "", "", "", {("another question", "slope"): lambda _: None})
    alone = SLOPES[0].drop_vars("modulus")
    assert outcomes(question(SLOPE), [theory(), other], {"slope": alone}) == []


@pytest.mark.parametrize("names", [[], ["slope", "more"], ["other"]])
def test_what_was_measured_must_be_what_is_asked(names):
    with pytest.raises(ValueError, match=r"^measured must be \['slope'\], got \["):
        outcomes(question(SLOPE), [theory(slope=0.1)], dict.fromkeys(names, SLOPES))


def seeds(mean, half):
    """Three seeds whose mean has an interval of this half width."""
    step = half * 3**0.5 / 4.302652729911275
    return xr.DataArray([mean - step, mean, mean + step], {"seed": SEEDS}, "seed")


def many(count, half=0.199):
    """Outcomes of a marginal prediction beside clear ones."""
    quantities = [replace(SLOPE, name=f"slope_{place}") for place in range(count)]
    measured = {each.name: seeds(0.0, 1e-6) for each in quantities}
    measured["slope_0"] = seeds(0.0, half)
    said = theory(**{each.name: 0.0 for each in quantities})
    return outcomes(question(*quantities), [said], measured)


def test_what_barely_holds_alone_does_not_among_many():
    (alone,), several = many(1), many(3)
    assert alone.judgement.verdict == several[0].judgement.verdict == HOLDS
    assert counted([alone]) == [alone]
    assert counted(several) == several  # the least clear of several is not corrected at all
    marginal = replace(several[0], judgement=replace(several[0].judgement, chance=0.02))
    first, *others = counted([marginal, replace(marginal, theory="two"), *several[1:]])
    assert (first.judgement.verdict, first.judgement.chance) == (OPEN, 1.0)
    assert [each.judgement.verdict for each in others] == [OPEN, HOLDS, HOLDS]
    assert first.judgement.interval == marginal.judgement.interval


def test_what_is_open_counts_among_the_number():
    """An open prediction has the chance 1 and makes the others harder."""
    marginal, *_ = many(1)
    unclear = many(1, half=0.3)[0]
    assert 0.0125 < marginal.judgement.chance <= 0.025
    assert unclear.judgement.verdict == OPEN
    assert [each.judgement.verdict for each in counted([marginal, unclear])] == [OPEN, OPEN]


def test_only_primary_quantities_at_all_places_together_are_counted():
    secondary = replace(SLOPE, name="other", role="secondary")
    said = theory(slope=0.2, other=0.2)
    listed = outcomes(question(SLOPE, secondary), [said], {"slope": SLOPES, "other": SLOPES})
    assert len(listed) == 6
    assert [(each.quantity, each.place) for each in counted(listed)] == [(SLOPE, {})]


def test_a_prediction_is_contested_by_another_that_is_further_away_than_the_margin():
    alone = SLOPES[0].drop_vars("modulus")
    three = [theory(name, slope=value) for name, value in (("a", 0.0), ("b", 0.19), ("c", 0.21))]
    listed = outcomes(question(SLOPE), three, {"slope": alone})
    assert [contested(each, listed) for each in listed] == [True, False, True]
    assert [contested(each, listed[:2]) for each in listed[:2]] == [False, False]
    same = [replace(each, theory="a") for each in listed]
    assert not any(contested(each, same) for each in same)
    elsewhere = [listed[0], replace(listed[2], question="another")]
    assert not contested(listed[0], elsewhere)


def test_ratios_are_contested_by_factors():
    sizes = 11 + SLOPES[0].drop_vars("modulus")
    for value, expected in ((12.0, False), (12.2, True)):
        two = [theory("a", size=11.0), theory("b", size=value)]
        listed = outcomes(question(SIZE), two, {"size": sizes})
        assert contested(listed[0], listed) == expected


ALONE = SLOPES[0].drop_vars("modulus")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.1, r"must be a Prediction, got 0\.1"),
        (
            Prediction(along("width", [64, 128]), ""),
            r"must have no dimensions but \('seed',\), got \('width',\)",
        ),
        (
            Prediction(ALONE.isel(seed=[0, 1]), ""),
            "must be of what was measured, got others: .*seed",
        ),
        (Prediction(xr.DataArray(np.nan), ""), "must be finite, got nan"),
        (Prediction(0.0, ""), "must be above 0, got 0"),
        (Prediction(-2, ""), "must be above 0, got -2"),
    ],
)
def test_a_prediction_that_does_not_fit_names_theory_and_quantity(value, message):
    with pytest.raises(ValueError, match=f"^prediction of size by a theory {message}"):
        found(SIZE, lambda _: value, ALONE + 11)


def test_what_is_not_asked_for_cannot_be_predicted():
    message = r"^a theory must predict one of \['slope'\] of invented, got 'size'"
    with pytest.raises(ValueError, match=message):
        outcomes(question(SLOPE), [theory(slope=0.1, size=0.2)], {"slope": ALONE})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (0.1, r"must be a DataArray or Bounds, got 0\.1"),
        (Bounds(ALONE, 0.1), "must be a DataArray or Bounds, got Bounds"),
        (along("modulus", MODULI), r"must have seeds, got sizes {'modulus': 2}"),
        (ALONE.isel(seed=[]), r"must have seeds, got sizes {'seed': 0}"),
        (Bounds(ALONE, ALONE.mean()), r"must have seeds, got sizes {}"),
    ],
)
def test_what_is_measured_has_seeds(values, message):
    with pytest.raises(ValueError, match=f"^measured slope {message}"):
        found(SLOPE, 0.1, values)
