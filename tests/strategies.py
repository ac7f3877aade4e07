"""Hypothesis strategies for every valid minimal model, its weights and its cells.

Sweeps use up to two axes, one labelled and one bare; any parameter may vary along any of them, so
parameters share axes in some models and cross in others.
"""

import itertools
from dataclasses import fields, replace

import numpy as np
import xarray as xr
from hypothesis import strategies as st

from theory import Circuit, MinimalModel

KAPPA = st.floats(0.3, 1.99) | st.just(2.0) | st.floats(2.01, 6.0)
#: Where descent is smooth: above 2 a dying circuit ends in steps that amplify rounding.
KAPPA_AT_MOST_2 = st.floats(0.8, 1.99) | st.just(2.0)
WEIGHT_DECAY = st.just(0.0) | st.floats(1e-4, 1.0)
NUM_LABELS = st.integers(3, 20) | st.integers(21, 10**6)
PARAM_NORM = st.floats(0.3, 5.0)
GENERALISES = st.booleans() | st.floats(0.0, 1.0)
#: Zero or well away from it: above kappa 2 the first step from a weight of 1e-283 overflows.
SUBWEIGHT = st.just(0.0) | st.floats(1e-3, 2.0) | st.floats(-2.0, -1e-3)


@st.composite
def axes(draw, most=2):
    """Draw the axes of a sweep: some, one or none of a labelled and a bare one."""
    labelled = np.arange(draw(st.integers(1, 2))) / 2
    bare = np.zeros(draw(st.integers(1, 3)))
    known = {
        "labelled": xr.DataArray(labelled, {"labelled": labelled}, "labelled"),
        "bare": xr.DataArray(bare, dims="bare"),
    }
    names = draw(st.lists(st.sampled_from(sorted(known)), unique=True, max_size=most))
    return {name: known[name] for name in names}


@st.composite
def parameters(draw, elements, along):
    """Draw one parameter: a number, or an array along some of the axes."""
    dims = [name for name in along if draw(st.booleans())]
    if not dims:
        return draw(elements)
    shape = tuple(along[name].size for name in dims)
    count = int(np.prod(shape))
    values = draw(st.lists(elements, min_size=count, max_size=count))
    coords = {name: along[name] for name in dims if name in along[name].coords}
    return xr.DataArray(np.reshape(values, shape), coords, dims)


@st.composite
def models(
    draw,
    *,
    kappa=KAPPA,
    weight_decay=WEIGHT_DECAY,
    param_norm=PARAM_NORM,
    generalises=GENERALISES,
    num_labels=NUM_LABELS,
    swept=True,
):
    """Draw a model of one to four circuits, with sweeps if `swept`."""
    along = draw(axes()) if swept else {}
    circuits = tuple(
        Circuit(
            name,
            draw(parameters(param_norm, along)),
            draw(parameters(generalises, along)),
            draw(parameters(SUBWEIGHT, along)),
            draw(parameters(SUBWEIGHT, along)),
        )
        for name in "ABCD"[: draw(st.integers(1, 4))]
    )
    return MinimalModel(
        circuits,
        draw(parameters(kappa, along)),
        draw(parameters(weight_decay, along)),
        draw(parameters(num_labels, along)),
        draw(st.booleans()),
    )


def tame_models(kappa=KAPPA_AT_MOST_2):
    """Models that descend smoothly at a rate of 0.01."""
    return models(
        kappa=kappa,
        weight_decay=st.just(0.0) | st.floats(1e-4, 0.1),
        param_norm=st.floats(0.3, 2.0),
    )


@st.composite
def weights(draw, model, elements):
    """Draw a weight for every circuit and swept cell of `model`."""
    grid = model.swept
    shape = (len(model.names), *grid.shape)
    count = int(np.prod(shape))
    values = draw(st.lists(elements, min_size=count, max_size=count))
    coords = {"circuit": list(model.names), **grid.coords}
    return xr.DataArray(np.reshape(values, shape), coords, ("circuit", *grid.dims))


@st.composite
def models_with_weights(draw, elements, **choices):
    """Draw a model and a weight for each of its circuits and cells."""
    model = draw(models(**choices))
    return model, draw(weights(model, elements))


def cells(model):
    """Yield each cell of a sweep: its position by dimension, and the model there."""
    for position in itertools.product(*(range(size) for size in model.sizes.values())):
        index = dict(zip(model.sizes, position, strict=True))
        circuits = tuple(_at(circuit, index) for circuit in model.circuits)
        yield index, replace(_at(model, index), circuits=circuits)


def _at(owner, index):
    """Return `owner` with each of its arrays replaced by the number at `index`."""
    swept = {
        field.name: value.isel(index, missing_dims="ignore").item()
        for field in fields(owner)
        if isinstance(value := getattr(owner, field.name), xr.DataArray)
    }
    return replace(owner, **swept)


@st.composite
def replicates(draw, most=12):
    """Draw a number for each of at least two seeds, not all the same."""
    numbers = draw(st.lists(st.integers(-100, 100), min_size=2, max_size=most, unique=True))
    return [number / 8 for number in numbers]


@st.composite
def rising_curves(draw):
    """Draw a strictly rising curve along a strictly rising, positive coordinate ``d``."""
    steps = draw(st.lists(st.tuples(st.floats(0.05, 2), st.floats(0.05, 2)), min_size=2))
    x, y = np.cumsum(steps, axis=0).T
    return xr.DataArray(y, {"d": np.exp(x - draw(st.floats(0, 5)))}, "d")
