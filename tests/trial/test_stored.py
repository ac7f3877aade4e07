"""The stored runs are whole, are those of the experiments, and came after their rule."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from theory.experiments import EXPERIMENTS, load, name_of
from theory.experiments.records import rule_of
from theory.experiments.rule import digest

from theory import runs

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "book" / "data"

experiments = pytest.mark.parametrize("experiment", EXPERIMENTS, ids=name_of)


@experiments
def test_runs_are_stored_under_the_rule_that_judges_them(experiment):
    found = load(experiment, DATA)
    assert found.attrs["rule"] == rule_of(experiment)
    findings = experiment.judge(experiment.prediction(), found)
    assert {each.prediction for each in findings} == set(experiment.prediction())


@experiments
def test_every_point_is_stored_and_no_other(experiment):
    found = runs.read(DATA / f"{name_of(experiment)}.nc")
    points = {name: list(values) for name, values in experiment.POINTS.items()}
    assert json.loads(found.attrs["configuration"]) == points
    assert set(found.test_accuracy.dims) == points.keys()
    for name, values in points.items():
        assert found[name].values.tolist() == values


@experiments
def test_only_runs_that_diverged_have_no_accuracy(experiment):
    found = runs.read(DATA / f"{name_of(experiment)}.nc")
    missing = found.test_accuracy.isnull()
    assert not (missing & ~found["diverged"]).any()
    assert found.test_accuracy.min() >= 0
    assert found.test_accuracy.max() <= 1


@experiments
def test_it_is_known_where_runs_come_from(experiment):
    attributes = runs.read(DATA / f"{name_of(experiment)}.nc").attrs
    assert attributes["kind"] == "experiment"
    assert attributes["seconds"] > 0
    assert json.loads(attributes["machine"]).keys() == {"system", "features"}
    assert {"python", "numpy", "xarray", "grokking-theory"} <= json.loads(
        attributes["versions"]
    ).keys()
    assert len(attributes["commit"]) == 40


def test_stored_runs_are_small():
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 20e6


def git(*arguments: str) -> str:
    """What git says, of this repository."""
    command = ["git", "-C", str(REPOSITORY), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def history():
    """Skip where git cannot say what came first."""
    try:
        top = Path(git("rev-parse", "--show-toplevel").strip())
        shallow = git("rev-parse", "--is-shallow-repository").strip()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git repository, so nothing says what came first")
    if top != REPOSITORY.resolve():
        pytest.skip("the repository around this folder is another one")
    if shallow == "true":
        pytest.skip("this is a shallow clone, without the commits that say what came first")


@experiments
@pytest.mark.usefixtures("history")
def test_the_rule_came_before_the_runs(experiment):
    name = name_of(experiment)
    attributes = runs.read(DATA / f"{name}.nc").attrs
    stored = git("log", "--format=%H", "--", f"book/data/{name}.nc").split()
    assert stored, f"{name}.nc is not committed"
    before = f"{stored[0]}^"
    git("merge-base", "--is-ancestor", attributes["commit"], before)  # fails if it is none
    for commit in (attributes["commit"], before):
        source = git("show", f"{commit}:theory/experiments/{name}.py")
        assert digest(source) == attributes["rule"]
