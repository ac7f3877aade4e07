"""Single predictions: numbers and signs, scored in one way for all."""

import math

import pytest
from scipy import stats

from made_up import SIZE, SLOPE, outcome
from theory.scoreboard.claims import SURE, nats, pairs
from theory.scoreboard.findings import Finding
from theory.statistics import Interval
from theory.theories import Prediction


def found(middle, half, **changes):
    return outcome(interval=Interval(middle, middle - half, middle + half), **changes)


def test_a_number_is_a_normal_law_of_margin_own_error_and_runs():
    error = 0.4 / stats.t.ppf(0.975, 4)
    spread = math.hypot(0.25, 0.1, error)
    said = Prediction(1.5, "so it is", error=0.1)
    assert nats(found(0.3, 0.4, prediction=said)) == pytest.approx(
        stats.norm.logpdf(0.3, scale=spread)
    )


def test_what_is_vague_is_paid_for():
    sharp, vague = (Prediction(1.5, "so it is", error=each) for each in (0.0, 2.0))
    assert nats(found(0.0, 0.1, prediction=sharp)) > nats(found(0.0, 0.1, prediction=vague))
    assert nats(found(3.0, 0.1, prediction=sharp)) < nats(found(3.0, 0.1, prediction=vague))


def test_errors_of_what_is_compared_by_ratios_are_ratios():
    said = Prediction(12.0, "so it is", error=0.5)
    close = found(0.0, 1e-9, prediction=said, quantity=SIZE)
    spread = math.hypot(math.log(1.1), math.log(1.5))
    assert nats(close) == pytest.approx(stats.norm.logpdf(0, scale=spread))


@pytest.mark.parametrize(
    ("middle", "direction", "chance"),
    [(1.0, 1, SURE), (1.0, -1, 1 - SURE), (-1.0, 1, 1 - SURE), (-1.0, -1, SURE)],
)
def test_a_sign_is_right_with_a_stated_probability(middle, direction, chance):
    said = Prediction(0.0, "so it is", direction=direction)
    assert nats(found(middle, 0.5, prediction=said)) == pytest.approx(math.log(chance / 0.5))


def test_a_sign_that_is_open_is_not_scored():
    assert nats(found(0.2, 0.5, prediction=Prediction(0.0, "so it is", direction=1))) == 0


def test_of_bounds_there_is_no_likelihood():
    assert math.isnan(nats(outcome(interval=Interval(math.nan, 1.0, math.inf))))


def board(**rows):
    return {row: {"a question": [Finding(each, after=False)]} for row, each in rows.items()}


def said(value, middle, **changes):
    return found(middle, 0.1, predicted=value, prediction=Prediction(value, "so it is"), **changes)


def test_two_that_say_something_else_are_compared():
    near, far = said(1.5, 0.1, theory="near"), said(2.5, -0.9, theory="far")
    (pair,) = pairs(board(far=far, near=near))
    assert (pair.one, pair.other) == ("near", "far")
    assert pair.nats == pytest.approx(nats(near) - nats(far))
    assert not pair.open


def test_two_that_say_the_same_are_not_compared():
    assert pairs(board(one=said(1.5, 0.1, theory="one"), two=said(1.6, 0.0, theory="two"))) == []


def test_a_theory_of_two_rows_speaks_once():
    near, far = said(1.5, 0.1, theory="near"), said(2.5, -0.9, theory="far")
    (pair,) = pairs(board(far=far, near=near, again=near))
    assert pair.one == "near, again"


def test_theories_of_one_row_are_not_compared():
    near, far = said(1.5, 0.1, theory="near"), said(2.5, -0.9, theory="far")
    cells = {"a question": [Finding(each, after=False) for each in (near, far)]}
    assert pairs({"row": cells}) == []


def test_of_two_opposite_signs_the_runs_decide():
    up, down = (
        found(1.0, 0.1, theory=name, prediction=Prediction(0.0, "", direction=side))
        for name, side in (("up", 1), ("down", -1))
    )
    (pair,) = pairs(board(down=down, up=up))
    assert (pair.one, pair.open) == ("up", False)


def test_a_number_and_a_sign_are_not_compared():
    sign = found(-1.0, 0.1, theory="sign", prediction=Prediction(2.5, "", direction=1))
    assert pairs(board(number=said(1.5, 0.1, theory="number"), sign=sign)) == []


def test_nothing_is_compared_over_different_quantities():
    one, other = said(1.5, 0.1, theory="one"), said(9.0, 0.0, theory="other", quantity=SIZE)
    assert one.quantity is SLOPE
    assert pairs(board(one=one, other=other)) == []


def test_a_ratio_that_is_less_than_tenfold_is_open():
    (pair,) = pairs(board(one=said(1.5, 0.3, theory="one"), two=said(2.0, -0.2, theory="two")))
    assert 0 < pair.nats < math.log(10)
    assert pair.open


def test_what_is_known_by_bounds_is_open():
    bounded = Interval(math.nan, 0.5, math.inf)
    one = outcome(interval=bounded, theory="one")
    two = outcome(interval=bounded, theory="two", predicted=9.0, prediction=Prediction(9.0, ""))
    (pair,) = pairs(board(one=one, two=two))
    assert pair.open
