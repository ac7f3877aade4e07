"""What the paper predicts, prediction by prediction, and which verdicts tell what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theory.trial.outcomes import Outcome
from theory.trial.verdict import HOLDS, OPEN, REFUTED

#: A verdict of several, where they differ.
IN_PART = "in part"
#: The theory that speaks for the paper.
THEORY = "minimal model"


@dataclass(frozen=True)
class Clause:
    """A part of a prediction that is decided by itself, by a verdict on the minimal model.

    Attributes
    ----------
    question, quantity
        Of which it is the verdict.
    says
        What the prediction says there: words that follow "that".
    seen
        What was found, in words; {} stands for the number.
    shown
        Where in the book, if not at the figure of its question (`theory.trial.chapters`).
    """

    question: str
    quantity: str
    says: str
    seen: str
    shown: str = ""


@dataclass(frozen=True)
class PaperPrediction:
    """One of the four predictions of section 3.

    Attributes
    ----------
    name, title, claim
        "P1" to "P4", what it is called, and what it says, in a sentence.
    paper
        What the paper has seen of it.
    clauses
        Its parts, whose verdicts tell what became of it.
    page
        The chapter.
    besides
        Of the same, what has no part in the verdict: it is secondary, or of another question.
    """

    name: str
    title: str
    claim: str
    paper: str
    clauses: Sequence[Clause]
    page: str
    besides: Sequence[Clause] = ()


PAPER_PREDICTIONS = (
    PaperPrediction(
        "P1",
        "Efficiency",
        "More examples make memorising dearer, and generalising not.",
        "seen, in a transformer modulo 113",
        (
            Clause(
                "efficiency_again",
                "memorising_exponent",
                "memorising gets dearer",
                "memorising: its price goes as D to the power {}",
            ),
            Clause(
                "efficiency_again",
                "circuit_exponent",
                "generalising gets no dearer",
                "generalising, without the memory in it: {}",
            ),
        ),
        "efficiency",
        besides=(
            Clause(
                "nine_tasks",
                "circuit_exponent",
                "as the model reads it, it gets no dearer on five other tasks",
                "as D to the power {}",
                shown="other_tasks.html#where-they-are-unlearned",
            ),
        ),
    ),
    PaperPrediction(
        "P2",
        "Ungrokking",
        "With fewer examples than a critical number a network unlearns what it had grokked.",
        "seen, as a sudden transition",
        (
            Clause(
                "forgetting",
                "lost_by_penalty",
                "the penalty makes it unlearn",
                "left an eighth of its examples, it loses {} more with a penalty than without",
            ),
            Clause(
                "forgetting",
                "few_fall_free",
                "without a penalty it loses no more than a twentieth, in 5000 updates",
                "without a penalty it loses {} of it",
            ),
            Clause(
                "forgetting",
                "own_or_others",
                "how many examples are left matters, not which",
                "half of its own examples, or as many new ones, leave it {} apart in accuracy",
            ),
            Clause(
                "critical_again",
                "half_over_cost",
                "half-way is at equal cost of both circuits",
                "half-way is off the size at which both circuits cost the same by {}",
            ),
            Clause(
                "critical_again",
                "trend",
                "half-way grows with the modulus as equal cost does",
                "half-way over equal cost goes with the modulus to the power {}",
            ),
        ),
        "ungrokking",
        besides=(
            Clause(
                "critical_again",
                "width_grokked",
                "the transition is sudden",
                "{} times the examples from a tenth right to nine tenths",
                shown="ungrokking.html#fig-both-sides",
            ),
        ),
    ),
    PaperPrediction(
        "P3",
        "Weight decay",
        "The strength of weight decay does not move the critical size.",
        "seen, with AdamW, on most tasks",
        (
            Clause(
                "decay_again",
                "slope_grokked",
                "it stays where it is with an L2 penalty after grokking",
                "L2, after grokking: half-way goes with the strength to the power {}",
            ),
            Clause(
                "decay_again",
                "slope_scratch",
                "it stays with an L2 penalty from scratch",
                "L2, from scratch: to the power {}",
            ),
            Clause(
                "optimisers",
                "rest_slope",
                "it stays with AdamW at rest",
                "AdamW, at rest: half-way goes with the decay to the power {} on the mean from .1 "
                "to 1, and is no power",
            ),
        ),
        "weight_decay",
    ),
    PaperPrediction(
        "P4",
        "Semi-grokking",
        "Near the critical size a network generalises late, and in part.",
        "seen in some runs, of which one came to get all right",
        (
            Clause(
                "semi_grokking",
                "in_part",
                "with an L2 penalty, modulo 37, networks at rest are right in part, whatever the "
                "reason",
                "the share of networks, at rest, that are right in part: {}",
            ),
            Clause(
                "semi_grokking",
                "delay",
                "they come to it late",
                "half of the accuracy comes {} times as late as the fit",
            ),
            Clause(
                "semi_grokking",
                "stays",
                "it lasts, in ten that went on",
                "ten times as many updates change the accuracy by {}",
            ),
        ),
        "semi_grokking",
        besides=(
            Clause(
                "semi_grokking",
                "adamw_stays",
                "with AdamW it lasts from 4000 to 40,000 updates",
                "they add {} to the accuracy of ten networks, modulo 37",
                shown="semi_grokking.html#fig-semi-over-time",
            ),
            Clause(
                "long_runs",
                "adamw_in_part",
                "with AdamW at rest, after 400,000 updates, six networks modulo 29 are right in "
                "part",
                "a share of {}, at one size that was chosen for it",
            ),
        ),
    ),
)


def decided(clauses: Sequence[Clause], found: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes that decide clauses, all places together, in their order.

    Raises
    ------
    ValueError
        If `found` lacks one.
    """
    by_name = {
        (each.question, each.quantity.name): each
        for each in found
        if each.theory == THEORY and not each.place
    }
    names = [(each.question, each.quantity) for each in clauses]
    missing = [name for name in names if name not in by_name]
    if missing:
        raise ValueError(f"found must have {missing} of the {THEORY}, and has not")
    return [by_name[name] for name in names]


def verdict_of(found: Sequence[Outcome]) -> str:
    """Return the verdict that all have, or "in part" where one holds and another does not.

    Open beside refuted is refuted.

    Raises
    ------
    ValueError
        If `found` is empty.
    """
    if not found:
        raise ValueError("found must have an outcome, got none")
    verdicts = {each.judgement.verdict for each in found}
    if verdicts == {HOLDS}:
        return HOLDS
    if HOLDS in verdicts:
        return IN_PART
    return REFUTED if REFUTED in verdicts else OPEN


def by_verdict(clauses: Sequence[Clause], found: Sequence[Outcome]) -> dict[str, list[Clause]]:
    """Return clauses by what became of them: what holds, then what does not.

    Parameters
    ----------
    clauses, found
        The clauses, and their outcomes as `decided` returns them.
    """
    verdicts = [each.judgement.verdict for each in found]
    return {
        verdict: [clause for clause, its in zip(clauses, verdicts, strict=True) if its == verdict]
        for verdict in (HOLDS, REFUTED, OPEN)
        if verdict in verdicts
    }


def that(clauses: Sequence[Clause]) -> str:
    """Return what clauses say, in one sentence.

    Examples
    --------
    >>> that([Clause("a", "b", "it is so", ""), Clause("a", "c", "it was so", "")])
    'that it is so; that it was so'
    """
    return "; ".join(f"that {each.says}" for each in clauses)
