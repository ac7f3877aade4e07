"""Whether the norm at which a delay ends is read off as it is, and laws of sharing are told."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import Adam, Checkpoint, Stage, Training, TwoLayer, advance, modular_addition
from theory.questions import held_norm
from theory.questions.held_norm import (
    LARGE,
    MEMORY_NORMS,
    NORMS,
    PARTS_OF_SIZE,
    POINTS,
    RAISED,
    WAVES_NORMS,
)
from theory.theories import THEORIES, on_a_sphere
from theory.trial import outcomes

SEEDS = list(POINTS["seed"])
COORDS = {"modulus": list(POINTS["modulus"]), "seed": SEEDS}
PRICE = xr.DataArray([1.35, 1.6, 1.95], {"part": list(PARTS_OF_SIZE)}, "part")


def along(name, values):
    return xr.DataArray(list(values), {name: list(values)}, name)


def scattered(rng):
    sizes = [len(values) for values in COORDS.values()]
    return xr.DataArray(np.exp(0.003 * rng.standard_normal(sizes)), COORDS, list(COORDS))


def made(law, growth=lambda norm: 100 * np.exp(2 * norm), doubled=2.0):
    """Runs in which the delay ends where a law says, over a memory that fits at 1.14."""
    rng = np.random.default_rng(0)
    ratio = PRICE.copy(data=[law(price) for price in PRICE.values])
    memory = 1.14 * scattered(rng)
    ends = ratio * memory * scattered(rng)
    norm, random, waves = (
        along("norm", NORMS),
        along("random", MEMORY_NORMS),
        along("waves", WAVES_NORMS),
    )
    derived = PRICE.copy(data=np.array(PARTS_OF_SIZE) / held_norm.MIDDLE) ** (1 / 3)
    fits_waves = (memory * derived / PRICE ** (1 / 3)).mean("part")
    right = 1 / (1 + np.exp(40 * np.log(norm / ends)))
    large, raised = along("large", LARGE), along("raised", RAISED)
    one = xr.ones_like(scattered(rng))
    return xr.Dataset(
        {
            "fits": 1000 * one * (norm > 0) * (PRICE > 0),
            "test_accuracy": right,
            "memory_share": 1 - right,
            "parameter_norm": 30 * one * (norm > 0) * (PRICE > 0),
            "large_half": growth(large) * scattered(rng),
            "raised_half": doubled * growth(raised) * one.isel(modulus=0, drop=True),
            "random_loss": np.log(2) * (memory / random) ** 8 * (PRICE > 0),
            "waves_loss": np.log(2) * (fits_waves / waves) ** 8,
        }
    )


def verdicts(runs):
    found = outcomes(held_norm, THEORIES, held_norm.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_where_the_delay_ends_is_read_off():
    found = held_norm.measure(made(on_a_sphere.one_sided))
    ratio = found["vanishes"].low.mean(["modulus", "seed"])
    said = [on_a_sphere.one_sided(price) for price in PRICE.values]
    assert ratio.values == pytest.approx(said, rel=0.02)
    assert found["price_ratio"].low.mean(["modulus", "seed"]).values == pytest.approx(
        PRICE.values, rel=0.08
    )
    assert found["share_at_half"].values == pytest.approx(0.5)
    assert found["norm_alone"].mean() == pytest.approx(1.0, abs=0.01)


def test_laws_of_sharing_can_hold_and_be_missed():
    found = verdicts(made(on_a_sphere.one_sided))
    for quantity in ("vanishes", "equal_weights"):
        assert found["one-sided mixing", quantity] == "holds"
        assert found["minimal model", quantity] == "holds"
    assert found["kappa = 3", "vanishes"] == "refuted"
    found = verdicts(made(lambda _: 1.0))
    assert found["one-sided mixing", "vanishes"] == "refuted"
    assert found["minimal model", "vanishes"] == "refuted"
    assert found["kappa = 3", "vanishes"] == "holds"
    found = verdicts(made(lambda price: on_a_sphere.separate(price, 2.0) + 0.03))
    assert found["minimal model", "vanishes"] == "refuted"


def test_an_exponential_is_told_from_a_power():
    found = verdicts(made(on_a_sphere.one_sided, lambda norm: np.exp(4 * norm)))
    assert found["exponential in norm", "exponential"] == "holds"
    found = verdicts(made(on_a_sphere.one_sided, lambda norm: norm**4))
    assert found["exponential in norm", "exponential"] == "refuted"


def test_a_network_that_never_fits_counts_as_it_ends():
    course = xr.DataArray([0.0, 0.4, 0.9], {"step": [0, 10, 20]}, "step")
    assert held_norm._at(course, np.nan) == 0.9
    assert held_norm._at(course, 15.0) == pytest.approx(0.65)


@pytest.mark.parametrize("kappa", [0.8, 1.4, 2.0])
def test_separate_circuits_fit_at_half_where_squares_add(kappa):
    """Half of the logit from either circuit, at the norm at which they have it."""
    price = 1.7
    memory, waves = 1.0, price ** (-1 / 3)
    squared = 2 * [0.5 ** (2 / kappa)]
    norm = np.sqrt(squared[0] * memory**2 + squared[1] * waves**2)
    assert on_a_sphere.separate(price, kappa) == pytest.approx(norm)


@pytest.mark.parametrize(("kappa", "price"), [(3.0, 1.4), (3.0, 2.0), (3.0, 2.5), (2.1, 1.7)])
def test_separate_circuits_fit_beyond_a_jump_above_two(kappa, price):
    """Just below memory's norm the most memory that is affordable is a part f of the logit."""
    part = np.linspace(0, 1, 100_001)
    squared = part ** (2 / kappa) + (1 - part) ** (2 / kappa) * price ** (-2 / 3)
    jumped_to = part[squared < 1].max()
    assert jumped_to < 0.9995
    ends_at_memory = on_a_sphere.separate(price, kappa) == 1.0
    assert ends_at_memory == (jumped_to < 0.5)


def test_laws_of_sharing_agree_with_their_equations():
    for price in (1.2, 1.7, 2.4):
        cube = on_a_sphere.one_sided(price) ** 3
        assert 1 / (2 * price * cube) + (1 / (2 * cube)) ** 1.75 == pytest.approx(1)
        cube = on_a_sphere.symmetric(price) ** 3
        assert (1 / (2 * price * cube)) ** 1.32 + (1 / (2 * cube)) ** 1.32 == pytest.approx(1)


def test_weights_are_leads_of_the_right_logit():
    split = modular_addition(7).split(30, rng=0)
    training = Training(TwoLayer(16), split, (Stage(Adam(1e-2), 5),), dtype="float64")
    run, end = advance(training, measurements=(held_norm.weights,))
    logits = (
        TwoLayer(16)
        .forward(end.parameters, TwoLayer(16).encode(split.task, split.test, "float64"))
        .logits
    )
    right = logits[np.arange(split.test.size), split.task.labels[split.test]]
    lead = (right - logits.mean(axis=1)).mean()
    assert run.waves_weight[-1].item() == pytest.approx(lead)


def test_norm_and_temperature_count_only_together():
    """Twice the norm, an eighth of the logits and twice the rate: the same directions."""
    split = modular_addition(7).split(30, rng=0)
    ends = []
    for factor in (1.0, 2.0):
        optimiser = held_norm.Clamped(Adam(1e-2 * factor, epsilon=1e-30), 5.0 * factor)
        start = TwoLayer(16).initialise(split.task, np.random.default_rng(0), "float64")
        start.flat[:] *= 5.0 * factor / np.linalg.norm(start.flat)
        training = Training(
            TwoLayer(16),
            split,
            (Stage(optimiser, 40),),
            loss=held_norm.CrossEntropy(factor**3),
            dtype="float64",
            start=Checkpoint.given(start, split.task, trained_on=[]),
        )
        _, end = advance(training)
        ends.append(end.parameters.flat / factor)
    np.testing.assert_allclose(*ends, rtol=1e-6)
