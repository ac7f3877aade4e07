"""How many frequencies share the units of a network, and the same waves at other frequencies."""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory import circuits
from theory.circuits import HiddenUnits

#: Frequencies with fewer units are not counted.
UNITS = 3


def tuned(found: xr.Dataset) -> dict[str, float]:
    """Return ``frequencies`` with three units or more, and ``pure``, the share of units there.

    Of what `theory.circuits.find` has found of each unit; ``pure`` is NaN where all are silent.
    """
    active = int((found.kind != circuits.SILENT).sum())
    counts = np.bincount(found.frequency.values[(found.kind == circuits.WAVE).values])
    many = counts[counts >= UNITS]
    return {
        "frequencies": float(many.size),
        "pure": float(many.sum() / active) if active else np.nan,
    }


def moved(units: HiddenUnits, found: xr.Dataset, count: int) -> HiddenUnits:
    """Return the waves of a network alone, moved to so many frequencies, the strongest, in turn.

    Each keeps its amplitudes and phases at its own frequency, and has them at another, so it still
    speaks for the sum; what it had at others is gone. All other units are silent. `found` says what
    units are (`theory.circuits.find`).
    """
    waves = (found.kind == circuits.WAVE).values
    own, strength = found.frequency.values, np.where(waves, found.strength.values, 0.0)
    tokens = len(units.embeddings[0])
    total = np.bincount(own, strength, minlength=tokens // 2 + 1)[1:]
    chosen = np.argsort(-total)[:count] + 1
    target = chosen[np.argsort(np.argsort(-strength)) % chosen.size]
    tables = (*units.embeddings, units.outputs.T)
    *embeddings, outputs = (_at(table, own, target) * waves for table in tables)
    return HiddenUnits(tuple(embeddings), outputs.T)


def _at(table: np.ndarray, own: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return columns of what they have at one frequency, at another, shape (tokens, units)."""
    spectrum, columns = np.fft.rfft(table, axis=0), np.arange(own.size)
    alone = np.zeros_like(spectrum)
    alone[target, columns] = spectrum[own, columns]
    found: np.ndarray = np.fft.irfft(alone, len(table), axis=0)
    return found
