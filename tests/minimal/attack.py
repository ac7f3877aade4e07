"""Hold the package against the reference in many random cells.

    python tests/minimal/attack.py --cells 20000 --seed 1 --folder attack

Every cell is a line of a file in the folder, so that a run can be stopped and taken up again.
"""

import argparse
import json
import math
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as pytest has it

from minimal import kinds, reference
from theory import Circuit, MinimalModel, flow, time_to_grok, winner

#: Relative error of a time to grok that is promised everywhere but in delicate cells.
PROMISED = 1e-6
#: Error of weights, relative to the cell's largest: ten times what is promised, and more, for the
#: reference.
WEIGHTS = 1e-8


@dataclass(frozen=True)
class Result:
    """What came of one cell: "agreed", "undecided" (by the reference), "differs" or "raised".

    Seconds are of the package and of the reference.
    """

    verdict: str
    error: float = 0.0
    detail: str = ""
    package: float = 0.0
    reference: float = 0.0


def model_of(cell):
    """Return the cell as the package takes it."""
    circuits = tuple(
        Circuit(str(i), *numbers)
        for i, numbers in enumerate(
            zip(cell.norm, cell.generalises, cell.first, cell.second, strict=True)
        )
    )
    return MinimalModel(circuits, cell.kappa, cell.alpha, cell.labels, cell.half_decay)


def allowed(cell):
    """Return the relative error that the package promises for a time to grok."""
    plain = cell.cell
    speeds = [0.0, 0.0]
    for kin in plain.kins:
        speed = 2 * math.hypot(0.0 if kin.sigma else kin.scale, kin.weight(kin.start))
        speeds[0] += kin.pro * speed
        speeds[1] += kin.con * speed
    apart = abs(speeds[0] - speeds[1]) / (max(speeds) or 1.0)
    error = max(PROMISED, min(0.1, 2e-11 / apart if apart else 0.1) if apart < 2e-5 else 0.0)
    rest = reference.limit(plain)
    if rest is not None:
        gap = abs(reference.lead(plain, rest)) / (math.fsum(rest) or 1.0)
        error = max(error, 1e-12 / gap if 0 < gap < 1e-6 else 0.0)
    return error


def held(cell, *, paths):
    """Return what comes of the time to grok and, with `paths`, of the flow and the winner."""
    answer, spent = _timed(lambda: reference.time_to_grok(cell.cell))
    found = [("time", _times(cell, answer, spent))]
    if paths:
        found += [("flow", _flows(cell, _moments(answer))), ("winner", _winners(cell))]
    return found


def _times(cell, answer, spent):
    found, took = _package(lambda: time_to_grok(model_of(cell), cell.threshold).item())
    open_too = isinstance(found, ArithmeticError) and not answer.decided
    if isinstance(found, Exception) and not open_too:
        return Result("raised", detail=_said(found), package=took, reference=spent)
    if not answer.decided:
        return Result("undecided", package=took, reference=spent)
    same = found == answer.time or (math.isnan(found) and math.isnan(answer.time))
    error = 0.0 if same else abs(found - answer.time) / (abs(answer.time) or math.nan)
    agreed = same or error <= allowed(cell)
    detail = "" if agreed else f"package {found!r}, reference {answer.time!r}"
    return Result(_word(agreed), error, detail, took, spent)


def _flows(cell, moments):
    try:
        expected, spent = _timed(lambda: reference.trajectory(cell.cell, moments))
    except ArithmeticError:
        return Result("undecided")
    found, took = _package(lambda: flow(model_of(cell), moments).weight.values)
    if isinstance(found, Exception):
        return Result("raised", detail=_said(found), package=took, reference=spent)
    error = float(abs(found - expected).max() / (abs(expected).max() or 1.0))
    agreed = error <= WEIGHTS
    detail = "" if agreed else f"weights at {moments} differ by {error:.1e} of the largest"
    return Result(_word(agreed), error, detail, took, spent)


def _moments(answer):
    """Return times that matter: around the time to grok, else around ten."""
    scale = answer.time if answer.decided and 1e-6 < answer.time < 1e12 else 10.0
    return [0.0, 0.1 * scale, 0.9 * scale, 3 * scale]


def _winners(cell):
    expected, spent = _timed(lambda: reference.survivor(cell.cell))
    found, took = _package(lambda: winner(model_of(cell)).item())
    if isinstance(found, Exception):
        return Result("raised", detail=_said(found), package=took, reference=spent)
    if expected == "undecided":
        return Result("undecided", package=took, reference=spent)
    detail = "" if found == expected else f"package {found}, reference {expected}"
    return Result(_word(found == expected), math.nan if detail else 0.0, detail, took, spent)


def _word(agreed):
    return "agreed" if agreed else "differs"


def _said(error):
    return f"{type(error).__name__}: {error}"[:160]


def _timed(compute):
    begun = time.perf_counter()
    return compute(), time.perf_counter() - begun


def _package(compute):
    """Return what the package computes, or its exception; a warning counts as one."""

    def guarded():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                return compute()
            except Exception as error:  # whatever it raises is a result
                return error

    return _timed(guarded)


def run(cells, seed, folder, every):
    """Do what is left of the cells, in turns of the kinds, and return the file of results."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"cells-{seed}.jsonl"
    done = {(line["kind"], line["number"]) for line in read(file)}
    names = list(kinds.KINDS)
    with file.open("a") as lines:
        for count in range(cells):
            kind, number = names[count % len(names)], count // len(names)
            if (kind, number) in done:
                continue
            cell = kinds.draw(kind, seed, number)
            for what, result in held(cell, paths=number % every == 0):
                line = {"kind": kind, "number": number, "what": what, **asdict(result)}
                if result.verdict in {"differs", "raised"}:
                    line["cell"] = asdict(cell)
                lines.write(json.dumps(line) + "\n")
            lines.flush()
            if count % 200 == 199:
                print(f"{count + 1} of {cells} cells", file=sys.stderr, flush=True)
    return file


def read(file):
    """Yield the results of a file; a line that was cut off is left out."""
    for line in file.read_text().splitlines() if file.exists() else ():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def table(file, examples):
    """Return a table of a file's results, and the first few disagreements."""
    head = ("kind", "what", "cells", "agreed", "undec.", "differ", "raised")
    rows = [(*head, "worst error", "package s", "reference s")]
    groups = {}
    for line in read(file):
        groups.setdefault((line["kind"], line["what"]), []).append(line)
    for (kind, what), lines in sorted(groups.items(), key=lambda item: item[0][::-1]):
        words = [line["verdict"] for line in lines]
        counts = [words.count(word) for word in ("agreed", "undecided", "differs", "raised")]
        worst = max((x["error"] for x in lines if x["verdict"] == "agreed"), default=0.0)
        slow = [max(line[who] for line in lines) for who in ("package", "reference")]
        numbers = (f"{worst:.1e}", *(f"{seconds:.2f}" for seconds in slow))
        rows.append((kind, what, *map(str, (len(lines), *counts)), *numbers))
    wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    text = ["  ".join(f"{x:>{w}}" for x, w in zip(row, wide, strict=True)) for row in rows]
    shown = {}
    for line in read(file):
        key = (line["kind"], line["what"])
        if "cell" in line and shown.setdefault(key, 0) < examples:
            shown[key] += 1
            text.append(f"{line['kind']} {line['number']} {line['what']}: {line['detail']}")
            text.append(f"    {line['cell']}")
    return "\n".join(text)


def main():
    """Read the command line, run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1200, help="of all kinds together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path("attack"))
    parser.add_argument("--every", type=int, default=10, help="flow and winner of one in this many")
    parser.add_argument("--examples", type=int, default=3, help="disagreements to show of a kind")
    choice = parser.parse_args()
    print(table(run(choice.cells, choice.seed, choice.folder, choice.every), choice.examples))


if __name__ == "__main__":
    main()
