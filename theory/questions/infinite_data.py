r"""Whether there is a delay where no example comes twice, and towards it.

The answer is the parity of k of n signs. A stream brings fresh examples for ever, but none of a
region: inputs whose signs at three places are all -1. Accuracy is asked on what was trained on in
the last few updates, on fresh examples of what is streamed, and in the region. Beside the stream
stand fixed training sets of it, each of more examples; batches are alike, so only what comes again
differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import measures
from theory.networks import (
    MLP,
    Adam,
    Checkpoint,
    Measurement,
    Snapshot,
    SparseParityOutside,
    Split,
    Stage,
    Task,
    Training,
    accuracy,
    advance,
    cross_entropy,
    random_labels,
)
from theory.networks.data import drawn
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import Bounds, exp, log, power, slope_bounds
from theory.sweeps import sweep

ASKS = "Is there a delay where no example comes twice, and how does it go as data get more?"
PART = "infinite data"
KNOWN = (
    "Exploratory runs and pilots, not stored, one to five seeds, at n = 20, 30, 36, 40, 44, 50, "
    "52 and 60. At n = 30 and k = 3, 1000 examples fitted at 100 updates and generalised at 550; "
    "fresh samples had no delay. Of these steps, at n = 40 and 50: on streams fresh over just seen "
    "1.00 to 1.04, once 1.15; the idle region over fresh .98 to 1.03; the mixed region over fresh "
    "2.4 to 3 with two signs and 1.3 to 1.6 with three, and there all was wrong when nine tenths "
    "of fresh examples were right. Without decay all came to know it; that time fell as the decay "
    "to the power -.16 to -.3. A region of signs that matter alone was never right. Exponents of "
    "the delay in D -1.4 to -2.6, of the gap -2.5 to -3.3, steep first and about -2 at last; with "
    "the mixed region left out the gap fell as about one over D. Random labels: beta .37, kappa "
    "1.92. So most verdicts are expected, and what theories say of exponents was computed after "
    "these pilots. New are other n, and how much all that scatters over seeds."
)
NETWORK = MLP((256,))
RATE, L2, WEAK = 3e-3, 1e-3, 1e-4
BATCH = 128
#: Updates from one record to the next: what was trained on since the last was just seen.
RECORD = 8
#: Fresh examples, and examples in the region, on which accuracies are measured.
TESTED = 1000
#: An accuracy at which something is known.
RIGHT = 0.9
#: What a run says of itself before anything has been learned, to be compared on another machine.
EARLY = 24
#: A run is followed in stretches of so many updates.
STRETCH = 160


@dataclass(frozen=True)
class Way:
    """A way to train.

    Attributes
    ----------
    region
        What is never streamed, by `region_of`.
    part
        Size of the training set, in parts of the smallest; None for the stream.
    l2
        gamma.
    updates
        After so many it is given up.
    """

    region: str = "mixed"
    part: float | None = None
    l2: float = L2
    updates: int = 2400


MIXED, IDLE, ONLY = "mixed", "idle", "only"
STREAM, IDLE_STREAM, ONLY_STREAM = "stream", "stream, idle region", "stream, only region"
WEAKER, FREE = "stream, weak decay", "stream, no decay"
#: Parts of the smallest size of the ladder, and what that is, over n, for each k.
PARTS_OF_SIZE = (1.0, 1.35, 1.8, 2.4)
SMALLEST = {2: 6, 3: 40}
SIZES = {f"size {part:g}": part for part in PARTS_OF_SIZE}
WAYS: Mapping[str, Way] = {
    STREAM: Way(),
    WEAKER: Way(l2=WEAK),
    FREE: Way(l2=0.0),
    IDLE_STREAM: Way(IDLE),
    ONLY_STREAM: Way(ONLY, updates=800),
    **{name: Way(part=part) for name, part in SIZES.items()},
}
#: D/n on which two signs come to rest, and of random labels.
AT_REST, RANDOM = (12, 18, 27, 40), (4, 8, 12)
#: Fresh examples of which the loss is taken there.
MANY = 10_000
#: Updates to rest, full batch, of batches before it, and at the end at a tenth of the rate.
TO_REST, IN_BATCHES, AT_LAST = 800, 2400, 200
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6600, 6600 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "bits": (38, 46, 58),
    "parity": tuple(SMALLEST),
    "way": tuple(WAYS),
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "parity": (2,), "way": (STREAM, *SIZES)}

QUANTITIES = (
    Quantity(
        "fresh_over_seen",
        "Updates on a stream until nine tenths of fresh examples are right, over those until nine "
        "tenths are of what was just trained on.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "idle_over_fresh",
        "Updates on a stream until nine tenths are right in a region that is never streamed, over "
        "those on fresh examples; the region is given by three signs that do not matter.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "mixed_over_fresh",
        "The same, of a region given by two signs that matter and one that does not.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "without_decay",
        "The share of networks that get nine tenths of that region right without weight decay.",
        PRIMARY,
        0.25,
    ),
    Quantity(
        "delay_exponent",
        "The exponent in D of the updates from nine tenths on what was just trained on to nine "
        "tenths on fresh examples, of training sets of D.",
        PRIMARY,
        0.3,
    ),
    Quantity(
        "gap_exponent",
        "The exponent in D of test less train loss at rest under decay, of two signs.",
        PRIMARY,
        0.3,
    ),
    Quantity(
        "only_region",
        "Accuracy at the end in a region given by two signs that matter and no other.",
        SECONDARY,
        0.1,
    ),
    Quantity(
        "decay_exponent",
        "The exponent in the strength of decay of the updates on a stream from nine tenths on "
        "fresh examples to nine tenths in the third region.",
        SECONDARY,
        0.1,
        null=0.0,
        guess="decay does not matter",
    ),
    Quantity(
        "left_over",
        "Those updates over the same on the largest of the training sets.",
        SECONDARY,
        0.25,
        relative=True,
        null=1.0,
        guess="more data do not matter",
    ),
    Quantity(
        "still_moving",
        "By what part the norm changes in the last hundred updates to rest.",
        CHECK,
        0.01,
    ),
    Quantity("updates", "Updates to nine tenths."),
    Quantity("delay", "Updates from nine tenths just seen to nine tenths of fresh examples."),
    Quantity("surplus", "How much better what was just seen is known than what is fresh, at most."),
    Quantity("apart_then", "Accuracy in the region when nine tenths of fresh examples are right."),
    Quantity("gap", "Test less train loss at rest, in nat."),
    Quantity("weight", "The log-odds that the loss at rest stands for."),
    Quantity("price", "The squared norm at rest over that."),
    Quantity("memory_price", "The same of random labels."),
    Quantity("memory_exponent", "The exponent in D of the square root of that, beta."),
    Quantity("memory_kappa", "The exponent of log-odds in the norm, of random labels at rest."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again`, as `generalised`, as `at_rest` along ``per_bit``, and as `memorised`
    along ``random``.
    """
    places = {name: points[name] for name in ("bits", "seed")}
    parts = (
        sweep(again, {name: points[name] for name in POINTS}, folder),
        sweep(generalised, {**places, "parity": points["parity"]}, folder),
        sweep(at_rest, {**places, "per_bit": AT_REST}, folder),
        sweep(memorised, {**places, "random": RANDOM}, folder),
    )
    return xr.merge(parts, join="exact", compat="no_conflicts")


def again(bits: int, parity: int, way: str, seed: int) -> xr.Dataset:
    """Return when one network comes to know what, in updates; NaN where it has not.

    ``seen``, ``fresh`` and ``apart``, where the accuracy first passes `RIGHT` on what was just
    trained on, on fresh examples and in the region; ``updates``, how many there were; ``surplus``,
    the most by which the first is above the second; ``apart_then``, the third when the second
    passes; ``apart_end``, the third at the end; and, after `EARLY` updates, ``test_accuracy`` on
    fresh examples and in the region alike, and ``parameter_norm``.
    """
    given = WAYS[way]
    stream = SparseParityOutside(bits, parity, region_of(given.region, parity))
    size = BATCH if given.part is None else size_of(bits, parity, given.part)
    rng = _draws(seed)
    parts = [stream.draw(rng, each) for each in (size, TESTED)]
    split = joined([*parts, stream.draw_left_out(rng, TESTED)], seed)
    # Of a stream the first part is never trained on.
    examples = stream if given.part is None else split.train
    stage = Stage(optimiser(given.l2), given.updates, examples, BATCH)
    return summary(followed(Training(NETWORK, split, (stage,), seed)))


def optimiser(l2: float, part: float = 1.0) -> Adam:
    """Return what trains a network under a penalty, at a part of the rate."""
    return Adam(RATE * part, l2=l2)


def region_of(region: str, parity: int) -> tuple[int, ...]:
    """Return the places whose signs are all -1 in a region, from 0; the first `parity` matter.

    "mixed" has two that matter and one that does not, "idle" three that do not, and "only" two
    that matter.
    """
    return {
        MIXED: (0, 1, parity),
        IDLE: (parity, parity + 1, parity + 2),
        ONLY: (0, 1),
    }[region]


def size_of(bits: int, parity: int, part: float) -> int:
    """Return a number of examples, by its part of the smallest."""
    return round(part * SMALLEST[parity] * bits)


def joined(parts: Sequence[Task], seed: int) -> Split:
    """Return the first part as a training set, and the others as what is only ever tested on."""
    inputs, labels = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("inputs", "labels")
    )
    task = Task("parity_outside", parts[0].settings, inputs, labels, None, 2)
    size = len(parts[0].labels)
    return Split(task, np.arange(size), np.arange(size, labels.size), seed)


def _draws(seed: int) -> np.random.Generator:
    # Another stream than that of the seed alone, and than those of the batches.
    return np.random.default_rng([seed, 0, 9])


def followed(training: Training) -> xr.Dataset:
    """Return a run until all three accuracies have been `RIGHT`, or its stages are over.

    With ``seen``, ``fresh`` and ``apart``, accuracies as in `again`.
    """
    stretches: list[xr.Dataset] = []
    since = None
    while since is None or (since.step < training.steps and not _known(stretches)):
        until = min((since.step if since else 0) + STRETCH, training.steps)
        stretch, since = advance(
            training, since, until, RECORD, (_accuracies(training),), progress=False
        )
        stretches.append(stretch if not stretches else stretch.isel(step=slice(1, None)))
    return xr.concat(stretches, "step", combine_attrs="override")


def _known(stretches: Sequence[xr.Dataset]) -> bool:
    return all(
        any(stretch[name].max() >= RIGHT for stretch in stretches)
        for name in ("seen", "fresh", "apart")
    )


def _accuracies(training: Training) -> Measurement:
    stage = training.stages[0]

    def accuracies(snapshot: Snapshot) -> dict[str, float]:
        logits, labels = snapshot.test.logits, snapshot.test.labels
        half = labels.size // 2
        seen = [_on_batch(snapshot, *drawn(training, stage, step)) for step in _before(snapshot)]
        return {
            # At the start nothing has been seen.
            "seen": float(np.mean(seen)) if seen else snapshot.train.accuracy,
            "fresh": accuracy(logits[:half], labels[:half]),
            "apart": accuracy(logits[half:], labels[half:]),
        }

    return accuracies


def _before(snapshot: Snapshot) -> range:
    return range(max(snapshot.step - RECORD, 0), snapshot.step)


def _on_batch(snapshot: Snapshot, task: Task, places: np.ndarray) -> float:
    parameters = snapshot.parameters
    inputs = snapshot.network.encode(task, places, str(parameters.flat.dtype))
    return accuracy(snapshot.network.forward(parameters, inputs).logits, task.labels[places])


def summary(run: xr.Dataset) -> xr.Dataset:
    """Return what `again` says of a run."""
    names = ("seen", "fresh", "apart")
    passed = {
        name: measures.generalisation_step(run.assign(test_accuracy=run[name]), RIGHT).item()
        for name in names
    }
    early = run.sel(step=EARLY)
    then = np.interp(passed["fresh"], run["step"], run.apart)
    return xr.Dataset(
        {
            **passed,
            "updates": float(run["step"][-1]),
            "surplus": (run.seen - run.fresh).max().item(),
            "apart_then": float(then),
            "apart_end": run.apart[-1].item(),
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
        }
    )


def at_rest(bits: int, seed: int, per_bit: int) -> xr.Dataset:
    """Return what a network of two signs is like at rest on a training set; D/n is `per_bit`.

    ``rest_gap``, the loss on fresh examples less that on what is trained on, and ``rest_norm`` and
    ``rest_before``, the norm at the end and half-way in the last stage. A loss is the mean over the
    four cases of the signs that matter of its mean in each: cases differ in loss, and how often
    each was drawn would hide the gap.
    """
    stream, rng = SparseParityOutside(bits, 2, region_of(IDLE, 2)), _draws(seed)
    split = joined([stream.draw(rng, each) for each in (per_bit * bits, MANY)], seed)
    run, end = _settled(split, seed, Stage(optimiser(L2), TO_REST))
    train, fresh = (_even_loss(end, split.task, places) for places in (split.train, split.test))
    return xr.Dataset({"rest_gap": fresh - train, **_norms("rest", run)})


def _even_loss(end: Checkpoint, task: Task, places: np.ndarray) -> float:
    inputs = NETWORK.encode(task, places, "float32")
    logits = NETWORK.forward(end.parameters, inputs).logits.astype(float)
    _, case = np.unique(task.inputs[places, :2], axis=0, return_inverse=True)
    cases = [case.ravel() == each for each in np.unique(case)]
    labels = task.labels[places]
    return float(np.mean([cross_entropy(logits[each], labels[each])[0] for each in cases]))


def memorised(bits: int, seed: int, random: int) -> xr.Dataset:
    """Return what a network is like at rest on random labels; D/n is `random`.

    ``random_loss``, and ``random_norm`` and ``random_before`` as in `at_rest`.
    """
    stream, rng = SparseParityOutside(bits, 2, region_of(IDLE, 2)), _draws(seed)
    split = joined([stream.draw(rng, each) for each in (random * bits, TESTED)], seed)
    run, _ = _settled(random_labels(split, seed), seed, Stage(optimiser(L2), TO_REST))
    return xr.Dataset({"random_loss": run.train_loss[-1], **_norms("random", run)})


def generalised(bits: int, seed: int, parity: int) -> xr.Dataset:
    """Return what a network is like at rest on the largest training set of the ladder.

    ``parity_loss``, and ``parity_norm`` and ``parity_before`` as in `at_rest`; with batches first,
    as on the ladder.
    """
    stream, rng = SparseParityOutside(bits, parity, region_of(IDLE, parity)), _draws(seed)
    size = size_of(bits, parity, PARTS_OF_SIZE[-1])
    split = joined([stream.draw(rng, each) for each in (size, TESTED)], seed)
    run, _ = _settled(split, seed, Stage(optimiser(L2), IN_BATCHES, batch_size=BATCH))
    return xr.Dataset({"parity_loss": run.train_loss[-1], **_norms("parity", run)})


def _settled(split: Split, seed: int, stage: Stage) -> tuple[xr.Dataset, Checkpoint]:
    training = Training(NETWORK, split, (stage, Stage(optimiser(L2, 0.1), AT_LAST)), seed)
    run, end = advance(training, record_every=AT_LAST // 2, progress=False)
    return run.drop_vars("step"), end


def _norms(name: str, run: xr.Dataset) -> dict[str, xr.DataArray]:
    norm = run.parameter_norm
    return {f"{name}_norm": norm[-1], f"{name}_before": norm[-2]}


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    passed = {name: passage(runs, name) for name in ("seen", "fresh", "apart")}
    mixed, idle = (
        {name: each.at(way=way) for name, each in passed.items()} for way in (STREAM, IDLE_STREAM)
    )
    until_fresh = log_delay(runs, "seen", "fresh")
    until_apart = log_delay(runs, "fresh", "apart")
    excess = until_apart.at(way=STREAM).less(until_apart.at(way=list(SIZES)[-1]))
    stronger = until_apart.at(way=STREAM).less(until_apart.at(way=WEAKER))
    by_size = Bounds(along_size(until_fresh.low), along_size(until_fresh.high))
    memory = runs.random_norm**2 / weight(runs.random_loss)
    nats = np.log(L2 / WEAK)
    return {
        "fresh_over_seen": Bounds.along(
            {MIXED: mixed["fresh"].over(mixed["seen"]), IDLE: idle["fresh"].over(idle["seen"])},
            "region",
        ),
        "idle_over_fresh": idle["apart"].over(idle["fresh"]),
        "mixed_over_fresh": mixed["apart"].over(mixed["fresh"]),
        "without_decay": runs.apart.sel(way=FREE, drop=True).notnull().astype(float),
        "delay_exponent": slope_bounds(by_size, log(by_size.low["part"]), "part"),
        "gap_exponent": power(runs.rest_gap, runs["per_bit"], "per_bit"),
        "only_region": runs.apart_end.sel(way=ONLY_STREAM, drop=True),
        "decay_exponent": Bounds(stronger.low / nats, stronger.high / nats),
        "left_over": Bounds(exp(excess.low), exp(excess.high)),
        "still_moving": _still_moving(runs),
        "updates": xr.concat(
            [runs[name] for name in passed], xr.DataArray(list(passed), dims="mark", name="mark")
        ),
        "delay": along_size(runs.fresh - runs.seen),
        "surplus": runs.surplus,
        "apart_then": runs.apart_then,
        "gap": runs.rest_gap,
        "weight": weight(runs.parity_loss),
        "price": runs.parity_norm**2 / weight(runs.parity_loss),
        "memory_price": memory,
        "memory_exponent": power(memory, memory["random"], "random") / 2,
        "memory_kappa": own_kappa(runs.random_norm, runs.random_loss).mean("random"),
    }


def passage(runs: xr.Dataset, name: str) -> Bounds:
    """Return the updates to a mark; of a run that ended before, more than all of its own."""
    return Bounds(runs[name].fillna(runs.updates), runs[name].fillna(np.inf))


def log_delay(runs: xr.Dataset, first: str, then: str) -> Bounds:
    """Return the logarithm of the updates from one mark to another, or bounds of it.

    A delay of less than a record is not known but for that; of a run that ended before the second
    mark it is longer than what is left of it.
    """
    begun = runs[first].fillna(runs.updates)
    low, high = (each - begun for each in passage(runs, then))
    short = high < RECORD
    return Bounds(log(low).where(~short, -np.inf).fillna(-np.inf), log(high.clip(min=RECORD)))


def along_size(values: xr.DataArray) -> xr.DataArray:
    """Return what was measured with training sets, along ``part``, in parts of the smallest."""
    ladder = values.sel(way=list(SIZES))
    return ladder.assign_coords(way=list(PARTS_OF_SIZE)).rename(way="part")


def weight(loss: xr.DataArray) -> xr.DataArray:
    r"""Return S, the log-odds that a loss L stands for, :math:`-\log(e^L - 1)` for two labels."""
    return -log(exp(loss) - 1)


def own_kappa(norm: xr.DataArray, loss: xr.DataArray) -> xr.DataArray:
    r"""Return the exponent of S in the norm, along a branch of states of rest.

    :math:`\gamma|\theta|^2/(pS)` with :math:`p = 1 - e^{-L}`. (Derived here, in `one_kappa`.)
    """
    return L2 * norm**2 / ((1 - exp(-loss)) * weight(loss))


def _still_moving(runs: xr.Dataset) -> xr.DataArray:
    ends = {"rest": ["bits", "per_bit"], "random": ["bits", "random"], "parity": ["bits", "parity"]}
    moved = [
        abs(runs[f"{name}_norm"] / runs[f"{name}_before"] - 1).max(dims)
        for name, dims in ends.items()
    ]
    return xr.concat(moved, "kind").max("kind")
