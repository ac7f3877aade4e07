r"""What is said of data without end: a delay, or none but where another rule fits the stream.

Of parity, and of sums of several slots.

Memory of D examples costs :math:`P_M \propto D^\beta`, and so without bound: on a stream it is no
rival. Another rule can be, one that is right on the stream and wrong beyond, which costs more than
the rule that extends, whatever D. What the minimal model's two circuits then do is computed here,
trained by Adam as the networks are, and read off by the same mark of the loss.

The model needs a third label, which is wrong where what does not generalise is not; networks have
two.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import xarray as xr

from theory.checks import Parameter
from theory.minimal import Circuit, MinimalModel, descend_with, time_to_grok
from theory.questions.infinite_data import L2, MARK, TIMES, WEAK, first_below, optimiser
from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory

#: The paper leaves kappa open. Up to the degree of the network, and from where the dearer circuit
#: alone passes the mark.
KAPPAS = (1.4, 1.7, 2.0)
#: P of what generalises, of what does not and is learned first, and that of memory without end.
NORM, DEARER, ENDLESS = 2.0, (3.0, 4.0, 6.0), 1e3
#: Exponents of memory's P in D: that derived for square units, and that of squared norms that add
#: up over examples.
BETAS = (1 / 3, 1 / 2)
#: Labels of the model, and subweights at the start of what generalises, over those of the other.
_LABELS, _START = 3, 1e-2
#: Updates of Adam in which every one of these models groks, and from one record to the next.
_UPDATES, _EVERY = 2000, 2


def two_circuits(kappa: Parameter, dearer: Parameter, l2: float) -> MinimalModel:
    """Return the minimal model, of a circuit that generalises and a dearer one, by its P."""
    return MinimalModel(
        (
            Circuit("generalising", NORM, True, 0.0, _START),
            Circuit("dearer", dearer, False, 0.0, 1.0),
        ),
        kappa,
        l2 / 2,
        _LABELS,
    )


def times(
    kappas: Sequence[float], dearer: Sequence[float], l2: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the updates until the train loss, and the test loss, is at the mark.

    Of all kappas with all costs, shape (kappas, dearer).
    """
    # The penalty is a part of the model's loss.
    run = descend_with(_every(kappas, dearer, l2), _UPDATES, optimiser(0.0), _EVERY)
    losses = (each.transpose("kappa", "dearer", "step") for each in (run.train_loss, run.test_loss))
    fits, generalises = (
        np.array([[first_below(one, MARK) for one in row] for row in loss]) for loss in losses
    )
    return fits, generalises


def _every(kappas: Sequence[float], dearer: Sequence[float], l2: float) -> MinimalModel:
    """Return one model, along all kappas and all costs."""
    along = (xr.DataArray(list(kappas), dims="kappa"), xr.DataArray(list(dearer), dims="dearer"))
    return two_circuits(*along, l2)


def delays(kappas: Sequence[float], dearer: Sequence[float], l2: float) -> np.ndarray:
    """Return the updates from the one to the other, shape (kappas, dearer)."""
    fits, generalises = times(kappas, dearer, l2)
    late: np.ndarray = generalises - fits
    return late


def later() -> float:
    """Return by what factor it generalises later than it fits where memory has no end.

    The mean over `KAPPAS`.
    """
    fits, generalises = times(KAPPAS, [ENDLESS], L2)
    return float((generalises / fits).mean())


def groks_without_decay() -> float:
    """Return the share of models that ever grok without decay."""
    return float(np.isfinite(time_to_grok(_every(KAPPAS, DEARER, 0.0))).mean())


def decay_exponents() -> list[float]:
    """Return the exponents of the delay in decay, one for each kappa and cost."""
    strong, weak = (delays(KAPPAS, DEARER, l2) for l2 in (L2, WEAK))
    found: list[float] = (np.log(strong / weak) / np.log(L2 / WEAK)).ravel().tolist()
    return found


def data_exponents() -> list[float]:
    """Return the exponents of the delay in D, one for each kappa, cost at the start and beta."""
    sizes = np.array(TIMES)
    costs = [cost * sizes**beta for cost, beta in itertools.product(DEARER, BETAS)]
    late = delays(KAPPAS, np.ravel(costs).tolist(), L2).reshape(-1, sizes.size)
    found: list[float] = np.polyfit(np.log(sizes), np.log(late).T, 1)[0].tolist()
    return found


def _from(values: Iterable[float], because: str) -> Prediction:
    """Return the middle of what is found, with half of its range as the error."""
    found = list(values)
    middle, off = (max(found) + min(found)) / 2, (max(found) - min(found)) / 2
    return Prediction(middle, because, error=off)


_RANGE = "the error is for kappa from 1.4 to 2 and costs in a ratio of 1.5 to 3"


def _no_delay(because: str) -> Callable[[Measured], Prediction]:
    return lambda _: Prediction(later(), because)


def _late(because: str) -> Callable[[Measured], Prediction]:
    # A tenth later at least: what is only as late is no delay.
    return lambda _: Prediction(1.1, because, direction=1)


#: For the minimal model. Of a region where other rules go wrong it says nothing: what it calls
#: memory is of single examples.
OF_ENDLESS_DATA: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("infinite_data", "fresh_over_seen"): _no_delay("memory costs without bound"),
    ("infinite_data", "idle_over_near"): _no_delay(
        "memory costs without bound; the region is read as more fresh examples"
    ),
    ("endless_sums", "fresh_over_seen"): _no_delay("memory costs without bound"),
    ("sums_again", "fresh_over_seen"): _no_delay("memory costs without bound"),
    ("infinite_data", "delay_decay"): lambda _: _from(
        decay_exponents(), f"trained by Adam as the network was; {_RANGE}"
    ),
    ("infinite_data", "delay_exponent"): lambda _: _from(
        data_exponents(), f"the same, with memory that costs D^beta, beta 1/3 to 1/2; {_RANGE}"
    ),
}

DELAY_WITHOUT_END = Theory(
    "delay without end of data",
    "There is a delay even with infinite data.",
    "An author of Varma et al. 2023, in a discussion of it",
    "Second hand, and said as an expectation: not of which inputs, nor why. Taken of inputs that "
    "are never streamed; also of fresh ones, which on a stream are known with those just seen by "
    "construction, but for what the last updates leave. It may instead mean that all is learned "
    "late and at once, after long nothing: that is not asked.",
    {
        about: _late("a delay even there")
        for about in (
            ("infinite_data", "apart_over_near"),
            ("infinite_data", "idle_over_near"),
            ("infinite_data", "fresh_over_seen"),
            ("endless_sums", "apart_over_near"),
            ("endless_sums", "fresh_over_seen"),
            ("sums_again", "apart_over_near"),
            ("sums_again", "fresh_over_seen"),
        )
    },
)

SECOND_RULE = Theory(
    "a rule for the streamed part",
    "A rule that is right on what is streamed and not beyond takes the place of memory: it is "
    "learned first, costs more, and decay moves the weight over to the rule that extends.",
    "Varma et al. 2023, section 3, of another circuit than memory",
    "The mechanism is the paper's. That it holds of such rules is read into it here.",
    {
        **{
            (question, "apart_over_near"): _late("the other rule is learned first")
            for question in ("infinite_data", "endless_sums", "sums_again")
        },
        ("infinite_data", "apart_decay"): lambda _: _from(
            decay_exponents(), f"the minimal model, trained by Adam as the network was; {_RANGE}"
        ),
        ("infinite_data", "apart_in_data"): lambda _: Prediction(
            1.0, "what either rule costs does not depend on how many examples there are"
        ),
        **{
            (question, "without_decay"): lambda _: Prediction(
                groks_without_decay(), "without decay no circuit overtakes another"
            )
            for question in ("infinite_data", "endless_sums")
        },
    },
)
