"""Stored runs are whole and came after the rule of their day; the ledger is that of the code."""

import ast
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from theory import runs
from theory.questions import QUESTIONS, efficiency, load, name_of, runs_of
from theory.theories import THEORIES
from theory.trial import first_trial, ledger, outcomes
from theory.trial.checksum import PACKAGE
from theory.trial.first_trial import MOVED

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "book" / "data"
FIRST_TRIAL = REPOSITORY / "book" / first_trial.PLACE

#: Those with runs of their own.
STORED = [question for question in QUESTIONS if runs_of(question) is question]
OF_THE_FIRST_TRIAL = [question for question in STORED if name_of(question) in MOVED]

questions = pytest.mark.parametrize("question", QUESTIONS, ids=name_of)
stored = pytest.mark.parametrize("question", STORED, ids=name_of)
of_the_first_trial = pytest.mark.parametrize("question", OF_THE_FIRST_TRIAL, ids=name_of)


def digest(source):
    """The checksum of the first trial: `prediction`, `judge`, and what they use of their file."""
    named = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:]
            named[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = (part for target in targets for part in ast.walk(target))
            named |= {part.id: node for part in parts if isinstance(part, ast.Name)}
    used, waiting = set(), ["prediction", "judge"]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            inside = ast.walk(named[name])
            waiting += [x.id for x in inside if isinstance(x, ast.Name) and x.id in named]
    text = "\n".join(ast.unparse(named[name]) for name in sorted(used))
    return hashlib.sha256(text.encode()).hexdigest()


@questions
def test_the_ledger_is_that_of_the_code_as_it_stands(question):
    """If this fails, run ``python -m theory.trial --judge``."""
    entry, found = ledger.read(DATA / ledger.PLACE.name)[name_of(question)], load(question, DATA)
    assert entry.rule == found.attrs["rule"]
    judged = ledger.rows(outcomes(question, THEORIES, question.measure(found)))
    assert ledger._changed(entry.rows, judged) == ()
    assert entry.checksum == ledger.rule_of(question)
    codes = [entry.steps[0].before if entry.steps else entry.rule]
    codes += [step.after for step in entry.steps]
    assert [step.before for step in entry.steps] == codes[:-1]
    # Runs that were done again under another rule have one that came later.
    assert entry.rule in codes
    assert entry.checksum == codes[-1]


def test_runs_that_were_seen_before_the_rule_say_so():
    entries = ledger.read(DATA / ledger.PLACE.name)
    for question in QUESTIONS:
        if name_of(runs_of(question)) in MOVED:
            entry = entries[name_of(question)]
            assert entry.steps[0].before == entry.rule
            assert entry.standing == "changed after the runs"


def test_the_ledger_has_every_question_and_no_other():
    assert ledger.read(DATA / ledger.PLACE.name).keys() == {name_of(each) for each in QUESTIONS}


@stored
def test_every_point_is_stored_and_no_other(question):
    found = runs.read(DATA / f"{name_of(question)}.nc")
    points = {name: list(values) for name, values in question.POINTS.items()}
    points["seed"] = points["seed"][: found.sizes["seed"]]
    assert found.sizes["seed"] >= question.SAMPLING.least
    assert json.loads(found.attrs["configuration"]) == points
    assert points.keys() <= set(found.test_accuracy.dims)  # one call may give several networks
    for name, values in points.items():
        assert found[name].values.tolist() == values


@stored
def test_only_runs_that_diverged_have_no_accuracy(question):
    found = runs.read(DATA / f"{name_of(question)}.nc")
    missing = found.test_accuracy.isnull() & ~without_examples(found)
    assert not (missing & ~found["diverged"]).any()
    assert found.test_accuracy.min() >= 0
    assert found.test_accuracy.max() <= 1


def without_examples(found):
    """Steps of a ladder for which a pool is too small, where there is one."""
    if "pool_per_label" not in found:
        return False
    return found["step"] * found.equal_cost > found.pool_per_label


@stored
def test_it_is_known_where_runs_come_from(question):
    attributes = runs.read(DATA / f"{name_of(question)}.nc").attrs
    kinds = {"question", "experiment"} if question in OF_THE_FIRST_TRIAL else {"question"}
    assert attributes["kind"] in kinds
    assert attributes["seconds"] > 0
    assert json.loads(attributes["machine"]).keys() == {"system", "features"}
    assert {"python", "numpy", "xarray", "grokking-theory"} <= json.loads(
        attributes["versions"]
    ).keys()
    assert len(attributes["commit"]) == 40


def test_stored_runs_are_small():
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 20e6


def git(*arguments):
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


@of_the_first_trial
def test_the_first_rule_is_kept_as_it_was(question):
    kept = (FIRST_TRIAL / f"{name_of(question)}.py.txt").read_text(encoding="utf-8")
    then = first_trial.then(FIRST_TRIAL)[name_of(question)]
    attributes = runs.read(DATA / f"{name_of(question)}.nc").attrs
    assert digest(kept) == attributes["rule"] == then["rule"]
    assert attributes["commit"] == then["commit"]
    assert digest(kept.replace("def judge(predictions", "def judge(predictions, more")) != digest(
        kept
    )


#: Of these the commit that held the rule before the runs is not in the history: it was made on a
#: machine that was lost before it could be sent on. The page says so.
LOST = {"mixtures_elsewhere"}


@pytest.mark.parametrize(
    "question", [each for each in STORED if name_of(each) not in LOST], ids=name_of
)
@pytest.mark.usefixtures("history")
def test_the_rule_came_before_the_runs(question, tmp_path):
    """It was committed before the runs began, and the runs after it."""
    name = name_of(question)
    attributes = runs.read(DATA / f"{name}.nc").attrs
    commits = git("log", "--format=%H", "--", f"book/data/{name}.nc").split()
    assert commits, f"{name}.nc is not committed"
    before = f"{commits[0]}^"
    git("merge-base", "--is-ancestor", attributes["commit"], before)  # fails if it is none
    if question not in OF_THE_FIRST_TRIAL:
        assert rule_at(attributes["commit"], name, tmp_path) == attributes["rule"]
        return
    for commit in (attributes["commit"], before):
        source = git("show", f"{commit}:theory/experiments/{name}.py")
        assert digest(source) == attributes["rule"]
    kept = (FIRST_TRIAL / f"{name}.py.txt").read_text(encoding="utf-8")
    assert kept == git("show", f"{attributes['commit']}:theory/experiments/{name}.py")


def rule_at(commit, name, folder, repository=REPOSITORY):
    """The rule of a question as the package of a commit has it, unpacked into a folder."""
    command = ["git", "-C", str(repository), "archive", commit, "theory"]
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    code = f"from theory.questions import {name}; from theory.trial import ledger; "
    code += f"print(ledger.rule_of({name}))"
    there = {"cwd": folder, "env": {**os.environ, "PYTHONPATH": str(folder)}}
    told = {"capture_output": True, "text": True, "check": True}
    return subprocess.run([sys.executable, "-c", code], **there, **told).stdout.strip()


def test_the_rule_of_a_commit_is_that_of_its_package(tmp_path):
    repository, folder = tmp_path / "repository", tmp_path / "unpacked"
    shutil.copytree(PACKAGE, repository / "theory", ignore=lambda *_: {"__pycache__", "static"})
    named = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*named, "commit", "-qm", "."]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    shutil.rmtree(repository / "theory")
    found = rule_at("HEAD", "efficiency", folder, repository)
    assert found == ledger.rule_of(efficiency)
