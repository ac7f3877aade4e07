"""The minimal model with the numbers of a network."""

import numpy as np
import pytest
import xarray as xr

import theory
from theory import circuits, minimal
from theory.minimal import mixed_equilibrium
from theory.repaired import repaired_model


@pytest.mark.parametrize(("modulus", "l2"), [(29, 1e-4), (59, 1e-4), (113, 1e-5)])
def test_it_rests_where_the_derived_costs_and_one_sided_mixing_say(modulus, l2):
    critical = circuits.critical_size(modulus, l2)
    size = xr.DataArray(critical * np.array([0.5, 0.7, 1.0, 2.0, 100.0]), dims="size")
    model = repaired_model(modulus, l2, size)
    weight = mixed_equilibrium(model).weight
    share = weight.sel(circuit="memorising", drop=True) / weight.sum("circuit")
    xr.testing.assert_allclose(share, circuits.one_sided_share(size, critical))
    # Far above, there is only what generalises: as much as was derived, but that the number of
    # waves does not grow with the logit.
    total, norm = weight.sum("circuit")[-1], minimal.parameter_norm(model, weight)[-1]
    assert total.item() == pytest.approx(circuits.affordable(l2), rel=0.1)
    derived = circuits.generalising_norm(
        circuits.expected_logit(modulus, l2), modulus, circuits.expected_units(modulus, l2)
    )
    assert norm.item() == pytest.approx(derived, rel=0.03)


def test_it_groks_from_a_tiny_start_above_its_onset_and_never_below():
    """A power of ten of the start takes log(10) / (2 p (1 - 1/u)), p at the plateau of memory."""
    critical = circuits.critical_size(59, 1e-4)
    starts = [1e-4, 1e-8]
    first, second = (
        theory.time_to_grok(repaired_model(59, 1e-4, critical, start)).item() for start in starts
    )
    model = repaired_model(59, 1e-4, critical)
    dear = model.stack("param_norm").sel(circuit="memorising").item()
    alone = minimal.MinimalModel.paper(3.0, 0.5e-4, num_labels=59, param_norm=(dear, 2 * dear))
    plateau = theory.equilibrium(alone).weight.sel(point="generalising").max().item()
    pull = 58 / (np.exp(plateau) + 58)
    rate = 2 * pull * (1 - 1 / circuits.MIXING)
    # The weight is the square of the second subweight while it is tiny.
    assert second - first == pytest.approx(8 * np.log(10) / rate, rel=2e-3)
    below = repaired_model(59, 1e-4, 0.56 * critical)
    assert np.isnan(theory.time_to_grok(below).item())
    assert theory.flow(below, [1e7]).weight.sel(circuit="generalising").item() < 1e-12


def test_memory_does_not_fall_into_the_trap():
    for modulus, size in ((199, 2500), (59, 5 * 774)):
        model = repaired_model(modulus, 1e-3, size)
        end = theory.flow(model, [1e7]).weight.isel(step=0)
        np.testing.assert_allclose(end, mixed_equilibrium(model).weight, rtol=1e-5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((22, 1e-4, 100), "modulus must be an integer of at least 23, got 22"),
        ((59, 1e-6, 100), "l2 must be at least 1e-05, got 1e-06"),
        ((59, 1e-4, 0.0), "size must be above 0, got 0"),
        ((59, 1e-4, 100, 0.0), "start must be above 0, got 0"),
        ((199, 1e-3, 5e5), "l2 must be weak enough for memory to grow from its start, got 0.001"),
    ],
)
def test_bad_arguments_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        repaired_model(*given)
