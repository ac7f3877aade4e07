"""The share of memory in a network near its critical size, and its accuracy."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from theory import circuits
from theory.minimal import MinimalModel, SharedUnits, mixed_equilibrium

SIZES = np.geomspace(100, 20_000, 60)


@pytest.mark.parametrize("share", [circuits.memory_share, circuits.one_sided_share])
def test_memory_falls_with_size_and_knows_only_the_ratio(share):
    size = xr.DataArray(SIZES, dims="size")
    found = share(size, 1000.0)
    assert found.dims == ("size",)
    assert (found.diff("size") <= 0).all()
    assert found.max() <= 1
    assert found.min() > 0
    xr.testing.assert_allclose(found, share(2 * size, 2000.0))
    assert isinstance(share(500, 1000), float)


def test_values_that_were_read_off_networks():
    places = xr.DataArray([0.70, 0.82, 1.0, 1.5], dims="size")
    line, law = circuits.memory_share(places, 1.0), circuits.one_sided_share(places, 1.0)
    np.testing.assert_allclose(line, [0.70, 0.50, 0.35, 0.19], atol=0.01)
    np.testing.assert_allclose(law, [0.74, 0.57, 0.39, 0.17], atol=0.01)
    assert circuits.one_sided_share(0.88, 1.0) == pytest.approx(0.5, abs=0.01)
    assert circuits.one_sided_share(0.57, 1.0) == 1


@given(st.floats(0.6, 5.0), st.floats(1e-5, 1e-3), st.sampled_from([1.2, 2.0, 3.0]))
def test_one_sided_share_is_that_of_the_minimal_model(u, decay, kappa):
    """For any kappa, if P_M^kappa grows as D."""
    model = MinimalModel.paper(kappa, decay, param_norm=(9.0, 9.0 * u ** (1 / kappa)))
    model = replace(model, penalty=SharedUnits((1.0, circuits.MIXING)))
    weight = mixed_equilibrium(model).weight
    share = weight.sel(circuit="memorising") / weight.sum()
    assert circuits.one_sided_share(u, 1.0) == pytest.approx(share.item(), rel=1e-9)


def test_accuracy_falls_with_memory():
    share = xr.DataArray(np.linspace(0, 1, 101), dims="share")
    accuracy = circuits.test_accuracy(share)
    assert (accuracy.diff("share") <= 0).all()
    assert accuracy[0] == 1
    assert accuracy[50] == 0.5
    assert accuracy[-1] < 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: circuits.memory_share(0.0, 1.0), "size must be above 0, got 0"),
        (lambda: circuits.memory_share(1.0, -1.0), "critical_size must be above 0, got -1"),
        (lambda: circuits.one_sided_share(np.nan, 1.0), "size must be"),
        (lambda: circuits.test_accuracy(1.2), "memory_share must be at most 1, got 1.2"),
        (lambda: circuits.test_accuracy(-0.1), "memory_share must be at least 0, got -0.1"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
