"""What else is asked, with answers in words that are right while the runs are within a range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from theory.questions.question import PARTS
from theory.statistics import Interval


@dataclass(frozen=True)
class Answer:
    """What was found of a quantity, in words that are right within a range only.

    Attributes
    ----------
    question, quantity
        Of what.
    words
        The answer; {} stands for the number.
    low, high
        Between which all of its interval must lie for the words to be right.
    """

    question: str
    quantity: str
    words: str
    low: float = -np.inf
    high: float = np.inf

    def among(self, every: Mapping[tuple[str, str], Interval]) -> str:
        """Return the words, given what was found by question and quantity.

        Raises
        ------
        ValueError
            If `every` lacks its quantity, or as `about`.
        """
        name = self.question, self.quantity
        if name not in every:
            raise ValueError(f"every must have {'.'.join(name)}, and has not")
        return self.about(every[name])

    def about(self, found: Interval) -> str:
        """Return the words with the number in them.

        Raises
        ------
        ValueError
            If what was found is not known, or not all of it within the range.

        Examples
        --------
        >>> answer = Answer("kappa", "slope", "no, it is {}", high=2.9)
        >>> answer.about(Interval(2.28, 2.27, 2.29))
        'no, it is 2.28'
        """
        if not (self.low <= found.low <= found.estimate <= found.high <= self.high):
            raise ValueError(
                f"found must be from {self.low} to {self.high} for {self.words!r} to be right, "
                f"got {self.question}.{self.quantity} = {found}"
            )
        digits = 2 if abs(found.estimate) < 10 else 0
        return self.words.format(f"{found.estimate:.{digits}f}")


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
    answers
        What was found, in a sentence or two.
    section
        Its section, where it has others.
    left_open
        Whether the paper's authors left it open.
    """

    title: str
    claim: str
    parts: Sequence[str]
    page: str
    answers: Sequence[Answer]
    section: str = ""
    left_open: bool = True

    def __post_init__(self) -> None:
        unknown = set(self.parts) - set(PARTS)
        if unknown:
            raise ValueError(f"parts must be of {', '.join(PARTS)}, got {', '.join(unknown)}")


TOPICS = (
    Topic(
        "Kappa, and units of other degrees",
        "Does one exponent tie norm to logits, for every circuit?",
        ("exponents and degrees",),
        "efficiency",
        (
            Answer(
                "own_exponent",
                "memorising_slope",
                "Not the degree 3 of the network: for memory it is {}, and each network has "
                "its own; whether that of a generalising circuit is another is open",
                high=2.9,
            ),
        ),
        section="one-kappa",
    ),
    Topic(
        "What circuits cost",
        "Do prices that are derived agree with trained networks?",
        ("what a circuit costs", "other tasks"),
        "what_a_circuit_costs",
        (
            Answer(
                "efficiency_again",
                "memorising_exponent",
                "In two layers mostly within a tenth, often beyond the margin: memory's goes "
                "as D to the power {}, derived a third",
                low=0.32,
                high=0.35,
            ),
        ),
        left_open=False,
    ),
    Topic(
        "The critical size",
        "Is there one critical size, and is it where both circuits cost the same?",
        ("two circuits", "other mixtures", "one size or many", "critical size again"),
        "critical_size",
        (
            Answer(
                "critical_again",
                "half_over_cost",
                "No, twice: after grokking half-way is at {} of equal cost",
                high=0.9,
            ),
            Answer(
                "critical_again",
                "scratch_over_grokked",
                "from scratch it takes {} times as many examples, on the mean of six moduli",
                low=1.05,
            ),
        ),
    ),
    Topic(
        "AdamW",
        "Is its decay a penalty, and where does it come to rest?",
        ("other optimisers", "long runs"),
        "weight_decay",
        (
            Answer(
                "optimisers",
                "inside_over_same",
                "At a decay of .1 nearly: half-way is at {} of that with an equally weak L2 "
                "penalty",
                low=0.92,
                high=1.08,
            ),
            Answer(
                "optimisers",
                "rest_slope",
                "from .1 to 1 it goes as the decay to the power {} on the mean, at rest",
                high=-0.05,
            ),
        ),
        left_open=False,
    ),
    Topic(
        "Noise and time",
        "Do they bring networks to one state?",
        ("annealing",),
        "one_size_or_many",
        (
            Answer(
                "annealing",
                "apart_slowly",
                "Time does not, and strong noise is not seen to; moved slowly, modulo 29, "
                "the two sides stay {} times apart in size",
                low=1.05,
            ),
        ),
        left_open=False,
    ),
    Topic(
        "Decay, data and time",
        "How does the delay go with the decay, and with the number of examples?",
        ("decay and time", "data and time"),
        "how_long",
        (
            Answer(
                "delay_and_decay",
                "descent_exponent",
                "With momentum descent as the decay to the power {}",
                low=-1.2,
                high=-0.8,
            ),
            Answer(
                "delay_and_decay",
                "adam_exponent",
                "with Adam and an L2 penalty only {}, with AdamW as no power",
                low=-0.4,
                high=-0.1,
            ),
            Answer(
                "delay_and_size",
                "descent_far",
                "with data, well above the critical size, as D to the power {} with descent",
                high=-2,
            ),
        ),
    ),
    Topic(
        "Number of answers",
        "Does it set the critical size, or that of the inputs?",
        ("answers",),
        "other_tasks",
        (
            Answer(
                "answers",
                "half_sums",
                "Neither alone: with a third as many answers a network from scratch needs fewer "
                "examples where they are sums (power {})",
                low=0.1,
            ),
            Answer("answers", "half_dealt", "and more where they are dealt out ({})", high=-0.1),
        ),
        section="does-the-number-of-answers-matter",
    ),
    Topic(
        "Parameters and layers",
        "What changes with more of them?",
        ("parameters", "width after grokking"),
        "more_parameters",
        (
            Answer(
                "grokked_width",
                "half_way_enough",
                "After grokking, from 64 units on, hardly the critical size: half-way goes "
                "as the width to the power {}",
                low=-0.03,
                high=0.03,
            ),
            Answer(
                "width",
                "fits_exponent",
                "with Adam at one learning rate a wider one fits sooner: its updates to fit go "
                "as the power {}; a second layer is faster at four of five rates, and with "
                "each depth at its own rate not for certain",
                high=-0.1,
            ),
        ),
    ),
    Topic(
        "Semi-grokking",
        "Is it an accident, and does it last?",
        ("semi-grokking",),
        "semi_grokking",
        (
            Answer(
                "semi_grokking",
                "in_part",
                "No accident with an L2 penalty: near the critical size, modulo 37, all "
                "networks (a share of {}) rest in part, and ten that went on stayed so",
                low=0.9,
            ),
            Answer(
                "semi_grokking",
                "adamw_stays",
                "with AdamW ten times the updates add {} to the accuracy",
                low=0.2,
            ),
            Answer(
                "long_runs",
                "adamw_in_part",
                "six other networks, modulo 29, rest after a hundred times as many, and in part (a "
                "share of {})",
                low=0.9,
            ),
        ),
    ),
    Topic(
        "No decay",
        "What does a network learn that goes on without it?",
        ("no decay",),
        "without_decay",
        (
            Answer(
                "without_decay",
                "adam_gain",
                "On cross-entropy, at 1.3 of the critical size, little: {} of accuracy from "
                "a loss of .001 to 5000 updates of Adam",
                high=0.05,
            ),
            Answer(
                "without_decay",
                "squares_accuracy",
                "on squared errors it learns all, at an accuracy of {}",
                low=0.99,
            ),
        ),
    ),
    Topic(
        "Several circuits",
        "How many ways to generalise remain beside each other, and what removes the others?",
        ("several circuits",),
        "several_circuits",
        (
            Answer(
                "several_circuits",
                "survivors",
                "{} frequencies on the mean over three primes",
                low=2,
                high=20,
            ),
            Answer(
                "several_circuits",
                "free_number",
                "the penalty removes the others: without it their number goes on rising, to {}",
                low=20,
            ),
        ),
    ),
    Topic(
        "Infinite data",
        "Is there a delay without an end of examples?",
        ("infinite data", "infinite data again"),
        "infinite_data",
        (
            Answer(
                "infinite_data",
                "fresh_over_seen",
                "In sparse parity not of fresh examples, nearly by construction: they are "
                "right {} times as late as those just seen",
                high=1.05,
            ),
            Answer("sums_again", "fresh_over_seen", "in sums a little: {} times", 1.05, 1.3),
            Answer(
                "infinite_data",
                "apart_over_near",
                "of a region that never comes yes, where what marks it matters: {} times as "
                "late as its neighbours",
                low=1.1,
            ),
        ),
    ),
    Topic(
        "Regularisers",
        "Can they take the delay away, or a transplant?",
        ("regularisers", "transplants"),
        "can_it_go",
        (
            Answer(
                "regularisers",
                "best_smoothing",
                "By the mark of this book some can, by fitting late: {} of the unseen are right by "
                "then with label smoothing, where mostly the mark moves",
                low=0.9,
            ),
            Answer(
                "regularisers",
                "best_l2",
                "with a strong L2 penalty {} on the mean of three moduli",
                low=0.5,
                high=0.7,
            ),
            Answer(
                "transplants",
                "donor_right",
                "with embeddings of a network that has seen more {}",
                low=0.85,
            ),
        ),
    ),
    Topic(
        "Other tasks and layers",
        "Does what was found of addition and square units hold elsewhere?",
        ("nine tasks", "other networks"),
        "other_tasks",
        (
            Answer(
                "nine_tasks",
                "half_over_cost",
                "In part: half-way is below equal cost there, too, at {} of it on five tasks "
                "that square units learn whole",
                high=0.95,
            ),
            Answer(
                "other_networks",
                "half_over_cost",
                "at {} with ReLU on addition",
                high=0.95,
            ),
        ),
        left_open=False,
    ),
    Topic(
        "Transformers",
        "Does the small network's story carry over to the paper's kind of network?",
        ("a smaller transformer", "the paper's transformer"),
        "transformer",
        (
            Answer(
                "smaller_transformer",
                "memorising_exponent",
                "After grokking, with L2, signs do: memory's norm goes as D to the power {}",
                low=0.25,
                high=0.33,
            ),
            Answer(
                "smaller_transformer",
                "generalising_exponent",
                "that of what has grokked as {}",
                low=-0.02,
                high=0.02,
            ),
            Answer(
                "smaller_transformer",
                "half_way",
                "numbers mostly not: half-way is at {} examples a label, about half of what two "
                "layers take",
                low=5.0,
                high=7.4,  # two layers take 12.3
            ),
        ),
        left_open=False,
    ),
    Topic(
        "Large starts",
        "Is Omnigrok's delay this one?",
        ("large starts",),
        "large_start",
        (
            Answer(
                "large_starts",
                "slope_digits",
                "In part: on digits a start larger by the factor e generalises later by {} of "
                "the time in which decay undoes that",
                low=0.9,
                high=1.1,
            ),
            Answer(
                "large_starts",
                "slope_descent",
                "on sums with momentum descent by {}",
                high=0.9,
            ),
            Answer(
                "large_starts",
                "cheaper_small",
                "generalising is cheaper at small starts, too, by the factor {}",
                low=1.2,
            ),
        ),
    ),
    Topic(
        "Where theories part",
        "Does noise shorten the delay, does the norm fall, and does the loss fall before?",
        ("where theories part",),
        "where_theories_part",
        (
            Answer(
                "batch_noise",
                "noisy",
                "It depends on the optimiser: with momentum descent noise shortens the delay "
                "to {} of what it was",
                high=0.9,
            ),
            Answer(
                "batch_noise",
                "adam_noisy",
                "with Adam it makes it {} times as long",
                low=1.1,
            ),
            Answer(
                "norm_and_loss",
                "adam_end",
                "from the fit on the norm falls to {} with Adam and a strong penalty",
                high=0.99,
            ),
            Answer(
                "norm_and_loss",
                "adamw_end",
                "with AdamW it rises to {}",
                low=1.1,
            ),
            Answer(
                "norm_and_loss",
                "descent_fall",
                "with descent {} of the fall of the loss is done when half of the unseen are right",
                low=0.6,
            ),
        ),
        left_open=False,
    ),
)
