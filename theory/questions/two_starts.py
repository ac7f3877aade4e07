"""Whether two starts end in the same network, and what width has to do with it.

One network starts from scratch on D examples; the other has grokked the whole pool before. Both are
cooled until they are near rest on the D examples. How far apart they are is read from the logits
that they give to these examples: parameters may differ where functions do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from theory.networks import Adam, Stage, Training, TwoLayer, advance
from theory.questions.cooled import DTYPE, UPDATES, cooled, logits_apart
from theory.questions.practice import Subject
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.sweeps import sweep

ASKS = "Do two starts end in the same network, once it is wide enough?"
PART = "exponents and degrees"
KNOWN = (
    "Exploratory runs, not stored, at modulus 31 and 14 examples a label: with ReLU accuracies "
    "from scratch and after grokking were .23 and .45 at width 64, .67 and .79 at 256, .69 and .76 "
    "at 640, and objectives within 0.4%; with squares at modulus 41 they differed at all widths. "
    "Pilots at modulus 31 with seeds 1 to 3, both networks from the same first parameters: with "
    "ReLU logits were .75 to .78 apart at width 64, .27 to .29 at 256, and .43 and .19 at 128 and "
    "512; with squares 1.06 and 1.01 at 64, 1.07 and 1.05 at 256. Objectives differed by 7 to 8% "
    "and 0.3 to 0.6% with ReLU, by 0 to 4% with squares. Four times as many updates changed .272 "
    "to .275. With first parameters of their own, seed 1, .81 and .28 with ReLU, where the narrow "
    "one had not grokked before, to 0.59; 1.04 and 1.09 with squares. Nothing like it was run at "
    "29 or 37; squares generalised there in other runs."
)
MODULI, WIDTHS = (29, 37), (64, 256)
ACTIVATIONS, STARTS = ("relu", "square"), ("scratch", "grokked")
#: D/m, where networks generalise in part.
PER_LABEL, L2 = 14.0, 1e-4
#: What makes a network grok the whole pool, also one of few ReLU units.
_FIRST = Stage(Adam(3e-3, l2=L2), 3000)
#: Added to the seed of what has grokked, so that both networks share no first parameters.
_OTHER = 10_000
SAMPLING = Sampling(least=6, largest=6)
SEEDS = tuple(range(2400, 2400 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": MODULI,
    "activation": ACTIVATIONS,
    "width": WIDTHS,
    "start": STARTS,
    "seed": SEEDS,
}
LIVE = {**POINTS, "width": WIDTHS[:1]}

QUANTITIES = (
    Quantity(
        "relu_closes",
        "How far apart the logits of both starts are at width 256, over that at 64, with ReLU. "
        "What is due to chance alone would be halved.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "square_stays",
        "The same with squares.",
        PRIMARY,
        0.2,
        relative=True,
        null=0.5,
        guess="a fourfold width halves what is due to chance",
    ),
    Quantity(
        "relu_objectives",
        "By how much the objectives of both starts differ, as a part, at width 256 with ReLU.",
        SECONDARY,
        0.01,
        null=0.03,
        guess="as with squares",
    ),
    Quantity(
        "square_apart",
        "How far apart the logits of both starts are at width 256, with squares.",
        SECONDARY,
        0.1,
    ),
    Quantity(
        "euler",
        "The pull of the data along the parameters over that of the penalty.",
        CHECK,
        0.003,
        relative=True,
    ),
    Quantity("had_grokked", "The test accuracy of what had grokked, before it was cut."),
    Quantity("apart", "How far apart the logits of both starts are."),
    Quantity("apart_unseen", "The same on examples that neither was trained on."),
    Quantity("accuracies", "Test accuracy after grokking less that from scratch."),
    Quantity("objectives", "The objective from scratch over that after grokking, less 1."),
    Quantity("kappa", "The exponent of a network near rest, of the envelope."),
)


def run(
    folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS, updates: int = UPDATES
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `both`. All starts are run, whatever `points` say.
    """
    grid = {name: values for name, values in points.items() if name != "start"}
    return sweep(partial(both, updates=updates), grid, folder)


def both(
    modulus: int, activation: str, width: int, seed: int, updates: int = UPDATES
) -> xr.Dataset:
    """Return what becomes of two networks that differ in their start.

    The numbers of `cooled.cooled` along ``start``; and ``apart`` and ``apart_unseen``, how far
    apart their logits are (`cooled.logits_apart`), on what they were trained on and on the test
    set; ``had_grokked``, the test accuracy of the other start.
    """
    subject = Subject(modulus, width, seed)
    split, examples = subject.split, subject.examples(PER_LABEL)
    network = TwoLayer(width, activation)
    first = Training(network, split, (_FIRST,), seed + _OTHER, dtype=DTYPE)
    run, grokked = advance(first, record_every=first.steps)
    found = [
        cooled(network, split, L2, seed, examples=examples, start=start, updates=updates)
        for start in (None, grokked)
    ]
    apart = [
        logits_apart(*(each.logits[places] for each in found)) for places in (examples, split.test)
    ]
    starts = xr.DataArray(list(STARTS), dims="start", name="start")
    numbers = xr.concat([each.numbers for each in found], starts)
    return numbers.assign(
        apart=apart[0], apart_unseen=apart[1], had_grokked=run.test_accuracy[-1].item()
    )


def again(modulus: int, activation: str, width: int, start: str, seed: int) -> xr.Dataset:
    """Return one run."""
    return both(modulus, activation, width, seed).sel(start=start, drop=True)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    scratch, grokked = (runs.sel(start=start, drop=True) for start in STARTS)
    narrow, wide = (runs.apart.sel(width=width, drop=True) for width in WIDTHS)
    closing = wide / narrow
    objectives = scratch.objective / grokked.objective - 1
    return {
        "relu_closes": closing.sel(activation="relu", drop=True),
        "square_stays": closing.sel(activation="square", drop=True),
        "relu_objectives": abs(objectives).sel(activation="relu", width=WIDTHS[-1], drop=True),
        "square_apart": wide.sel(activation="square", drop=True),
        "euler": runs.euler,
        "had_grokked": runs.had_grokked,
        "apart": runs.apart,
        "apart_unseen": runs.apart_unseen,
        "accuracies": grokked.test_accuracy - scratch.test_accuracy,
        "objectives": objectives,
        "kappa": runs.kappa,
    }
