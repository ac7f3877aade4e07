"""Whether treatments begin where networks rest, and what is read off them is right."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import annealing, two_sides
from theory.questions.annealing import HOT, LONGER, NOISY, ROAD, SPEEDS, TREATMENTS, WAYS


def test_full_batches_leave_what_rests_where_it_is(monkeypatch):
    monkeypatch.setattr(annealing, "UPDATES", 200)
    monkeypatch.setattr(two_sides, "UPDATES", 2000)
    one = annealing.again("29", LONGER, "grokked", 1)
    assert one.moved_apart < 0.01
    assert one.test_accuracy == pytest.approx(one.before_test_accuracy.item(), abs=0.02)
    assert one.norm_during.item() == pytest.approx(1, abs=0.01)
    noisy = annealing.again("29", HOT, "grokked", 1)
    assert noisy.norm_during > 1.5
    assert noisy.before_objective == one.before_objective


def test_roads_go_up_and_down(monkeypatch):
    monkeypatch.setattr(two_sides, "UPDATES", 300)
    monkeypatch.setattr(annealing, "ROAD", (0.6, 1.4))
    there = annealing.road("29", 300, 1).road_accuracy
    assert there.dims == ("origin", "way", "part")
    # What has grokked is at the top first, and is not quite as good when it is there again.
    high = there.sel(origin="grokked", part=1.4)
    assert high.sel(way="down") > 0.9
    assert high.sel(way="up") < high.sel(way="down")
    assert (there.sel(part=0.6) < 0.4).all()
    assert (there.sel(part=1.4) > there.sel(part=0.6)).all()


def made():
    """Runs in which only hot networks leave, and slow ways are less apart than fast ones."""
    coordinates = {
        "case": ["29", "37"],
        "treatment": list(TREATMENTS),
        "origin": list(two_sides.ORIGINS),
        "seed": [0, 1, 2],
    }
    ones = xr.DataArray(1.0, coordinates, tuple(coordinates))
    noisy = (ones["treatment"] == NOISY) * ones
    scratch = (ones["origin"] == "scratch") * ones
    lag = xr.DataArray([0.1, 0.15, 0.2], {"speed": list(SPEEDS)}, "speed")
    up = xr.DataArray([1.0, 0.0], {"way": list(WAYS)}, "way")
    size = xr.DataArray(np.array(ROAD), {"part": list(ROAD)}, "part")
    subject = ones.isel(treatment=0, drop=True)
    behind = 0.05 * scratch.isel(treatment=0, drop=True)
    return xr.Dataset(
        {
            "moved_apart": noisy * 0.5,
            "before_objective": 1 + 0.02 * scratch,
            "objective": 1 + 0.02 * scratch - 0.015 * scratch * noisy,
            "before_test_accuracy": 0.5 * ones,
            "test_accuracy": 0.5 * ones + 0.1 * noisy,
            "residual": 0 * ones,
            "norm_during": ones,
            "road_accuracy": subject / (1 + ((0.85 + lag * up + behind) / size) ** 14),
        }
    )


def test_what_is_measured_where_it_is_known():
    measured = annealing.measure(made())
    assert (measured["left"] == 1).all()
    assert measured["gap_after"].values == pytest.approx(0.25)
    assert measured["gaps_after"].sel(treatment=LONGER).values == pytest.approx(1)
    assert measured["apart_slowly"].low.values == pytest.approx(1.0 / 0.85, rel=0.01)
    assert measured["loop"].low.values == pytest.approx(1.0 / 0.9, rel=0.01)
    assert measured["loop_grokked"].low.values == pytest.approx(0.95 / 0.85, rel=0.01)
    assert measured["gained"].sel(treatment=NOISY).values == pytest.approx(0.1)
    assert measured["gained"].sel(treatment=LONGER).values == pytest.approx(0)
    assert abs(measured["at_the_top"]).max() < 0.01
    tiny = made().assign(before_objective=1.0 + 0 * made().objective)
    assert annealing.measure(tiny)["gap_after"].isnull().all()
