"""Optimisers that go through all checks that any has to pass; a new one is added here."""

from theory.networks import (
    Adam,
    AdamW,
    Clamped,
    Decaying,
    Frozen,
    GradientDescent,
    Lasso,
    Noisy,
    SpectralBound,
)

#: Of a two-layer network of 16 units on sums modulo 7; a vector of so many goes with all of them.
SHAPES = ((14, 16), (16, 7))
SIZE = 336

OPTIMISERS = [
    GradientDescent(0.1, l2=0.3),
    GradientDescent(0.1, weight_decay=0.3, momentum=0.9),
    GradientDescent(0.1, l2=0.2, weight_decay=0.3, momentum=0.5),
    Adam(0.1, l2=0.3),
    AdamW(0.1, weight_decay=0.3, epsilon=0.5),
    Clamped(Adam(0.1), norm=0.5),
    Lasso(GradientDescent(0.1, momentum=0.9), l1=0.02),
    SpectralBound(Adam(0.1), bound=0.5, shapes=SHAPES),
    Noisy(AdamW(0.1, weight_decay=0.3), noise=0.1),
    Frozen(Adam(0.1), held=224, free=112),
    Clamped(SpectralBound(Noisy(Adam(0.1), noise=0.1), bound=0.5, shapes=SHAPES), norm=0.5),
]
#: Those with decay, which update their entries in blocks.
DECAYING = [each for each in OPTIMISERS if isinstance(each, Decaying)]
