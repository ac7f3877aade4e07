"""Cells of the minimal model as plain numbers, and their circuits, for the reference."""

import math
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Cell:
    """One cell: the penalty as it acts (alpha / 2 under half decay), and who counts as "for"."""

    kappa: float
    alpha: float
    labels: int
    norm: tuple[float, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    side: tuple[bool, ...]

    @property
    def exponent(self):
        """r."""
        return (2 - self.kappa) / self.kappa

    @property
    def spare(self):
        """log(q - 1)."""
        return math.log(self.labels - 1)

    @property
    def chance(self):
        """p(0)."""
        return (self.labels - 1) / self.labels

    def cost(self, circuit):
        """c_i."""
        return 2 * self.alpha / self.kappa * self.norm[circuit] ** 2

    def wrong(self, total):
        """p(S)."""
        return 1 / (1 + math.exp(min(total - self.spare, 709.0)))

    @cached_property
    def kins(self):
        """Circuits that move alike, together."""
        groups = {}
        for i, (norm, a, b) in enumerate(zip(self.norm, self.first, self.second, strict=True)):
            small, large = sorted((abs(a), abs(b)))
            groups.setdefault((norm, small, large, math.copysign(1, a * b)), []).append(i)
        return tuple(Kin.of(self, members) for members in groups.values())


@dataclass(frozen=True)
class Kin:
    """Circuits with one norm and one start.

    `sigma` is 0 where rho is not, else the sign of the weight; `pro` and `con` count the members
    for and against; `able` says whether the weight can be positive at all (a + b is not 0).
    """

    members: tuple[int, ...]
    pro: int
    con: int
    scale: float
    sigma: int
    start: float
    cost: float
    able: bool

    @classmethod
    def of(cls, cell, members):
        """Lay out circuits of a cell."""
        a, b = cell.first[members[0]], cell.second[members[0]]
        weight, half_rho = a * b, abs((b - a) * (b + a)) / 2
        balanced = abs(a) == abs(b)
        pro = sum(cell.side[i] for i in members)
        return cls(
            tuple(members),
            pro,
            len(members) - pro,
            abs(weight) if balanced else half_rho,
            int(math.copysign(1, weight)) if balanced else 0,
            0.0 if balanced else math.asinh(weight / half_rho),
            cell.cost(members[0]),
            a != -b,
        )

    @property
    def count(self):
        """Number of members."""
        return len(self.members)

    @property
    def vote(self):
        """Members for less members against."""
        return self.pro - self.con

    @cached_property
    def log_scale(self):
        """log(scale)."""
        return math.log(self.scale)

    @cached_property
    def log_cost(self):
        """log(c)."""
        return math.log(self.cost) if self.cost > 0 else -math.inf

    def weight(self, z):
        """Return w at z."""
        if self.sigma:
            return self.sigma * math.exp(max(self.log_scale + self.sigma * z, -745.0))
        return self.scale * math.sinh(z)

    def slope(self, z):
        """Return dw/dz."""
        return abs(self.weight(z)) if self.sigma else self.scale * math.cosh(z)

    def log_size(self, z):
        """Return log|w|."""
        if self.sigma:
            return self.log_scale + self.sigma * z
        return self.log_scale + math.log(max(abs(math.sinh(z)), 1e-300))

    def at(self, weight):
        """Return z at a weight that the circuit can have."""
        if self.sigma:
            return self.sigma * (math.log(abs(weight)) - self.log_scale)
        return math.asinh(weight / self.scale)

    def divergence(self, z, rest):
        """Return half the integral of (w* - w) dz from z to the rest w* >= 0."""
        weight = self.weight(z)
        if self.sigma:
            if rest == 0:
                return abs(weight) / 2
            return (rest * (math.log(rest) - self.log_size(z)) - rest + weight) / 2
        end = self.at(rest)
        halves = math.sinh((end - z) / 2) * math.sinh((end + z) / 2)
        return (rest * (end - z) - 2 * self.scale * halves) / 2
