"""What the names of columns mean, as people give them: val_acc, train/loss, Loss/train."""

from __future__ import annotations

import re
from dataclasses import dataclass

from theory import runs

TRAIN = {"train", "training", "tr", "trn"}
TEST = {
    *("test", "testing", "tst", "val", "vali", "valid", "validate", "validation", "dev"),
    *("heldout", "holdout", "unseen"),
}
#: Also of a training set that is evaluated.
EVALUATION = {"eval", "evaluate", "evaluation"}
LOSS = {"loss", "losses", "nll", "ce", "xent", "crossentropy", "mse"}
ACCURACY = {"acc", "accs", "accuracy", "accuracies"}
STEP = {"step", "steps", "iter", "iters", "iteration", "iterations", "it", "update", "updates"}
EPOCH = {"epoch", "epochs"}
#: At the end of a name they say that it counts: acc_epochs.
COUNTS = {"steps", "iters", "iterations", "updates", "epochs"}
RUN = {"run", "seed", "trial"}
PARAMETERS = {"param", "params", "parameter", "parameters", "weight", "weights"}
NORM = {"norm", "l2", "total", "model"}
#: They say how a loss or an accuracy was taken, and not that it is another quantity.
PLAIN = {
    *("full", "mean", "avg", "average", "total", "overall", "batch", "running", "set", "data"),
    *("categorical", "sparse", "binary", "cross", "entropy", "top", "1", "global", "metrics"),
    *("run", "tag", "history", "score", "softmax", "multiclass", "info"),
    *("nat", "nats"),
}
#: A loss of one of them may hold a penalty.
SUMS = {"total", "overall"}
#: What may stand beside a side alone: {"subset": "train"}.
BESIDE = {"is", "subset", "split", "phase", "mode", "stage"}
#: With one of them it is something else: the best so far, a gradient, a time.
OTHER = {
    *("best", "min", "max", "std", "var", "sem", "stderr", "ema", "smooth", "smoothed", "log"),
    *("grad", "grads", "gradient", "scale", "per", "time", "runtime", "sec", "secs", "seconds"),
    *("samples", "rate", "lr", "target", "gap", "diff", "delta", "ratio", "error", "err", "norm"),
    *("max", "num", "sum", "count", "size", "kl", "reg", "aux", "penalty", "final", "last"),
    *("chance", "baseline", "random", "teacher", "class", "threshold"),
    *("weight", "weights", "decay", "wd", "regularization", "regularisation", "regularizer"),
    "l",  # of l1 and l2
}
#: Of steps: they are counted by so many.
MULTIPLES = {"k", "thousand", "thousands", "million", "millions"}
#: Words of a name that say, as a sign does, that it is in per cent.
PERCENT = {"percent", "pct", "perc"}
#: Units that a name of a loss may say itself.
UNITS = {"mse": "1", "bit": "bit", "bits": "bit"}


@dataclass(frozen=True)
class Meaning:
    """What a name says: a quantity of `theory.runs`, of whose side it may say nothing.

    Parameters
    ----------
    kind
        "loss", "accuracy", or the name of the quantity.
    side
        "train", "test", or "" where the name does not say or there is none.
    plain
        Whether it says nothing besides.
    """

    kind: str
    side: str = ""
    plain: bool = True


def words(name: str) -> list[str]:
    """Return the words of a name, in lower case.

    Examples
    --------
    >>> words("Loss/trainSet_2"), words("valacc")
    (['loss', 'train', 'set', '2'], ['val', 'acc'])
    """
    name = re.sub(r"(h[eo]ld)[\W_]?out", r"\1out", name, flags=re.IGNORECASE)
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    sides, kinds = ("|".join(TRAIN | TEST | EVALUATION), "|".join(LOSS | ACCURACY))
    found: list[str] = []
    for part in map(str.lower, parts):
        joined = re.fullmatch(f"({sides})({kinds})", part)
        found += joined.groups() if joined else (part,)
    return found


def meaning(name: str) -> Meaning | None:
    """Return what a name says that a column holds, None for nothing that is known.

    Examples
    --------
    >>> meaning("eval/accuracy")
    Meaning(kind='accuracy', side='test', plain=True)
    >>> meaning("best_val_acc") is None
    True
    """
    if name in runs.QUANTITIES and not name.endswith(("loss", "accuracy")):
        return Meaning(name) if "weight" not in name else None
    listed = words(name)
    said = set(listed)
    if COUNTS & set(listed[-1:]):
        return None
    if said == {"norm"} or ("norm" in said and said & PARAMETERS and said <= NORM | PARAMETERS):
        return Meaning("parameter_norm")
    kinds = [kind for kind, known in (("loss", LOSS), ("accuracy", ACCURACY)) if said & known]
    side = side_of(said)
    if len(kinds) != 1 or side is None or said & OTHER or re.search(r"(@|top.?)(?!1\b)\d", name):
        return None
    return Meaning(kinds[0], side, _is_plain(kinds[0], side, listed))


def _is_plain(kind: str, side: str, listed: list[str]) -> bool:
    """Return whether all words are known, none of a sum of losses or of a step that is counted."""
    said = set(listed)
    known = TRAIN | TEST | EVALUATION | LOSS | ACCURACY | PLAIN | BESIDE | STEP | EPOCH
    known |= PERCENT | UNITS.keys()
    doubtful = (kind == "loss" and said & SUMS) or (not side and listed[-1] in STEP | EPOCH)
    return said <= known and not doubtful


def side_of(said: set[str]) -> str | None:
    """Return the side that words name, "" for none, None where they name both."""
    train, test = bool(said & TRAIN), bool(said & TEST)
    if train and test:
        return None
    if train or test:
        return "train" if train else "test"
    return "test" if said & EVALUATION else ""


def is_side(text: str) -> bool:
    """Return whether a text says which side something is of, and nothing else.

    Examples
    --------
    >>> is_side("Validation set:"), is_side("val_acc")
    (True, False)
    """
    said = set(words(text))
    return bool(side_of(said)) and said <= TRAIN | TEST | EVALUATION | PLAIN | BESIDE


def says_percent(name: str) -> bool:
    """Return whether a name says that what it holds is in per cent.

    Examples
    --------
    >>> says_percent("Test Acc (%)"), says_percent("test_acc")
    (True, False)
    """
    return "%" in name or bool(PERCENT & set(words(name)))


def says_multiple(name: str) -> bool:
    """Return whether a name says that it counts more than one at a time.

    Examples
    --------
    >>> says_multiple("step (k)"), says_multiple("steps_x1000"), says_multiple("step")
    (True, True, False)
    """
    return bool(MULTIPLES & set(words(name))) or re.search(r"\d[eE]\d|10\^|100", name) is not None


def counts(name: str, counted: set[str]) -> bool:
    """Return whether a name says that a column counts steps, or epochs.

    Examples
    --------
    >>> counts("train/global_step", STEP), counts("steps_per_second", STEP)
    (True, False)
    """
    said = set(words(name))
    return bool(said & counted) and not said & OTHER and meaning(name) is None
