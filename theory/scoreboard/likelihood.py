r"""Laws scored by the likelihood of runs that were not used to fit them.

One model of the noise for all laws: what is measured at a place, the logarithm of a median over
seeds or a share, scatters normally about the law. How much, is estimated in one way: by what the
law's own fit leaves,

.. math:: \sigma^2 = \max\Bigl(\frac{\sum (y - \hat y)^2}{n - k},\; v\Bigr),

n places, k constants that were fitted, and v what seeds alone make of a median. A further place is
foretold by Student's t of width :math:`\sigma \sqrt{1 + h}`, h the leverage of the fit there, with
n - 3 degrees of freedom, as if each law had three constants: the tails are not what tells two laws
apart. Every place is foretold from those that share neither its group nor its rung: neither its
modulus nor its decay, say.

Two laws are compared where both speak, by the logarithm of the ratio of their likelihoods. Its
interval is over rungs and over groups, and wider the more pairs a curve has (Bonferroni). Where it
holds 0, or the ratio is less than ten, the runs leave open which law foretells better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from theory.scoreboard.tables import Table
from theory.statistics import LEVEL, Interval
from theory.theories.laws import MOST, Law

#: A ratio of likelihoods of ten, in nats.
TENFOLD = math.log(10)


@dataclass(frozen=True)
class Score:
    """How well a law foretells what it was not fitted to.

    Attributes
    ----------
    nats
        Log-likelihood of each place, shape (places,).
    off
        What was foretold less what was found, on the scale on which it is compared.
    """

    nats: np.ndarray
    off: np.ndarray

    @property
    def missed(self) -> float:
        """The root of the mean square of `off`."""
        return float(np.sqrt(np.square(self.off).mean()))


def score(table: Table, law: Law) -> Score:
    """Return how well a law foretells each place of a table.

    Raises
    ------
    ValueError
        If there are not more places to fit it than three constants need.
    """
    pairs = [_foretold(table, law, place) for place in range(table.values.size)]
    nats, off = np.array(pairs).T
    return Score(nats, off)


def _foretold(table: Table, law: Law, place: int) -> tuple[float, float]:
    """Return the log-likelihood of a place, and what was foretold less what was found."""
    apart = (table.group != table.group[place]) & (table.rung != table.rung[place])
    places = int(apart.sum())
    if places <= MOST:
        raise ValueError(
            f"{table.name} must have more than {MOST} places to fit {law.words}, got {places}"
        )
    rest = {name: each[apart] for name, each in table.places.items()}
    there = {name: each[place : place + 1] for name, each in table.places.items()}
    fit = law.fit(rest, table.values[apart], there)
    variance = max(fit.left / (places - law.free), table.noise[apart].mean())
    spread = (variance * (1 + fit.leverage[0])) ** 0.5
    off = float(fit.said[0] - table.values[place])
    return float(stats.t.logpdf(off, places - MOST, scale=spread)), off


def ratio(table: Table, one: Score, other: Score, pairs: int = 1) -> Interval:
    """Return by how many nats one law foretells the whole table better than another.

    With an interval that holds both that over rungs and that over groups: all rungs of a modulus
    share what a law does not know of it.

    Parameters
    ----------
    table, one, other
        The curve, and how two laws foretell it.
    pairs
        How many pairs of its laws are looked at: all their intervals together hold the truth with
        95%.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.theories.laws import power_of
    >>> x = np.geomspace(1, 32, 6)
    >>> noise = 0.02 * np.random.default_rng(0).standard_normal((4, 6))
    >>> places = {"decay": np.tile(x, 4)}
    >>> y = (-np.log(x) + noise).ravel()
    >>> seeds = np.full(24, 1e-4)
    >>> table = Table("delay", "q", y, seeds, places, np.repeat(np.arange(4), 6), np.tile(x, 4))
    >>> inverse, root = (score(table, power_of("decay", each)) for each in (-1.0, -0.5))
    >>> ratio(table, inverse, root).low > 0
    True
    """
    apart = one.nats - other.nats
    level = 1 - (1 - LEVEL) / pairs
    ends = [_of_sums(apart, blocks, level) for blocks in (table.rung, table.group)]
    return Interval(ends[0].estimate, min(e.low for e in ends), max(e.high for e in ends))


def _of_sums(apart: np.ndarray, blocks: np.ndarray, level: float) -> Interval:
    """Return the sum over all places, with the interval that the scatter of blocks gives it.

    Blocks of several sizes count by how far they are from the mean of all places, times their size.
    """
    names = dict.fromkeys(blocks.tolist())
    off = np.array([(apart - apart.mean())[blocks == name].sum() for name in names])
    error = math.sqrt(off.size / (off.size - 1) * float(np.square(off).sum()))
    half = float(stats.t.ppf((1 + level) / 2, off.size - 1)) * error
    total = float(apart.sum())
    return Interval(total, total - half, total + half)


def decided(found: Interval) -> str:
    """Return which of two laws foretells better: "first", "second" or "open".

    Open where the interval holds 0, or the ratio is less than ten.

    Examples
    --------
    >>> decided(Interval(3.0, 1.0, 5.0)), decided(Interval(3.0, -1.0, 7.0))
    ('first', 'open')
    >>> decided(Interval(0.2, 0.1, 0.3))  # clear, and next to nothing
    'open'
    """
    if found.low > 0 and found.estimate >= TENFOLD:
        return "first"
    return "second" if found.high < 0 and found.estimate <= -TENFOLD else "open"
