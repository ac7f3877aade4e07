"""How the delay and the gap between the losses depend on the number of examples."""

import numpy as np
import pytest

from theory import MinimalModel, minimal

paper = MinimalModel.paper


@pytest.mark.parametrize(("kappa", "beta"), [(0.7, 0.5), (1.2, 0.5), (1.2, 1.5), (1.9, 0.3)])
def test_the_exponent_is_the_slope_of_the_rate(kappa, beta):
    sizes = np.array([999.0, 1000.0, 1001.0])
    model = minimal.at_size(paper(kappa, param_norm=(1.0, 0.05)), sizes, beta)
    growth = np.log(minimal.plateau_growth(model).values)
    slope = -(growth[2] - growth[0]) / np.log(sizes[2] / sizes[0])
    found = minimal.delay_exponent(model, beta).values[1]
    assert found == pytest.approx(slope, rel=1e-6)
    assert -2 * beta < found < 0


def test_the_time_to_grok_follows_as_the_start_tends_to_zero():
    sizes = np.array([995.0, 1005.0])
    distances = []
    for start in (1e-6, 1e-100):
        model = paper(param_norm=(1.0, 0.05), second_subweight=(start, 1.0))
        model = minimal.at_size(model, sizes)
        times = minimal.asymptotic_time_to_grok(model).values
        slope = np.diff(np.log(times)).item() / np.diff(np.log(sizes)).item()
        distances.append(abs(slope - minimal.delay_exponent(model).mean().item()))
    assert distances[0] < 0.2
    assert distances[1] < distances[0] / 10


def test_the_exponent_is_nan_where_it_does_not_hold():
    for model in (paper(2.0), paper(3.0), paper(weight_decay=0.0)):
        assert np.isnan(minimal.delay_exponent(model).item())
    with pytest.raises(ValueError, match="beta must be above 0, got 0"):
        minimal.delay_exponent(paper(), 0.0)


@pytest.mark.parametrize(("kappa", "labels"), [(0.8, 3), (1.2, 113), (1.6, 10)])
def test_the_gap_of_the_losses_closes_with_that_constant(kappa, labels):
    first = paper(kappa, num_labels=labels, param_norm=(1.0, 0.1))
    sizes = 100 * np.array([0.1, 0.01, 0.001]) ** -first.r  # w_M / w_G at D_crit = 100
    model = minimal.at_size(first, sizes)
    weight = minimal.equilibrium(model).weight.sel(point="generalising+memorising")
    gap = minimal.test_loss(model, weight) - minimal.train_loss(model, weight)
    law = minimal.loss_gap(model)
    errors = abs(gap / law - 1).values
    np.testing.assert_allclose(errors[:-1] / errors[1:], 10, rtol=0.3)
    assert errors[-1] < 0.01
    np.testing.assert_allclose(law[:-1] / law[1:].values, 10, rtol=1e-9)  # D^(-2 beta / r)


def test_the_gap_is_nan_where_it_does_not_close_so():
    for model in (paper(2.0), paper(3.0), paper(weight_decay=0.0), paper(param_norm=(2.0, 1.0))):
        assert np.isnan(minimal.loss_gap(model).item())
