"""What is forecast, and the record of what came of it."""

import json

import pytest
import xarray as xr

from theory import __main__ as command
from theory import circuits, forecasts


def test_forecasts_are_the_formulas():
    norm, logit, units, size = forecasts.forecast(101, 1e-4)[:4]
    assert size.value == circuits.critical_size(101, 1e-4)
    assert units.value == circuits.expected_units(101, 1e-4)
    assert norm.value == circuits.generalising_norm(logit.value, 101, units.value)
    assert size.low == pytest.approx(size.value / 1.05)
    assert forecasts.forecast(101, 1e-5)[3].high == pytest.approx(
        1.12 * circuits.critical_size(101, 1e-5)
    )
    assert {each.hit for each in (norm, logit, units, size)} == {None}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((22, 1e-4), "modulus must be an integer of at least 23, got 22"),
        ((24, 1e-4), "modulus must be odd, got 24"),
        ((31, 1e-2), "l2 must be at most 0.001, got 0.01"),
        ((31, 1e-4, 30), "width must be an integer of at least 39, got 30"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        forecasts.forecast(*arguments)


@pytest.fixture
def world(monkeypatch):
    """Networks that cost what is derived; memorising at any size by a power law through that."""
    size = circuits.critical_size(31, 1e-4)

    def at_rest(split, width, l2, seed):
        generalises = "labels" not in split.task.settings
        cost = 1.0 if generalises else (split.train.size / size) ** 0.7
        said = forecasts.forecast(31, l2, width)
        return xr.Dataset(
            {
                "objective": cost,
                "parameter_norm": said[0].value,
                "right_logit": 1.5 * said[1].value,
                "units": said[2].value,
                "test_accuracy": forecasts.accuracy_curve(31, 1e-4, split.train.size / 1.14),
            }
        )

    def descended(network, pool, l2, seed, ladder):
        sizes = xr.DataArray([*ladder, float("inf")], dims="step")
        accuracy = forecasts.accuracy_curve(31, 1e-4, sizes.isel(step=slice(-1)))
        accuracy = xr.concat([accuracy, xr.DataArray(1.0)], "step").assign_coords(step=sizes)
        return xr.Dataset({"test_accuracy": accuracy})

    monkeypatch.setattr(forecasts, "at_rest", at_rest)
    monkeypatch.setattr(forecasts, "descended", descended)


def test_a_run_scores_every_forecast(world):
    found = forecasts.run(31, 1e-4)
    assert [each.hit for each in found] == [True, False, True, True, True, True, *[True] * 7]
    for each in found[3:]:
        assert each.found == pytest.approx(each.value, rel=0.02)


def test_the_curve_falls_with_fewer_examples():
    sizes = xr.DataArray([300.0, 1200.0, 5000.0], dims="size")
    low, middle, high = forecasts.accuracy_curve(97, 1e-4, sizes).values
    assert low < 0.02 < middle < 0.99 < high
    with pytest.raises(ValueError, match="modulus must be odd"):
        forecasts.accuracy_curve(96, 1e-4, 100.0)
    with pytest.raises(ValueError, match="size"):
        forecasts.accuracy_curve(97, 1e-4, 0.0)


def test_a_curve_that_never_passes_half_gives_the_end_of_the_ladder():
    size = {"size": [100.0, 200.0]}
    assert forecasts._half_way(xr.DataArray([0.6, 0.9], size, "size")) == 100
    assert forecasts._half_way(xr.DataArray([0.0, 0.4], size, "size")) == 200


def test_the_record_keeps_all_runs_and_is_never_half_written(world, tmp_path, monkeypatch):
    place = tmp_path / "record.json"
    found = forecasts.run(31, 1e-4)
    forecasts.append({"modulus": 31, "seed": 0}, found, place)
    forecasts.append({"modulus": 31, "seed": 1}, found, place)
    record = forecasts.track_record(place)
    assert [entry["seed"] for entry in record] == [0, 1]
    assert record[0]["forecasts"][1]["found"] == found[1].found
    before = place.read_text()
    monkeypatch.setattr(json, "dumps", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        forecasts.append({"modulus": 31, "seed": 2}, found, place)
    assert place.read_text() == before
    assert forecasts.track_record(tmp_path / "none.json") == []


def test_the_command_prints_and_with_run_appends(world, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(forecasts, "RECORD", tmp_path / "book" / "record.json")
    monkeypatch.setattr(forecasts.append, "__defaults__", (forecasts.RECORD,))
    command.main(["forecast", "--modulus", "31"])
    assert "402.1 examples" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        command.main(["forecast", "--modulus", "31", "--run"])
    assert "--run needs" in capsys.readouterr().err
    forecasts.RECORD.parent.mkdir()
    command.main(["forecast", "--modulus", "31", "--run"])
    assert "OUTSIDE" in capsys.readouterr().out
    assert len(forecasts.track_record(forecasts.RECORD)) == 1
    with pytest.raises(SystemExit):
        command.main(["forecast", "--modulus", "32"])
    assert "modulus must be odd, got 32" in capsys.readouterr().err
