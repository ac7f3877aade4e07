"""The paper's delay compiled by Numba, one cell at a time, and a reference for it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

ALPHA, LABELS, START, RATE, STEPS = 0.005, 113, (0.005, 1.0), 0.3, 30_000


@njit
def _slope(z0, z1, cost0, cost1, r):
    s0, s1 = math.sinh(z0), math.sinh(z1)
    total = (START[0] ** 2 * s0 + START[1] ** 2 * s1) / 2
    pull = 2 / (1 + math.exp(total) / (LABELS - 1))
    return pull - cost0 * s0**r, pull - cost1 * s1**r


@njit
def _costs(kappa, norm):
    r = 2 / kappa - 1
    cost = 4 * ALPHA / kappa
    return cost * (START[0] ** 2 / 2) ** r, cost * norm**2 * (START[1] ** 2 / 2) ** r, r


@njit
def _lead_log(z0, z1):
    return math.log(START[0] ** 2 * math.sinh(z0) / (START[1] ** 2 * math.sinh(z1)))


@njit
def _step(z0, z1, h, a0, a1, c0, c1, r):
    """One Dormand-Prince step: its end, the slope there and the error estimate."""
    b0, b1 = _slope(z0 + h * a0 / 5, z1 + h * a1 / 5, c0, c1, r)
    d0, d1 = _slope(z0 + h * (3 * a0 + 9 * b0) / 40, z1 + h * (3 * a1 + 9 * b1) / 40, c0, c1, r)
    e0, e1 = _slope(
        z0 + h * (44 / 45 * a0 - 56 / 15 * b0 + 32 / 9 * d0),
        z1 + h * (44 / 45 * a1 - 56 / 15 * b1 + 32 / 9 * d1),
        c0,
        c1,
        r,
    )
    f0, f1 = _slope(
        z0 + h * (19372 / 6561 * a0 - 25360 / 2187 * b0 + 64448 / 6561 * d0 - 212 / 729 * e0),
        z1 + h * (19372 / 6561 * a1 - 25360 / 2187 * b1 + 64448 / 6561 * d1 - 212 / 729 * e1),
        c0,
        c1,
        r,
    )
    g0, g1 = _slope(
        z0
        + h
        * (
            9017 / 3168 * a0 - 355 / 33 * b0 + 46732 / 5247 * d0 + 49 / 176 * e0 - 5103 / 18656 * f0
        ),
        z1
        + h
        * (
            9017 / 3168 * a1 - 355 / 33 * b1 + 46732 / 5247 * d1 + 49 / 176 * e1 - 5103 / 18656 * f1
        ),
        c0,
        c1,
        r,
    )
    y0 = z0 + h * (
        35 / 384 * a0 + 500 / 1113 * d0 + 125 / 192 * e0 - 2187 / 6784 * f0 + 11 / 84 * g0
    )
    y1 = z1 + h * (
        35 / 384 * a1 + 500 / 1113 * d1 + 125 / 192 * e1 - 2187 / 6784 * f1 + 11 / 84 * g1
    )
    k0, k1 = _slope(y0, y1, c0, c1, r)
    error0 = h * (
        71 / 57600 * a0
        - 71 / 16695 * d0
        + 71 / 1920 * e0
        - 17253 / 339200 * f0
        + 22 / 525 * g0
        - k0 / 40
    )
    error1 = h * (
        71 / 57600 * a1
        - 71 / 16695 * d1
        + 71 / 1920 * e1
        - 17253 / 339200 * f1
        + 22 / 525 * g1
        - k1 / 40
    )
    return y0, y1, k0, k1, max(abs(error0) / (1 + abs(y0)), abs(error1) / (1 + abs(y1)))


@njit
def _scalar(kappa, norm, tolerance, found, tries):
    for i in range(kappa.size):
        c0, c1, r = _costs(kappa[i], norm[i])
        z0, z1, t, h = 0.0, 0.0, 0.0, 1e-4
        a0, a1 = _slope(z0, z1, c0, c1, r)
        while True:
            tries[i] += 1
            y0, y1, k0, k1, error = _step(z0, z1, h, a0, a1, c0, c1, r)
            if error <= tolerance:
                if _lead_log(y0, y1) > 0:
                    break
                z0, z1, a0, a1, t = y0, y1, k0, k1, t + h
            h *= min(6.0, max(0.2, 0.9 * (tolerance / max(error, 1e-12)) ** 0.2))
        x = h
        for _ in range(8):
            lead = _lead_log(y0, y1)
            x -= lead / (k0 / math.tanh(y0) - k1 / math.tanh(y1))
            if abs(lead) < 1e-6:
                break
            y0, y1, k0, k1, error = _step(z0, z1, x, a0, a1, c0, c1, r)
        found[i] = t + x


def scalar(kappa: np.ndarray, norm: np.ndarray, tolerance: float) -> np.ndarray:
    """The same method and tolerance, one cell at a time, compiled."""
    found = np.empty_like(kappa)
    _scalar(kappa, norm, tolerance, found, np.zeros(kappa.size))
    return found


def evaluations(kappa: np.ndarray, norm: np.ndarray, tolerance: float) -> float:
    """Return how often that evaluates dz/dt, the steps that it has to repeat included."""
    tries = np.zeros(kappa.size)
    _scalar(kappa, norm, tolerance, np.empty_like(kappa), tries)
    return 6 * tries.sum()


@njit
def _descent(kappa, norm, found):
    for i in range(kappa.size):
        r = 2 / kappa[i] - 1
        cost0 = 2 * ALPHA / kappa[i]
        cost1 = cost0 * norm[i] ** 2
        a0, b0, a1, b1 = 0.0, START[0], 0.0, START[1]
        for update in range(1, STEPS + 1):
            w0, w1 = a0 * b0, a1 * b1
            wrong = 1 / (1 + math.exp(w0 + w1) / (LABELS - 1))
            s0, s1 = RATE * (cost0 * w0**r - wrong), RATE * (cost1 * w1**r - wrong)
            a0, b0 = a0 - s0 * b0, b0 - s0 * a0
            a1, b1 = a1 - s1 * b1, b1 - s1 * a1
            if a0 * b0 > a1 * b1:
                found[i] = update
                break


def scalar_descent(kappa: np.ndarray, norm: np.ndarray) -> np.ndarray:
    """Gradient descent, one cell at a time, compiled."""
    found = np.full_like(kappa, np.nan)
    _descent(kappa, norm, found)
    return found


@njit
def _extrapolated(z0, z1, length, c0, c1, r, table):
    """Midpoint steps extrapolated to order 16: the end and the last correction."""
    a0, a1 = _slope(z0, z1, c0, c1, r)
    for k in range(8):
        n = 2 * (k + 1)
        h = length / n
        x0, x1, y0, y1 = z0, z1, z0 + h * a0, z1 + h * a1
        for _ in range(n - 1):
            k0, k1 = _slope(y0, y1, c0, c1, r)
            x0, x1, y0, y1 = y0, y1, x0 + 2 * h * k0, x1 + 2 * h * k1
        table[k, 0, 0], table[k, 0, 1] = y0, y1
        for j in range(1, k + 1):
            part = ((k + 1) / (k + 1 - j)) ** 2 - 1
            table[k, j] = table[k, j - 1] + (table[k, j - 1] - table[k - 1, j - 1]) / part
    end, before = table[7, 7], table[7, 6]
    return end[0], end[1], np.max(np.abs(end - before) / (1 + np.abs(end)))


@njit
def _reference(kappa, norm, found):
    table = np.empty((8, 8, 2))
    for i in range(kappa.size):
        c0, c1, r = _costs(kappa[i], norm[i])
        z0, z1, t, h = 0.0, 0.0, 0.0, 1e-9
        while True:
            y0, y1, error = _extrapolated(z0, z1, h, c0, c1, r, table)
            if not error <= 1e-13:
                h *= 0.4
                continue
            if _lead_log(y0, y1) > 0:
                break
            z0, z1, t = y0, y1, t + h
            h *= min(2.5, 0.7 * (1e-13 / max(error, 1e-17)) ** (1 / 15))
        x, low, high = h, 0.0, h
        for _ in range(60):
            lead = _lead_log(y0, y1)
            low, high = (low, x) if lead > 0 else (x, high)
            k0, k1 = _slope(y0, y1, c0, c1, r)
            new = x - lead / (k0 / math.tanh(y0) - k1 / math.tanh(y1))
            if not low < new < high:
                new = (low + high) / 2
            done, x = abs(new - x) < 1e-15 * (t + x), new
            y0, y1, error = _extrapolated(z0, z1, x, c0, c1, r, table)
            if done:
                break
        found[i] = t + x


def reference(kappa: np.ndarray, norm: np.ndarray) -> np.ndarray:
    """T of every cell to about 1e-12, by another method."""
    found = np.empty_like(kappa)
    _reference(kappa, norm, found)
    return found
