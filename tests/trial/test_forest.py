"""Effects on an axis of margins."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from made_up import SIZE, SLOPE, outcome
from theory.statistics import Interval
from theory.theories import Prediction
from theory.trial import HOLDS, OPEN, REFUTED, forest

ONE = math.log(1.1)  # the margin of SIZE, 10%, as it is compared


def drawn(one):
    """The parts of a plot by their classes."""
    svg = ElementTree.fromstring(forest.plot(one))
    return {each.get("class"): each for each in svg.iter() if each is not svg}


def margins(part, name):
    """Where a part is, in margins: the axis has 0 in the middle and 4 at 94% of the width."""
    return (float(part.get(name).removesuffix("%")) - 50) / 11


@pytest.mark.parametrize(
    ("quantity", "interval", "effect"),
    [
        (SLOPE, Interval(0.125, -0.25, 0.5), (0.5, -1, 2)),
        (SIZE, Interval(-2 * ONE, -3 * ONE, -0.5 * ONE), (-2, -3, -0.5)),
    ],
)
def test_effect_and_interval_stand_where_they_are_in_margins(quantity, interval, effect):
    one = outcome(quantity, interval=interval)
    assert forest.scaled(one) == pytest.approx(effect)
    parts = drawn(one)
    line = parts["gv-interval"]
    ends = [margins(line, name) for name in ("x1", "x2")]
    assert [margins(parts["gv-mark"], "x"), *ends] == pytest.approx(effect, abs=1e-4)
    assert "gv-beyond" not in parts


@pytest.mark.parametrize(
    ("interval", "shown", "arrows", "mark"),
    [
        (Interval(0.5, -1.5, 2.5), (-4, 4), [-4, 4], 2),
        (Interval(1.125, 0.5, 1.25), (2, 4), [4], None),
        (Interval(-1.25, -1.375, -1.125), None, [-4], None),
        (Interval(3, 2, 4), None, [4], None),
        (Interval(np.nan, 0.25, np.inf), (1, 4), [4], None),
        (Interval(np.nan, -np.inf, -0.25), (-4, -1), [-4], None),
        (Interval(np.nan, -np.inf, np.inf), None, [], None),
        (Interval(0.25, -np.inf, np.inf), None, [], 1),
    ],
)
def test_what_lies_beyond_the_axis_is_an_arrow(interval, shown, arrows, mark):
    one = outcome(interval=interval)
    svg = ElementTree.fromstring(forest.plot(one))
    beyond = [margins(each, "x") for each in svg.iter() if each.get("class") == "gv-beyond"]
    parts = drawn(one)
    line = parts.get("gv-interval")
    ends = None if line is None else tuple(margins(line, name) for name in ("x1", "x2"))
    assert (ends, beyond) == (shown, arrows)
    assert mark == (margins(parts["gv-mark"], "x") if "gv-mark" in parts else None)


@pytest.mark.parametrize(
    ("quantity", "prediction", "name", "left", "right"),
    [
        (SLOPE, Prediction(1.5, ""), "gv-margin", -1, 1),
        (SIZE, Prediction(1.5, ""), "gv-margin", -1, 1),
        (SLOPE, Prediction(1.5, "", error=0.5), "gv-error", -3, 3),
        (SIZE, Prediction(1.5, "", error=0.1), "gv-error", -2, 2),
        (SLOPE, Prediction(1.5, "", direction=1), "gv-margin", 1, 50 / 11),  # to the edge
        (SLOPE, Prediction(1.5, "", direction=-1), "gv-margin", -50 / 11, -1),
    ],
)
def test_the_bands_are_where_an_interval_must_lie(quantity, prediction, name, left, right):
    band = drawn(outcome(quantity, prediction=prediction))[name]
    assert margins(band, "x") == pytest.approx(left, abs=1e-4)
    wide = float(band.get("width").removesuffix("%")) / 11
    assert margins(band, "x") + wide == pytest.approx(right, abs=1e-4)


def test_a_theory_without_an_error_has_one_band():
    assert "gv-error" not in drawn(outcome())


def test_verdicts_differ_in_shape_and_say_their_numbers():
    assert len(set(forest.MARKS.values())) == 3
    for verdict in (HOLDS, REFUTED, OPEN):
        svg = forest.plot(outcome(verdict=verdict))
        assert forest.MARKS[verdict] in svg
        assert f'class="gv-forest gv-{verdict}"' in svg
        assert 'aria-hidden="true"' in svg


def test_the_axis_has_its_numbers_where_they_belong():
    shared = ElementTree.fromstring(forest.shared())
    texts = list(shared.iter("text"))
    assert [each.text for each in texts] == ["-4", "-1", "0", "+1", "+4"]
    assert [margins(each, "x") for each in texts] == [-4, -1, 0, 1, 4]
    zero = shared.find("*/line")
    assert margins(zero, "x1") == margins(zero, "x2") == 0


def test_rows_refer_to_what_they_share():
    ids = {each.get("id") for each in ElementTree.fromstring(forest.shared()).iter()} - {None}
    used = re.findall('href="#(.*?)"', forest.plot(outcome()) + forest.axis())
    assert {*used} == ids


def test_a_dot_is_left_out_by_screen_readers():
    mark = ElementTree.fromstring(forest.dot(OPEN))
    assert (mark.get("class"), mark.text) == ("gv-open", None)
