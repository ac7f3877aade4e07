"""Ways to restrain a network, each from so weak that the delay is there to too strong to fit.

Where strengths had to lie was seen in exploratory runs at moduli 33, 47 and 59.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from theory.networks import (
    Adam,
    CrossEntropy,
    Lasso,
    Noisy,
    Optimiser,
    SmoothedCrossEntropy,
    SpectralBound,
)
from theory.networks.losses import Loss

#: Hidden units of the network, and the learning rate.
WIDTH, RATE = 64, 3e-3
BOUND, SMOOTHING, NOISE, L2, L1 = "bound", "smoothing", "noise", "L2", "L1"


@dataclass(frozen=True)
class Way:
    """A regulariser.

    Attributes
    ----------
    name
        In words.
    optimiser
        Takes a strength, the modulus, and the seed.
    strengths, for_memory
        In units of `unit`, for sums and for random labels; they rise.
    unit
        Takes the modulus, returns the unit of the strengths.
    loss
        Takes a strength.
    """

    name: str
    optimiser: Callable[[float, int, int], Optimiser]
    strengths: tuple[float, ...]
    for_memory: tuple[float, ...]
    unit: Callable[[int], float] = lambda _: 1.0
    loss: Callable[[float], Loss] = lambda _: CrossEntropy()


def _bounded(strength: float, modulus: int, _: int) -> SpectralBound:
    return SpectralBound(Adam(RATE), strength, ((2 * modulus, WIDTH), (WIDTH, modulus)))


WAYS: Mapping[str, Way] = {
    # Parts of m^.4, as the place at which the delay ended went at 33, 47 and 59.
    BOUND: Way(
        "a bound on singular values",
        _bounded,
        (1.16, 1.21, 1.26, 1.31, 1.36, 1.41, 1.48),
        (1.36, 1.42, 1.48, 1.54, 1.6),
        lambda modulus: modulus**0.4,
    ),
    SMOOTHING: Way(
        "label smoothing",
        lambda *_: Adam(RATE),
        (0.1, 0.36, 0.39, 0.41, 0.43, 0.45, 0.47),
        (0.36, 0.39, 0.42, 0.45, 0.48),
        loss=SmoothedCrossEntropy,
    ),
    NOISE: Way(
        "noise on the weights",
        lambda strength, _, seed: Noisy(Adam(RATE), strength, seed),
        (0.24, 0.27, 0.285, 0.295, 0.305, 0.315, 0.325),
        (0.28, 0.295, 0.31, 0.325, 0.34),
    ),
    L2: Way(
        "an L2 penalty",
        lambda strength, *_: Adam(RATE, l2=strength),
        (0.06, 0.115, 0.124, 0.133, 0.142, 0.152, 0.163),
        (0.14, 0.152, 0.164, 0.176, 0.19),
        lambda modulus: 1 / modulus,
    ),
    L1: Way(
        "an L1 penalty",
        lambda strength, *_: Lasso(Adam(RATE), strength),
        (0.005, 0.012, 0.02, 0.03, 0.04, 0.05, 0.06),
        (0.02, 0.03, 0.04, 0.05, 0.06),
        lambda modulus: 1 / modulus,
    ),
}
#: Bounds for all pairs, in the same unit.
FOR_WAVES = (1.05, 1.12, 1.19, 1.26, 1.33)
