r"""If the longest path through the transformer carried all: one unit of degree 6 (derived here).

A unit of degree k stores d examples of a label by their rows and columns, as one with square
activation does (`theory.circuits.memorising`). Its reading has 2 d entries of size x and its output
is w, so :math:`w^2 + 2 d x^2` buys a logit :math:`A \propto w\, x^{k - 1}`, and the least of it has

.. math:: |\theta|^2 \propto A^{2/k}\, d^{(k - 1)/k} .

The longest path has k = 6: embedding, value, output, into the MLP, out of it, unembedding. Nothing
says that it carries all, and skips are shorter, so this is an upper edge for both exponents.
"""

from __future__ import annotations

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory

DEGREE = 6


def memorising_exponent(degree: int) -> float:
    """Return the exponent in d of the norm of units of this degree, at one logit."""
    return (degree - 1) / (2 * degree)


def _memorising(_: Measured) -> Prediction:
    return Prediction(memorising_exponent(DEGREE), "one unit of degree 6 a label")


def _kappa(_: Measured) -> Prediction:
    return Prediction(float(DEGREE), "logits are homogeneous of the degree of the longest path")


LONGEST_PATH = Theory(
    "longest path",
    "A transformer is one unit of degree 6 for each label.",
    "derived here",
    "Ours; exponents of norm and logits that lie below were seen at other moduli.",
    {
        ("smaller_transformer", "memorising_exponent"): _memorising,
        ("smaller_transformer", "memorising_kappa"): _kappa,
        ("smaller_transformer", "generalising_kappa"): _kappa,
        ("smaller_transformer", "kappa_identity"): lambda _: Prediction(
            1.0, "at rest matrices are in balance"
        ),
    },
)
