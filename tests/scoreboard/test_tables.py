"""Curves for laws are those of the stored runs."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from theory.questions import QUESTIONS, efficiency, load, name_of
from theory.questions import delay_and_decay as decay
from theory.scoreboard.own_laws import guesses, own_laws
from theory.scoreboard.row import rows
from theory.scoreboard.tables import free_norm, table, tables
from theory.theories import THEORIES
from theory.theories.laws import DELAY_BY_DECAY, HELD_NORM, MEMORISING_NORM, MEMORY_SHARE, TABLES

DATA = Path(__file__).parents[2] / "book" / "data"


@cache
def stored():
    return tables(DATA)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_made_from_stored_runs(name):
    found = stored()[name]
    assert found.question in map(name_of, QUESTIONS)
    assert np.isfinite(found.values).all()
    assert (found.noise > 0).all()
    shapes = {each.shape for each in (found.noise, *found.places.values(), found.group, found.rung)}
    assert shapes == {found.values.shape}


def test_there_are_no_other_tables():
    assert stored().keys() == set(TABLES)


def test_a_place_has_the_median_of_its_seeds():
    runs = load(decay, DATA)
    there = runs.sel(modulus=39, way="descent", change="decay 0.25")
    expected = np.log((there.half - there.fits).median().item())
    found = stored()[DELAY_BY_DECAY["descent"]]
    place = (found.group == 39) & (found.rung == 0.25)
    assert found.values[place] == pytest.approx(expected)
    assert found.places["decay"][place] == decay.WAYS["descent"].decay * 0.25
    assert found.places["fit_norm"][place] == pytest.approx(there.fit_norm.median().item())


def test_twins_among_what_memorises_are_one_group():
    found = stored()[MEMORISING_NORM]
    names, times = np.unique(found.group, return_counts=True)
    assert dict(zip(names, times, strict=True))["6.0, 40, 2"] == 7
    assert names.size == 11


def test_shares_of_one_modulus_are_one_group():
    assert set(stored()[MEMORY_SHARE].group.tolist()) == {79, 89, 101}


def made(values):
    coords = {"modulus": [31, 33], "seed": [1, 2, 3]}
    return xr.DataArray(values, coords, ("modulus", "seed"))


def test_runs_that_did_not_come_so_far_count_as_later():
    values = made([[1.0, 2.0, np.nan], [1.0, 2.0, 3.0]])
    found = table("a", efficiency, values, ("modulus",), {"x": values["modulus"]})
    np.testing.assert_allclose(np.exp(found.values), 2)
    assert found.left_out == 0


def test_a_place_at_which_most_did_not_come_so_far_is_left_out_and_counted():
    values = made([[1.0, np.nan, np.nan], [1.0, 2.0, 3.0]])
    found = table("a", efficiency, values, ("modulus",), {"x": values["modulus"]})
    assert found.group.tolist() == found.places["x"].tolist() == [33]
    assert found.left_out == 1


def test_what_is_left_out_of_the_stored_runs_is_one_place():
    left_out = {name: each.left_out for name, each in stored().items() if each.left_out}
    assert left_out == {DELAY_BY_DECAY["AdamW"]: 1}


def test_groups_and_rungs_belong_to_the_values():
    coords = {"case": ["a", "b"], "step": [1.0, 2.0, 4.0], "seed": [0, 1]}
    share = xr.DataArray(np.arange(12.0).reshape(2, 3, 2), coords, ("case", "step", "seed"))
    turned = share.transpose("seed", "step", "case")
    places = {"size": share["step"], "one": 1.0}
    found = table("share", efficiency, turned, ("case", "step"), places, relative=False)
    assert found.values.tolist() == [0.5, 2.5, 4.5, 6.5, 8.5, 10.5]
    assert found.group.tolist() == ["a"] * 3 + ["b"] * 3
    assert found.rung.tolist() == found.places["size"].tolist() == [1.0, 2.0, 4.0] * 2
    assert found.places["one"].tolist() == [1.0] * 6


def test_free_networks_are_half_right_at_a_norm_above_that_of_memory():
    assert 1.0 < free_norm(DATA) < 1.5
    assert (stored()[HELD_NORM].places["free_norm"] == free_norm(DATA)).all()


def test_laws_are_of_theories_on_trial_and_of_tables():
    own = own_laws()
    assert own.keys() <= {each.name for each in THEORIES}
    for laws in (*own.values(), *guesses().values()):
        assert laws.keys() <= set(TABLES)
    row = next(each for each in rows() if each.name == "minimal model")
    assert row.laws(own) == own["minimal model"]
