"""A recorded run as text, and back."""

import base64
import json

import numpy as np
import pytest

import theory
from built_book import ROOT
from theory import runs
from theory.explorer.inside import glanced, packed

RUN = runs.read(ROOT / "book" / "data" / "inside_a_run.nc")


@pytest.fixture(scope="module")
def sent():
    """What arrives in a browser."""
    return json.loads(json.dumps(packed(RUN), allow_nan=False))


def bits(text, shape):
    numbers = np.frombuffer(base64.b64decode(text), np.uint8)
    return np.unpackbits(numbers, count=np.prod(shape)).reshape(shape).astype(bool)


def numbers(text, shape):
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)


def half_bytes(text, shape):
    pairs = numbers(text, -1)
    return np.stack([pairs >> 4, pairs & 15], axis=1).reshape(shape)


def test_numbers_arrive_with_six_digits(sent):
    assert sent["step"] == RUN.step.values.tolist()
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "parameter_norm"):
        np.testing.assert_allclose(sent[name], RUN[name], rtol=5e-6)
    np.testing.assert_allclose(sent["strongest_wave"], RUN.strongest_wave, rtol=5e-6)
    np.testing.assert_allclose(sent["wave_power"], RUN.wave_power, rtol=5e-6)
    np.testing.assert_allclose(np.transpose(sent["weight"]), RUN.weight, rtol=5e-6)


def test_tables_arrive_as_they_are(sent):
    assert (bits(sent["trained"], RUN.trained.shape) == RUN.trained.values).all()
    assert (bits(sent["right"], RUN.right.shape) == RUN.right.values).all()


def test_waves_arrive_with_the_units_in_order_of_their_last_one(sent):
    levels = half_bytes(sent["wave_level"], RUN.wave_level.shape)
    strongest = levels[-1, :, 1:].argmax(axis=1)
    assert (np.diff(strongest) >= 0).all()
    columns = [sorted(map(bytes, each.swapaxes(0, 1))) for each in (levels, RUN.wave_level.values)]
    assert columns[0] == columns[1]


def labels(run):
    size = run.sizes["first"]
    return np.add.outer(np.arange(size), np.arange(size)) % size


def test_answers_arrive_as_the_one_of_two_labels_that_is_wrong(sent):
    other = numbers(sent["other"], RUN.answer.shape)
    pairs = [labels(RUN), other]
    np.testing.assert_array_equal(np.where(RUN.right, *pairs), RUN.answer)
    np.testing.assert_array_equal(np.where(RUN.right, *pairs[::-1]), RUN.rival)


def test_leads_arrive_to_a_tenth_of_a_logit_and_close_ones_more_exactly(sent):
    parts = numbers(sent["ahead"], RUN.lead.shape) / 255
    ahead = parts**2 * np.array(sent["most_ahead"])[:, None, None]
    np.testing.assert_allclose(ahead, abs(RUN.lead), atol=0.1)
    close = (abs(RUN.lead) < 1).values
    np.testing.assert_allclose(ahead[close], abs(RUN.lead).values[close], atol=0.02)


def test_who_is_loudest_arrives_by_its_place_in_the_order(sent):
    levels = half_bytes(sent["wave_level"], RUN.wave_level.shape)
    place, unit = np.array(sent["voter"]), RUN.voter.values.reshape(3, -1)
    assert (levels[-1, place] == RUN.wave_level.values[-1, unit]).all()
    assert len({*zip(place.ravel(), unit.ravel(), strict=True)}) == len({*unit.ravel()})
    np.testing.assert_allclose(sent["vote"], RUN.vote.values.reshape(3, -1), rtol=0.05, atol=1e-9)


def test_silent_units_come_last():
    quiet = RUN.wave_level.copy()
    quiet[{"unit": [0, 5]}] = 0
    sent = packed(RUN.assign(wave_level=quiet))
    found = half_bytes(sent["wave_level"], RUN.wave_level.shape)
    assert (found[-1].max(axis=1) == 0).nonzero()[0].tolist() == [126, 127]


def test_a_modulus_that_takes_more_than_a_byte_is_refused():
    large = RUN.isel(first=np.zeros(256, int), second=slice(0, 1), step=slice(0, 2))
    with pytest.raises(ValueError, match="run must be of a modulus below 256, got 256"):
        packed(large)
    packed(large.isel(first=slice(0, 255)))


def test_an_odd_number_of_levels_fits():
    few = RUN.isel(step=slice(0, 3), unit=slice(0, 3), wave=slice(0, 5))
    odd = few.assign(voter=few.voter % 3)
    assert len(base64.b64decode(packed(odd)["wave_level"])) == 23


def test_events_are_those_of_the_measures(sent):
    assert sent["fits"] == pytest.approx(float(theory.fit_step(RUN)), rel=1e-5)
    assert sent["generalises"] == pytest.approx(float(theory.generalisation_step(RUN)), rel=1e-5)
    early = packed(RUN.isel(step=slice(0, 3)))
    assert (early["fits"], early["generalises"]) == (None, None)


def test_a_run_without_its_insides_is_refused():
    with pytest.raises(
        ValueError, match="run must be one that watch has recorded, got one without"
    ):
        packed(RUN.drop_vars("rival"))


def test_a_glance_arrives_with_its_tables_and_accuracies_and_nothing_else():
    sent = json.loads(json.dumps(glanced(RUN), allow_nan=False))
    names = "modulus step train_loss train_accuracy test_accuracy trained right fits generalises"
    assert sorted(sent) == sorted(names.split())
    assert sent == {name: packed(RUN)[name] for name in sent}
    assert (bits(sent["right"], RUN.right.shape) == RUN.right.values).all()


def test_a_glance_needs_no_waves_but_the_table():
    needs = ["trained", "right", "train_loss", "train_accuracy", "test_accuracy"]
    assert glanced(RUN[needs]) == glanced(RUN)
    with pytest.raises(ValueError, match=r"watch has recorded, got one without \{'right'\}"):
        glanced(RUN.drop_vars("right"))
