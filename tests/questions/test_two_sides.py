"""Whether starts are what they are said to be, waves move as a whole, and measures are right."""

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.circuits.build import waves
from theory.questions import two_sides
from theory.questions.tuning import moved, tuned
from theory.questions.two_sides import GROKKED, MEMORISED, states

TABLE = np.array([(a, b) for a in range(13) for b in range(13)])
LABELS = TABLE.sum(axis=1) % 13


def found(units):
    return circuits.find(units, TABLE, LABELS, active=0.01)


def test_waves_that_are_moved_still_compute_the_sum():
    units = waves(13, [1, 2, 3, 5], logit=9.0)
    few = moved(units, found(units), 2)
    frequencies = set(found(few).frequency.values.tolist())
    assert len(frequencies) == 2
    assert frequencies < {1, 2, 3, 5}
    # What a unit says of the right label stays with its amplitudes and phases.
    before, after = (each.right_logits(TABLE, LABELS) for each in (units, few))
    np.testing.assert_allclose(after, before, rtol=1e-9)
    every = found(moved(units, found(units), 6))
    assert set(every.frequency.values.tolist()) == {1, 2, 3, 4, 5, 6}


def test_frequencies_of_three_units_are_counted():
    units = waves(13, [1, 2, 3, 5], logit=9.0)
    whole = tuned(found(units))
    assert whole == {"frequencies": 4.0, "pure": 1.0}
    apart = tuned(found(moved(units, found(units), 6)))
    assert apart["pure"] <= 1
    silent = found(units).assign(kind=found(units).kind.where(False, circuits.SILENT))
    assert tuned(silent)["frequencies"] == 0
    assert np.isnan(tuned(silent)["pure"])


def test_waves_that_are_moved_lose_what_is_not_at_their_frequency():
    units = waves(13, [1, 2], logit=9.0)
    noise = np.random.default_rng(0)
    rough = circuits.HiddenUnits(
        tuple(each + noise.normal(0, 0.02, each.shape) for each in units.embeddings), units.outputs
    )
    assert found(rough).wave_share.min() < 0.999
    pure = moved(rough, found(rough), 2)
    np.testing.assert_allclose(found(pure).wave_share.values, 1.0)


def test_units_that_are_no_waves_fall_silent():
    units = circuits.together(
        [waves(13, [2], logit=9.0), circuits.build.label_units(TABLE, LABELS, 13, 13, 4.0)]
    )
    kinds = found(units).kind
    assert {circuits.WAVE, circuits.LABEL} <= set(kinds.values.tolist())
    kept = moved(units, found(units), 3)
    np.testing.assert_array_equal(kept.strengths > 0, kinds == circuits.WAVE)


@pytest.mark.parametrize(
    ("links", "count"),
    [
        ([], 4),
        ([(0, 1)], 3),
        ([(0, 1), (1, 2)], 2),
        ([(0, 1), (2, 3)], 2),
        ([(0, 1), (1, 2), (2, 3)], 1),
    ],
)
def test_states_are_networks_that_are_linked(links, count):
    apart = np.ones((4, 4)) - np.eye(4)
    for one, other in links:
        apart[one, other] = apart[other, one] = 0.05
    assert states(xr.DataArray(apart, dims=("start", "other"))) == count


def test_starts_share_their_examples_and_are_at_rest(monkeypatch):
    monkeypatch.setattr(two_sides, "CASES", {"29": two_sides.Case(29, 1e-4)})
    monkeypatch.setattr(two_sides, "UPDATES", 300)
    runs = two_sides.sides("29", 1.4, 1)
    assert (runs.residual < 1e-3).all()
    assert runs.pool_accuracy > 0.9
    # Of what has grokked more is right, and it was stopped half-way on the way there.
    assert runs.test_accuracy.sel(start=GROKKED) > 0.9
    assert 0 < runs.pool_updates < 1000
    np.testing.assert_allclose(np.diag(runs.apart), 0, atol=1e-12)
    alone = two_sides.again("29", 1.4, MEMORISED, 1)
    assert alone.test_accuracy == runs.test_accuracy.sel(start=MEMORISED)


def made():
    """Runs in which every start has accuracies of its own, seeds being alike but for a little."""
    cases, seeds = list(two_sides.CASES), list(range(3))
    sizes = xr.DataArray(list(two_sides.SIZES), {"part": list(two_sides.SIZES)}, "part")
    middle = xr.DataArray([1.0, 0.8, 1.0, 0.9], {"start": list(two_sides.STARTS)}, "start")
    ones = xr.DataArray(1.0, {"case": cases, "seed": seeds}, ("case", "seed"))
    accuracy = (1 / (1 + (middle / sizes) ** 12)) * ones
    apart = xr.DataArray(1 - np.eye(4), {"start": list(two_sides.STARTS)}, ("start", "other"))
    objective = ones * (0.05 + 0.001 * np.log(sizes / 0.6) * (middle > 0.9))
    changes = xr.DataArray(
        [[0.5, 0.4], [0.7, 0.4]],
        {"origin": list(two_sides.ORIGINS), "count": list(two_sides.COUNTS)},
        ("origin", "count"),
    )
    random = xr.DataArray(
        list(two_sides.RANDOM), dims="random", coords={"random": list(two_sides.RANDOM)}
    )
    same = dict.fromkeys(("pure", "frequencies", "residual", "moved"), 0 * accuracy)
    return xr.Dataset(
        {
            **same,
            "test_accuracy": accuracy,
            "test_logit": accuracy,
            "train_logit": 1 + 0 * accuracy,
            "objective": objective,
            "apart": apart * ones * (1 + 0 * sizes),
            "pool_updates": 200 * ones * (1 + 0 * sizes),
            "pool_accuracy": ones * (1 + 0 * sizes),
            "pool_objective": 0.05 * ones * (1 + 0 * sizes),
            "random_objective": 0.05 * random**0.7 * ones,
            "changed_test_accuracy": changes * ones,
            "changed_objective": 0.05 * ones * (1 + 0 * changes),
        }
    )


def test_what_is_measured_where_it_is_known():
    runs = made()
    measured = two_sides.measure(runs)
    places = {name: measured[name].low for name in ("scratch_over_grokked", "half_over_grokked")}
    assert places["scratch_over_grokked"].values == pytest.approx(1 / 0.8, rel=0.01)
    assert places["half_over_grokked"].values == pytest.approx(0.9 / 0.8, rel=0.01)
    assert measured["memorised_over_scratch"].low.values == pytest.approx(1.0)
    assert measured["weights_over_cost"].low.values == pytest.approx(0.8, rel=0.01)
    assert measured["weights_over_cost_scratch"].low.values == pytest.approx(1.0, rel=0.01)
    assert measured["even_objectives"].low.values == pytest.approx(0.6 * np.exp(0.05), rel=0.01)
    assert measured["objective_gap"].values == pytest.approx(0.001 * np.log(1 / 0.6) / 0.05)
    assert measured["width_grokked"].low.values == pytest.approx(9 ** (1 / 6), rel=0.05)
    assert (measured["states"] == 4).all()
    assert measured["few_gain"].values == pytest.approx(0.1)
    assert measured["few_gain_grokked"].values == pytest.approx(0.3)
    assert measured["origin_gain"].values == pytest.approx(0.1)
    assert measured["weak_over_strong"].low.values == pytest.approx(1.0)


def test_nothing_is_known_of_what_had_not_grokked():
    runs = made()
    never = runs.assign(pool_accuracy=runs.pool_accuracy.where(runs["seed"] != 0, 0.1))
    measured = two_sides.measure(never)
    assert np.isinf(measured["scratch_over_grokked"].high.sel(seed=0)).all()
    assert (measured["scratch_over_grokked"].low.sel(seed=0) == 0).all()
    assert np.isfinite(measured["scratch_over_grokked"].high.sel(seed=1)).all()
