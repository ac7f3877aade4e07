"""The command line, with a log that stands in for what `theory.logs.read` has read."""

import json

import matplotlib as mpl
import numpy as np
import pytest

from theory import __main__ as command
from theory import logs, runs

mpl.use("agg")


@pytest.fixture
def read(monkeypatch):
    """What was asked of `theory.logs.read`, which returns a run that groks."""
    asked = {}

    def stand_in(path, **choices):
        asked.update(choices, path=path)
        units = choices.get("loss_units", "nat")
        return runs.from_columns(
            [0, 10, 500],
            loss_units=units,
            train_loss=[2 * np.log(2), 0, 0],
            train_accuracy=[0, 1, 1],
            test_accuracy=[0, 0, 1],
        )

    monkeypatch.setattr(logs, "read", stand_in, raising=False)
    return asked


def refused(capsys, *arguments):
    """What a call that is refused says on stderr."""
    with pytest.raises(SystemExit) as stopped:
        command.main(["describe", "log.csv", *arguments])
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_it_prints_what_happened(read, capsys):
    command.main(["describe", "log.csv"])
    out = capsys.readouterr().out
    assert "groks: it fits, generalises late, and does so when it ends." in out
    assert read == {"path": "log.csv"}


def test_choices_of_reading_are_passed_on(read):
    names = ["--names", "train_loss=loss", "test_accuracy=eval/acc=1"]
    more = ["--step", "epoch", "--percent", "test_accuracy", "--loss-units", "nat"]
    text = ["--pattern", "(?P<step>.*)", "--encoding", "utf-16"]
    command.main(["describe", "log.csv", *names, *more, *text])
    assert read == {
        "path": "log.csv",
        "names": {"train_loss": "loss", "test_accuracy": "eval/acc=1"},
        "step": "epoch",
        "percent": ["test_accuracy"],
        "loss_units": "nat",
        "pattern": "(?P<step>.*)",
        "encoding": "utf-16",
    }


@pytest.mark.usefixtures("read")
def test_json_has_null_with_a_reason_and_says_what_next(capsys):
    following = ["--optimiser", "AdamW", "--decay", "0.5"]
    command.main(["describe", "log.csv", "--json", "--loss-units", "1", *following])
    said = json.loads(capsys.readouterr().out)
    (run,) = said["runs"]
    assert run["fits"]["step"] is None
    assert "fit_by" in run["fits"]["reason"]
    assert run["generalises"]["step"] == pytest.approx(475.5)
    assert said["criteria"]["threshold"] == 0.95
    assert said["next"]["runs"] == [{"steps": None, "low": 0.0, "high": None}]


@pytest.mark.usefixtures("read")
def test_criteria_are_passed_on_and_options_are_named_in_the_report(capsys):
    command.main(["describe", "log.csv", "--loss-units", "1"])
    assert "give --fit-by train_accuracy" in capsys.readouterr().out
    by = ["--fit-by", "train_accuracy", "--fit-accuracy", ".9", "--threshold", ".7"]
    command.main(["describe", "log.csv", *by, "--late", "99", "--stays", "0", "--chance", "0"])
    out = capsys.readouterr().out
    assert "train accuracy from 0.9 on): at step 9" in out
    assert "comprehends" in out


@pytest.mark.usefixtures("read")
def test_a_figure_goes_to_a_file(tmp_path):
    command.main(["describe", "log.csv", "--figure", str(tmp_path / "run.svg")])
    assert "<svg" in (tmp_path / "run.svg").read_text()


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--names", "loss"], "--names must be like train_loss=loss, got 'loss'"),
        (["--threshold", "2"], "--threshold must be at most 1, got 2"),
        (["--decay", "2"], "--optimiser must be given with decay"),
        (["--optimiser", "Adam", "--rate", "9"], "--rate must be at most 4, got 9"),
        (["--figure", "run.nothing"], "nothing"),
        (["--fit-by", "loss"], "invalid choice: 'loss'"),
    ],
)
def test_what_it_cannot_follow_ends_with_2_and_names_the_option(capsys, arguments, message):
    assert message in refused(capsys, *arguments)


def test_what_a_log_asks_for_is_named_as_an_option(monkeypatch, capsys):
    def asks(_):
        raise ValueError("loss_units must be given: train_loss 0.4 at step 10")

    monkeypatch.setattr(logs, "read", asks, raising=False)
    assert "error: --loss-units must be given" in refused(capsys)


def test_a_log_that_is_not_there_ends_with_2(monkeypatch, capsys):
    monkeypatch.setattr(logs, "read", open, raising=False)
    assert "No such file" in refused(capsys)


def test_help_names_both_commands(capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(["--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert "describe" in out
    assert "forecast" in out
