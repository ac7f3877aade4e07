"""The widget: what it takes, what it hands back, and what it needs."""

import subprocess
import sys

import numpy as np
import pytest

import theory
from theory.explorer import Explorer


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
