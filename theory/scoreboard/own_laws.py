"""Laws of the theories that are on trial, and the guesses that one makes without a theory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from theory import circuits
from theory.questions.delay_and_decay import ADAM, DESCENT, PARTS_OF_SIZE, WAYS, Change
from theory.theories import mixing, times
from theory.theories.laws import (
    DELAY_BY_DECAY,
    DELAY_BY_SIZE,
    FIT_BY_WIDTH,
    HALF_BY_WIDTH,
    HALF_WAY,
    HELD_NORM,
    LARGE_START,
    MEMORISING_NORM,
    MEMORY_SHARE,
    TABLES,
    Law,
    Places,
    constant,
    exponential_in,
    pole_in,
    power_of,
)
from theory.theories.one_kappa import BETA, KAPPA

#: Of the paper's model; it leaves kappa open, and times hardly depend on it.
_KAPPA = 1.4
#: Of one kappa, as `theory.theories.one_kappa` has it.
_CONSTANT = 1.80
_CLOCKS: Mapping[str, times.Clock] = {DESCENT: times.by_descent, ADAM: times.by_adam}


def own_laws() -> Mapping[str, Mapping[str, Law]]:
    """Return the laws of theories on trial, by theory and table."""
    return {
        "minimal model": {
            **_times(times.separate(_KAPPA), "circuits of their own"),
            **{
                table: _absolute("half is right where both cost the same", "equal_cost")
                for table in HALF_WAY.values()
            },
            MEMORY_SHARE: _power_of_ratio(),
        },
        "one-sided mixing": {
            **_times(times.shared, "circuits that share units"),
            MEMORY_SHARE: _share(mixing.one_sided, "x + y^(7/4) = 1"),
        },
        "empirical line": {MEMORY_SHARE: _share(mixing.line, "three constants, no theory")},
        "two exponents": {MEMORY_SHARE: _share(mixing.symmetric, "x^1.32 + y^1.32 = 1")},
        "derived costs": {
            MEMORISING_NORM: Law("one unit a label", _one_unit_a_label, scaled=False),
        },
        "one kappa": {MEMORISING_NORM: Law("D and the logit decide", _by_data, scaled=False)},
        "equal moves": {
            table: power_of("width", -1 / 3) for table in (HALF_BY_WIDTH, FIT_BY_WIDTH)
        },
        "exponential in data": {
            table: exponential_in("fraction", "an exponential of the fraction of all pairs")
            for table in DELAY_BY_SIZE.values()
        },
        "pole in data": {
            table: pole_in(
                "size", "one over the size, in parts of the critical one, less a constant"
            )
            for table in DELAY_BY_SIZE.values()
        },
    }


#: What is said of names that are no words.
_IN_WORDS = {"per_label": "examples a label"}
#: What varies in each table, for the guess that it is a power of any exponent.
_VARIES = {
    **dict.fromkeys(DELAY_BY_DECAY.values(), "decay"),
    **dict.fromkeys(DELAY_BY_SIZE.values(), "size"),
    **dict.fromkeys(LARGE_START.values(), "scale"),
    HELD_NORM: "norm",
    HALF_BY_WIDTH: "width",
    FIT_BY_WIDTH: "width",
    MEMORISING_NORM: "per_label",
    **dict.fromkeys(HALF_WAY.values(), "modulus"),
}


def guesses() -> Mapping[str, Mapping[str, Law]]:
    """Return what one guesses without a theory, by name and table."""
    line = Law("a straight line in the logarithm", lambda x, _: np.log(x["size"])[None], None)
    powers = {
        table: power_of(name, None, f"a power of the {_IN_WORDS.get(name, name)}, any")
        for table, name in _VARIES.items()
    }
    return {
        "any power": {**powers, MEMORY_SHARE: line},
        "no change": {table: constant() for table in TABLES},
        # To hold against what others say with a constant of their own.
        "a constant": {
            table: power_of("equal_cost", 1.0, "equal cost times a constant")
            for table in HALF_WAY.values()
        },
        # To hold against what is told of the networks that it foretells.
        "told the same": {
            **{
                table: Law(
                    "one over the decay, a power of the norm at the fit",
                    _by_norm,
                    constants=_powers,
                )
                for table in DELAY_BY_DECAY.values()
            },
            **{
                table: power_of("fraction", None, "a power of the fraction of all pairs, any")
                for table in DELAY_BY_SIZE.values()
            },
            MEMORISING_NORM: Law(
                "powers of D and of the logit, any; not told the slots",
                _by_powers,
                slope=None,
                constants=_powers,
            ),
        },
    }


def _powers(_: Places) -> np.ndarray:
    return np.linspace(-6, 6, 481)


def _by_norm(places: Places, power: np.ndarray) -> np.ndarray:
    found: np.ndarray = power * np.log(places["fit_norm"]) - np.log(places["decay"])
    return found


def _by_powers(places: Places, power: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.log(_examples(places)) + power * np.log(places["logit"])
    return found


def _examples(places: Places) -> np.ndarray:
    return places["per_label"] * places["labels"]


def _times(maker: times.Maker, what: str) -> dict[str, Law]:
    """Return times of a model by decay and by examples, up to the unit of time."""
    found = {}
    for way, clock in _CLOCKS.items():
        exponent = times.decay_exponent(maker, clock, way)
        words = f"{what}: the power {exponent:.2f} of the decay"
        found[DELAY_BY_DECAY[way]] = power_of("decay", exponent, words)
        found[DELAY_BY_SIZE[way]] = _curve(maker, clock, way, what)
    return found


def _curve(maker: times.Maker, clock: times.Clock, way: str, what: str) -> Law:
    l2 = WAYS[way].decay * Change.decay
    found = clock(maker, tuple((l2, part) for part in PARTS_OF_SIZE))
    known = np.log(found.values)

    def form(places: Places, _: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.interp(places["size"], PARTS_OF_SIZE, known)[None]
        return found

    return Law(f"{what}: a curve that is computed", form)


def _absolute(words: str, name: str) -> Law:
    return Law(words, lambda places, _: np.log(places[name])[None], scaled=False)


def _power_of_ratio() -> Law:
    """Return the share of memory for any kappa below 2: w_G/w_M as a power of D over equal cost."""
    return Law(
        "w_G/w_M as a power of D, 1 where both cost the same",
        lambda places, power: 1 / (1 + places["size"] ** power),
        scaled=False,
        constants=lambda _: np.geomspace(0.2, 100, 400),
    )


def _share(share: Callable[[np.ndarray], np.ndarray], words: str) -> Law:
    return Law(words, lambda places, _: share(places["size"])[None], scaled=False)


def _one_unit_a_label(places: Places, _: np.ndarray) -> np.ndarray:
    logit, size, labels, slots = (
        xr.DataArray(places[name], dims="place")
        for name in ("logit", "label_size", "labels", "slots")
    )
    norm = circuits.memorising_norm(logit, size, labels, slots=slots)
    found: np.ndarray = np.log(np.asarray(norm))[None]
    return found


def _by_data(places: Places, _: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.log(
        _CONSTANT * _examples(places) ** BETA * places["logit"] ** (1 / KAPPA)
    )
    return found[None]
