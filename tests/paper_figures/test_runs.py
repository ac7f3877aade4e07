"""The runs that only the paper's figures need, and what is read off their logits."""

import numpy as np
import pytest
import xarray as xr

from built_book import ROOT
from theory import runs
from theory.networks import (
    AdamW,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
    right_logits,
)
from theory.paper_figures import __main__ as recording
from theory.paper_figures import single_runs, task_runs, ungrokking_runs
from theory.paper_figures.following import follow, looks
from theory.paper_figures.projected import projected
from theory.questions.practice import Subject

DATA = ROOT / "book" / "data"
OWN = {"single_runs": single_runs, "ungrokking_runs": ungrokking_runs, "task_runs": task_runs}


@pytest.fixture(scope="module")
def trained():
    """A network on 20 of 49 pairs, with its split."""
    split = modular_addition(7).split(20, rng=1)
    stage = Stage(AdamW(0.01, 1.0), steps=60)
    training = Training(TwoLayer(24), split, (stage,), seed=2, dtype="float64")
    return training, advance(training)[1]


def test_the_projection_is_that_on_functions_of_the_difference_to_the_right_label(trained):
    training, end = trained
    task, places = training.split.task, np.arange(49)
    inputs = training.network.encode(task, places, "float64")
    logits = training.network.forward(end.parameters, inputs).logits
    logits = logits - logits.mean(axis=1, keepdims=True)
    ahead = (task.labels[:, None] + np.arange(7)) % 7
    waves = np.take_along_axis(logits, ahead, axis=1).mean(axis=0)
    right = logits[places, task.labels]
    run = xr.Dataset(
        {
            "train_logit": right[training.split.train].mean(),
            "test_logit": right[training.split.test].mean(),
        }
    )
    both = projected(run, 20 / 49)
    assert both.generalising.item() == pytest.approx(waves[0])
    rest = (right - waves[0])[training.split.train].mean()
    assert both.memorising.item() == pytest.approx(rest)


def test_right_logits_are_means_over_what_is_trained_on_and_what_is_not(trained):
    training, end = trained
    split, network = training.split, training.network

    found = advance(training, measurements=(right_logits,))[0]
    places = np.arange(49)
    inputs = network.encode(split.task, places, "float64")
    logits = network.forward(end.parameters, inputs).logits
    right = logits[places, split.task.labels] - logits.mean(axis=1)
    assert found.train_logit[-1].item() == pytest.approx(right[split.train].mean())
    assert found.test_logit[-1].item() == pytest.approx(right[split.test].mean())


@pytest.mark.parametrize("trained_on", [0.0, 1.0, 1.2])
def test_a_part_that_is_none_is_refused(trained_on):
    run = xr.Dataset({"train_logit": 1.0, "test_logit": 0.0})
    with pytest.raises(ValueError, match=rf"trained must be in \(0, 1\), got {trained_on}"):
        projected(run, trained_on)


def test_looks_do_not_change_a_run(trained):
    training, _ = trained
    seen = follow(training, (0, 7, 20, 60))
    whole = advance(training, record_every=1)[0].sel(step=seen["step"])
    for name in ("train_loss", "test_accuracy", "parameter_norm"):
        np.testing.assert_allclose(seen[name], whole[name], rtol=1e-6)


def test_looks_begin_with_none_and_end_with_the_last_and_never_repeat():
    steps = looks(40, 100)
    assert steps[:2] == (0, 10)
    assert steps[-1] == 40
    assert list(steps) == sorted(set(steps))


def test_ungrokking_goes_on_with_fewer_examples_from_a_network_that_had_grokked(monkeypatch):
    monkeypatch.setattr(ungrokking_runs, "MODULUS", 7)
    monkeypatch.setattr(ungrokking_runs, "GROKKING", 200)
    subject = Subject(7, 32, 0)
    start = ungrokking_runs._grokked(subject)
    found = ungrokking_runs.followed(subject, start, 14, (0, 5, 20))
    assert found["step"].values.tolist() == [0, 5, 20]
    norm = np.linalg.norm(start.parameters.flat)
    assert found.parameter_norm[0].item() == pytest.approx(norm, rel=1e-5)
    assert found.train_loss[-1] < found.train_loss[0]


def test_a_task_is_ungrokked_at_every_size(monkeypatch):
    for name, value in {
        "MODULUS": 7,
        "GROKKING": 60,
        "UNGROKKING": 50,
        "SIZES": (2.0, 4.0),
    }.items():
        monkeypatch.setattr(task_runs, name, value)
    found = task_runs.ungrokked("x*y", 1.0, 0)
    assert found.sizes == {"per_label": 2}
    assert found.pool_accuracy.sizes == {}
    monkeypatch.setattr(task_runs, "DEGREE", 3)
    assert task_runs.task_of("xy").num_labels == 6


@pytest.mark.parametrize("name", OWN)
def test_stored_runs_are_those_of_the_code(name):
    stored = runs.read(DATA / f"{name}.nc")
    for dim, values in OWN[name].POINTS.items():
        assert stored[dim].values.tolist() == list(values)
    assert int(stored.attrs["seconds"]) > 60
    assert (DATA / f"{name}.nc").stat().st_size < 300_000
    assert not stored["diverged"].any()


@pytest.mark.parametrize("which", ["two layers", "semi, AdamW", "semi, L2"])
def test_a_stored_run_begins_as_it_did(which):
    stored = single_runs.one(runs.read(DATA / "single_runs.nc"), which)
    training = single_runs.training_of(which)
    begun = follow(training, stored["step"].values[:8].tolist())
    former = stored.sel(step=begun["step"])
    assert stored.examples == training.split.train.size
    np.testing.assert_allclose(begun.train_loss, former.train_loss, rtol=1e-3)
    np.testing.assert_allclose(begun.parameter_norm, former.parameter_norm, rtol=1e-4)


def test_own_runs_are_recorded_with_what_they_took(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="call it from the repository"):
        recording.main()
    (tmp_path / "book" / "data").mkdir(parents=True)
    for module in recording.KINDS:
        monkeypatch.setattr(module, "run", lambda folder: xr.Dataset({"folder": str(folder)}))
    recording.main()
    for name in OWN:
        stored = runs.read(tmp_path / "book" / "data" / f"{name}.nc")
        assert stored.folder.item() == f"questions/{name}"
        assert stored.attrs["kind"] == "paper figure"
        assert stored.attrs["seconds"].isdigit()
