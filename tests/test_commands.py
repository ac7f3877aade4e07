"""The command line, with a log that stands in for what `theory.logs.read` has read."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

import theory
from theory import __main__ as command
from theory import commands, logs, paper_figures, runs
from theory.describing import LABELS

mpl.use("agg")

DATA = Path(__file__).parent / "logs/data"
#: The eight logs, with what each leaves open.
EIGHT = {
    "console.log": [],
    "history_mse.json": ["--step", "epoch", "--loss-units", "1"],
    "lightning_percent.csv": ["--names", "train_loss=full_train_loss"],
    "meta_and_nulls.jsonl": [],
    "resumed_duplicate_columns.csv": [],
    "trainer_state.json": [],
    "two_cadences.json": ["--step", "epoch"],
    "wandb_export.csv": [],
}


@pytest.fixture
def read(monkeypatch):
    """What was asked of `theory.logs.read`, which returns a run that groks."""
    asked = {}

    def stand_in(path, **choices):
        asked.update(choices, path=path)
        units = choices.get("loss_units", "nat")
        return runs.from_columns(
            [0, 1, 10, 40, 500],
            loss_units=units,
            train_loss=[4, 4, 0, 0, 0],
            train_accuracy=[0, 0, 1, 1, 1],
            test_accuracy=[0, 0, 0, 0, 1],
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
    assert "groks: it fits, generalises after more than 2 times as many steps, and does so" in out
    assert read == {"path": "log.csv"}


def test_choices_of_reading_are_passed_on(read):
    names = ["--names", "train_loss=loss", "test_accuracy=eval/acc=1"]
    more = ["--step", "epoch", "--percent", "test_accuracy", "--loss-units", "nat"]
    text = ["--pattern", "(?P<step>.*)", "--encoding", "utf-16", "--decimal", ","]
    more += ["--run", "seed", "decay", "--resumed", "False"]
    command.main(["describe", "log.csv", *names, *more, *text])
    assert read == {
        "path": "log.csv",
        "names": {"train_loss": "loss", "test_accuracy": "eval/acc=1"},
        "step": "epoch",
        "percent": ["test_accuracy"],
        "loss_units": "nat",
        "run": ["seed", "decay"],
        "resumed": False,
        "decimal": ",",
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
    assert run["generalises"]["step"] == pytest.approx(477)
    assert said["criteria"]["threshold"] == 0.95
    assert said["next"]["runs"] == [{"steps": None, "low": 0.0, "high": None}]


@pytest.mark.usefixtures("read")
def test_criteria_are_passed_on_and_options_are_named_in_the_report(capsys):
    command.main(["describe", "log.csv", "--loss-units", "1"])
    assert "give --fit-by train_accuracy" in capsys.readouterr().out
    by = ["--fit-by", "train_accuracy", "--fit-accuracy", ".9", "--threshold", ".7"]
    command.main(["describe", "log.csv", *by, "--late", "999", "--stays", "0", "--chance", "0"])
    out = capsys.readouterr().out
    assert "train accuracy from 0.9 on): at step 9.1" in out
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


def test_a_log_that_is_not_there_ends_with_2(capsys):
    assert "No such file" in refused(capsys)


def test_each_choice_of_read_and_of_describe_is_an_option():
    for function, options in [(logs.read, commands.CHOICES), (theory.describe, commands.CRITERIA)]:
        assert {*list(inspect.signature(function).parameters)[1:]} == {*options}


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        (["lightning_percent.csv"], [], "--names must say which column is train_loss"),
        (["history_mse.json"], [], "; --loss-units must be given: 'mse' says"),
        (["history_mse.json"], [], "--step must be given: --step epoch takes epochs as steps"),
        (["wandb_export.csv"], ["--run", "wd"], "--run must name columns of"),
        (["console.log", "wandb_export.csv"], ["--pattern", "("], "--pattern must be a regular"),
        (["resumed_duplicate_columns.csv"], ["--resumed", "maybe"], "--resumed: invalid choice"),
    ],
)
def test_what_a_file_leaves_open_is_asked_with_option_and_file(files, options, message, capsys):
    paths = [str(DATA / name) for name in files]
    with pytest.raises(SystemExit) as stopped:
        command.main(["describe", *paths, *options])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert message in said
    assert files[0] in said or "invalid choice" in message


@pytest.mark.parametrize("name", EIGHT)
def test_json_is_valid_for_every_log(name, capsys):
    command.main(["describe", str(DATA / name), "--json", *EIGHT[name]])
    out = capsys.readouterr().out
    said = json.loads(out, parse_constant=pytest.fail)
    assert said["source"]["read"]["files"] == [name]
    assert {run["label"] for run in said["runs"]} <= LABELS.keys()


def test_json_is_valid_where_a_log_holds_what_is_no_number(tmp_path, capsys):
    log = {"step": [0, 9], "train_loss": [4, 0.1], "best": float("inf"), "lr": [float("nan")] * 2}
    (tmp_path / "log.json").write_text(json.dumps(log))
    command.main(["describe", str(tmp_path / "log.json"), "--json"])
    said = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert said["source"]["configuration"] == {"best": "Infinity"}


def test_help_names_both_commands(capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(["--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert "describe" in out
    assert "forecast" in out


def test_a_figure_of_several_runs_is_refused_after_the_report(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(
            ["describe", str(DATA / "wandb_export.csv"), "--figure", str(tmp_path / "x.svg")]
        )
    assert stopped.value.code == 2
    out, said = capsys.readouterr()
    assert "error: --figure must be of a single run, the log has 2" in said
    assert "lively-sun-7" in out


def test_a_reader_that_stops_early_is_no_error():
    log = str(DATA / "wandb_export.csv")
    call = [sys.executable, "-c", "import theory.__main__ as c; c.main()", "describe", log]
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(call, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_help_says_that_logs_come_first(capsys):
    with pytest.raises(SystemExit):
        command.main(["describe", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert "describe LOG [LOG ...] [options]" in out
    assert "before any option" in out


@pytest.fixture
def repository(monkeypatch, tmp_path):
    """A folder of its own, with the stored runs where the command looks for them."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "data").symlink_to(Path(__file__).parents[1] / "book" / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_figure_of_the_paper_is_drawn_from_stored_runs(repository, capsys):
    command.main(["figure", "4"])
    assert capsys.readouterr().out == "figure_4.svg\n"
    assert "<svg" in (repository / "figure_4.svg").read_text()
    command.main(["figure", "4", "four.png"])
    assert (repository / "four.png").read_bytes()[1:4] == b"PNG"
    assert {each.name for each in repository.iterdir()} == {"book", "figure_4.svg", "four.png"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["12"], ["got 12; there are", "7  Many ungrokking runs", "no more that are known"]),
        (["seven"], ["invalid int value: 'seven'"]),
        (["7", "seven.txt"], ["file must end with .svg, .png, .pdf, got 'seven.txt'"]),
        (["4", "no folder/four.svg"], ["No such file or directory"]),
        ([], ["required: NUMBER"]),
    ],
)
def test_a_figure_that_cannot_be_drawn_ends_with_2(repository, capsys, arguments, words):
    with pytest.raises(SystemExit) as stopped:
        command.main(["figure", *arguments])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert all(word in said for word in words), said
    assert [each.name for each in repository.iterdir()] == ["book"]


def test_a_figure_needs_the_repository(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        command.main(["figure", "4"])
    assert stopped.value.code == 2
    assert "book/data in the repository" in capsys.readouterr().err


def test_a_figure_again_says_how_long_and_does_its_runs(repository, monkeypatch, capsys):
    asked = []
    four = paper_figures.FIGURES[4]
    monkeypatch.setattr(four, "MINUTES", 2.5)
    monkeypatch.setattr(
        four, "again", lambda folder: asked.append(folder) or four.stored("book/data")
    )
    command.main(["figure", "4", "--again"])
    said = capsys.readouterr().out.splitlines()
    assert asked == ["figure_4_runs"]
    assert said == ["2.5 minutes of one core; runs are kept in figure_4_runs", "figure_4.svg"]
