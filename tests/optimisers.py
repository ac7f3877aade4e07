"""Optimisers that go through all checks that any has to pass; a new one is added here."""

from theory.networks import Adam, AdamW, Clamped, Decaying, GradientDescent

OPTIMISERS = [
    GradientDescent(0.1, l2=0.3),
    GradientDescent(0.1, weight_decay=0.3, momentum=0.9),
    GradientDescent(0.1, l2=0.2, weight_decay=0.3, momentum=0.5),
    Adam(0.1, l2=0.3),
    AdamW(0.1, weight_decay=0.3, epsilon=0.5),
    Clamped(Adam(0.1), norm=0.5),
]
#: Those with decay, which update their entries in blocks.
DECAYING = [each for each in OPTIMISERS if isinstance(each, Decaying)]
