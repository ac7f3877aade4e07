"""Random cells of the minimal model, of kinds that are hard in different ways."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from minimal.reference import Cell


@dataclass(frozen=True)
class Draw:
    """A cell as the package takes it; `generalises` holds fractions of the test inputs."""

    kappa: float
    alpha: float
    norm: tuple[float, ...]
    generalises: tuple[float, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    labels: int = 113
    half_decay: bool = False
    threshold: float = 0.95

    @property
    def cell(self):
        """The cell as the reference takes it."""
        return Cell(
            self.kappa,
            self.alpha / 2 if self.half_decay else self.alpha,
            self.labels,
            self.norm,
            self.first,
            self.second,
            tuple(fraction >= self.threshold for fraction in self.generalises),
        )


def draw(kind, seed, number):
    """Return a cell of a kind; the same for the same seed and number."""
    generator = np.random.default_rng([seed, list(KINDS).index(kind), number])
    return KINDS[kind](generator)


def _log(g, low, high, size=None):
    """Draw from a log-uniform distribution."""
    drawn = np.exp(g.uniform(np.log(low), np.log(high), size))
    return float(drawn) if size is None else tuple(drawn.tolist())


def _labels(g):
    return int(g.choice([3, 5, 10, 113, 1000]))


def _signed(g, low, high, count, negative):
    """Draw subweights: log-uniform, a share of them negative."""
    signs = np.where(g.random(count) < negative, -1.0, 1.0)
    return tuple((signs * np.array(_log(g, low, high, count))).tolist())


def _sides(g, count):
    """Draw who generalises, with both sides taken."""
    while True:
        sides = g.random(count) < 0.5
        if 0 < sides.sum() < count:
            return tuple(sides.astype(float).tolist())


def _two(g, kappa, alpha, first, second, **more):
    """Return two circuits, the one for it cheaper in four cells of five."""
    norm = (1.0, _log(g, 1.0, 4.0))
    if g.random() < 0.2:
        norm = norm[::-1]
    return Draw(kappa, alpha, norm, (1.0, 0.0), first, second, **{"labels": _labels(g), **more})


def paper(g):
    """Two circuits from first subweights of zero, as in the paper."""
    second = (_log(g, 1e-4, 1.0), _log(g, 0.1, 2.0))
    half = bool(g.random() < 0.5)
    return _two(g, g.uniform(1, 1.99), _log(g, 1e-4, 0.5), (0.0, 0.0), second, half_decay=half)


def strong(g):
    """Kappa below 1 and strong penalties."""
    first, second = (_signed(g, 1e-3, 2, 2, 0.3) for _ in range(2))
    return _two(g, g.uniform(0.2, 1), _log(g, 0.01, 10), first, second)


def near_two(g):
    """At kappa = 2 or next to it, from both sides; two circuits or three."""
    distance = float(g.choice([0.0, -1.0, 1.0])) * _log(g, 1e-9, 0.05)
    count = int(g.integers(2, 4))
    first, second = (_signed(g, 1e-3, 2, count, 0.2) for _ in range(2))
    if g.random() < 0.3 and distance <= 0:
        first = (0.0,) * count
    alpha, labels, norm = _log(g, 1e-4, 1.5), _labels(g), tuple(g.uniform(0.6, 2, count).tolist())
    return Draw(2.0 + distance, alpha, norm, _sides(g, count), first, second, labels)


def above_two(g):
    """Kappa above 2 from positive weights with an imbalance."""
    first, second = (_log(g, 0.02, 2, 2) for _ in range(2))
    return _two(g, 2 + _log(g, 0.05, 6), _log(g, 1e-3, 0.5), first, second)


def negative(g):
    """Weights that start below zero, at any kappa."""
    kappa = g.choice([g.uniform(0.3, 1.99), 2.0, g.uniform(2.02, 5)])
    count = int(g.integers(2, 4))
    first = _log(g, 1e-2, 2, count)
    second = _signed(g, 1e-2, 2, count, 0.7)
    norm = tuple(g.uniform(0.5, 2, count).tolist())
    return Draw(float(kappa), _log(g, 1e-3, 1), norm, _sides(g, count), first, second, _labels(g))


def balanced(g):
    """Subweights of equal size, mixed with others and with exact zeros."""
    kappa = g.choice([g.uniform(0.5, 1.99), 2.0, g.uniform(2.05, 5)])
    first = _log(g, 1e-2, 1.5, 2)
    second = tuple(a * g.choice([1.0, 1.0, 1.0, -1.0, 1.5, 0.0]) for a in first)
    return _two(g, float(kappa), _log(g, 1e-3, 0.5), first, second)


def several(g):
    """Three or four circuits."""
    count = int(g.integers(3, 5))
    kappa = g.choice([g.uniform(0.6, 1.99), 2.0, g.uniform(2.05, 4)], p=[0.6, 0.1, 0.3])
    first = _signed(g, 1e-3, 1, count, 0.1 if g.random() < 0.5 else 0.0)
    second = _log(g, 1e-2, 2, count)
    norm = _log(g, 0.5, 2.5, count)
    return Draw(float(kappa), _log(g, 1e-3, 0.3), norm, _sides(g, count), first, second, _labels(g))


def ties(g):
    """Exact ties: twins on both sides, equal costs, groups that mirror each other."""
    kappa = float(g.choice([g.uniform(0.6, 1.95), 2.0, g.uniform(2.1, 4)]))
    alpha, labels = _log(g, 1e-3, 0.3), _labels(g)
    a, b = (_signed(g, 1e-2, 1.5, 2, 0.1) for _ in range(2))
    p = tuple(g.uniform(0.6, 1.8, 2).tolist())
    kind = g.integers(5)
    rest = (alpha, labels)
    if kind == 0:  # twins
        return _of(kappa, *rest, (p[0],) * 2, (1.0, 0.0), (a[0],) * 2, (b[0],) * 2)
    if kind == 1:  # twins, their subweights swapped, beside a third
        sides = (1.0, 0.0, float(g.integers(2)))
        return _of(kappa, *rest, (p[0], p[0], p[1]), sides, (a[0], b[0], a[1]), (b[0], a[0], b[1]))
    if kind == 2:  # equal costs
        return _of(kappa, *rest, (p[0],) * 2, (1.0, 0.0), a, b)
    if kind == 3:  # two and two
        return _of(kappa, *rest, p + p, (1.0, 1.0, 0.0, 0.0), a + a, b + b)
    # Level at the start, apart later.
    return _of(kappa, *rest, p, (1.0, 0.0), (a[0],) * 2, (b[0],) * 2)


def _of(kappa, alpha, labels, *rest):
    return Draw(kappa, alpha, *rest, labels=labels)


def no_decay(g):
    """No weight decay."""
    count = int(g.integers(2, 5))
    first = _signed(g, 1e-3, 1.5, count, 0.2)
    second = _signed(g, 1e-3, 1.5, count, 0.1)
    if g.random() < 0.3:
        first = (0.0,) * count
    norm = tuple(g.uniform(0.5, 2, count).tolist())
    return Draw(g.uniform(0.3, 5), 0.0, norm, _sides(g, count), first, second, _labels(g))


def level(g):
    """Starts or norms that are within 1e-6 to 1e-3 of each other."""
    gap, start = _log(g, 1e-6, 1e-3), _log(g, 1e-2, 1.5)
    kappa, alpha = g.uniform(0.6, 1.9), _log(g, 1e-3, 0.5)
    if g.random() < 0.5:
        first = (0.0, 0.0) if g.random() < 0.5 else (0.1 * start * (1 - gap), 0.1 * start)
        return _two(g, kappa, alpha, first, (start * (1 - gap), start))
    cell = _two(g, kappa, alpha, (0.0, 0.0), (_log(g, 1e-2, 1), start))
    return replace(cell, norm=(1.0, 1 + gap))


def extreme(g):
    """Numbers at the ends of their ranges."""
    kappa = float(g.choice([g.uniform(0.3, 1.95), 2.0, g.uniform(2.1, 6)], p=[0.7, 0.1, 0.2]))
    alpha = float(g.choice([_log(g, 1e-300, 1e-6), _log(g, 1e-3, 10)]))
    first = (0.0, 0.0) if g.random() < 0.4 and kappa <= 2 else _log(g, 1e-12, 5, 2)
    second = _log(g, 1e-12, 5, 2)
    norm = (1.0, _log(g, 1e-2, 1e2))
    labels = int(g.choice([3, 10**6, int(_log(g, 3, 1e6))]))
    return Draw(kappa, alpha, norm, (1.0, 0.0), first, second, labels)


def coverage(g):
    """Circuits that generalise to a part of the test inputs, against a threshold."""
    cell = several(g)
    fractions = tuple(g.choice([0.0, 0.3, 0.5, 0.8, 1.0], len(cell.norm)).tolist())
    threshold = float(g.choice([0.3, 0.5, 0.6, 0.95, 1.0]))
    return replace(cell, generalises=fractions, threshold=threshold)


KINDS: dict[str, Callable[[Generator], Draw]] = {
    maker.__name__: maker
    for maker in (
        paper,
        strong,
        near_two,
        above_two,
        negative,
        balanced,
        several,
        ties,
        no_decay,
        level,
        extreme,
        coverage,
    )
}
