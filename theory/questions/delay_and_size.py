"""How the time from fitting to generalising goes with the number of examples.

Asked of the runs of `theory.questions.delay_and_decay`, from 1.2 to 2 of the derived critical
size.
"""

from __future__ import annotations

import xarray as xr

from theory.questions import delay_and_decay
from theory.questions.delay_and_decay import (
    ADAM,
    ADAMW,
    BASE,
    DESCENT,
    PARTS_OF_SIZE,
    WAYS,
    Change,
)
from theory.questions.passages import passed_after
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity
from theory.questions.shapes import EXPONENTIAL, POLE, POWER, Shape, advantage
from theory.statistics import Bounds, log, slope_bounds

RUNS_OF = delay_and_decay
ASKS = "How does the time from fitting to generalising go with the number of examples?"
PART = "data and time"
KNOWN = delay_and_decay.KNOWN
LIVE, POINTS, SAMPLING = RUNS_OF.LIVE, RUNS_OF.POINTS, RUNS_OF.SAMPLING
run, again = RUNS_OF.run, RUNS_OF.again

#: Exponents are read off on either side of the middle of the ladder.
NEAR, FAR = PARTS_OF_SIZE[:4], PARTS_OF_SIZE[3:]

QUANTITIES = (
    Quantity(
        "descent_far",
        "The exponent in D of the updates from fitting to half of the accuracy, with momentum "
        "descent, from 1.55 to 2 of the derived critical size.",
        PRIMARY,
        0.5,
        null=-1.0,
        guess="one over D",
    ),
    Quantity(
        "adam_far",
        "The exponent in D of the updates from fitting to half of the accuracy, with Adam, from "
        "1.55 to 2 of the derived critical size.",
        PRIMARY,
        0.5,
        null=-1.0,
        guess="one over D",
    ),
    Quantity(
        "descent_bend",
        "The exponent in D of the updates from fitting to half of the accuracy, with momentum "
        "descent: that from 1.2 to 1.55 of the derived critical size less that from 1.55 to 2.",
        PRIMARY,
        0.3,
        null=0.0,
        guess="a power of D",
    ),
    Quantity(
        "descent_exponential",
        "How many nats a size that was left out is worth more to an exponential of D than to a "
        "power of D, with momentum descent.",
        PRIMARY,
        0.1,
    ),
    Quantity(
        "adamw_exponential",
        "How many nats a size that was left out is worth more to an exponential of D than to a "
        "power of D, with AdamW.",
        PRIMARY,
        0.1,
    ),
    Quantity(
        "descent_pole",
        "How many nats a size that was left out is worth more to one over D less a constant than "
        "to a power of D, with momentum descent.",
        PRIMARY,
        0.1,
    ),
    Quantity(
        "adamw_pole",
        "How many nats a size that was left out is worth more to one over D less a constant than "
        "to a power of D, with AdamW.",
        PRIMARY,
        0.1,
    ),
    Quantity(
        "adam_exponential",
        "How many nats a size that was left out is worth more to an exponential of D than to a "
        "power of D, with Adam.",
        SECONDARY,
        0.1,
    ),
    Quantity(
        "adam_pole",
        "How many nats a size that was left out is worth more to one over D less a constant than "
        "to a power of D, with Adam.",
        SECONDARY,
        0.1,
    ),
    Quantity("exponents", "Exponents on either side of 1.55, at each modulus."),
    Quantity("steepness", "The slope of the logarithm in D over the derived critical size."),
    Quantity("delay", "Updates from fitting to half of the accuracy."),
    Quantity("known_share", "The share of runs that came to half of the accuracy."),
)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    ladder = along_size(runs)
    log_time = passed_after(ladder, "half")
    near, far = (_exponent(log_time, parts) for parts in (NEAR, FAR))
    delay = ladder.half - ladder.fits
    exponential, pole = (
        {way: _over_power(delay.sel(way=way), shape) for way in WAYS}
        for shape in (EXPONENTIAL, POLE)
    )
    return {
        "descent_far": far.at(way=DESCENT),
        "adam_far": far.at(way=ADAM),
        "descent_bend": near.less(far).at(way=DESCENT),
        "descent_exponential": exponential[DESCENT],
        "adamw_exponential": exponential[ADAMW],
        "descent_pole": pole[DESCENT],
        "adamw_pole": pole[ADAMW],
        "adam_exponential": exponential[ADAM],
        "adam_pole": pole[ADAM],
        "exponents": Bounds.along({"near": near, "far": far}, "side"),
        "steepness": slope_bounds(log_time, ladder["part"], "part"),
        "delay": delay,
        "known_share": ladder.half.notnull().astype(float),
    }


def along_size(runs: xr.Dataset) -> xr.Dataset:
    """Return the runs of the ladder of sizes, along ``part``, in parts of the critical size."""
    names = [BASE if part == Change.part else f"size {part:g}" for part in PARTS_OF_SIZE]
    ladder = runs.sel(change=names)
    return ladder.assign_coords(change=list(PARTS_OF_SIZE)).rename(change="part")


def _exponent(log_time: Bounds, parts: tuple[float, ...]) -> Bounds:
    some = log_time.at(part=list(parts))
    return slope_bounds(some, log(some.low["part"]), "part")


def _over_power(time: xr.DataArray, shape: Shape) -> xr.DataArray:
    return advantage(time, time["part"], "part", shape, POWER)
