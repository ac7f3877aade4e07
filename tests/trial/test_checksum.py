"""The checksum follows the rule and nothing else; every place has its finding."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import xarray as xr
from theory.experiments import EXPERIMENTS, rule
from theory.experiments.rule import Finding, Prediction, digest, findings

from theory.statistics import CONFIRMED, SILENT, UNDERPOWERED, student_interval

SOURCE = '''"""An experiment."""

from theory.experiments.rule import Prediction, findings

STEPS = 100
BASE = 0.9
EDGE: float = BASE
LEVEL, OTHER = 0.5, 0.1
BAND = (EDGE, 1 / 0.9)


def prediction():
    """Return what was predicted."""
    return (Prediction("ratio", "It is 1.", "paper", BAND, 0.1),)


def run(folder):
    """Return all runs."""
    return STEPS


def judge(predictions, runs):
    """Return what the runs say."""
    # A comment.
    return findings(predictions, {"ratio": ratio(runs)})


def ratio(runs):
    """Return the ratio."""
    return runs.one / runs.other - Scale.unit * LEVEL


class Scale:
    """What is measured in."""

    unit = 0.0
'''


def changed(old: str, new: str) -> str:
    """Return the source with one thing changed."""
    assert SOURCE.count(old) == 1
    return SOURCE.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    # A comment.\n", "\n\n"),
        ('"""Return the ratio."""', '"""Return something else."""'),
        ('    """Return what the runs say."""\n', ""),
        ('    """What is measured in."""\n', ""),
        ('"""An experiment."""', '"""Another experiment."""'),
        ("(EDGE, 1 / 0.9)", "(\n    EDGE,\n    (1 / 0.9),  # a comment\n)"),
        ('"paper", BAND', "'paper', BAND"),
        ("STEPS = 100", "STEPS = 200"),
        ("    return STEPS", "    return LEVEL + STEPS"),
        ("import Prediction, findings", "import Finding, Prediction, findings"),
    ],
)
def test_what_is_no_part_of_the_rule_does_not_count(old, new):
    assert digest(changed(old, new)) == digest(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1 / 0.9)", "1 / 0.8)"),
        ("It is 1.", "It is 2."),
        ("BAND, 0.1", "BAND, 0.2"),
        ('{"ratio": ratio(runs)}', '{"ratio": 2 * ratio(runs)}'),
        ("runs.one / runs.other", "runs.other / runs.one"),
        ("BASE = 0.9", "BASE = 0.8"),
        ("EDGE: float = BASE", "EDGE: float = 0.8"),
        ("0.5, 0.1", "0.6, 0.1"),
        ("unit = 0.0", "unit = 0.1"),
        ("def ratio(runs)", "def ratio(runs, more=0)"),
    ],
)
def test_every_part_of_the_rule_counts(old, new):
    assert digest(changed(old, new)) != digest(SOURCE)


def test_the_order_in_the_file_does_not_count():
    head, *functions = SOURCE.split("\n\n\n")
    assert digest("\n\n\n".join([head, *reversed(functions)])) == digest(SOURCE)


@pytest.mark.parametrize("name", ["judge", "prediction"])
def test_a_file_without_a_rule_is_refused(name):
    with pytest.raises(ValueError, match=rf"^source must define \['{name}'\]"):
        digest(changed(f"def {name}(", "def another("))


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_how_runs_are_made_is_no_part_of_any_rule(experiment):
    source = inspect.getsource(experiment)
    assert source.count("SEEDS = ") == 1 or experiment.__name__.endswith(("decay", "ungrokking"))
    assert digest(source.replace("\nSEEDS = (", "\nSEEDS = (0, ")) == digest(source)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_band_is_part_of_its_rule(experiment):
    source = inspect.getsource(experiment)
    for prediction in experiment.prediction():
        other = source.replace(f'"{prediction.name}"', f'"{prediction.name}_"')
        assert digest(other) != digest(source)


RATIO = Prediction("ratio", "It is 1.", "paper", (0.9, 1.1))
SIZE = Prediction("size", "A size.", "derived here")
SEEDS = [4, 5, 6]


def test_every_place_has_a_finding_in_the_order_of_the_predictions():
    values = np.arange(12.0).reshape(2, 3, 2)
    coords = {"kind": ["a", "b"], "seed": SEEDS, "width": [64, 128]}
    sizes = xr.DataArray(values, coords, ("kind", "seed", "width"))
    ratio = xr.DataArray([1.0, 1.01, 0.99], {"seed": SEEDS}, "seed")
    first, *others = findings([RATIO, SIZE], {"size": sizes, "ratio": ratio})
    assert first == Finding(RATIO, {}, student_interval(ratio), 3, 0)
    assert first.verdict == CONFIRMED
    assert [each.place for each in others] == [
        {"kind": kind, "width": width} for kind in "ab" for width in (64, 128)
    ]
    for each in others:
        assert each.prediction is SIZE
        assert each.interval == student_interval(sizes.sel(each.place))
        assert each.verdict == SILENT


def test_censored_seeds_are_counted():
    ratio = xr.DataArray([[1.0, np.nan], [1.0, np.nan], [1.01, 1.0]], dims=("seed", "place"))
    full, censored = findings([RATIO], {"ratio": ratio.assign_coords(place=[0, 1])})
    assert (full.seeds, full.censored, full.verdict) == (3, 0, CONFIRMED)
    assert (censored.seeds, censored.censored, censored.verdict) == (3, 2, UNDERPOWERED)


@pytest.mark.parametrize("names", [["ratio"], ["ratio", "size", "more"], ["ratio", "other"]])
def test_quantities_and_predictions_must_have_the_same_names(names):
    ratio = xr.DataArray([1.0, 1.0], dims="seed")
    with pytest.raises(ValueError, match=r"^quantities must be \['ratio', 'size'\], got \["):
        findings([RATIO, SIZE], dict.fromkeys(names, ratio))


@pytest.mark.parametrize(
    ("band", "width", "message"),
    [
        ((1.0, 1.0), None, r"band must be \(least, largest\), got \(1.0, 1.0\)"),
        ((1.0, 0.5), None, r"band must be \(least, largest\), got \(1.0, 0.5\)"),
        ((0.5, np.nan), None, r"band must be"),
        ((0.5, 1.0), 0.0, "width must be positive, got 0.0"),
        ((0.5, 1.0), np.nan, "width must be positive, got nan"),
    ],
)
def test_an_empty_band_or_width_is_refused(band, width, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        Prediction("ratio", "It is 1.", "paper", band, width)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_predictions_are_told_apart_and_say_where_they_come_from(experiment):
    predictions = experiment.prediction()
    assert len({each.name for each in predictions}) == len(predictions)
    for each in predictions:
        assert each.source in ("paper", "derived here")
        assert each.band is not None or each.width is None
        assert rule.verdict(student_interval([0.0, 1e9]), each.band) in (SILENT, UNDERPOWERED)
