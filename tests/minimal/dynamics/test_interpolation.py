"""The interpolated diagram is the integrated one, and says how far off it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from theory import Circuit, MinimalModel, time_to_grok
from theory.minimal import interpolate_time_to_grok
from theory.minimal.dynamics.time_to_grok import solve


def diagram(rows, columns, kappa=(1.0, 1.95), norm=(1.05, 4.0), **others):
    """The paper's phase diagram with so many rows and columns."""
    norm = xr.DataArray(np.linspace(*norm, columns), dims="norm")
    return MinimalModel.paper(np.linspace(*kappa, rows), param_norm=(1.0, norm), **others)


def test_it_is_the_integrated_diagram_as_near_as_it_says():
    model = diagram(31, 23)
    time = interpolate_time_to_grok(model)
    exact = solve(model, 0.95, 1e-8)
    error = abs(time / exact - 1).max().item()
    assert time.attrs["error"] <= 1e-6
    assert error <= 1.1 * time.attrs["error"]
    assert error >= 0.3 * time.attrs["error"]
    assert time.dims == exact.dims
    assert time.drop_vars("kappa").coords.equals(exact.drop_vars(["kappa", "reason"]).coords)


def test_the_order_of_the_axes_is_kept_and_any_values_will_do():
    kappa = xr.DataArray([1.9, 1.1, 1.5], dims="row")
    norm = xr.DataArray([3.0, 1.2], {"size": [7, 8]}, "size")
    circuits = (Circuit("G", 2.0, True, 0.0, 0.1), Circuit("M", 2 * norm, False))
    model = MinimalModel(circuits, kappa, 0.002, 50)
    time = interpolate_time_to_grok(model).transpose("row", "size")
    np.testing.assert_allclose(time, time_to_grok(model).transpose("row", "size"), rtol=2e-6)
    assert time["size"].values.tolist() == [7, 8]


def test_a_single_row_will_do():
    model = diagram(1, 5, kappa=(1.4, 1.4))
    np.testing.assert_allclose(interpolate_time_to_grok(model), time_to_grok(model), rtol=2e-6)


def test_few_nodes_are_enough_for_the_diagram_of_the_paper(monkeypatch):
    monkeypatch.setattr("theory.minimal.dynamics.interpolation._NODES", (16,))
    assert interpolate_time_to_grok(diagram(3, 3)).error < 1e-6


def test_more_nodes_are_taken_until_the_error_is_small_enough(monkeypatch):
    monkeypatch.setattr("theory.minimal.dynamics.interpolation._NODES", (8, 24))
    assert interpolate_time_to_grok(diagram(3, 3)).error < 1e-6


def test_an_interpolant_that_is_not_good_enough_is_refused(monkeypatch):
    monkeypatch.setattr("theory.minimal.dynamics.interpolation._NODES", (8,))
    with pytest.raises(ArithmeticError, match="8 x 8 nodes is off by"):
        interpolate_time_to_grok(diagram(3, 3))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (MinimalModel.paper(), "two swept dimensions"),
        (diagram(3, 3, kappa=(1.5, 2.0)), "kappa below 2"),
        (diagram(3, 3, norm=(0.9, 2.0)), "the larger"),
        (diagram(3, 3, weight_decay=0.0), "grok everywhere"),
        (diagram(3, 3, second_subweight=(1.0, 1.0)), "grok everywhere"),
        (diagram(3, 3, weight_decay=xr.DataArray([0.01, 0.02], dims="decay")), "two swept"),
        (
            diagram(3, 3, weight_decay=xr.DataArray([0.01, 0.02, 0.03], dims="norm")),
            "sweep nothing but",
        ),
    ],
)
def test_what_is_no_such_diagram_is_refused(model, message):
    with pytest.raises(ValueError, match=f"a diagram must.*{message}"):
        interpolate_time_to_grok(model)


def test_three_circuits_are_no_such_diagram():
    model = diagram(3, 3)
    three = replace(model, circuits=(*model.circuits, Circuit("N", 1.5, False)))
    with pytest.raises(ValueError, match="two circuits"):
        interpolate_time_to_grok(three)
