"""Where two accounts say something else that no run here decides, and which run would."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dispute:
    """A disagreement, and how to settle it.

    Attributes
    ----------
    one, other
        Names of rows of the scoreboard.
    about
        What each says.
    run
        What would decide.
    """

    one: str
    other: str
    about: str
    run: str


DISPUTES = (
    Dispute(
        "three phases",
        "two biases",
        "Without decay: never, or late? The first takes decay for what removes memory. By the "
        "second a network goes on to larger margins in times whose logarithm counts.",
        "Cross-entropy without decay, at a softmax that does not round, for ten million updates; "
        "here there are 5000.",
    ),
    Dispute(
        "norm separation",
        "pinned norm",
        "A norm that is frozen where a network fits: it does not generalise, or late by an "
        "exponential? Both are of the same authors; the later takes the first for an end of "
        "patience.",
        "Hold the norm from the fit on, at what it is there, in a transformer with AdamW. Here "
        "norms are held from the start.",
    ),
    Dispute(
        "first order",
        "one-sided mixing",
        "A passage that gets sharp in the limit of wide networks, or one of a width of its own, "
        "since circuits share units?",
        "The width of the passage with noise and weights scaled as in the first, at widths from "
        "100 to 10,000. Here widths up to 384 do not sharpen it.",
    ),
    Dispute(
        "emergence of features",
        "minimal model",
        "Do half-way sizes go as m log m, or as prices do? At moduli from 33 to 83, each with "
        "one constant fitted, the runs say the second after grokking and the first from scratch.",
        "Half-way sizes at moduli 150 to 400, where the two differ by a tenth.",
    ),
    Dispute(
        "general circuits reinforced",
        "minimal model",
        "Does it matter how many examples pull at a circuit, or what it costs?",
        "Weight some examples more in the loss and leave the others, at one number of examples: "
        "memory's price stays, the pulls change.",
    ),
    Dispute(
        "two speeds",
        "minimal model",
        "Does the delay begin at a width, where memory gets as fast, or at a norm?",
        "Random labels and sums, timed at widths below 16, each at its own best rate; here "
        "memory was not fitted in time at most of these widths.",
    ),
)
