"""What the paper predicts, prediction by prediction, and which verdicts tell what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theory.questions.question import PARTS
from theory.trial.outcomes import Outcome
from theory.trial.verdict import HOLDS, OPEN, REFUTED

#: A verdict of several, where they differ.
IN_PART = "in part"
#: The theory that speaks for the paper.
THEORY = "minimal model"


@dataclass(frozen=True)
class PaperPrediction:
    """One of the four predictions of section 3.

    Attributes
    ----------
    name, title, claim
        "P1" to "P4", what it is called, and what it says, in a sentence.
    paper
        What the paper has seen of it.
    decided_by
        Question, quantity and words of each verdict on the minimal model that tells what became of
        it; in the words {} stands for what was found.
    page
        The chapter.
    """

    name: str
    title: str
    claim: str
    paper: str
    decided_by: Sequence[tuple[str, str, str]]
    page: str


PAPER_PREDICTIONS = (
    PaperPrediction(
        "P1",
        "Efficiency",
        "More examples make memorising dearer, and generalising not.",
        "seen, in a transformer modulo 113",
        (
            (
                "efficiency_again",
                "memorising_exponent",
                "memorising: its price goes as D to the power {}",
            ),
            ("efficiency_again", "circuit_exponent", "generalising, without the memory in it: {}"),
        ),
        "efficiency",
    ),
    PaperPrediction(
        "P2",
        "Ungrokking",
        "With fewer examples than a critical number a network unlearns what it had grokked.",
        "seen, as a sudden transition",
        (
            (
                "forgetting",
                "lost_by_penalty",
                "left an eighth of its examples, it loses {} more with a penalty than without",
            ),
            ("forgetting", "few_fall_free", "without a penalty it loses {} of it"),
            (
                "forgetting",
                "own_or_others",
                "half of its own examples, or as many new ones, leave it {} apart in accuracy",
            ),
            (
                "critical_again",
                "half_over_cost",
                "half-way is off the size at which both circuits cost the same by {}",
            ),
            (
                "critical_again",
                "trend",
                "half-way over equal cost goes with the modulus to the power {}",
            ),
        ),
        "ungrokking",
    ),
    PaperPrediction(
        "P3",
        "Weight decay",
        "The strength of weight decay does not move the critical size.",
        "seen, with AdamW, on most tasks",
        (
            (
                "decay_again",
                "slope_grokked",
                "L2, after grokking: half-way goes with the strength to the power {}",
            ),
            ("decay_again", "slope_scratch", "L2, from scratch: to the power {}"),
            (
                "optimisers",
                "rest_slope",
                "AdamW, at rest: half-way goes with the decay to the power {}",
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
            (
                "semi_grokking",
                "in_part",
                "the share of networks, at rest, that are right in part: {}",
            ),
            (
                "semi_grokking",
                "delay",
                "half of the accuracy comes {} times as late as the fit",
            ),
            (
                "semi_grokking",
                "stays",
                "ten times as many updates change the accuracy by {}",
            ),
        ),
        "semi_grokking",
    ),
)


@dataclass(frozen=True)
class Topic:
    """What else is asked, in which parts of the trial, and where the answer is.

    Attributes
    ----------
    title, claim
        What it is called, and what is asked.
    parts
        Of `theory.questions.PARTS`; with no question in any of them nothing has been tried.
    page
        The chapter.
    section
        Its section, where it has others.
    left_open
        Whether the paper's authors left it open.
    """

    title: str
    claim: str
    parts: Sequence[str]
    page: str
    section: str = ""
    left_open: bool = True

    def __post_init__(self) -> None:
        unknown = set(self.parts) - set(PARTS)
        if unknown:
            raise ValueError(f"parts must be of {', '.join(PARTS)}, got {', '.join(unknown)}")


TOPICS = (
    Topic(
        "Kappa",
        "Does one exponent tie norm to logits, for every circuit?",
        ("exponents and degrees",),
        "efficiency",
        section="one-kappa",
    ),
    Topic(
        "What circuits cost",
        "Do prices that are derived agree with trained networks?",
        ("what a circuit costs", "other tasks"),
        "what_a_circuit_costs",
        left_open=False,
    ),
    Topic(
        "The critical size",
        "Do both circuits weigh the same where they cost the same, from either side?",
        ("two circuits", "other mixtures", "one size or many", "critical size again"),
        "critical_size",
    ),
    Topic(
        "AdamW",
        "Is its decay a penalty, and where does it come to rest?",
        ("other optimisers", "long runs"),
        "weight_decay",
        left_open=False,
    ),
    Topic(
        "Noise and time",
        "Do they bring networks to one state?",
        ("annealing",),
        "one_size_or_many",
        left_open=False,
    ),
    Topic(
        "Decay, data and time",
        "How does the delay go with the decay, and with the number of examples?",
        ("decay and time", "data and time"),
        "how_long",
    ),
    Topic(
        "Answers",
        "Does their number set the critical size, or that of the inputs?",
        ("answers",),
        "other_tasks",
        section="does-the-number-of-answers-matter",
    ),
    Topic(
        "Parameters",
        "What changes with more of them?",
        ("parameters", "width after grokking"),
        "more_parameters",
    ),
    Topic(
        "No decay",
        "What does a network learn that goes on without it?",
        ("no decay",),
        "without_decay",
    ),
    Topic(
        "Several circuits",
        "How many ways to generalise remain beside each other, and what removes the others?",
        ("several circuits",),
        "several_circuits",
    ),
    Topic(
        "Infinite data",
        "Is there a delay without an end of examples?",
        ("infinite data", "infinite data again"),
        "infinite_data",
    ),
    Topic(
        "Without a delay",
        "Can the delay be taken away?",
        ("regularisers", "transplants"),
        "can_it_go",
    ),
    Topic(
        "Other tasks and layers",
        "Does what was found of addition and square units hold elsewhere?",
        ("nine tasks", "other networks"),
        "other_tasks",
        left_open=False,
    ),
    Topic(
        "Transformers",
        "Does the small network's story carry over to the paper's kind of network?",
        ("a smaller transformer", "the paper's transformer"),
        "transformer",
        left_open=False,
    ),
    Topic("Large starts", "Is Omnigrok's delay this one?", ("large starts",), "large_start"),
    Topic(
        "Where theories part",
        "Does noise shorten the delay, does the norm fall, and does the loss fall before?",
        ("where theories part",),
        "where_theories_part",
        left_open=False,
    ),
)


def decided(prediction: PaperPrediction, found: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes that decide, all places together, in the order of the prediction.

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
    names = [(question, quantity) for question, quantity, _ in prediction.decided_by]
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
