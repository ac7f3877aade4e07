"""A recorded run as text, and back."""

import base64
import json

import numpy as np
import pytest

import theory
from built_book import ROOT
from theory import runs
from theory.explorer.inside import packed

RUN = runs.read(ROOT / "book" / "data" / "inside_a_run.nc")


@pytest.fixture(scope="module")
def sent():
    """What arrives in a browser."""
    return json.loads(json.dumps(packed(RUN), allow_nan=False))


def bits(text, shape):
    numbers = np.frombuffer(base64.b64decode(text), np.uint8)
    return np.unpackbits(numbers, count=np.prod(shape)).reshape(shape).astype(bool)


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
    pairs = np.frombuffer(base64.b64decode(sent["wave_level"]), np.uint8)
    levels = np.stack([pairs >> 4, pairs & 15], axis=1).reshape(RUN.wave_level.shape)
    strongest = levels[-1, :, 1:].argmax(axis=1)
    assert (np.diff(strongest) >= 0).all()
    columns = [sorted(map(bytes, each.swapaxes(0, 1))) for each in (levels, RUN.wave_level.values)]
    assert columns[0] == columns[1]


def test_an_odd_number_of_levels_fits():
    odd = RUN.isel(step=slice(0, 3), unit=slice(0, 3), wave=slice(0, 5))
    assert len(base64.b64decode(packed(odd)["wave_level"])) == 23


def test_events_are_those_of_the_measures(sent):
    assert sent["fits"] == pytest.approx(float(theory.fit_step(RUN)), rel=1e-5)
    assert sent["generalises"] == pytest.approx(float(theory.generalisation_step(RUN)), rel=1e-5)
    early = packed(RUN.isel(step=slice(0, 3)))
    assert (early["fits"], early["generalises"]) == (None, None)


def test_a_page_takes_less_than_200_kilobytes_for_a_run(sent):
    assert len(json.dumps(sent)) < 200_000


def test_a_run_without_its_insides_is_refused():
    with pytest.raises(
        ValueError, match="run must be one that watch has recorded, got one without"
    ):
        packed(RUN.drop_vars("right"))
