"""One small chart for each of the paper's predictions, from stored runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from theory.questions import critical_again, decay_again, efficiency_again, load, semi_grokking
from theory.theories.theory import known
from theory.trial.sketch import Axis, Series, sketch

_POWERS = ("10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³")
NAMES: Mapping[str, str] = {
    critical_again.SCRATCH: "from scratch",
    critical_again.GROKKED: "after grokking",
}


def efficiency() -> str:
    """Return the price of memorising and of generalising against examples for a label."""
    measured = efficiency_again.measure(load(efficiency_again))
    sizes = list(efficiency_again.SIZES)
    modulus = efficiency_again.MODULI[-1]
    lines = []
    for kind, named_at in (("memorising", -1), ("generalising", 0)):
        price = (
            known(measured, f"{kind}_price")
            .sel(modulus=modulus, per_label=sizes)
            .mean("seed")
            .values
        )
        below = kind == "generalising"
        name = "generalising, with memory" if below else kind
        lines.append(Series(sizes, price / price[0], kind, name, named_at, below, dashed=not below))
    return sketch(
        lines,
        Axis("examples for a label", 18, 46, (20, 30, 40), logarithmic=True),
        Axis("norm for the same logits, over the first", 0.9, 1.4, (1, 1.2, 1.4)),
        "The price of memorising rises with the number of examples, that of generalising hardly.",
    )


def ungrokking() -> str:
    """Return accuracy after grokking and from scratch over the size of equal cost."""
    runs = load(critical_again)
    measured = critical_again.measure(runs)
    lines = []
    for start in NAMES:
        scratch = start == critical_again.SCRATCH
        moduli = runs["modulus"].values
        # From scratch lines differ: the first and the last say it, and dashes are seen.
        for modulus in moduli[[0, -1]] if scratch else moduli:
            some = runs.test_accuracy.sel(modulus=modulus, start=start).mean("seed")
            sizes = [critical_again.size_of(int(modulus), part) for part in runs["part"].values]
            costs = known(measured, "equal_cost").sel(modulus=modulus).mean("seed")
            cost = float(costs) * int(modulus)
            lines.append(
                Series(
                    np.array(sizes) / cost,
                    some.values,
                    "test",
                    NAMES[start] if modulus == critical_again.MODULI[-1] else "",
                    named_at=5 if scratch else 3,
                    below=scratch,
                    dashed=scratch,
                )
            )
    return sketch(
        lines,
        Axis("examples over the size of equal cost", 0.4, 1.6, (0.5, 1, 1.5)),
        Axis("accuracy on the unseen", 0, 1, (0, 0.5, 1)),
        "Accuracy rises smoothly with the number of examples: at one place for networks that had "
        "grokked, whatever the modulus, and later, at several places, from scratch.",
        mark=1.0,
    )


def weight_decay() -> str:
    """Return the half-way size against the strength of an L2 penalty, from both sides."""
    half_way = decay_again.measure(load(decay_again))["half_way"].low.mean("seed")
    lines = [
        Series(
            half_way["l2"].values,
            half_way.sel(start=start).values,
            "test",
            words,
            named_at=-1 if start == decay_again.SCRATCH else 1,
            below=start == decay_again.GROKKED,
            dashed=start == decay_again.SCRATCH,
        )
        for start, words in NAMES.items()
    ]
    return sketch(
        lines,
        Axis("strength of the L2 penalty", 7e-7, 1.4e-3, (1e-6, 1e-5, 1e-4, 1e-3), True, _POWERS),
        Axis("half-way size, examples for a label", 0, 18, (0, 5, 10, 15)),
        "The size at which half is right hardly moves with the strength of the penalty.",
    )


def semi() -> str:
    """Return accuracies of networks from scratch, seed by seed, about the critical size."""
    runs = load(semi_grokking).test_accuracy.sel(case="L2")
    sizes = np.repeat(runs["part"].values, runs.sizes["seed"])
    return sketch(
        [Series(sizes, runs.transpose("part", "seed").values.ravel(), "test", dots=True)],
        Axis("examples over the critical size", 0.7, 1.3, (0.8, 1, 1.2)),
        Axis("accuracy on the unseen, at rest", 0, 1, (0, 0.5, 1)),
        "Near the critical size accuracies lie between nothing and all, all seeds alike.",
    )


#: By the name of the prediction.
CHARTS: Mapping[str, Callable[[], str]] = {
    "P1": efficiency,
    "P2": ungrokking,
    "P3": weight_decay,
    "P4": semi,
}
