"""The widget: what it takes, what it hands back, and what it needs."""

import subprocess
import sys

import numpy as np
import pytest

import theory
from theory.explorer import Explorer
from theory.repaired import repaired_model

NETWORK = {"network": (59, 1e-4), "examples": 1200, "speed": (1e-3, 0.0), "start": (0.0, 1.0)}


def test_it_starts_with_the_paper_s_model():
    shown, paper = theory.equilibrium(Explorer().model), theory.equilibrium(paper_model())
    assert shown.identical(paper)
    assert float(theory.time_to_grok(Explorer().model)) == float(theory.time_to_grok(paper_model()))


def paper_model():
    return theory.MinimalModel.paper()


def test_its_model_has_the_speeds_and_starts_that_are_set():
    model = Explorer(speed=(0.3, 0.0), start=(2.0, 5.0)).model
    a, b = model.stack("first_subweight"), model.stack("second_subweight")
    np.testing.assert_allclose(a * b, [2.0, 5.0], rtol=1e-14)
    np.testing.assert_allclose(b**2 - a**2, [0.09, 0.0], rtol=1e-12, atol=1e-14)


def test_a_circuit_without_speed_and_start_is_absent():
    model = Explorer(speed=(0, 1)).model
    assert model.stack("second_subweight").values.tolist() == [0.0, 1.0]
    assert theory.time_to_grok(model).reason.item() == "never: trapped at zero"


def test_twice_the_efficiency_takes_four_times_the_examples():
    explorer = Explorer()
    explorer.examples = 400
    assert explorer.model.stack("param_norm").values.tolist() == [1.0, 1.0]
    explorer.examples = 1600
    assert explorer.model.stack("param_norm").values.tolist() == [1.0, 2.0]


def test_a_network_is_the_repaired_model():
    explorer = Explorer(**NETWORK)
    assert explorer.model == repaired_model(59, 1e-4, 1200)
    explorer.network = None
    assert explorer.model == Explorer(examples=1200, speed=(1e-3, 0), start=(0, 1)).model


def test_a_network_has_no_more_examples_than_pairs():
    explorer = Explorer(**{**NETWORK, "network": (23, 1e-4)})
    assert explorer.model == repaired_model(23, 1e-4, 23**2)


@pytest.mark.parametrize("network", [(23, 1e-5), (95, 1e-3)])
def test_all_networks_in_range_have_a_model(network):
    """So strong a penalty that memory cannot grow is out of range."""
    for examples in (60, 6400):
        explorer = Explorer(**{**NETWORK, "network": network, "examples": examples})
        assert explorer.model.num_labels == network[0]


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (59, "network must be a pair"),
        ((59, 1e-4, 1), "network must be a pair"),
        ((58, 1e-4), "modulus must be odd, got 58"),
        ((21, 1e-4), "modulus must be at least 23"),
        ((97, 1e-4), "modulus must be at most 95"),
        ((59.5, 1e-4), "modulus must be an integer"),
        ((59, 1e-6), "l2 must be at least 1e-05"),
        ((59, 0.005), "l2 must be at most 0.001"),
    ],
)
def test_a_network_that_the_costs_are_not_for_is_refused(network, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        Explorer(network=network)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kappa", 0.4),
        ("kappa", 4.1),
        ("kappa", "two"),
        ("examples", 59),
        ("weight_decay", -0.1),
        ("weight_decay", float("nan")),
        ("speed", (0.1, 1.1)),
        ("speed", 0.1),
        ("start", (1.0, 2.0, 3.0)),
        ("start", (-1.0, 2.0)),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be"):
        Explorer(**{name: value})
    explorer = Explorer()
    before = getattr(explorer, name)
    with pytest.raises(ValueError, match=f"^{name} must be"):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


def test_without_anywidget_the_error_says_what_to_install():
    code = "import sys; sys.modules['anywidget'] = None; import theory; import theory.explorer"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "theory.explorer needs anywidget: pip install 'grokking-theory[book]'" in run.stderr
