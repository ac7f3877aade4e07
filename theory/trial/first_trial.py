"""The first trial: how its runs were judged under the rule of their day, beside how they are now.

Its rule was the functions `prediction` and `judge` of one file for each question. The files are
kept as text, with the commit at which they were there before the runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from theory.trial.cards import Table
from theory.trial.outcomes import Outcome
from theory.trial.tables import judged

#: Where its rules and verdicts lie, from the folder of the book's pages.
PLACE = Path("data") / "first_trial"

#: Of what was predicted then: the quantity and the theories that say it now, and what is different.
MOVED: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "efficiency": {
        "memorising_rises": (
            "memorising_exponent",
            "minimal model",
            "an effect counts from the margin on, not from 0",
        ),
        "memorising_exponent": ("memorising_exponent", "kappa = 3", "has a theory of its own"),
        "generalising_exponent": (
            "generalising_exponent",
            "minimal model",
            "only the two sizes at which every seed generalises",
        ),
        "memorising_kappa": (
            "memorising_kappa",
            "kappa = 3",
            "the same by itself; corrected for the number of predictions",
        ),
        "generalising_kappa": (
            "generalising_kappa",
            "kappa = 3",
            "only sizes with all seeds and strengths",
        ),
        "shared_kappa": (
            "kappa_difference",
            "minimal model",
            "only sizes with all seeds and strengths",
        ),
        "objective_over_loss": ("objective_over_loss", "minimal model", "a check of method"),
        "trigonometric_share": (
            "trigonometric_share",
            "minimal model",
            "95% is now a margin of 0.05 around 1; corrected for the number of predictions",
        ),
    },
    "ungrokking": {
        "accuracy_of_few": ("accuracy_of_few", "minimal model", "moduli together; a check"),
        "accuracy_of_many": ("accuracy_of_many", "minimal model", "a check: nothing could fail"),
        "step": (
            "width",
            "kappa = 3",
            "moduli together; a step can read as 1.24 on these sizes, which is the theory's error",
        ),
        "longer": ("longer", "minimal model", "a check of convergence"),
        "slower": ("slower", "minimal model", "a check of convergence"),
        "other_examples": ("other_examples", "minimal model", "not counted: not primary"),
        "fewer_examples": ("fewer_examples", "minimal model", "not counted: not primary"),
    },
    "weight_decay": {
        "accuracy_slope": (
            "l2_accuracy_slope",
            "minimal model",
            "L2 by itself, sizes together; that of AdamW is a check",
        ),
        "half_way_slope": (
            "l2_half_way_slope",
            "minimal model",
            "L2 by itself; that of AdamW is refuted by its bounds",
        ),
        "at_rest": ("inside_imbalance", "AdamW's barrier", "a check of method"),
        "inside_over_l2": ("inside_half_way", "AdamW's barrier", "strengths together; a null"),
        "inside_slope": ("inside_half_way_slope", "AdamW's barrier", "not counted: not primary"),
    },
    "critical_size": {
        "half_way_over_critical": (
            "half_way",
            "minimal model",
            "places together; a null, and an error of the theory",
        ),
        "half_way_over_corrected": (
            "half_way",
            "corrected costs",
            "places together; no nearer than the guess that it is where it was before",
        ),
        "equal_weights_over_corrected": (
            "equal_weights",
            "corrected costs",
            "places together; no nearer than the guess; not counted: not primary",
        ),
        "half_way_over_leaving": ("half_way", "kappa = 3", "places together; a null"),
        "kappa_ratio": (
            "r_of_weights",
            "minimal model",
            "places together; margin 20%, not 25%; not counted: not primary",
        ),
    },
}


def then(place: str | Path = PLACE) -> dict[str, Any]:
    """Return the verdicts of the first trial, with rule and commit, by question."""
    found: dict[str, Any] = json.loads((Path(place) / "verdicts.json").read_text(encoding="utf-8"))
    return found


def then_and_now(question: str, found: Sequence[Outcome], place: str | Path = PLACE) -> Table:
    """Return verdicts of one question's runs under both rules, one old prediction a row.

    Of several outcomes of one prediction the first is told: those that are counted, corrected, go
    before the others.
    """
    old = then(place)[question]["findings"]
    rows = {}
    for name, (quantity, theory, difference) in MOVED[question].items():
        verdicts = [each["verdict"] for each in old if each["prediction"] == name]
        counts = {each: verdicts.count(each) for each in dict.fromkeys(verdicts)}
        asked = (question, quantity, theory)
        same = [x for x in found if (x.question, x.quantity.name, x.theory) == asked]
        rows[name.replace("_", " ")] = {
            "then": ", ".join(
                f"{count} {verdict}" if len(verdicts) > 1 else verdict
                for verdict, count in counts.items()
            ),
            "now": judged(same).verdict.iloc[0],
            "judged now as": f"{quantity.replace('_', ' ')}, {theory}",
            "what is different": difference,
        }
    table: Table = Table.from_dict(rows, orient="index")
    return table
