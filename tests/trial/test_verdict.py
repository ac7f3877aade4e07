"""A verdict is right at each of its borders, and no theory is flattered."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from strategies import replicates
from theory.statistics import Bounds, bounded_interval, student_interval
from theory.trial.verdict import (
    ALPHA,
    BETWEEN,
    HOLDS,
    NO_NEARER,
    OPEN,
    REFUTED,
    Claim,
    Judgement,
    holm,
    judge,
)

INF, NAN = math.inf, math.nan
#: With two seeds 1 apart, the interval of the mean reaches so far.
REACH = 12.706204736174693 / 2


def seeds(low, high=None):
    """Discrepancies of seeds, all known unless other largest values are given."""
    low, high = (np.array(each, float) for each in (low, low if high is None else high))
    return Bounds(xr.DataArray(low, dims="seed"), xr.DataArray(high, dims="seed"))


def around(low, high):
    """Two seeds whose mean has about this interval."""
    half = (high - low) / 2 / REACH / 2
    return seeds([(low + high) / 2 - half, (low + high) / 2 + half])


@dataclass(frozen=True)
class Against:
    """A claim, and a null that is as far off for every seed."""

    margin: float
    error: float = 0.0
    null: float = NAN
    direction: int = 0

    @property
    def claim(self):
        return Claim(self.margin, self.error, self.direction)

    @property
    def within(self):
        """Where the interval has to lie, with the middle between theory and null."""
        low, high = self.claim.within
        half = self.null / 2
        return (max(low, half) if half < 0 else low, min(high, half) if half > 0 else high)

    def judge(self, known):
        if not self.null:
            return judge(known, self.claim)
        if np.isnan(self.null):
            return judge(known, self.claim)
        side = np.sign(self.null)
        ends = [(each - self.null / 2) * side for each in known]
        return judge(known, self.claim, Bounds(*(ends if side > 0 else ends[::-1])))


#: Just inside of an end, and just outside.
NEAR = 1e-6


@pytest.mark.parametrize(
    ("claim", "low", "high", "expected"),
    [
        # Within the margin on both sides.
        (Against(1.0), -1 + NEAR, 1 - NEAR, HOLDS),
        (Against(1.0), -1 - NEAR, 1 - NEAR, OPEN),
        (Against(1.0), -1 + NEAR, 1 + NEAR, OPEN),
        (Against(1.0), -5.0, 5.0, OPEN),
        # Outside of the margin, on either side.
        (Against(1.0), 1 + NEAR, 2.0, REFUTED),
        (Against(1.0), 1 - NEAR, 2.0, OPEN),
        (Against(1.0), -2.0, -1 - NEAR, REFUTED),
        (Against(1.0), -2.0, -1 + NEAR, OPEN),
        # The theory's own error keeps from refutation and does not help to hold.
        (Against(1.0, error=0.5), 1 + NEAR, 2.0, OPEN),
        (Against(1.0, error=0.5), 1.5 - NEAR, 2.0, OPEN),
        (Against(1.0, error=0.5), 1.5 + NEAR, 2.0, REFUTED),
        (Against(1.0, error=0.5), -2.0, -1.5 + NEAR, OPEN),
        (Against(1.0, error=0.5), -2.0, -1.5 - NEAR, REFUTED),
        (Against(1.0, error=0.5), -1 + NEAR, 1 + NEAR, OPEN),
        (Against(1.0, error=0.5), -1 + NEAR, 1 - NEAR, HOLDS),
        # All of it nearer to the theory than to the null, on either side.
        (Against(1.0, null=1.0), -0.9, 0.5 - NEAR, HOLDS),
        (Against(1.0, null=1.0), -0.9, 0.5 + NEAR, OPEN),
        (Against(1.0, null=1.0), -1 - NEAR, 0.4, OPEN),
        (Against(1.0, null=-1.0), -0.5 + NEAR, 0.9, HOLDS),
        (Against(1.0, null=-1.0), -0.5 - NEAR, 0.9, OPEN),
        (Against(1.0, null=-1.0), -0.4, 1 + NEAR, OPEN),
        # A null that is far away, or is what the theory says, changes nothing.
        (Against(1.0, null=2 + NEAR), -1 + NEAR, 1 - NEAR, HOLDS),
        (Against(1.0, null=0.0), -1 + NEAR, 1 - NEAR, HOLDS),
        # A null refutes nothing by itself.
        (Against(1.0, null=0.1), 0.06, 0.9, OPEN),
        (Against(1.0, null=0.1), 1 + NEAR, 2.0, REFUTED),
        # More, and less: an effect counts from the margin on, and only a wrong side refutes.
        (Against(1.0, direction=1), 1 + NEAR, 99.0, HOLDS),
        (Against(1.0, direction=1), 1 - NEAR, 99.0, OPEN),
        (Against(1.0, direction=1), 0.1, 1 - NEAR, OPEN),
        (Against(1.0, direction=1), -1.0, -NEAR, REFUTED),
        (Against(1.0, direction=1), -1.0, NEAR, OPEN),
        (Against(1.0, direction=1), -99.0, -50.0, REFUTED),
        (Against(1.0, direction=1), 0.1, 1 + NEAR, OPEN),
        (Against(1.0, direction=-1), -99.0, -1 - NEAR, HOLDS),
        (Against(1.0, direction=-1), -99.0, -1 + NEAR, OPEN),
        (Against(1.0, direction=-1), -1 + NEAR, -0.1, OPEN),
        (Against(1.0, direction=-1), NEAR, 1.0, REFUTED),
        (Against(1.0, direction=-1), 50.0, 99.0, REFUTED),
        (Against(1.0, direction=-1), -1 - NEAR, -0.1, OPEN),
        # There too, an error keeps from refutation and does not help to hold.
        (Against(1.0, error=0.5, direction=1), -1.0, -0.5 + NEAR, OPEN),
        (Against(1.0, error=0.5, direction=1), -1.0, -0.5 - NEAR, REFUTED),
        (Against(1.0, error=0.5, direction=1), 1 - NEAR, 99.0, OPEN),
        (Against(1.0, error=0.5, direction=-1), 0.5 - NEAR, 1.0, OPEN),
        (Against(1.0, error=0.5, direction=-1), 0.5 + NEAR, 1.0, REFUTED),
    ],
)
def test_a_verdict_changes_at_its_borders(claim, low, high, expected):
    known = around(low, high)
    found = claim.judge(known)
    assert found.interval[1:] == pytest.approx((low, high))
    assert found.verdict == expected


SEVERAL = st.lists(st.floats(-3, 3).map(lambda x: round(x, 3)), min_size=2, max_size=9)
CLAIMS = st.builds(
    Against,
    st.sampled_from([0.1, 0.5, 1.0]),
    st.sampled_from([0.0, 0.3, 2.0]),
    st.just(NAN) | st.sampled_from([-0.7, 0.0, 0.2, 5.0]),
    st.sampled_from([-1, 0, 1]),
)


@given(SEVERAL.filter(lambda values: len(set(values)) > 1), CLAIMS)
def test_what_holds_is_what_has_its_interval_inside(values, claim):
    _, low, high = student_interval(values)
    ends = (*claim.within, *claim.claim.outside)
    assume(all(abs(each - end) > 1e-9 for each in (low, high) for end in ends))
    found = claim.judge(seeds(values))
    inside = claim.within[0] < low and high < claim.within[1]
    below, above = claim.claim.outside
    assert (found.verdict == HOLDS) == inside
    assert (found.verdict == REFUTED) == (high < below or low > above)
    assert (found.chance <= ALPHA) == (found.verdict != OPEN)
    assert found.interval == bounded_interval(values, values)


@given(SEVERAL, CLAIMS)
def test_an_error_only_takes_refutations_back(values, claim):
    exact = Against(claim.margin, 0.0, claim.null, claim.direction).judge(seeds(values)).verdict
    found = claim.judge(seeds(values)).verdict
    assert found == exact or (exact, found) == (REFUTED, OPEN)


@given(SEVERAL, CLAIMS)
def test_a_null_only_takes_what_holds_back(values, claim):
    without = Against(claim.margin, claim.error, NAN, claim.direction).judge(seeds(values)).verdict
    found = claim.judge(seeds(values)).verdict
    assert found == without or (without, found) == (HOLDS, OPEN)


@given(SEVERAL, CLAIMS)
def test_the_other_way_round_verdicts_are_the_same(values, claim):
    mirror = Against(claim.margin, claim.error, -claim.null, -claim.direction)
    one, other = claim.judge(seeds(values)), mirror.judge(seeds([-each for each in values]))
    assert (one.verdict, one.needed) == (other.verdict, other.needed)
    assert one.chance == pytest.approx(other.chance)


@given(replicates(), CLAIMS, st.data())
def test_knowing_less_never_decides_otherwise(values, claim, data):
    """Seeds without any bound leave open what they would have decided."""
    at = data.draw(st.integers(0, len(values) - 1))
    less = [NAN if place == at else value for place, value in enumerate(values)]
    found = claim.judge(Bounds.of(xr.DataArray(less, dims="seed")))
    assert (found.verdict, found.chance, found.censored, found.needed) == (OPEN, 1.0, 1, 0)


@pytest.mark.parametrize(
    ("claim", "below", "above"),
    [
        # Far above, of which one is known to be above only; and far below.
        (Against(1.0), REFUTED, REFUTED),
        (Against(1.0, direction=1), REFUTED, HOLDS),
        (Against(1.0, direction=-1), HOLDS, REFUTED),
    ],
)
def test_a_bound_decides_on_its_own_side_only(claim, below, above):
    values = [4.9, 5.0, 5.1]
    least, most = seeds(values, [4.9, 5.0, INF]), seeds([-4.9, -5.0, -INF], [-4.9, -5.0, -5.1])
    assert claim.judge(least).verdict == above
    assert claim.judge(most).verdict == below
    assert claim.judge(least).censored == claim.judge(most).censored == 1
    # The bounds are on the other side, so they say nothing of what was decided.
    open_below = seeds([4.9, 5.0, -INF], values)
    open_above = seeds([-4.9, -5.0, -5.1], [-4.9, -5.0, INF])
    assert claim.judge(open_below).verdict == claim.judge(open_above).verdict == OPEN


def test_a_bound_within_the_margin_is_not_enough_to_hold():
    values = [0.0, 0.01, 0.02]
    assert Against(1.0).judge(seeds(values)).verdict == HOLDS
    assert Against(1.0).judge(seeds(values, [0.0, 0.01, INF])).verdict == OPEN
    assert Against(1.0).judge(seeds([0.0, 0.01, -INF], values)).verdict == OPEN


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, HOLDS), (0.99, HOLDS), (1.0, OPEN), (-1.0, OPEN), (1.01, REFUTED)]
)
def test_seeds_that_agree_leave_no_doubt(value, expected):
    found = Against(1.0).judge(seeds([value] * 3))
    assert found.verdict == expected
    assert found.chance == pytest.approx(float(expected == OPEN), abs=1e-9)
    assert found.needed == 0


def test_seeds_of_which_only_the_same_bound_is_known_count_by_their_number():
    least = [seeds([2.0] * count, [INF] * count) for count in (5, 6)]
    found = [Against(1.0).judge(each) for each in least]
    assert [each.verdict for each in found] == [OPEN, REFUTED]
    assert found[1].chance == 2.0**-6


@pytest.mark.parametrize(
    ("values", "claim"),
    [
        ([0.0, 1.5, -1.0], Against(1.0)),
        ([0.5, 4.0, 3.0], Against(1.0)),
        ([0.5, 4.0, 3.0], Against(1.0, direction=1)),
        ([-0.5, -4.0, -3.0], Against(1.0, error=0.2)),
        ([-0.3, 0.5, -0.2], Against(1.0, null=0.6)),
    ],
)
def test_so_many_seeds_as_are_needed_decide_and_no_fewer(values, claim):
    """With as many seeds that have the same mean and the same spread."""
    found = claim.judge(seeds(values))
    assert found.verdict == OPEN
    assert found.needed > len(values)

    def like(count):
        way = np.resize([1.0, -1.0], count)
        way = (way - way.mean()) / way.std(ddof=1)
        return claim.judge(seeds(np.mean(values) + np.std(values, ddof=1) * way)).verdict

    assert like(found.needed) != OPEN
    assert found.needed == len(values) + 1 or like(found.needed - 1) == OPEN


@pytest.mark.parametrize(
    ("values", "claim"),
    [
        # Between the borders of two verdicts: of margin and error, and beyond the middle.
        ([1.0, 1.2, 1.4], Against(1.0, error=0.5)),
        ([0.2, 0.5, 0.7], Against(1.0, null=0.6)),
        ([0.5, 0.8, 0.9], Against(1.0, error=0.5, direction=1)),
        # Thousands would be needed.
        ([-9.0, 0.0, 11.9], Against(1.0)),
        ([1.0, 1.0], Against(1.0)),
    ],
)
def test_where_more_seeds_would_not_decide_none_are_asked_for(values, claim):
    found = claim.judge(seeds(values))
    assert (found.verdict, found.needed) == (OPEN, 0)
    assert found.reason in (BETWEEN, NO_NEARER)


def test_what_is_no_nearer_than_the_guess_says_so():
    values = [0.58, 0.6, 0.62]
    assert Against(1.0).judge(seeds(values)).verdict == HOLDS
    found = Against(1.0, null=0.6).judge(seeds(values))
    assert (found.verdict, found.reason, found.needed) == (OPEN, NO_NEARER, 0)


def test_a_judgement_says_what_it_rests_on():
    found = Against(1.0).judge(seeds([0.1, 0.2, 0.3], [0.1, INF, 0.3]))
    interval = bounded_interval([0.1, 0.2, 0.3], [0.1, INF, 0.3])
    assert found.interval[1:] == interval[1:]
    assert np.isnan(found.interval.estimate)
    assert found == Judgement(OPEN, BETWEEN, found.interval, 1.0, seeds=3, censored=1, needed=0)


def test_a_chance_is_that_of_students_test_on_the_worse_side():
    values = [0.5, 0.7, 0.75]
    far = (1 - np.mean(values)) / (np.std(values, ddof=1) / 3**0.5)
    found = Against(1.0).judge(seeds(values))
    # The tail of Student's t with two degrees of freedom.
    assert found.chance == pytest.approx(0.5 - far / (2 * (2 + far**2) ** 0.5))


def test_holm_as_by_hand():
    """Sorted 0.01, 0.02, 0.03, 0.2: times 4, 3, 2, 1, and never less than the one before."""
    assert holm([0.03, 0.01, 0.2, 0.02]) == pytest.approx([0.06, 0.04, 0.2, 0.06])
    assert holm([0.5, 0.4]) == pytest.approx([0.8, 0.8])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@given(CHANCES, st.data())
def test_holm_keeps_the_order_and_is_bonferroni_for_the_clearest(chances, data):
    found = holm(chances)
    order = np.argsort(chances, kind="stable")
    assert np.all(np.diff(np.array(found)[order]) >= 0)
    assert np.all(np.array(chances) <= found)
    assert np.all(np.array(found) <= len(chances) * max(chances))
    assert min(found) == pytest.approx(min(1.0, len(chances) * min(chances)))
    smaller = [each * data.draw(st.floats(0, 1)) for each in chances]
    assert all(one <= other for one, other in zip(holm(smaller), found, strict=True))


def test_the_scatter_of_predictions_is_no_evidence_where_all_that_is_known_is_a_bound():
    def beyond(low):
        return Bounds(xr.DataArray(low, dims="seed"), xr.DataArray([np.inf] * 3, dims="seed"))

    off, claim = beyond([8.0, 7.5, 8.4]), Claim(margin=1.0)
    assert judge(off, claim).verdict == "refuted"
    assert judge(off, claim, measured=beyond([28.0] * 3)).verdict == "open"
    # Bounds that scatter by themselves, as those of a slope between what is known and what is not.
    assert judge(off, claim, measured=beyond([28.0, 27.5, 28.4])).verdict == "refuted"
