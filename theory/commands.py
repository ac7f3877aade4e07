"""The command line: ``python -m theory describe LOG``, and ``forecast`` and ``figure``.

A command ends with 0, or with 2 and a message on stderr if it was called in a way that it cannot
follow, or a log needs an option that the message names. That nobody reads on, as in ``| head``, is
no error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import asdict
from typing import Any

import xarray as xr

from theory import forecasts, logs
from theory.describing import FIT_BY, Description, Expected, describe, what_next
from theory.describing.description import plain
from theory.describing.expected import LAWS

#: The choices of `theory.logs.read`, and what `describe` goes by.
CHOICES = (
    *("names", "step", "run", "percent", "loss_units"),
    *("resumed", "pattern", "encoding", "decimal"),
)
CRITERIA = ("threshold", "fit_by", "fit_accuracy", "stays", "late", "chance")
_CHANGES = ("decay", "rate", "size")
_TRUTH = {"True": True, "False": False}


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m theory", description="Theory of grokking.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_describe(commands.add_parser("describe", help="what happened in the runs of a log"))
    _add_forecast(commands.add_parser("forecast", help="what circuits of a network will cost"))
    _add_figure(commands.add_parser("figure", help="a figure of the paper, drawn again"))
    given = parser.parse_args(arguments)
    try:
        given.act(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # Or the interpreter would fail on what is left to write when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _add_describe(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(act=lambda given: _describe(parser, given))
    parser.usage = f"{parser.prog} LOG [LOG ...] [options]"
    logs_help = (
        "CSV, TSV, JSON, JSONL, NumPy, Parquet or text; several files are one log. They stand "
        "before any option: --names, --run and --percent take all that follows"
    )
    parser.add_argument("log", metavar="LOG", nargs="+", help=logs_help)
    reading = parser.add_argument_group("reading the log", "what it does not say of itself")
    pair = "QUANTITY=COLUMN"
    reading.add_argument("--names", nargs="+", metavar=pair, help="such as train_loss=loss")
    reading.add_argument("--step", metavar="COLUMN", help="the column of steps, or row")
    reading.add_argument("--run", nargs="*", metavar="COLUMN", help="what tells runs apart")
    reading.add_argument("--percent", nargs="*", metavar="QUANTITY", help="what is in per cent")
    reading.add_argument("--loss-units", metavar="UNIT", help="nat, or 1 for squared errors")
    reading.add_argument("--resumed", choices=_TRUTH, help="whether later rows replace others")
    reading.add_argument("--pattern", metavar="REGEX", help="with named groups, for lines of text")
    reading.add_argument("--encoding", metavar="NAME", help="of the file")
    reading.add_argument("--decimal", metavar="MARK", help="point or comma of decimals")
    judging = parser.add_argument_group("what counts")
    judging.add_argument("--threshold", type=float, help="test accuracy, .95")
    judging.add_argument("--fit-by", choices=FIT_BY, help="what decides when it fits, train_loss")
    judging.add_argument("--fit-accuracy", type=float, help="for --fit-by train_accuracy, .5")
    judging.add_argument("--stays", type=float, metavar="STEPS", help="it must stay so, 0")
    judging.add_argument("--late", type=float, help="times the steps to fit, 2")
    judging.add_argument("--chance", type=float, help="test accuracy of guessing, 0")
    following = parser.add_argument_group("what next", "how long another run would take")
    following.add_argument("--optimiser", choices=LAWS, help="with which it was trained")
    for name, what in zip(_CHANGES, ("weight decay", "learning rate", "data"), strict=True):
        following.add_argument(f"--{name}", type=float, help=f"factor by which {what} changes")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--figure", metavar="FILE", help="draw a single run, .svg, .png or .pdf")


def _describe(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Print what happened in the runs of a log."""
    try:
        run = _read(given)
        described = describe(run, **_given(given, CRITERIA))
        following = _following(described, given)
    except (ValueError, OSError, ImportError) as error:
        parser.error(as_options(str(error)))
    print(_as_json(described, following) if given.json else _as_text(described, following))
    if given.figure:
        try:
            _draw(run, described, given.figure)
        except (ValueError, OSError, ImportError) as error:
            parser.error(str(error))


def _read(given: argparse.Namespace) -> xr.Dataset:
    """Return the run of a log; an error names its files."""
    try:
        return logs.read(given.log[0] if len(given.log) == 1 else given.log, **_choices(given))
    except ValueError as error:
        files = ", ".join(given.log)
        raise ValueError(str(error) if files in str(error) else f"{error} (in {files})") from error


def _choices(given: argparse.Namespace) -> dict[str, Any]:
    """Return the choices of how to read a log that were given."""
    choices = _given(given, CHOICES)
    if "names" in choices:
        pairs = [pair.partition("=") for pair in choices["names"]]
        if wrong := [name for name, _, column in pairs if not column]:
            raise ValueError(f"names must be like train_loss=loss, got {wrong[0]!r}")
        choices["names"] = {name: column for name, _, column in pairs}
    if "resumed" in choices:
        choices["resumed"] = _TRUTH[choices["resumed"]]
    return choices


def _given(given: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(given, name)) is not None}


def _following(described: Description, given: argparse.Namespace) -> Expected | None:
    changes = _given(given, _CHANGES)
    if given.optimiser is None:
        if changes:
            raise ValueError(f"optimiser must be given with {', '.join(changes)}, got none")
        return None
    return what_next(described, given.optimiser, **changes)


def _draw(run: xr.Dataset, described: Description, file: str) -> None:
    if (count := described.label.size) != 1:
        raise ValueError(f"--figure must be of a single run, the log has {count}")
    from theory import figures  # which takes a second to load

    figures.draw_described(run, described).savefig(file)


def as_options(message: str) -> str:
    """Return a message with the names of arguments as those of options.

    Examples
    --------
    >>> as_options("loss_units must be given: train_loss 0.4 at step 10")
    '--loss-units must be given: train_loss 0.4 at step 10'
    >>> as_options("names must say ...; step must be given: step='row' counts rows from 0")
    '--names must say ...; --step must be given: --step row counts rows from 0'
    >>> as_options("run must say what tells runs apart: run=['seed', 'decay'] would")
    '--run must say what tells runs apart: --run seed decay would'
    >>> as_options("train_loss is in '1': give fit_by='train_accuracy'")
    "train_loss is in '1': give --fit-by train_accuracy"
    """
    names = "|".join((*CHOICES, *CRITERIA, *_CHANGES, "optimiser"))

    def option(found: re.Match[str]) -> str:
        value = " ".join(re.findall(r"\w+", found["value"]))
        value = f" {value}" if value else ""
        return f"--{found['name'].replace('_', '-')}{value}"

    first = rf"(?:^|(?<=; ))(?P<name>{names})(?P<value>)(?= must)"
    message = re.sub(first, option, message)
    value = r"'\w+'|\[(?:'\w+'(?:, )?)+\]"
    message = re.sub(rf"\b(?P<name>{names})=(?P<value>{value})", option, message)
    return re.sub(rf"\b(?P<name>{names})(?P<value>)(?==)", option, message)


def _as_text(described: Description, following: Expected | None) -> str:
    parts = [as_options(str(described)), *([] if following is None else ["", str(following)])]
    return "\n".join(parts)


def _as_json(described: Description, following: Expected | None) -> str:
    said: dict[str, Any] = {
        "source": described.source,
        "criteria": asdict(described.criteria),
        "runs": described.records(),
    }
    if following is not None:
        arrays = {name: getattr(following, name) for name in ("steps", "low", "high")}
        said["next"] = {
            "runs": [
                dict(zip(arrays, map(plain, numbers), strict=True))
                for numbers in zip(*(each.values.flat for each in arrays.values()), strict=True)
            ],
            "tested": following.tested,
        }
    return json.dumps(said, indent=1, allow_nan=False)


def _add_forecast(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(act=lambda given: _forecast(parser, given))
    parser.add_argument("--modulus", type=int, required=True, help="m, odd, at least 23")
    parser.add_argument("--l2", type=float, default=1e-4, help="penalty, 1e-5 to 1e-3")
    parser.add_argument("--width", type=int, default=128, help="hidden units")
    parser.add_argument("--seed", type=int, default=0, help="of the run")
    parser.add_argument(
        "--run", action="store_true", help="train, score, append to the track record"
    )


def _forecast(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Print forecasts; with ``--run`` also train, score, and append to the track record."""
    settings = {"modulus": given.modulus, "l2": given.l2, "width": given.width}
    try:
        said = forecasts.forecast(**settings)
    except ValueError as error:
        parser.error(str(error))
    if given.run:
        if not forecasts.RECORD.parent.is_dir():
            parser.error(f"--run needs {forecasts.RECORD.parent}: call it from the repository")
        print(forecasts.table(said), "\n\ntraining ...", flush=True)
        said = forecasts.run(**settings, seed=given.seed)
        forecasts.append({**settings, "seed": given.seed}, said)
    print(forecasts.table(said))


def _add_figure(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(act=lambda given: _figure(parser, given))
    parser.add_argument("number", metavar="NUMBER", type=int, help="of the figure in the paper")
    file_help = ".svg, .png or .pdf, figure_NUMBER.svg if not given"
    parser.add_argument("file", metavar="FILE", nargs="?", help=file_help)
    parser.add_argument("--again", action="store_true", help="do its runs again, from nothing")


def _figure(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Draw a figure of the paper from stored runs, or from runs that are done now."""
    from theory import paper_figures  # which takes two seconds to load

    file = given.file or f"figure_{given.number}.svg"
    try:
        figure = paper_figures.figure_of(given.number)
        paper_figures.format_of(file)
        if given.again:
            folder = f"figure_{given.number}_runs"
            print(f"{figure.MINUTES:g} minutes of one core; runs are kept in {folder}", flush=True)
            drawn = paper_figures.with_new_runs(figure, folder)
        else:
            drawn = figure.stored("book/data")
        paper_figures.save(figure.draw(drawn), file)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    print(file)
